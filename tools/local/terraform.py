"""Terraform, on a copy of `infra/` and against the local cloud only."""

import json
import os
import shutil
import subprocess
from typing import Any

from console import Failure, say
from settings import CREDENTIALS, DEPLOYMENT, REGION, ROOT

_INFRA = DEPLOYMENT / "infra"
_NO_CHANGES, _CHANGES = 0, 2  # of `plan -detailed-exitcode`

# The bootstrap protects its resources from `destroy`. Here they are destroyed with the rest.
_UNGUARDED = """\
resource "aws_s3_bucket" "state" {
  force_destroy = true

  lifecycle {
    prevent_destroy = false
  }
}

resource "aws_kms_key" "state" {
  lifecycle {
    prevent_destroy = false
  }
}
"""

# The same for the key of the logs of each environment.
_UNGUARDED_LOGS = """\
resource "aws_kms_key" "logs" {
  lifecycle {
    prevent_destroy = false
  }
}
"""


def copy() -> None:
    """Copy `infra/`, so that the checkout gets no .terraform, lock file or state."""
    shutil.rmtree(_INFRA, ignore_errors=True)
    unwanted = shutil.ignore_patterns("tests", ".terraform*", "*.tfstate*", "*.tfplan", "backend.hcl")
    shutil.copytree(ROOT / "infra", _INFRA, ignore=unwanted)
    (_INFRA / "bootstrap" / "local_override.tf").write_text(_UNGUARDED)
    (_INFRA / "modules" / "keys" / "local_override.tf").write_text(_UNGUARDED_LOGS)


def environment(aws_url: str) -> dict[str, str]:
    """Return our environment, which the provider's download may need, less everything that names a real account."""
    if shutil.which("terraform") is None:
        raise Failure("terraform is not on the PATH: https://developer.hashicorp.com/terraform/install")
    unwanted = ("AWS_", "TF_CLI_ARGS", "TF_VAR_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
    local = CREDENTIALS | {
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": aws_url,
        "AWS_REGION": REGION,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "CHECKPOINT_DISABLE": "1",
        "TF_CLI_ARGS": "-no-color",
        "TF_INPUT": "0",
        "TF_IN_AUTOMATION": "1",
    }
    return kept | local | _provider(kept)


class Terraform:
    """One root module with one set of variables and one state."""

    def __init__(self, folder: str, name: str, environment: dict[str, str], variables: list[str]) -> None:
        self._folder = _INFRA / folder
        self._variables = variables
        self._environment = environment | {"TF_DATA_DIR": str(_INFRA / f".terraform-{name}")}
        self._log = DEPLOYMENT / f"{name}.log"
        self._log.unlink(missing_ok=True)

    def init(self, *backend: str) -> None:
        self._run("init", *(f"-backend-config={setting}" for setting in backend))

    def apply(self) -> str:
        """Plan, apply that plan and return the line that says what was done."""
        plan = str(DEPLOYMENT / "plan.tfplan")
        self._run("plan", f"-out={plan}", *self._variables)
        return _summary(self._run("apply", plan))

    def changes(self) -> str | None:
        """Return what a plan would change now; None if nothing."""
        status, output = self._try("plan", "-detailed-exitcode", *self._variables)
        if status not in (_NO_CHANGES, _CHANGES):
            raise self._failure("plan", output)
        return None if status == _NO_CHANGES else output

    def destroy(self) -> str:
        return _summary(self._run("destroy", "-auto-approve", *self._variables))

    def resources(self) -> list[str]:
        return self._run("state", "list").split()

    def outputs(self) -> dict[str, Any]:
        return {name: output["value"] for name, output in json.loads(self._run("output", "-json")).items()}

    def _run(self, *arguments: str) -> str:
        status, output = self._try(*arguments)
        if status != 0:
            raise self._failure(arguments[0], output)
        return output

    def _try(self, *arguments: str) -> tuple[int, str]:
        done = subprocess.run(
            ["terraform", *arguments],
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        with self._log.open("a") as log:
            log.write(f"--- terraform {' '.join(arguments)}\n{done.stdout}")
        return done.returncode, done.stdout

    def _failure(self, command: str, output: str) -> Failure:
        return Failure(f"terraform {command} failed in {self._folder}; all of it is in {self._log}\n{output[-4000:]}")


def _summary(output: str) -> str:
    done = [line for line in output.splitlines() if line.startswith(("Apply complete!", "Destroy complete!"))]
    return done[-1] if done else ""


def _provider(environment: dict[str, str]) -> dict[str, str]:
    """Return the settings of the provider's source: the registry, or the stand-in that infra/provider.sh finds."""
    say("looking for the AWS provider")
    script = 'source infra/provider.sh; choose_provider "$1"; printf %s "${TF_CLI_CONFIG_FILE:-}"'
    command = ["bash", "-euo", "pipefail", "-c", script, "provider", str(_INFRA)]
    found = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    if found.returncode != 0:
        raise Failure("the AWS provider could not be installed; see above")
    return {"TF_CLI_CONFIG_FILE": found.stdout} if found.stdout else {}
