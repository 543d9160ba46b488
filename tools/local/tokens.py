"""Tokens from the local user pool, as a client of the gateway gets them."""

import base64
from urllib.parse import urlencode

import web
from console import Failure
from settings import SCOPE_NAME, SCOPE_SERVER, USERS
from state import State

_JSON_PROTOCOL = "application/x-amz-json-1.1"


def token(state: State, who: str, use: str = "access") -> str:
    """Sign `who` in and return the access token, or the id token if `use` is `id`."""
    if use not in ("access", "id"):
        raise Failure(f"USE={use!r} is not known; use access or id")
    if who == "client":
        if use == "id":
            raise Failure("AS=client has no id token: client credentials give an access token only")
        return _machine_token(state)
    if who not in USERS:
        raise Failure(f"AS={who!r} is not known; use one of {', '.join(USERS)} or client")
    return _user_token(state, who, use)


def _user_token(state: State, who: str, use: str) -> str:
    identity = state.identity
    body = {
        "AuthFlow": "USER_PASSWORD_AUTH",
        "ClientId": identity.client_id,
        "AuthParameters": {"USERNAME": who, "PASSWORD": identity.passwords[who]},
    }
    target = "AWSCognitoIdentityProviderService.InitiateAuth"
    answer = web.request(
        f"{state.ports.aws_url}/",
        body=body,
        headers={"content-type": _JSON_PROTOCOL, "x-amz-target": target},
    )
    result = _checked(answer, who).get("AuthenticationResult", {})
    return str(result["IdToken" if use == "id" else "AccessToken"])


def _machine_token(state: State) -> str:
    identity = state.identity
    pair = f"{identity.machine_client_id}:{identity.machine_client_secret}".encode()
    answer = web.request(
        f"{state.ports.aws_url}/oauth2/token",
        body=urlencode({"grant_type": "client_credentials", "scope": f"{SCOPE_SERVER}/{SCOPE_NAME}"}).encode(),
        headers={
            "authorization": "Basic " + base64.b64encode(pair).decode(),
            "content-type": "application/x-www-form-urlencoded",
        },
    )
    return str(_checked(answer, "client")["access_token"])


def _checked(answer: web.Answer | None, who: str) -> dict[str, dict[str, str]]:
    if answer is None:
        raise Failure("the local cloud does not answer: start it with `make up` or `make run`")
    if answer.status != 200:
        raise Failure(f"signing in {who} failed with status {answer.status}: {answer.text[:300]}")
    return dict(answer.json() or {})
