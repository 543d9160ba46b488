locals {
  namespace    = "OpenClaw/Ollama" # also in the bootstrap's host boundary
  metrics_host = "${var.name}-ollama"

  # Read by the scripts and by systemd. Every value is validated, and none is secret.
  environment = {
    AWS_REGION          = local.region
    OLLAMA_VERSION      = var.ollama_version
    OLLAMA_ARCHITECTURE = local.arm ? "arm64" : "amd64"
    OLLAMA_SHA256       = local.arm ? var.ollama_sha256.arm64 : var.ollama_sha256.amd64
    MODELS              = join(" ", var.models)
    HOST_NAME           = local.host_name
    PORT                = tostring(var.port)
    METRICS_NAMESPACE   = local.namespace
    METRICS_HOST        = local.metrics_host
    ZONE_ID             = aws_route53_zone.this.zone_id
    TOKEN_SECRET        = var.token_secret_arn
    AUTHORITY_SECRET    = aws_secretsmanager_secret.authority.arn
    AUTHORITY_PARAMETER = aws_ssm_parameter.authority.name
  }

  cloudwatch_agent = {
    agent = { run_as_user = "cwagent", metrics_collection_interval = 60, omit_hostname = true }
    metrics = {
      namespace = local.namespace
      # One card's metrics have its number as a dimension; the dashboard shows all cards together.
      aggregation_dimensions = [["Host"]]
      metrics_collected = merge({
        mem = {
          measurement       = ["used_percent"]
          append_dimensions = { Host = local.metrics_host }
        }
        disk = {
          measurement       = ["used_percent"]
          resources         = ["/"]
          drop_device       = true
          append_dimensions = { Host = local.metrics_host }
        }
        }, local.gpu ? {
        nvidia_gpu = {
          measurement       = ["utilization_gpu", "utilization_memory"]
          append_dimensions = { Host = local.metrics_host }
        }
      } : {})
    }
  }

  # Plain files, into which nothing is substituted.
  files = { for name in fileset("${path.module}/files", "*.{sh,service,timer}") : name => file("${path.module}/files/${name}") }

  nginx_conf = templatefile("${path.module}/files/nginx.conf.tftpl", { port = var.port, host_name = local.host_name })

  written = concat(
    [for name, content in local.files : {
      path        = endswith(name, ".sh") ? "/opt/openclaw/${name}" : "/etc/systemd/system/${name}"
      permissions = endswith(name, ".sh") ? "0755" : "0644"
      content     = content
    }],
    [
      { path = "/etc/openclaw/nginx.conf", permissions = "0644", content = local.nginx_conf },
      { path = "/etc/openclaw/cloudwatch.json", permissions = "0644", content = jsonencode(local.cloudwatch_agent) },
      { path = "/etc/openclaw/host.env", permissions = "0644", content = join("", [for name, value in local.environment : "${name}=\"${value}\"\n"]) },
    ],
  )

  first_boot = [["systemctl", "daemon-reload"], ["systemctl", "enable", "--now", "--no-block", "ollama-install.service"]]

  cloud_config = "#cloud-config\n${jsonencode({ write_files = local.written, runcmd = local.first_boot })}"
}
