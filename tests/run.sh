#!/usr/bin/env bash
# Everything a change must pass, the quickest checks first. Starts a local cloud of its own, on ports of its own unless
# OPENCLAW_PORT and OPENCLAW_AWS_PORT name others, and stops it whatever happens.
set -euo pipefail
cd "$(dirname "$0")/.."
export OPENCLAW_PORT=${OPENCLAW_PORT:-9100} OPENCLAW_AWS_PORT=${OPENCLAW_AWS_PORT:-4666}
bin=$PWD/.venv/bin
cloud=("$bin/python" tools/local/cloud.py)
started=

step() { printf '\n=== %4d s  %s\n' "$SECONDS" "$*" >&2; }

finish() {
    status=$?
    trap '' INT TERM
    if [ -n "$started" ]; then
        if [ "$status" -ne 0 ]; then
            for log in .local/logs/*.log; do
                printf '\n--- the end of %s\n' "$log" >&2
                tail -n 25 "$log" >&2 || true
            done
        fi
        step "stop the local cloud"
        "${cloud[@]}" down
    fi
    if [ "$status" -eq 0 ]; then step "passed"; else step "FAILED with status $status, in the step above"; fi
    exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

if compgen -G '.local/pids/*.pid' >/dev/null; then
    echo "error: a local cloud of this checkout is running, or was not stopped: run \`make down\` first" >&2
    exit 1
fi

step "format"
cargo fmt --all --check

step "lints"
cargo clippy --workspace --all-targets --locked -- -D warnings

step "licences, bans and sources of what is linked"
"$bin/cargo-deny" --log-level error --locked check --hide-inclusion-graph bans licenses sources

step "Python and shell sources"
"$bin/ruff" check --no-cache
"$bin/shellcheck" --external-sources tests/run.sh tests/bench/run.sh infra/*.sh .ci/run .ci/deploy-local \
    infra/modules/ollama/files/*.sh infra/modules/ollama/tests/*.sh

step "Terraform"
infra/check.sh

step "build the tests"
"$bin/cargo-nextest" nextest run --workspace --locked --no-run

step "start the local cloud"
started=yes
addresses=$("${cloud[@]}" up)
export OPENCLAW_TEST_BASE_URL=http://127.0.0.1:$OPENCLAW_PORT
export OPENCLAW_TEST_AWS_ENDPOINT_URL=http://127.0.0.1:$OPENCLAW_AWS_PORT
OPENCLAW_TEST_WS_URL=$(sed -n 's/^WS_URL=//p' <<<"$addresses")
export OPENCLAW_TEST_WS_URL

step "unit and integration tests"
"$bin/cargo-nextest" nextest run --workspace --locked -E 'not binary(end_to_end)'

step "examples in the documentation"
cargo test --workspace --locked --doc --quiet

step "end to end"
"$bin/cargo-nextest" nextest run --workspace --locked -E 'binary(end_to_end)'
