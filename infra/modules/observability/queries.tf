locals {
  # They use only fields that the functions log.
  queries = {
    errors = <<-EOT
      fields @timestamp, request_id, status, problem, fault, message, method, route, agent, provider, model
      | filter status >= 500 or level = "ERROR"
      | sort @timestamp desc
      | limit 200
    EOT

    slowest-requests = <<-EOT
      fields @timestamp, request_id, latency_ms, llm_latency_ms, cold_start, status, route, agent, provider, model
      | filter ispresent(latency_ms)
      | sort latency_ms desc
      | limit 50
    EOT

    tokens-by-tenant = <<-EOT
      filter ispresent(input_tokens)
      | stats sum(input_tokens) as input, sum(output_tokens) as output, count(*) as answers by tenant, agent, provider, model
      | sort input desc
    EOT

    # Only tokens that reach a function; a front door that verifies tokens refuses the others itself. An execution environment
    # writes 20 lines of a kind in a minute, and the next one has the number of the others, which may have had other reasons.
    unauthorized-reasons = <<-EOT
      filter status = 401
      | stats count(*) as requests, sum(suppressed) as further by fault, route
      | sort requests desc
    EOT

    configuration-refused = <<-EOT
      fields @timestamp, message, source, version, fault, detail
      | filter message like /configuration/ and level = "ERROR"
      | sort @timestamp desc
      | limit 200
    EOT
  }
}

resource "aws_cloudwatch_query_definition" "this" {
  for_each = local.queries

  name            = "${var.name}/${each.key}"
  log_group_names = sort([for function in var.functions : function.log_group_name])
  query_string    = trimspace(each.value)
}
