# The only access to the host: SSH has neither a key nor an open port. Sessions with this document are logged, and the policy
# below permits no others. It does not restrict those who have ssm:StartSession from another policy, such as administrators.
locals {
  session_log_group     = "/${var.name}/ollama/sessions"
  session_log_group_arn = "arn:${local.partition}:logs:${local.region}:${local.account}:log-group:${local.session_log_group}"

  session = {
    schemaVersion = "1.0"
    description   = "A logged session on the Ollama host of ${var.name}"
    sessionType   = "Standard_Stream"
    inputs = {
      cloudWatchLogGroupName      = local.session_log_group
      cloudWatchEncryptionEnabled = true # refuses to log to a group without a key
      cloudWatchStreamingEnabled  = true # during the session instead of at its end
      idleSessionTimeout          = "20"
      maxSessionDuration          = "60"
      kmsKeyId                    = ""
      runAsEnabled                = false
      runAsDefaultUser            = ""
      s3BucketName                = ""
      s3KeyPrefix                 = ""
      s3EncryptionEnabled         = true
      shellProfile                = { linux = "", windows = "" }
    }
  }
}

resource "aws_cloudwatch_log_group" "sessions" {
  #checkov:skip=CKV_AWS_338: logs are kept for 90 days by default; log_retention_days extends that
  name              = local.session_log_group
  kms_key_id        = var.logs_kms_key_arn
  skip_destroy      = var.keep_log_groups
  retention_in_days = var.log_retention_days
}

resource "aws_ssm_document" "session" {
  #checkov:skip=CKV_AWS_112: sessions use TLS; a second layer would need a key that host and operator use directly, which the data key refuses
  name            = "${var.name}-ollama-session"
  document_type   = "Session"
  document_format = "JSON"
  content         = jsonencode(local.session)
}

# For the operators' role: sessions on this host with this document.
data "aws_iam_policy_document" "session" {
  statement {
    sid       = "StartOnThisHost"
    actions   = ["ssm:StartSession"]
    resources = ["arn:${local.partition}:ec2:${local.region}:${local.account}:instance/*"] # the tag restricts them to the host

    condition {
      test     = "StringEquals"
      variable = "ssm:resourceTag/Role"
      values   = [local.tags.Name]
    }

    # Without this, a request that names no document would use the account's default one.
    condition {
      test     = "BoolIfExists"
      variable = "ssm:SessionDocumentAccessCheck"
      values   = ["true"]
    }
  }

  statement {
    sid       = "ByThisDocument"
    actions   = ["ssm:StartSession"]
    resources = ["arn:${local.partition}:ssm:${local.region}:${local.account}:document/${aws_ssm_document.session.name}"]
  }

  # As in "Sample IAM policies for Session Manager" in the AWS Systems Manager User Guide.
  statement {
    sid       = "TypeInOwnSessions"
    actions   = ["ssmmessages:OpenDataChannel"]
    resources = ["arn:${local.partition}:ssm:${local.region}:${local.account}:session/$${aws:userid}-*"] # as below
  }

  statement {
    sid       = "EndOwnSessions"
    actions   = ["ssm:ResumeSession", "ssm:TerminateSession"]
    resources = ["arn:${local.partition}:ssm:${local.region}:${local.account}:session/$${aws:userid}-*"] # a session's name begins with that of its owner
  }
}

resource "aws_iam_policy" "session" {
  name        = "${var.name}-ollama-session"
  description = "Logged sessions on the Ollama host of ${var.name}"
  policy      = data.aws_iam_policy_document.session.json
}
