#!/usr/bin/env bash
# Everything a change must pass, the quickest checks first. The Terraform checks, which take minutes, run beside the
# others. Starts a local cloud of its own, on ports of its own unless OPENCLAW_PORT and
# OPENCLAW_AWS_PORT name others, and stops it whatever happens. Ends with a table of the seconds that each step took.
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/steps.sh
bin=$PWD/.venv/bin
scratch=$(mktemp -d)
browser=

# ---- The Terraform beside the other steps

terraform=
terraform_log=$scratch/terraform.log

start_terraform() {
    (
        began=$SECONDS
        status=0
        # It yields to the compiler and the tests.
        nice -n 5 infra/check.sh >"$terraform_log" 2>&1 </dev/null || status=$?
        echo "$status $((SECONDS - began))" >"$scratch/terraform.end.new"
        mv "$scratch/terraform.end.new" "$scratch/terraform.end"
    ) &
    terraform=$!
}

terraform_has_not_failed() {
    local status seconds
    [ -f "$scratch/terraform.end" ] || return 0
    read -r status seconds <"$scratch/terraform.end"
    if [ "$status" -ne 0 ]; then
        step_name="Terraform, after $seconds s"
        cat "$terraform_log" >&2
        return 1
    fi
}

await_terraform() {
    local status seconds
    [ -f "$scratch/terraform.end" ] || step "wait for the Terraform checks"
    wait "$terraform"
    terraform_has_not_failed
    end_step
    read -r status seconds <"$scratch/terraform.end"
    add_row "$seconds" "Terraform, beside the steps above"
    terraform=
}

stop_terraform() {
    local child
    [ -n "$terraform" ] || return 0
    # Its own trap stops what it has started.
    for child in $(pgrep -P "$terraform"); do kill "$child" 2>/dev/null || true; done
    wait "$terraform" 2>/dev/null || true
}

# ---- Before and after the steps

before_step() { terraform_has_not_failed; }

before_end() {
    stop_terraform
    if [ -n "$browser" ] && kill -0 "$browser" 2>/dev/null; then
        # Not killed, since a package that is half installed would be worse.
        wait "$browser" || true
    fi
    rm -rf "$scratch"
}

# ---- The checks

step "format"
cargo fmt --all --check

step "Python and shell sources"
"$bin/ruff" check --no-cache
"$bin/python" tests/preflight_test.py
"$bin/python" tests/world_test.py
"$bin/python" -m pytest --quiet -p no:cacheprovider examples/actions/translate
".venv/firewall/bin/python" tests/firewall/server_test.py
"$bin/shellcheck" --external-sources tests/run.sh tests/run_long.sh tests/steps.sh tests/advisories.sh tests/schemathesis.sh tests/browser/*.sh tests/local_cloud.sh tests/bench/run.sh tools/local/start.sh \
    tools/local/bin/cargo tools/package.sh infra/*.sh .ci/run .ci/deploy-local .ci/nightly infra/modules/ollama/files/*.sh \
    infra/modules/ollama/tests/*.sh

step "licences, bans, sources and advisories of what is linked"
"$bin/cargo-deny" --log-level error --locked check --hide-inclusion-graph bans licenses sources
tests/advisories.sh

start_terraform
# Beside the steps that compile.
tests/browser/install.sh >"$scratch/browser.log" 2>&1 &
browser=$!

step "lints"
cargo clippy --workspace --all-targets --locked -- -D warnings

step "what ships, without what only tests use"
cargo check --workspace --no-default-features --locked

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

step "requests made from openapi.json"
tests/schemathesis.sh "$OPENCLAW_TEST_BASE_URL" "$(env AS=admin "${cloud[@]}" token)"

step "the documentation's snippets in a browser"
wait "$browser" || true
cat "$scratch/browser.log" >&2
tests/browser/run.sh "$OPENCLAW_TEST_BASE_URL" "$OPENCLAW_TEST_WS_URL" "$("${cloud[@]}" token)"

step "the local cloud's own commands"
tests/local_cloud.sh

await_terraform
