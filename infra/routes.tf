# Which path goes to which function, on either front door. A name in braces is one segment. Everything else goes to
# health, which answers 404.

locals {
  routes = {
    health        = { priority = 10, paths = ["/v1/health"] }
    agents        = { priority = 20, paths = ["/v1/agents", "/v1/agents/{name}", "/v1/models", "/v1/health/deep"] }
    agent         = { priority = 30, paths = ["/v1/agent/{name}"] }
    conversations = { priority = 40, paths = ["/v1/conversations", "/v1/conversations/{id}"] }
  }

  # A load balancer's * also takes slashes: what is too long is answered by the function, with 404.
  load_balancer_routes = {
    for function, route in local.routes : function => {
      function = function
      priority = route.priority
      paths    = [for path in route.paths : replace(path, "/[{][a-z_]+[}]/", "*")]
    }
  }

  # Any method: a wrong one is answered by the function, with 405.
  http_api_routes = {
    for function, route in local.routes : function => {
      function   = function
      route_keys = [for path in route.paths : "ANY ${path}"]
    }
  }
}
