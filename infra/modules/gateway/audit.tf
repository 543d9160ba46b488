# The audit trail: functions leave entries in a table, and `archive` writes them to a bucket in which nobody can change them.

locals {
  # The functions that run agents or refuse to, keep grants, and erase conversations, as far as they exist.
  writes_audit = [for function in ["agent", "agents", "conversations", "stream", "websocket"] : function if contains(keys(local.functions), function)]

  # An entry is written by itself or in a transaction, whose Put needs the same permission. The ends of the chains have keys of their
  # own, which nobody but `archive` may write.
  writes_audit_entries = [{
    sid        = "WriteAuditEntries"
    actions    = ["dynamodb:PutItem"]
    resources  = [module.audit.table_arn]
    conditions = [{ test = "ForAllValues:StringLike", variable = "dynamodb:LeadingKeys", values = ["A#*"] }]
  }]

  archives_audit_entries = [
    # Lambda reads the stream with the function's role.
    {
      sid             = "ReadNewEntries"
      actions         = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"]
      resources       = ["${module.audit.table_arn}/stream/*"]
      wildcard_reason = "DynamoDB names a stream after the time of its creation"
    },
    {
      sid       = "KeepChains"
      actions   = ["dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:Query"]
      resources = [module.audit.table_arn]
    },
    {
      sid             = "WriteEntries"
      actions         = ["s3:GetObject", "s3:PutObject"]
      resources       = [for folder in local.audit_folders : "${module.audit.audit_bucket_arn}/${folder}/*"]
      wildcard_reason = "objects are named by day, shard and number"
    },
    # With the agent's name.
    {
      sid             = "TagEntries"
      actions         = ["s3:PutObjectTagging"]
      resources       = ["${module.audit.audit_bucket_arn}/entries/*"]
      wildcard_reason = "as WriteEntries"
    },
    # S3 answers 404 for an object that does not exist, instead of 403, to those who may list the bucket. Such a request has no prefix.
    {
      sid        = "ListEntries"
      actions    = ["s3:ListBucket"]
      resources  = [module.audit.audit_bucket_arn]
      conditions = [{ test = "StringLikeIfExists", variable = "s3:prefix", values = [for folder in local.audit_folders : "${folder}/*"] }]
    },
    {
      sid             = "WriteAndEraseTexts"
      actions         = ["s3:DeleteObject", "s3:PutObject"]
      resources       = ["${module.audit.contents_bucket_arn}/*"]
      wildcard_reason = "texts are named by conversation"
    },
    {
      sid       = "ListTexts"
      actions   = ["s3:ListBucket"]
      resources = [module.audit.contents_bucket_arn]
    },
    # As for the other functions, and S3 encrypts what it stores.
    {
      sid       = "UseKey"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [module.keys.data_key_arn]
      conditions = [{
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = [for service in ["dynamodb", "s3"] : "${service}.${local.region}.${data.aws_partition.current.dns_suffix}"]
      }]
    },
  ]

  audit_folders = ["entries", "manifests"]
}
