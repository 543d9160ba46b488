# Who can reach the data.

mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

run "items_are_for_the_gateway_and_for_emergencies" {
  command = plan
  variables { break_glass_role_arns = ["arn:aws:iam::111122223333:role/emergency"] }

  assert {
    condition = jsonencode(module.memory.user_role_arns) == jsonencode(concat(
      [for function in ["agent", "agents", "conversations", "stream", "websocket"] : "arn:aws:iam::111122223333:role/openclaw-test-${function}"], ["arn:aws:iam::111122223333:role/emergency"],
    ))
    error_message = "only functions that use the table, and the roles for emergencies, may reach items; got ${jsonencode(module.memory.user_role_arns)}"
  }
  assert {
    condition = alltrue([for key, statements in local.policies : key == "archive" ||
      !strcontains(jsonencode([for s in statements : s.actions]), "dynamodb:") || contains(module.memory.user_role_arns, "arn:aws:iam::111122223333:role/openclaw-test-${key}")
    ])
    error_message = "a function with a permission for the table must not be refused by it"
  }
}
