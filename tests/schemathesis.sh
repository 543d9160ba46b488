#!/usr/bin/env bash
# Sends requests that openapi.json allows, and requests that it forbids, to a running gateway for a minute, and checks every
# answer against the description. Takes the gateway's address and an access token of an administrator; SECONDS_LONG and SEED
# replace the minute and the seed.
set -euo pipefail
cd "$(dirname "$0")/.."
base_url=$1 token=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
tests=$PWD/tests
description=$PWD/openapi.json
st=$PWD/.venv/schemathesis/bin/st

# In a folder of its own, since it keeps a database of failures where it runs. Which valid requests are refused depends on
# more than the description can say, such as an agent's own limits, so that check is left out.
cd "$scratch"
status=0
SCHEMATHESIS_HOOKS=schemathesis_hooks PYTHONPATH=$tests PYTHONDONTWRITEBYTECODE=1 "$st" run "$description" \
    --url "$base_url" --header "Authorization: Bearer $token" --request-timeout 100 --seed "${SEED:-1}" \
    --max-time "${SECONDS_LONG:-60}" --exclude-checks positive_data_acceptance >"$scratch/output" 2>&1 || status=$?
if [ "$status" -ne 0 ]; then
    cat "$scratch/output" >&2
    exit "$status"
fi
# A run that has asked nothing has proved nothing.
tested=$(sed -nE 's/^ *Tested: ([0-9]+)$/\1/p' "$scratch/output")
cases=$(sed -nE 's/^ *([0-9]+) generated.*/\1/p' "$scratch/output")
if [ "${tested:-0}" -lt 10 ] || [ "${cases:-0}" -lt 300 ]; then
    cat "$scratch/output" >&2
    echo "error: only ${tested:-no} operations and ${cases:-no} requests were tried" >&2
    exit 1
fi
echo "  $tested operations, $cases requests" >&2
