# The list of networks: which are open today, what is warned about and what is refused.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name        = "openclaw-test"
  vpc_id      = "vpc-1"
  ollama_port = 11434
}

run "an_entry_is_valid_on_its_last_day_and_warned_about" {
  command = plan
  variables {
    allowed_cidrs = { today = { cidr = "203.0.113.0/24", owner = "a", approved_by = "c", reason = "b", expires = formatdate("YYYY-MM-DD", timestamp()) } }
  }

  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.load_balancer) == 1 && jsonencode(output.open_cidrs) == jsonencode([{ cidr = "203.0.113.0/24", expires = formatdate("YYYY-MM-DD", plantimestamp()) }])
    error_message = "an entry must be valid until the end of its day"
  }
}

run "an_expired_entry_is_left_out_and_the_plan_succeeds" {
  command = plan
  variables {
    allowed_cidrs = {
      old  = { cidr = "203.0.113.0/24", owner = "a", approved_by = "c", reason = "b", expires = formatdate("YYYY-MM-DD", timeadd(timestamp(), "-24h")) }
      long = { cidr = "198.51.100.0/24", owner = "a", approved_by = "c", reason = "b", expires = "2020-01-01" }
      open = { cidr = "2001:db8::/32", owner = "a", approved_by = "c", reason = "b", expires = formatdate("YYYY-MM-DD", timeadd(timestamp(), "4800h")) }
    }
  }

  assert {
    condition     = [for r in aws_vpc_security_group_ingress_rule.load_balancer : r.cidr_ipv6] == ["2001:db8::/32"] && output.open_cidrs[*].cidr == ["2001:db8::/32"]
    error_message = "no rule may contain a network after its last day; got ${jsonencode(output.open_cidrs)}"
  }
  assert {
    condition     = keys(output.expired_cidrs) == ["long", "old"] && length(output.ending_cidrs) == 0
    error_message = "the warning must name the expired entries"
  }
}

run "an_entry_is_warned_about_seven_days_ahead" {
  command = plan
  variables {
    allowed_cidrs = {
      soon  = { cidr = "203.0.113.0/24", owner = "a", approved_by = "c", reason = "b", expires = formatdate("YYYY-MM-DD", timeadd(timestamp(), "144h")) }
      later = { cidr = "198.51.100.0/24", owner = "a", approved_by = "c", reason = "b", expires = formatdate("YYYY-MM-DD", timeadd(timestamp(), "192h")) }
    }
  }

  assert {
    condition     = keys(output.ending_cidrs) == ["soon"] && length(output.expired_cidrs) == 0 && length(output.open_cidrs) == 2
    error_message = "the warning must name the entries that end within 7 days, and no other"
  }
}

run "an_entry_that_ends_later_is_not_warned_about" {
  command = plan
  variables {
    allowed_cidrs = { later = { cidr = "198.51.100.0/24", owner = "a", approved_by = "c", reason = "b", expires = formatdate("YYYY-MM-DD", timeadd(timestamp(), "192h")) } }
  }

  assert {
    condition     = length(output.open_cidrs) == 1 && length(output.ending_cidrs) == 0 && length(output.expired_cidrs) == 0
    error_message = "nothing may be warned about"
  }
}

run "an_entry_may_be_a_year_ahead" {
  command = plan
  variables {
    allowed_cidrs = { year = { cidr = "198.51.100.0/24", owner = "a", approved_by = "c", reason = "b", expires = formatdate("YYYY-MM-DD", timeadd(timestamp(), "8760h")) } }
  }

  assert {
    condition     = length(output.open_cidrs) == 1
    error_message = "365 days must be permitted"
  }
}

run "an_entry_more_than_a_year_ahead_is_refused" {
  command = plan
  variables { allowed_cidrs = { x = { cidr = "203.0.113.0/24", owner = "a", approved_by = "c", reason = "b", expires = formatdate("YYYY-MM-DD", timeadd(timestamp(), "8808h")) } } }
  expect_failures = [var.allowed_cidrs]
}

run "forty_entries_pass" {
  command = plan
  variables { allowed_cidrs = { for number in range(40) : "n${number}" => { cidr = "10.${number}.0.0/16", owner = "a", approved_by = "c", reason = "b", expires = formatdate("YYYY-MM-DD", timeadd(timestamp(), "4800h")) } } }

  assert {
    condition     = length(output.open_cidrs) == 40
    error_message = "40 entries must be permitted"
  }
}

run "more_than_forty_entries_are_refused" {
  command = plan
  variables { allowed_cidrs = { for number in range(41) : "n${number}" => { cidr = "10.${number}.0.0/16", owner = "a", approved_by = "c", reason = "b", expires = formatdate("YYYY-MM-DD", timeadd(timestamp(), "4800h")) } } }
  expect_failures = [var.allowed_cidrs]
}

run "more_than_thirty_entries_with_port_80_are_refused" {
  command = plan
  variables {
    redirect_http = true
    allowed_cidrs = { for number in range(31) : "n${number}" => { cidr = "10.${number}.0.0/16", owner = "a", approved_by = "c", reason = "b", expires = formatdate("YYYY-MM-DD", timeadd(timestamp(), "4800h")) } }
  }
  expect_failures = [var.allowed_cidrs]
}

run "the_widest_permitted_blocks_pass" {
  command = plan
  variables {
    allowed_cidrs = {
      v4 = { cidr = "11.0.0.0/16", owner = "a", approved_by = "c", reason = "b", expires = formatdate("YYYY-MM-DD", timeadd(timestamp(), "4800h")) }
      v6 = { cidr = "2001:db8::/32", owner = "a", approved_by = "c", reason = "b", expires = formatdate("YYYY-MM-DD", timeadd(timestamp(), "4800h")) }
    }
  }

  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.load_balancer) == 2
    error_message = "/16 and /32 must be permitted"
  }
}

run "the_internet_with_allow_internet" {
  command = plan
  variables {
    allow_internet = true
    allowed_cidrs = {
      v4 = { cidr = "0.0.0.0/0", owner = "a", approved_by = "c", reason = "public service", expires = formatdate("YYYY-MM-DD", timeadd(timestamp(), "4800h")) }
      v6 = { cidr = "::/0", owner = "a", approved_by = "c", reason = "public service", expires = formatdate("YYYY-MM-DD", timeadd(timestamp(), "4800h")) }
    }
  }

  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.load_balancer) == 2
    error_message = "both address families must be open"
  }
}

run "a_date_that_does_not_exist" {
  command = plan
  variables { allowed_cidrs = { x = { cidr = "203.0.113.0/24", owner = "a", approved_by = "c", reason = "b", expires = "2027-02-30" } } }
  expect_failures = [var.allowed_cidrs]
}

run "wide_ipv4_fails_the_plan" {
  command = plan
  variables {
    allow_internet = true
    allowed_cidrs  = { x = { cidr = "128.0.0.0/15", owner = "a", approved_by = "c", reason = "b", expires = formatdate("YYYY-MM-DD", timeadd(timestamp(), "4800h")) } }
  }
  expect_failures = [var.allowed_cidrs]
}

run "wide_ipv6_fails_the_plan" {
  command = plan
  variables {
    allow_internet = true
    allowed_cidrs  = { x = { cidr = "2000::/31", owner = "a", approved_by = "c", reason = "b", expires = formatdate("YYYY-MM-DD", timeadd(timestamp(), "4800h")) } }
  }
  expect_failures = [var.allowed_cidrs]
}

run "the_internet_needs_allow_internet" {
  command = plan
  variables { allowed_cidrs = { x = { cidr = "0.0.0.0/0", owner = "a", approved_by = "c", reason = "b", expires = formatdate("YYYY-MM-DD", timeadd(timestamp(), "4800h")) } } }
  expect_failures = [var.allowed_cidrs]
}

run "the_ipv6_internet_needs_allow_internet" {
  command = plan
  variables { allowed_cidrs = { x = { cidr = "::/0", owner = "a", approved_by = "c", reason = "b", expires = formatdate("YYYY-MM-DD", timeadd(timestamp(), "4800h")) } } }
  expect_failures = [var.allowed_cidrs]
}

run "host_bits_are_refused" {
  command = plan
  variables { allowed_cidrs = { x = { cidr = "203.0.113.7/24", owner = "a", approved_by = "c", reason = "b", expires = formatdate("YYYY-MM-DD", timeadd(timestamp(), "4800h")) } } }
  expect_failures = [var.allowed_cidrs]
}

run "owner_and_reason_are_needed" {
  command = plan
  variables { allowed_cidrs = { x = { cidr = "203.0.113.0/24", owner = " ", approved_by = "c", reason = "b", expires = formatdate("YYYY-MM-DD", timeadd(timestamp(), "4800h")) } } }
  expect_failures = [var.allowed_cidrs]
}

run "an_approval_is_needed" {
  command = plan
  variables { allowed_cidrs = { x = { cidr = "203.0.113.0/24", owner = "a", approved_by = "", reason = "b", expires = formatdate("YYYY-MM-DD", timeadd(timestamp(), "4800h")) } } }
  expect_failures = [var.allowed_cidrs]
}
