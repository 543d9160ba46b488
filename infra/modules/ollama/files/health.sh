#!/usr/bin/env bash
# A process that died is started again by systemd, a machine by its group. This finds the process that hangs.
set -euo pipefail

if ! curl --fail --silent --show-error --retry 3 --retry-all-errors --max-time 10 \
  http://127.0.0.1:11500/api/version >/dev/null; then
  echo "Ollama does not answer and is started again" >&2
  systemctl restart ollama.service
fi
