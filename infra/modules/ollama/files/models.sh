#!/usr/bin/env bash
# Fetches the configured models; Ollama checks each part against its digest. One that is there already costs a request.
set -euo pipefail

for model in $MODELS; do
  echo "fetching ${model}"
  curl --fail-with-body --silent --show-error --retry 5 --retry-connrefused --max-time 7200 \
    --data "{\"model\":\"${model}\",\"stream\":false}" http://127.0.0.1:11500/api/pull
done
