"""The WebSocket API: an API of API Gateway in front of two functions, all of it inside MiniStack.

`cargo lambda watch` does not serve WebSockets. So these functions run beside it, deployed as on AWS.
"""

from pathlib import Path
from typing import Any

import packages
from console import say
from resources import Account
from settings import HOST, LOCAL_ROLE, REGION, WEBSOCKET_STAGE, Ports

_NAME = "openclaw"
_ROUTES = ["$connect", "$disconnect", "$default"]

# Seconds after which Lambda stops a run, and milliseconds of the function's own deadline.
_LIMITS = {"stream": (900, 300_000), "websocket": (29, 28_000)}


def url(ports: Ports, api_id: str) -> str:
    """Return the address for clients, by path: the API's own name resolves in browsers, but not everywhere else."""
    return f"ws://{_address(ports, api_id)}"


def variables(ports: Ports) -> dict[str, str]:
    """Return the variables that name the API, for the functions inside MiniStack and those of `cargo lambda watch`."""
    return {
        "OPENCLAW_CONNECTIONS_URL": f"http://{_address(ports, _NAME)}",
        "OPENCLAW_STREAM_FUNCTION": f"{_NAME}-stream",
    }


def create(account: Account, ports: Ports, environment: dict[str, str]) -> str:
    """Deploy the functions with this environment, and the API that invokes them; return its address."""
    gateway = account.client("apigatewayv2")
    api_id = gateway.create_api(
        Name=f"{_NAME}-websocket",
        ProtocolType="WEBSOCKET",
        RouteSelectionExpression="$request.body.action",
        # MiniStack takes it as the API's id, and so the address is the same with every start.
        Tags={"ms-custom-id": _NAME},
    )["ApiId"]
    websocket_arn = _create_functions(account, environment)
    integration = gateway.create_integration(
        ApiId=api_id,
        IntegrationType="AWS_PROXY",
        IntegrationUri=f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{websocket_arn}/invocations",
    )["IntegrationId"]
    for route in _ROUTES:
        gateway.create_route(ApiId=api_id, RouteKey=route, Target=f"integrations/{integration}")
    gateway.create_stage(ApiId=api_id, StageName=WEBSOCKET_STAGE, AutoDeploy=True)
    return url(ports, api_id)


def _create_functions(account: Account, environment: dict[str, str]) -> str:
    """Create the function that API Gateway invokes and the one that runs agents; return the first one's ARN."""
    functions = account.client("lambda")
    folder = packages.write(list(_LIMITS))
    say("deploying the functions behind the WebSocket")
    stream_arn = _create_function(functions, "stream", folder, environment)
    websocket_arn = _create_function(functions, "websocket", folder, environment)
    # No retries: the client has seen the first run's events. A failed run goes to the function that notifies clients.
    functions.put_function_event_invoke_config(
        FunctionName=stream_arn,
        MaximumRetryAttempts=0,
        MaximumEventAgeInSeconds=60,
        DestinationConfig={"OnFailure": {"Destination": websocket_arn}},
    )
    return websocket_arn


def _create_function(functions: Any, name: str, folder: Path, environment: dict[str, str]) -> str:
    timeout_s, deadline_ms = _LIMITS[name]
    created = functions.create_function(
        FunctionName=f"{_NAME}-{name}",
        Runtime="provided.al2023",
        Handler="bootstrap",
        Architectures=[packages.architecture()],
        Code={"ZipFile": (folder / name / "bootstrap.zip").read_bytes()},
        Role=LOCAL_ROLE,
        Timeout=timeout_s,
        # MiniStack leaves out of it what Lambda sets itself, such as the region.
        Environment={"Variables": environment | {"OPENCLAW_DEADLINE_MS": str(deadline_ms)}},
    )
    return str(created["FunctionArn"])


def _address(ports: Ports, api_id: str) -> str:
    return f"{HOST}:{ports.aws}/_aws/execute-api/{api_id}/{WEBSOCKET_STAGE}"
