output "base_url" {
  description = "URL to which clients append a route."
  value       = local.base_url
}

output "stream_url" {
  description = "URL to which clients append the route of a stream (POST /v1/agent/NAME/stream), which is answered while the model generates; null with streams = false."
  value       = var.stream_domain_name != null ? "https://${aws_api_gateway_base_path_mapping.stream[0].domain_name}" : one(module.stream[*].base_url)
}

output "websocket_url" {
  description = "URL to which WebSocket clients connect; null with websocket = false."
  value       = var.websocket_domain_name != null ? "wss://${aws_apigatewayv2_api_mapping.websocket[0].domain_name}" : one(module.websocket[*].url)
}

output "websocket_api_id" {
  description = "Id of the WebSocket API; null with websocket = false."
  value       = local.websocket_api_id
}

output "function_names" {
  description = "Name of each function, by its short name."
  value       = { for key, function in module.function : key => function.function_name }
}

output "function_versions" {
  description = "Newest published version of each function, by its short name, for a canary or rollback in function_settings."
  value       = { for key, function in module.function : key => function.version }
}

output "table_name" {
  description = "Name of the table."
  value       = module.memory.table_name
}

output "secret_names" {
  description = "Names of the secrets to fill, by short name: aws secretsmanager put-secret-value --secret-id NAME --secret-string file://FILE."
  value       = { for secret in var.secrets : secret => "${module.secrets.name_prefix}${secret}" }
}

output "digest_secret_name" {
  description = "Name of the secret to fill with the key of the digests: 32 random bytes as base64. While it is empty, log lines do not show which of them are of one caller."
  value       = local.digest_environment.OPENCLAW_DIGEST_SECRET
}

output "configuration_name" {
  description = "Name of the parameter that leads to the stored configuration bundle."
  value       = local.configuration_name
}

# ---- Identity

output "user_pool_id" {
  description = "Id of the user pool."
  value       = local.pool.user_pool_id
}

output "client_id" {
  description = "Id of the people's client."
  value       = local.pool.client_id
}

output "machine_client_ids" {
  description = "Id of each machine client, by the name that the configuration uses under authentication.clients."
  value       = local.pool.machine_client_ids
}

output "issuer" {
  description = "Issuer of the tokens."
  value       = local.pool.issuer
}

output "sign_in_url" {
  description = "URL of the sign-in pages and the token endpoint; null without identity.domain_prefix."
  value       = local.pool.domain_url
}

# ---- Operation

output "dashboard_name" {
  description = "Name of the CloudWatch dashboard."
  value       = module.observability.dashboard_name
}

output "alarm_topic_arn" {
  description = "ARN of the topic to which every alarm publishes."
  value       = module.observability.topic_arn
}

output "audit_bucket" {
  description = "Name of the bucket of audit entries."
  value       = module.audit.audit_bucket
}

output "audit_contents_bucket" {
  description = "Name of the bucket of texts of agents with `audit: full`."
  value       = module.audit.contents_bucket
}

output "audit_table_name" {
  description = "Name of the table in which functions leave audit entries for the function archive."
  value       = module.audit.table_name
}

output "logs_bucket" {
  description = "Name of the bucket of access logs."
  value       = module.audit.logs_bucket
}

output "load_balancer_dns_name" {
  description = "DNS name of the load balancer; null with front_door = \"apigateway\"."
  value       = one(module.edge[*].dns_name)
}

output "zones" {
  description = "Names of the VPC's availability zones; empty without a VPC of ours."
  value       = flatten(module.network[*].zones)
}

output "nat_public_ips" {
  description = "IPv4 addresses from which functions in the VPC reach the internet."
  value       = flatten(module.network[*].nat_public_ips)
}

output "ollama_base_url" {
  description = "URL of the Ollama host inside the VPC; null without a host."
  value       = one(module.ollama[*].base_url)
}

output "ollama_ca_parameter" {
  description = "Name of the parameter to which the first host writes the certificate of its authority; apply again when it is there. Null without a host."
  value       = one(module.ollama[*].ca_parameter_name)
}

output "ollama_session_document" {
  description = "Name of the document of logged sessions: aws ssm start-session --target INSTANCE --document-name DOCUMENT. Null without a host."
  value       = one(module.ollama[*].session_document_name)
}

output "ollama_session_policy_arn" {
  description = "ARN of the policy for operators' roles that permits sessions with that document only. It does not restrict roles that have ssm:StartSession from another policy. Null without a host."
  value       = one(module.ollama[*].session_policy_arn)
}
