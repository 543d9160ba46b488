# Which path goes to which function. A name in braces is one segment. Everything else goes to health, which answers 404.
# Neither front door passes on an answer before it is whole: there agent answers the path of stream, in one piece.
# modules/stream has the API that streams. WebSockets have no path: modules/websocket.

locals {
  routes = {
    health        = { priority = 10, paths = ["/v1/health"] }
    agents        = { priority = 20, paths = ["/v1/agents", "/v1/agents/{name}", "/v1/models", "/v1/health/deep"] }
    agent         = { priority = 30, paths = ["/v1/agent/{name}"] }
    stream        = { priority = 35, paths = ["/v1/agent/{name}/stream"] }
    conversations = { priority = 40, paths = ["/v1/conversations", "/v1/conversations/{id}"] }
  }

  # A load balancer's * also takes slashes: what is too long is answered by the function, with 404, and the path of stream
  # is one of agent's.
  load_balancer_routes = {
    for function, route in local.routes : function => {
      function = function
      priority = route.priority
      paths    = [for path in route.paths : replace(path, "/[{][a-z_]+[}]/", "*")]
    } if function != "stream"
  }

  # Any method: a wrong one is answered by the function, with 405.
  http_api_routes = {
    for function, route in local.routes : function => {
      function   = function == "stream" ? "agent" : function
      route_keys = [for path in route.paths : "ANY ${path}"]
    }
  }
}
