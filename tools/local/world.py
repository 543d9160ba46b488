"""The world of a configuration: what its actions call, made from DIR/local/ by `make up` alone.

Tables and functions are made in MiniStack; HTTP services are served by `world_http.py`. Everything is checked before
anything starts.
"""

from __future__ import annotations

import copy
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import web
import world_files
from console import Failure, say
from settings import TABLE, Ports
from world_files import Fault, Function, HttpService, Table

# MiniStack demands a role but does not look it up: `make up` enforces no policies.
_ROLE = "arn:aws:iam::000000000000:role/openclaw-local"
_FUNCTION_TIMEOUT_SECONDS = 30

# What a function's package holds of its folder.
_PACKAGED = (".json", ".py")

# The gateway's own names.
_OWN_TABLES = {TABLE}
_OWN_FUNCTIONS = {"openclaw-stream", "openclaw-websocket"}

_PARTS = ("tables", "functions", "http")


@dataclass(frozen=True)
class World:
    """What the actions of a configuration call."""

    tables: list[Table]
    functions: list[Function]
    services: list[HttpService]


def read(directory: Path, ports: Ports) -> World:
    """Read and check DIR/local/; without one the world is empty. All faults are reported at once."""
    folder, faults = directory / "local", []
    world = World([], [], [])
    if folder.is_dir():
        faults += _strangers(folder)
        faults += _read_all(world.tables, folder / "tables", ".json", world_files.table)
        faults += _read_all(world.functions, folder / "functions", "", world_files.function)
        faults += _read_all(world.services, folder / "http", ".json", world_files.service)
        faults += _name_faults(world) + _port_faults(world.services, ports)
    if faults:
        raise Failure("the world of the configuration was refused:" + "".join(f"\n  {fault}" for fault in faults))
    return world


def redirect(bundle: dict[str, Any], world: World) -> dict[str, Any]:
    """Return the bundle in which actions and providers call the services that stand in for their origins."""
    filled = copy.deepcopy(bundle)
    document = filled["document"]
    named = [(action, "url") for action in document.get("actions") or []]
    named += [(provider, "base_url") for provider in (document.get("providers") or {}).values() if provider]
    for service in world.services:
        for section, key in named:
            url = str(section.get(key) or "")
            if service.origin and f"{url}/".startswith((f"{service.origin}/", f"{service.origin}?")):
                section[key] = service.url + url.removeprefix(service.origin)
    return filled


def create(account: Any, world: World) -> None:
    """Create the tables with their items, and the functions."""
    for table in world.tables:
        say(f"creating the table {table.name} ({len(table.items)} items)")
        _create_table(account.client("dynamodb"), table)
    for function in world.functions:
        say(f"creating the function {function.name}")
        _create_function(account.client("lambda"), function)


def package(function: Function) -> bytes:
    """Return a function's folder as a zip."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(function.folder.rglob("*")):
            if path.is_file() and path.suffix in _PACKAGED and "__pycache__" not in path.parts:
                archive.write(path, path.relative_to(function.folder))
    return written.getvalue()


def _strangers(folder: Path) -> list[Fault]:
    """Return the faults of names without a meaning, which would otherwise be ignored silently."""
    allowed = f"a folder that is named {', '.join(_PARTS[:-1])} or {_PARTS[-1]}"
    found = [path for path in sorted(folder.iterdir()) if path.name not in _PARTS or not path.is_dir()]
    return [Fault(path, "not a part of a world", allowed) for path in found if not path.name.startswith(".")]


def _read_all(found: list[Any], folder: Path, ending: str, reader: Any) -> list[Fault]:
    """Read each file or folder of a part; return the faults."""
    faults = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if path.name.startswith((".", "__pycache__")):
            continue
        if path.is_dir() != (not ending) or not path.name.endswith(ending):
            allowed = f"a file with the ending {ending}" if ending else "a folder with the function's name"
            faults.append(Fault(path, "of another kind", allowed))
            continue
        try:
            found.append(reader(path))
        except world_files.Refused as refused:
            faults.append(refused.fault)
    return faults


def _name_faults(world: World) -> list[Fault]:
    """Return the faults of names that the gateway itself needs."""
    own = [(table.path, table.name, _OWN_TABLES) for table in world.tables]
    own += [(function.folder, function.name, _OWN_FUNCTIONS) for function in world.functions]
    return [
        Fault(path, f"{name}, a name of the gateway's own", "another name") for path, name, ours in own if name in ours
    ]


def _port_faults(services: list[HttpService], ports: Ports) -> list[Fault]:
    """Return the faults of ports that are used twice, or that another program has taken."""
    users: dict[int, str] = {ports.gateway: "the gateway", ports.aws: "the local AWS"}
    faults = []
    for service in services:
        if (user := users.get(service.port)) is not None:
            faults.append(Fault(service.path, f"port: {service.port}, the port of {user}", "a port of its own"))
        elif web.is_taken(service.port):
            allowed = "stop it, or choose another port"
            faults.append(Fault(service.path, f"port: {service.port}, which another program has taken", allowed))
        users[service.port] = str(service.path)
    return faults


def _create_table(dynamodb: Any, table: Table) -> None:
    from boto3.dynamodb.types import TypeSerializer  # not yet installed where faults are found before the packages

    serializer = TypeSerializer()
    key = [(table.partition, "HASH"), *([(table.sort, "RANGE")] if table.sort else [])]
    dynamodb.create_table(
        TableName=table.name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": table.types[name]} for name, _ in key],
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in key],
    )
    dynamodb.get_waiter("table_exists").wait(TableName=table.name)
    for item in table.items:
        written = {name: serializer.serialize(value) for name, value in item.items()}
        dynamodb.put_item(TableName=table.name, Item=written)


def _create_function(functions: Any, function: Function) -> None:
    functions.create_function(
        FunctionName=function.name,
        Runtime="python3.13",
        Handler=f"{function.module}.handler",
        Code={"ZipFile": package(function)},
        Role=_ROLE,
        Timeout=_FUNCTION_TIMEOUT_SECONDS,
    )
    functions.get_waiter("function_active_v2").wait(FunctionName=function.name, WaiterConfig={"Delay": 1})
