#!/usr/bin/env bash
# Installs what the browser tests need: playwright-core beside them, and Debian's Chromium where the user may install it. Prints
# the reason and passes where that is not possible; run.sh then skips the tests.
set -euo pipefail
cd "$(dirname "$0")"
missing() { echo "the browser tests will be skipped: $*"; exit 0; }

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then missing "there is no Node.js with npm"; fi
if [ ! -d node_modules/playwright-core ] || ! npm ls --silent >/dev/null; then
    timeout 120 npm ci --no-audit --no-fund --silent || missing "playwright-core cannot be installed"
fi
if ! command -v chromium >/dev/null; then
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then missing "there is no chromium, and no way to install it"; fi
    export DEBIAN_FRONTEND=noninteractive
    timeout 120 apt-get update -qq >/dev/null 2>&1 || missing "the package lists cannot be fetched"
    timeout 240 apt-get install -qq -y --no-install-recommends chromium >/dev/null 2>&1 || missing "chromium cannot be installed"
fi
