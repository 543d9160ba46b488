locals {
  groups = merge(
    { admin = "Every agent, and the grants of the own tenant", operator = "Deep health: the installation as a whole", user = "Agents and own conversations" },
    { for tenant in var.tenants : "tenant:${tenant}" => "People of the tenant ${tenant}" },
  )

  # One resource per person and group, so that adding a person to a group changes nothing else.
  memberships = merge([
    for name, user in var.users : { for group in user.groups : "${name} in ${group}" => { user = name, group = group } }
  ]...)
}

resource "aws_cognito_user_group" "this" {
  for_each = local.groups

  name         = each.key
  description  = each.value
  user_pool_id = aws_cognito_user_pool.this.id
}

# Cognito generates a password, mails it and requires a new one at the first sign-in, so that none is in the state.
resource "aws_cognito_user" "this" {
  for_each = var.users

  user_pool_id             = aws_cognito_user_pool.this.id
  username                 = each.key
  desired_delivery_mediums = ["EMAIL"]

  attributes = {
    email          = each.value.email
    email_verified = "true"
  }
}

resource "aws_cognito_user_in_group" "this" {
  for_each = local.memberships

  user_pool_id = aws_cognito_user_pool.this.id
  username     = aws_cognito_user.this[each.value.user].username
  group_name   = aws_cognito_user_group.this[each.value.group].name
}
