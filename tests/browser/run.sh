#!/usr/bin/env bash
# Runs the documentation's browser snippets in Chromium, against a local cloud that runs. Takes the addresses of streams and
# WebSocket, and an access token. Skips them with a line that says so where install.sh could not install what they need.
set -euo pipefail
cd "$(dirname "$0")"
if ! command -v node >/dev/null || ! command -v chromium >/dev/null || [ ! -d node_modules/playwright-core ]; then
    echo "  SKIPPED: the browser snippets, because node, chromium or playwright-core is missing" >&2
    exit 0
fi
STREAM_URL=$1 WS_URL=$2 TOKEN=$3 CHROMIUM=$(command -v chromium) exec node --test --test-reporter=dot snippets.test.mjs
