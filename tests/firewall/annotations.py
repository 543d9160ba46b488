"""The tools of the suites as the gateway's actions: their schemas, and what tools.yaml says of them."""

import functools
from pathlib import Path
from typing import Any

import yaml

from suites import NAMES, SUITES

Schema = dict[str, Any]

_ENVIRONMENT_HEADER = {"x-environment": "{{ input.metadata.environment }}"}
# Pydantic's keywords that say nothing about a value.
_IGNORED = ("title",)


@functools.cache
def annotations() -> dict[str, dict[str, dict[str, Any]]]:
    """Return tools.yaml: suite, tool, its marks."""
    return yaml.safe_load(Path(__file__).with_name("tools.yaml").read_text())


def is_write(suite: str, tool: str) -> bool:
    """Return whether a tool is annotated as a write."""
    return annotations()[suite][tool]["effect"] == "write"


def actions(suite: str, base_url: str) -> list[dict[str, Any]]:
    """Return a suite's tools as entries of `actions:`."""
    return [_action(suite, tool, base_url) for tool in SUITES[suite].tools]


def schemas() -> dict[str, Schema]:
    """Return the schema of each tool's arguments."""
    return {tool.name: parameters(suite, tool) for suite in NAMES for tool in SUITES[suite].tools}


def parameters(suite: str, tool: Any) -> Schema:
    """Return the schema of a tool's arguments in the subset of JSON Schema that actions have."""
    marks = annotations()[suite][tool.name]
    written = tool.parameters.model_json_schema()
    given = marks.get("schema", {})
    properties = {}
    for name, schema in written.get("properties", {}).items():
        description = _one_line(schema.get("description", ""))
        kept = given.get(name) or _narrowed(schema, written.get("$defs", {}))
        properties[name] = kept | {"description": description}
    for name in marks.get("content", []):
        properties[name]["x-authority"] = False
    result: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    if written.get("required"):
        result["required"] = written["required"]
    return result


def _narrowed(schema: Schema, definitions: dict[str, Schema]) -> Schema:
    """Return a schema with references in place, and without null: an argument that may be null is left out instead."""
    if "$ref" in schema:
        return _narrowed(definitions[schema["$ref"].rsplit("/", 1)[1]], definitions)
    if "anyOf" in schema:
        (one,) = [choice for choice in schema["anyOf"] if choice.get("type") != "null"]
        return _narrowed(one, definitions)
    kept = {key: value for key, value in schema.items() if key not in _IGNORED}
    if "items" in kept:
        kept["items"] = _narrowed(kept["items"], definitions)
    return kept


def _action(suite: str, tool: Any, base_url: str) -> dict[str, Any]:
    marks = annotations()[suite][tool.name]
    schema = parameters(suite, tool)
    required = schema.get("required", [])
    return {
        "name": tool.name,
        "description": _one_line(tool.description),
        "type": "http",
        "method": "POST",
        "url": f"{base_url}/tools/{suite}/{tool.name}",
        "headers": _ENVIRONMENT_HEADER,
        # The server ignores arguments that are null.
        "body": {
            name: f"{{{{ arguments.{name} }}}}" if name in required else f"{{{{ arguments.{name} | default(none) }}}}"
            for name in schema["properties"]
        },
        "parameters": schema,
        "effect": marks["effect"],
        "output": marks["output"],
    }


def _one_line(text: str) -> str:
    return " ".join(text.split())
