#!/usr/bin/env bash
# Starts the local cloud: start.sh up or start.sh run. Where packages have to be installed first, cargo builds meanwhile.
set -euo pipefail
cd "$(dirname "$0")/../.."
LOCAL_CLOUD_STARTED=$(date +%s)
export LOCAL_CLOUD_STARTED
# The make that called is not asked to build anything in here.
unset MAKEFLAGS MFLAGS

if ! make --silent --question .venv/.installed; then
    python3 tools/local/cloud.py prepare
    trap 'python3 tools/local/cloud.py down' EXIT
    make --silent .venv/.installed
    trap - EXIT
fi
exec .venv/bin/python tools/local/cloud.py "$1"
