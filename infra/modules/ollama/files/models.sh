#!/usr/bin/env bash
# Downloads the configured models. Ollama checks each part against its digest; a model that is present costs one request.
set -euo pipefail

for model in $MODELS; do
  echo "downloading ${model}"
  curl --fail-with-body --silent --show-error --retry 5 --retry-connrefused --max-time 7200 \
    --data "{\"model\":\"${model}\",\"stream\":false}" http://127.0.0.1:11500/api/pull
done
