# Names of the APIs for streams and WebSockets.

mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  stream_domain_name    = "stream.example.org"
  websocket_domain_name = "ws.example.org"
  zone_id               = "Z1"
}

override_resource {
  target          = aws_apigatewayv2_domain_name.websocket
  override_during = plan
  values          = { id = "ws.example.org", domain_name_configuration = { target_domain_name = "d-3.execute-api.eu-central-1.amazonaws.com", hosted_zone_id = "ZWS" } }
}

run "with_certificates_of_their_own" {
  command = plan

  assert {
    condition     = output.stream_url == "https://stream.example.org" && output.websocket_url == "wss://ws.example.org" && module.stream[0].base_url == null
    error_message = "clients must learn the names, without a stage; got ${output.stream_url}, ${output.websocket_url}"
  }
  assert {
    condition     = jsonencode({ for api, certificate in aws_acm_certificate.api : api => certificate.domain_name }) == jsonencode({ stream = "stream.example.org", websocket = "ws.example.org" }) && length(aws_acm_certificate.this) == 0 && alltrue([for record in aws_route53_record.api_validation : record.zone_id == "Z1"])
    error_message = "each name must have a certificate, proved in the zone"
  }
  assert {
    condition     = aws_api_gateway_domain_name.stream[0].security_policy == "SecurityPolicy_TLS13_1_2_2021_06" && aws_apigatewayv2_domain_name.websocket[0].domain_name_configuration[0].security_policy == "TLS_1_2"
    error_message = "nothing older than TLS 1.2 may be accepted"
  }
  assert {
    condition     = aws_api_gateway_base_path_mapping.stream[0].api_id == "stream1" && aws_api_gateway_base_path_mapping.stream[0].stage_name == "live" && aws_apigatewayv2_api_mapping.websocket[0].stage == "live"
    error_message = "the names must lead to the stages"
  }
  # An HTTP API is reached over IPv6 too, and so are the APIs beside it.
  assert {
    condition = jsonencode({ for key, record in aws_route53_record.api : key => "${record.name} ${record.type} ${record.alias[0].zone_id}" }) == jsonencode({
      stream-A       = "stream.example.org A ZREST"
      stream-AAAA    = "stream.example.org AAAA ZREST"
      websocket-A    = "ws.example.org A ZWS"
      websocket-AAAA = "ws.example.org AAAA ZWS"
    })
    error_message = "the records must lead to the APIs; got ${jsonencode(aws_route53_record.api)}"
  }
}

run "with_one_certificate_and_no_zone" {
  command = plan
  variables {
    zone_id         = null
    certificate_arn = "arn:aws:acm:eu-central-1:111122223333:certificate/wildcard"
  }

  assert {
    condition     = length(aws_acm_certificate.api) == 0 && length(aws_route53_record.api) == 0 && aws_api_gateway_domain_name.stream[0].regional_certificate_arn == var.certificate_arn && aws_apigatewayv2_domain_name.websocket[0].domain_name_configuration[0].certificate_arn == var.certificate_arn
    error_message = "the given certificate must serve both, and records be the operator's"
  }
}

run "beside_a_load_balancer_over_ipv4" {
  command = plan
  variables {
    front_door  = "alb"
    domain_name = "gateway.example.org"
  }

  assert {
    condition     = keys(aws_route53_record.api) == ["stream-A", "websocket-A"] && one(aws_api_gateway_domain_name.stream[0].endpoint_configuration).ip_address_type == "ipv4" && output.base_url == "https://gateway.example.org"
    error_message = "without an IPv6 network the names must have no IPv6 address"
  }
}

run "without_names" {
  command = plan
  variables {
    stream_domain_name    = null
    websocket_domain_name = null
    zone_id               = null
  }

  assert {
    condition     = length(aws_api_gateway_domain_name.stream) == 0 && length(aws_apigatewayv2_domain_name.websocket) == 0 && output.stream_url == "https://stream1.execute-api.eu-central-1.amazonaws.com/live"
    error_message = "the APIs must answer by the names that AWS assigns"
  }
}

run "streams_without_a_certificate" {
  command = plan
  variables {
    websocket_domain_name = null
    zone_id               = null
  }
  expect_failures = [var.stream_domain_name]
}

run "websockets_without_a_certificate" {
  command = plan
  variables {
    stream_domain_name = null
    zone_id            = null
  }
  expect_failures = [var.websocket_domain_name]
}

run "no_streams_to_name" {
  command = plan
  variables {
    streams = false
  }
  expect_failures = [var.stream_domain_name]
}

run "no_websockets_to_name" {
  command = plan
  variables {
    websocket = false
  }
  expect_failures = [var.websocket_domain_name]
}

run "one_name_for_both" {
  command = plan
  variables { stream_domain_name = "ws.example.org" }
  expect_failures = [var.websocket_domain_name]
}

run "not_a_name" {
  command = plan
  variables {
    stream_domain_name = "https://stream.example.org"
  }
  expect_failures = [var.stream_domain_name]
}

run "a_name_without_a_domain" {
  command = plan
  variables {
    websocket_domain_name = "ws"
  }
  expect_failures = [var.websocket_domain_name]
}

run "a_load_balancer_without_a_name_or_certificate" {
  command = plan
  variables { front_door = "alb" }
  expect_failures = [var.domain_name]
}
