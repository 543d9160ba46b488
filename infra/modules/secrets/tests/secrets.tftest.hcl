# Planned without a mock, so that policies are rendered and their text can be asserted; nothing calls AWS.
provider "aws" {
  region                      = "eu-central-1"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variables {
  name             = "openclaw-test"
  environment      = "test"
  kms_key_arn      = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  writer_role_arns = ["arn:aws:iam::123456789012:role/operators"]
  reader_role_arns = {
    "openai/api-key" = ["arn:aws:iam::123456789012:role/openclaw-test-agent", "arn:aws:iam::123456789012:role/openclaw-test-agents"]
    # A role may read several.
    "anthropic/api-key" = ["arn:aws:iam::123456789012:role/openclaw-test-agent"]
    "ollama/token"      = ["arn:aws:iam::123456789012:role/openclaw-test-ollama"]
  }
  recovery_window_days = 30
  secrets              = ["bedrock/api-key", "openai/api-key", "anthropic/api-key", "ollama/token"]
}

run "by_default" {
  command = plan

  assert {
    condition = toset([for s in aws_secretsmanager_secret.this : s.name]) == toset([
      "openclaw-test/bedrock/api-key", "openclaw-test/openai/api-key", "openclaw-test/anthropic/api-key", "openclaw-test/ollama/token",
    ])
    error_message = "each provider must have its secret, under the deployment's name"
  }
  assert {
    condition     = output.name_prefix == "openclaw-test/"
    error_message = "the configuration must receive the prefix of secrets' names"
  }
  assert {
    condition     = alltrue([for s in aws_secretsmanager_secret.this : s.kms_key_id == var.kms_key_arn])
    error_message = "the secrets must be encrypted with the given key"
  }
  assert {
    condition     = alltrue([for s in aws_secretsmanager_secret.this : s.tags["Environment"] == "test"])
    error_message = "the secrets must carry their environment"
  }
  assert {
    condition     = alltrue([for s in aws_secretsmanager_secret.this : s.recovery_window_in_days == 30])
    error_message = "a deleted secret must be restorable for 30 days"
  }
  assert {
    condition     = alltrue([for name, p in aws_secretsmanager_secret_policy.this : p.policy == data.aws_iam_policy_document.this[name].json && p.block_public_policy]) && length(aws_secretsmanager_secret_policy.this) == 4
    error_message = "each secret must have its own policy, which can never become public"
  }
  assert {
    condition     = alltrue(flatten([for d in data.aws_iam_policy_document.this : [for s in jsondecode(d.json).Statement : s.Effect == "Deny"]]))
    error_message = "the policies must only refuse, because the roles permit"
  }
  assert {
    condition = one([
      for s in jsondecode(data.aws_iam_policy_document.this["openai/api-key"].json).Statement : s if s.Sid == "ReadByItsReadersOnly"
      ]) == {
      Sid       = "ReadByItsReadersOnly"
      Effect    = "Deny"
      Action    = "secretsmanager:GetSecretValue"
      Resource  = "*"
      Principal = { AWS = "*" }
      Condition = { ArnNotEquals = { "aws:PrincipalArn" = ["arn:aws:iam::123456789012:role/openclaw-test-agent", "arn:aws:iam::123456789012:role/openclaw-test-agents"] } }
    }
    error_message = "everybody but the two readers must be refused"
  }
  assert {
    condition = one([
      for s in jsondecode(data.aws_iam_policy_document.this["ollama/token"].json).Statement : s.Condition.ArnNotEquals["aws:PrincipalArn"] if s.Sid == "ReadByItsReadersOnly"
    ]) == "arn:aws:iam::123456789012:role/openclaw-test-ollama"
    error_message = "another secret must have its own readers"
  }
  assert {
    condition     = one([for s in jsondecode(data.aws_iam_policy_document.this["bedrock/api-key"].json).Statement : !can(s.Condition) if s.Sid == "ReadByItsReadersOnly"])
    error_message = "without readers everybody must be refused"
  }
  assert {
    condition = alltrue([
      for d in data.aws_iam_policy_document.this : one([
        for s in jsondecode(d.json).Statement : s.Action == "secretsmanager:GetSecretValue" && s.Principal.AWS == "*" && s.Condition == { StringNotEquals = { "aws:PrincipalTag/Environment" = "test" } } if s.Sid == "ReadByItsEnvironmentOnly"
      ])
    ])
    error_message = "roles of another environment must be refused"
  }
  assert {
    condition = alltrue([
      for d in data.aws_iam_policy_document.this : one([
        for s in jsondecode(d.json).Statement :
        toset(s.Action) == toset(["secretsmanager:PutSecretValue", "secretsmanager:RotateSecret", "secretsmanager:UpdateSecret", "secretsmanager:UpdateSecretVersionStage"]) &&
        s.Principal.AWS == "*" && s.Condition == { ArnNotEquals = { "aws:PrincipalArn" = "arn:aws:iam::123456789012:role/operators" } } if s.Sid == "WrittenByItsWritersOnly"
      ])
    ])
    error_message = "everybody but the writers must be refused"
  }
  assert {
    condition = alltrue([
      for d in data.aws_iam_policy_document.this : one([
        for s in jsondecode(d.json).Statement : s.Effect == "Deny" && s.Action == "secretsmanager:ReplicateSecretToRegions" && s.Principal.AWS == "*" && !contains(keys(s), "Condition")
        if s.Sid == "StaysInItsRegion"
      ])
    ])
    error_message = "nobody may replicate a secret to another region"
  }
  assert {
    condition = alltrue([
      for d in data.aws_iam_policy_document.this : one([
        for s in jsondecode(d.json).Statement : s.Action == "secretsmanager:*" && s.Principal.AWS == "*" && s.Condition == { Bool = { "aws:SecureTransport" = "false" } } if s.Sid == "EncryptedOnTheWire"
      ])
    ])
    error_message = "every call without TLS must be refused"
  }
  assert {
    condition     = length(aws_secretsmanager_secret.this) == 4 && alltrue([for file in fileset(".", "*.tf") : length(regexall("secret_version|secret_string", file(file))) == 0])
    error_message = "no value of a secret may be set here, so that none is in the plan or the state"
  }
}

run "the_local_cloud_has_no_tls" {
  command = plan
  variables { local = true }

  assert {
    condition     = !strcontains(data.aws_iam_policy_document.this["ollama/token"].json, "SecureTransport")
    error_message = "the local cloud must be callable without TLS"
  }
  assert {
    condition = toset(one([
      for s in jsondecode(data.aws_iam_policy_document.this["ollama/token"].json).Statement : s.Condition.ArnNotEquals["aws:PrincipalArn"] if s.Sid == "ReadByItsReadersOnly"
    ])) == toset(["arn:aws:iam::123456789012:role/openclaw-test-ollama", "arn:aws:sts::123456789012:assumed-role/openclaw-test-ollama/*"])
    error_message = "the local cloud must admit sessions of the reader"
  }
}
