# What the services around the functions show: firewall, certificates, table, and refusals wherever they happen.

data "aws_region" "current" {}

locals {
  resource_alarms = merge(
    {
      for place, firewall in var.firewall_names : "firewall-blocks-${place}" => {
        description = "The firewall ${firewall} blocks more than ${var.thresholds.firewall_blocks} requests in five minutes: an attack, or a rule that refuses good requests. The log group aws-waf-logs-${firewall} shows which rule."
        namespace   = "AWS/WAFV2"
        metric      = "BlockedRequests"
        dimensions  = { WebACL = firewall, Region = data.aws_region.current.region, Rule = "ALL" }
        statistic   = "Sum"
        period      = 300
        evaluations = 1
        threshold   = var.thresholds.firewall_blocks
      }
    },
    {
      # AWS renews what it has issued 60 days before the end, so this one has not been renewed, or was imported.
      for name, arn in var.certificate_arns : "certificate-${name}" => {
        description = "The certificate ${name} ends in less than ${var.thresholds.certificate_days} days and has not been renewed: check its validation record, or import a new one."
        namespace   = "AWS/CertificateManager"
        metric      = "DaysToExpiry"
        dimensions  = { CertificateArn = arn }
        statistic   = "Minimum"
        period      = 86400
        evaluations = 1
        threshold   = var.thresholds.certificate_days
        comparison  = "LessThanThreshold"
        missing     = "ignore" # of an expired certificate nothing is reported
      }
    },
  )

  # DynamoDB reports errors by operation, and an alarm can add up ten metrics.
  operations = ["BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "TransactWriteItems", "UpdateItem"]

  sums = {
    table-throttles = {
      description = "DynamoDB throttles reads or writes of the table or its index: one key is too hot, or the account's quota for tables on demand is exhausted."
      threshold   = var.thresholds.table_throttles
      metrics = [for pair in setproduct(["ReadThrottleEvents", "WriteThrottleEvents"], concat([""], var.table.indexes)) : {
        namespace = "AWS/DynamoDB", metric = pair[0], dimensions = merge({ TableName = var.table.name }, pair[1] == "" ? {} : { GlobalSecondaryIndexName = pair[1] })
      }]
    }
    table-errors = {
      description = "DynamoDB fails requests with errors of its own: see the AWS Health Dashboard. Requests are repeated, and answered with 503 if that does not help."
      threshold   = var.thresholds.table_errors
      metrics     = [for operation in local.operations : { namespace = "AWS/DynamoDB", metric = "SystemErrors", dimensions = { TableName = var.table.name, Operation = operation } }]
    }
    refusals = {
      description = "More than ${var.thresholds.refusals} answers in five minutes are 401 or 403: somebody tries tokens, a client's have expired (saved query ${var.name}/unauthorized-reasons), or a policy refuses what it should not."
      threshold   = var.thresholds.refusals
      metrics = concat(
        [{ namespace = local.namespace, metric = "Refusals", dimensions = {} }],
        # A load balancer's own answers have no status in a metric; it refuses tokens with 401, and the firewall with 403.
        var.front_door == "alb" ? [{ namespace = local.door.namespace, metric = "HTTPCode_ELB_4XX_Count", dimensions = local.door.dimensions }] : [],
      )
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "sum" {
  for_each = local.sums

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.description
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  treat_missing_data  = "notBreaching" # no requests
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]

  metric_query {
    id          = "sum"
    label       = each.key
    return_data = true
    expression  = join(" + ", [for index, _ in each.value.metrics : "FILL(m${index}, 0)"])
  }

  dynamic "metric_query" {
    for_each = each.value.metrics

    content {
      id = "m${metric_query.key}"

      metric {
        namespace   = metric_query.value.namespace
        metric_name = metric_query.value.metric
        dimensions  = metric_query.value.dimensions
        stat        = "Sum"
        period      = 300
      }
    }
  }
}
