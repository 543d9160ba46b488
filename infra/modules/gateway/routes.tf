# Which path goes to which function. A name in braces is one segment. Everything else goes to health, which answers 404.
# Neither front door forwards an answer before it is complete, so agent answers the path of stream there, in one piece. The
# API that streams is in modules/stream, the WebSocket API, which has no paths, in modules/websocket.

locals {
  routes = {
    health        = { priority = 10, paths = ["/v1/health"] }
    agents        = { priority = 20, paths = ["/v1/agents", "/v1/agents/{name}", "/v1/models", "/v1/grants", "/v1/grants/{id}", "/v1/health/deep"] }
    agent         = { priority = 30, paths = ["/v1/agent/{name}"] }
    stream        = { priority = 35, paths = ["/v1/agent/{name}/stream"] }
    conversations = { priority = 40, paths = ["/v1/conversations", "/v1/conversations/{id}", "/v1/users/{user}/conversations"] }
  }

  # A load balancer's * also matches slashes, and nothing at all. The function answers longer paths with 404, and the path of
  # stream is one of agent's. A path and those below it are one, since a rule has at most five.
  load_balancer_routes = {
    for function, route in local.routes : function => {
      function = function
      priority = route.priority
      paths = [
        for path in route.paths : anytrue([for other in route.paths : startswith(other, "${path}/{")]) ? "${path}*" : replace(path, "/[{][a-z_]+[}]/", "*")
        if !anytrue([for other in route.paths : startswith(path, "${other}/{")])
      ]
    } if function != "stream"
  }

  # Any method, because the function answers a wrong one with 405.
  http_api_routes = {
    for function, route in local.routes : function => {
      function   = function == "stream" ? "agent" : function
      route_keys = [for path in route.paths : "ANY ${path}"]
    }
  }
}
