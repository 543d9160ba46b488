"""The gateway's configuration: checked and bundled by `openclaw`, with what the directory leaves out filled in."""

import copy
import hashlib
import json
import os
import re
import secrets
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import services
from console import Failure
from settings import BUILT, BUNDLE_FILE, CONFIG_DIR, MACHINE_CLIENT, OPENCLAW
from state import write_private

Bundle = dict[str, Any]

# What `{{ secrets['name#key'] }}` names: a secret that is a JSON object has such keys.
_KEY_OF_SECRET = re.compile(r"\{\{\s*secrets\s*\[\s*['\"]([^'\"#]+)#([^'\"]+)['\"]\s*\]\s*\}\}")
_VARIABLE = re.compile(r"\{\{\s*env\s*\[\s*['\"]([^'\"]+)['\"]\s*\]\s*\}\}")

_OVERRIDES = ("LLM_", "OPENCLAW__")

# Providers whose keys are filled in; the others need none.
_KEYED_PROVIDERS = ("anthropic", "openai")

# The model of the local cloud's own Ollama agent, served by the Ollama proxy.
_PROXY_MODEL = "vllm/smollm2"


@dataclass(frozen=True)
class Models:
    """The addresses at which the local cloud serves the providers' protocols."""

    url: str
    ollama_url: str
    ollama_model: str | None  # the first model of the user's own Ollama, if one runs

    def base_urls(self) -> dict[str, str]:
        """Return the address of each provider but Bedrock, which the AWS endpoint serves."""
        return {"anthropic": self.url, "ollama": self.ollama_url, "openai": f"{self.url}/v1"}


def chosen_directory() -> Path:
    """Return the directory that CONFIG names, or the local cloud's own."""
    named = os.environ.get("CONFIG")
    if not named:
        return CONFIG_DIR
    directory = Path(named).resolve()
    if not (directory / "openclaw.yaml").is_file():
        raise Failure(f"CONFIG={named}: there is no {directory / 'openclaw.yaml'}; CONFIG names the directory of one")
    return directory


def install() -> None:
    """Put the `openclaw` that was just built into the virtual environment."""
    built = BUILT / "openclaw"
    fresh = OPENCLAW.with_name("openclaw.new")
    fresh.unlink(missing_ok=True)
    try:
        os.link(built, fresh)
    except OSError:  # another file system
        shutil.copy2(built, fresh)
    fresh.replace(OPENCLAW)


def read(directory: Path) -> Bundle:
    """Check the directory and bundle it; what `openclaw` says about faults goes to standard error."""
    environment = services.openclaw_environment()
    checked = subprocess.run([OPENCLAW, "check", directory], env=environment, stdout=2, check=False)
    if checked.returncode != 0:
        raise Failure(f"{directory / 'openclaw.yaml'} was refused; the faults are above")
    bundled = subprocess.run([OPENCLAW, "bundle", directory], env=environment, stdout=subprocess.PIPE, check=False)
    if bundled.returncode != 0:
        raise Failure(f"openclaw bundle {directory} failed with exit status {bundled.returncode}; see above")
    return dict(json.loads(bundled.stdout))


def digest(bundle: Bundle, directory: Path) -> str:
    """Return a digest of what the local cloud takes from a directory: its bundle and the files of its `local`."""
    digest = hashlib.sha256(json.dumps(bundle, sort_keys=True).encode())
    for file in sorted(path for path in (directory / "local").rglob("*") if path.is_file()):
        if "__pycache__" not in file.parts:
            digest.update(b"\0".join((str(file.relative_to(directory)).encode(), file.read_bytes())))
    return digest.hexdigest()


def write(bundle: Bundle, path: Path = BUNDLE_FILE) -> None:
    """Write the bundle that the functions or the Terraform read."""
    write_private(path, json.dumps(bundle, indent=1))


def fill_in_providers(bundle: Bundle, models: Models) -> Bundle:
    """Return the bundle with an address for each provider, and a key for those that need one."""
    filled = copy.deepcopy(bundle)
    document, rights = filled["document"], filled["rights"]
    if models.ollama_model is not None:
        document = json.loads(json.dumps(document).replace(_PROXY_MODEL, models.ollama_model))
        filled["document"] = document
    sections = document["providers"] = dict(document.get("providers") or {})
    for name, base_url in models.base_urls().items():
        section = sections[name] = dict(sections.get(name) or {})
        section.setdefault("base_url", base_url)
        if name in _KEYED_PROVIDERS and not _has_key(document, name):
            secret = f"{name}/api-key"
            section["api_key"] = "{{ secrets['" + secret + "'] }}"
            rights["secrets"] = sorted({*rights["secrets"], secret})
    return filled


def fill_in_identity(bundle: Bundle, pool_id: str, client_id: str, jwks_url: str, machine_client_id: str) -> Bundle:
    """Return the bundle with the local user pool and its clients."""
    filled = copy.deepcopy(bundle)
    document = filled["document"]
    authentication = dict(document.get("authentication") or {})
    clients = dict(authentication.get("clients") or {})
    # Tokens carry the id that Cognito gave the client.
    machine = clients.pop(MACHINE_CLIENT, {"tenant": "acme", "groups": ["user"]})
    document["authentication"] = authentication | {
        "user_pool_id": pool_id,
        "client_id": client_id,
        "jwks_url": jwks_url,
        "clients": clients | {machine_client_id: machine},
    }
    return filled


def is_authenticated(bundle: Bundle) -> bool:
    """Return whether the gateway asks for tokens."""
    return (bundle["document"].get("authentication") or {}).get("enabled") is not False


def origin_variables(bundle: Bundle) -> dict[str, str]:
    """Return what names the allowed web pages to `health`, which reads no configuration."""
    origins = (bundle["document"].get("cors") or {}).get("allowed_origins") or []
    return {"OPENCLAW_ALLOWED_ORIGINS": ",".join(origins)} if origins else {}


def groups(bundle: Bundle) -> list[str]:
    """Return the groups of the user pool that the agents' access names."""
    document = bundle["document"]
    found = set()
    for agent in [document.get("agent"), *(document.get("agents") or [])]:
        access = (agent or {}).get("access") or {}
        found |= set(access.get("groups") or [])
        found |= {f"tenant:{tenant}" for tenant in access.get("tenants") or []}
    return sorted(found)


def secret_values(bundle: Bundle) -> dict[str, str]:
    """Return a random value for each secret that the bundle names: an object where its keys are named."""
    keys: dict[str, set[str]] = {}
    for name, key in _KEY_OF_SECRET.findall(_texts(bundle)):
        keys.setdefault(name, set()).add(key)
    return {
        name: json.dumps({key: _random() for key in sorted(keys[name])}) if name in keys else _random()
        for name in bundle["rights"]["secrets"]
    }


def parameter_values(bundle: Bundle) -> dict[str, str]:
    """Return a random value for each parameter that the bundle names."""
    return {name: _random() for name in bundle["rights"]["parameters"]}


def variables(bundle: Bundle) -> dict[str, str]:
    """Return the variables of our environment that the gateway reads: overrides, and those that the bundle names."""
    named = set(_VARIABLE.findall(_texts(bundle)))
    return {name: value for name, value in os.environ.items() if name in named or name.startswith(_OVERRIDES)}


def _has_key(document: dict[str, Any], provider: str) -> bool:
    if document["providers"][provider].get("api_key"):
        return True
    llm = document.get("llm") or {}
    named = llm.get("provider") or document.get("llm_provider")
    return named == provider and bool(llm.get("api_key") or document.get("llm_api_key"))


def _texts(bundle: Bundle) -> str:
    """Return every text of the document, a line each."""
    found: list[str] = []

    def visit(value: Any) -> None:
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, dict):
            for member in value.values():
                visit(member)
        elif isinstance(value, list):
            for item in value:
                visit(item)

    visit(bundle["document"])
    return "\n".join(found)


def _random() -> str:
    return secrets.token_urlsafe(24)
