"""The files of a world: what each may hold. Knows neither MiniStack nor servers."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from settings import HOST

_TABLE_NAME = re.compile(r"[a-zA-Z0-9_.-]{3,255}")
_FUNCTION_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?")

_METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")

# The members of a route that may be absent.
_OPTIONAL: dict[str, type] = {"contains": str, "status": int, "body": object}

# Where a service shows the requests that it got.
REQUESTS_PATH = "/_requests"

# DynamoDB's names of the types that a key may have.
_KEY_TYPES: dict[type, str] = {str: "S", int: "N", Decimal: "N"}


@dataclass(frozen=True)
class Fault:
    """What is wrong with a file."""

    path: Path
    found: str
    allowed: str

    def __str__(self) -> str:
        return f"{self.path}: found {self.found}; allowed: {self.allowed}"


class Refused(Exception):
    """A file that cannot be used."""

    def __init__(self, path: Path, found: str, allowed: str) -> None:
        super().__init__(found)
        self.fault = Fault(path, found, allowed)


@dataclass(frozen=True)
class Table:
    """A DynamoDB table with its items."""

    path: Path
    name: str
    partition: str
    sort: str | None
    types: dict[str, str]  # of the attributes of the key
    items: list[dict[str, Any]]


@dataclass(frozen=True)
class Function:
    """A Lambda function in Python."""

    folder: Path
    name: str
    module: str  # the one that defines `handler`


@dataclass(frozen=True)
class Route:
    """An answer of an HTTP service."""

    method: str
    path: str
    contains: str = ""  # what the body of the request must contain
    status: int = 200
    body: Any = None

    def answers(self, method: str, target: str, body: str) -> bool:
        """Return whether this is the answer to a request, which may have more parameters than the route names."""
        own, asked = urlsplit(self.path), urlsplit(target)
        has_query = set(parse_qsl(own.query)) <= set(parse_qsl(asked.query))
        return (method, asked.path) == (self.method, own.path) and has_query and self.contains in body


@dataclass(frozen=True)
class HttpService:
    """An HTTP service on loopback."""

    path: Path
    name: str
    port: int
    origin: str | None  # the address in openclaw.yaml for which it stands in
    routes: list[Route] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"


def table(path: Path) -> Table:
    """Read tables/<name>.json."""
    name = _named(path, path.stem, _TABLE_NAME, "3 to 255 of a-z, A-Z, 0-9, _, . and - as the file's name")
    document = _members(path, "", _document(path), {"key": dict, "items": list})
    key = _members(path, "key", document["key"], {"hash": str}, {"range": str})
    names = [key["hash"], *([key["range"]] if "range" in key else [])]
    if "" in names or len(set(names)) < len(names):
        raise Refused(path, f"key: {json.dumps(key)}", "the names of one or two attributes")
    types = dict.fromkeys(names, "S")
    items: list[dict[str, Any]] = []
    known: set[str] = set()
    for index, item in enumerate(document["items"]):
        at = f"items[{index}]"
        if not isinstance(item, dict):
            raise Refused(path, f"{at}: {_shown(item)}", "an object")
        kinds = {name: _key_type(path, f"{at}.{name}", item.get(name)) for name in names}
        if items and kinds != types:
            raise Refused(path, f"{at}: a key of another type than that of items[0]", "keys of one type")
        types = kinds
        identity = json.dumps([str(item[name]) for name in names])
        if identity in known:
            raise Refused(path, f"{at}: the key of an earlier item", "items with different keys")
        known.add(identity)
        items.append(item)
    return Table(path, name, names[0], key.get("range"), types, items)


def function(folder: Path) -> Function:
    """Read functions/<name>/, which may be a link to the folder with the code."""
    name = _named(folder, folder.name, _FUNCTION_NAME, "1 to 64 of a-z, A-Z, 0-9, _ and - as the folder's name")
    modules = []
    for path in sorted(folder.glob("*.py")):
        try:
            source = ast.parse(path.read_text(), filename=str(path))
        except (SyntaxError, ValueError) as error:
            raise Refused(path, f"a file that Python cannot read: {error}", "Python") from None
        if any(_defines_handler(statement) for statement in source.body):
            modules.append(path.stem)
    if len(modules) != 1:
        found = f"{len(modules)} files that define `handler` ({', '.join(modules) or 'none'})"
        raise Refused(folder, found, "one file that defines `handler(event, context)`")
    return Function(folder, name, modules[0])


def service(path: Path) -> HttpService:
    """Read http/<name>.json."""
    document = _members(path, "", _document(path), {"port": int, "routes": list}, {"origin": str})
    port, origin = document["port"], document.get("origin")
    if not 1024 <= port <= 65535:
        raise Refused(path, f"port: {port}", "a number from 1024 to 65535")
    if origin is not None and not _ORIGIN.fullmatch(origin):
        raise Refused(path, f"origin: {_shown(origin)}", "scheme and host of actions, such as https://api.example.com")
    if not document["routes"]:
        raise Refused(path, "routes: an empty list", "a list of routes")
    routes = [_route(path, f"routes[{index}]", route) for index, route in enumerate(document["routes"])]
    return HttpService(path, path.stem, port, origin, routes)


def _route(path: Path, at: str, value: Any) -> Route:
    route = _members(path, at, value, {"method": str, "path": str}, _OPTIONAL)
    if route["method"] not in _METHODS:
        raise Refused(path, f"{at}.method: {_shown(route['method'])}", ", ".join(_METHODS))
    if not route["path"].startswith("/") or route["path"].partition("?")[0] == REQUESTS_PATH:
        allowed = f"a path that begins with /, other than {REQUESTS_PATH}"
        raise Refused(path, f"{at}.path: {_shown(route['path'])}", allowed)
    if not 200 <= route.get("status", 200) <= 599:
        raise Refused(path, f"{at}.status: {route['status']}", "a number from 200 to 599")
    return Route(**route)


def _document(path: Path) -> Any:
    try:
        # DynamoDB's numbers are decimal.
        return json.loads(path.read_text(), parse_float=Decimal, parse_constant=_refuse_constant)
    except (OSError, ValueError) as error:
        raise Refused(path, f"what is not JSON: {error}", "a JSON object") from None


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number")


def _members(
    path: Path, at: str, value: Any, required: dict[str, type], optional: dict[str, type] | None = None
) -> dict[str, Any]:
    """Return an object whose members have these types."""
    kinds = required | (optional or {})
    allowed = ", ".join(
        f"{name} ({_kind(kind)}{'' if name in required else ', optional'})" for name, kind in kinds.items()
    )
    prefix = f"{at}: " if at else ""
    if not isinstance(value, dict):
        raise Refused(path, f"{prefix}{_shown(value)}", f"an object with {allowed}")
    for name, member in value.items():
        if name not in kinds:
            raise Refused(path, f"{prefix}an unknown member {_shown(name)}", allowed)
        # To Python a truth value is a number as well.
        if not isinstance(member, kinds[name]) or (kinds[name] is int and isinstance(member, bool)):
            raise Refused(path, f"{prefix}{name}: {_shown(member)}", allowed)
    if missing := [name for name in required if name not in value]:
        raise Refused(path, f"{prefix}no {' and no '.join(missing)}", allowed)
    return value


def _named(path: Path, name: str, pattern: re.Pattern[str], allowed: str) -> str:
    if not pattern.fullmatch(name):
        raise Refused(path, f"the name {_shown(name)}", allowed)
    return name


def _key_type(path: Path, at: str, value: Any) -> str:
    kind = _KEY_TYPES.get(type(value))
    if kind is None or value == "":
        raise Refused(path, f"{at}: {_shown(value)}", "a text that is not empty, or a number, as in every key")
    return kind


def _defines_handler(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.FunctionDef):
        return statement.name == "handler"
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return any(isinstance(target, ast.Name) and target.id == "handler" for target in targets)


def _kind(kind: type) -> str:
    names = {dict: "an object", int: "a number", list: "a list", object: "any JSON", str: "a text"}
    return names[kind]


def _shown(value: Any) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= 60 else f"{text[:60]}…"
