output "base_url" {
  description = "Where clients send requests; routes are appended to it."
  value       = local.names_api ? "https://${aws_apigatewayv2_domain_name.this[0].id}" : var.front_door == "alb" ? module.edge[0].base_url : module.api[0].base_url
}

output "stream_url" {
  description = "Where clients send requests for streams (POST /v1/agent/NAME/stream), whose answers come as the model speaks; routes are appended to it."
  value       = module.stream.base_url
}

output "websocket_url" {
  description = "Where clients connect WebSockets; null with websocket = false."
  value       = one(module.websocket[*].url)
}

output "websocket_api_id" {
  description = "Id of the WebSocket API; null with websocket = false."
  value       = local.websocket_api_id
}

output "function_names" {
  description = "Name of each function by its short name."
  value       = { for key, function in module.function : key => function.function_name }
}

output "function_versions" {
  description = "Newest published version of each function: what a canary or rollback names in function_settings."
  value       = { for key, function in module.function : key => function.version }
}

output "table_name" {
  description = "The table of conversations."
  value       = module.memory.table_name
}

output "secret_names" {
  description = "Secrets to fill: aws secretsmanager put-secret-value --secret-id NAME --secret-string file://FILE."
  value       = { for secret in var.secrets : secret => "${module.secrets.name_prefix}${secret}" }
}

output "configuration_name" {
  description = "The parameter below which the parts of openclaw.yaml are."
  value       = local.configuration_name
}

# ---- Identity

output "user_pool_id" {
  description = "The user pool."
  value       = module.identity.user_pool_id
}

output "client_id" {
  description = "The people's client."
  value       = module.identity.client_id
}

output "machine_client_ids" {
  description = "Id of each machine client by its name; the configuration has the name, under authentication.clients."
  value       = module.identity.machine_client_ids
}

output "issuer" {
  description = "The issuer that tokens carry."
  value       = module.identity.issuer
}

output "sign_in_url" {
  description = "Where the sign-in pages and the token endpoint are; null without identity.domain_prefix."
  value       = module.identity.domain_url
}

# ---- Operation

output "dashboard_name" {
  description = "The CloudWatch dashboard."
  value       = module.observability.dashboard_name
}

output "alarm_topic_arn" {
  description = "The topic that every alarm publishes to."
  value       = module.observability.topic_arn
}

output "audit_bucket" {
  description = "The bucket of audit entries."
  value       = module.audit.audit_bucket
}

output "logs_bucket" {
  description = "The bucket of access logs."
  value       = module.audit.logs_bucket
}

output "load_balancer_dns_name" {
  description = "The load balancer's own name; null with front_door = \"apigateway\"."
  value       = one(module.edge[*].dns_name)
}

output "nat_public_ips" {
  description = "Addresses under which functions in the VPC appear on the internet."
  value       = flatten(module.network[*].nat_public_ips)
}

output "ollama_base_url" {
  description = "The Ollama host inside the VPC; null without one."
  value       = one(module.ollama[*].base_url)
}

output "ollama_ca_parameter" {
  description = "The parameter into which the first host writes its certificate; apply once more when it is there. Null without a host."
  value       = one(module.ollama[*].ca_parameter_name)
}

output "ollama_session_document" {
  description = "The document of logged sessions: aws ssm start-session --target INSTANCE --document-name DOCUMENT. Null without a host."
  value       = one(module.ollama[*].session_document_name)
}

output "ollama_session_policy_arn" {
  description = "The policy for operators' roles that opens sessions by that document alone. Who has ssm:StartSession by another policy is not bound to it. Null without a host."
  value       = one(module.ollama[*].session_policy_arn)
}
