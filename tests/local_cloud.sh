#!/usr/bin/env bash
# The commands of the local cloud, on one that runs: asked again, with a dead part, with other configurations. Leaves
# none running. OPENCLAW_PORT and OPENCLAW_AWS_PORT are those of the cloud that runs.
set -euo pipefail
cd "$(dirname "$0")/.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }
say() { printf '  %s\n' "$*" >&2; }

# Runs a command of make that must fail and say this on standard error.
refuses() {
    local text=$1
    shift
    if make --silent "$@" >"$scratch/output" 2>"$scratch/errors"; then fail "make $* succeeded"; fi
    [ ! -s "$scratch/output" ] || fail "make $* wrote to standard output: $(cat "$scratch/output")"
    grep --fixed-strings --quiet -- "$text" "$scratch/errors" ||
        fail "make $* does not say '$text': $(cat "$scratch/errors")"
}

nothing_runs() {
    ! compgen -G '.local/pids/*.pid' >/dev/null || fail "process ids are left: $(echo .local/pids/*)"
    [ ! -e .local/state.json ] || fail "a state is left"
}

ask() { # an agent, a user; prints the status
    curl --silent --output "$scratch/answer" --write-out '%{http_code}' --max-time 120 \
        --header "Authorization: Bearer $(make --silent token AS="$2")" --data '{"prompt": "Hello", "max_tokens": 5}' \
        "http://127.0.0.1:$OPENCLAW_PORT/v1/agent/$1"
}

# `make smoke` finds every part of it, and says which one refuses.
smoke() {
    BASE_URL="http://127.0.0.1:$OPENCLAW_PORT" STREAM_URL="http://127.0.0.1:$OPENCLAW_PORT" \
        WS_URL="ws://127.0.0.1:$OPENCLAW_AWS_PORT/_aws/execute-api/openclaw/live" \
        TOKEN=$1 make --silent smoke >"$scratch/smoke" 2>&1
}
smoke "$(make --silent token AS=admin)" || fail "make smoke: $(cat "$scratch/smoke")"
[ "$(grep --count ' ok ' "$scratch/smoke")" -ge 7 ] || fail "make smoke has asked too little: $(cat "$scratch/smoke")"
if smoke "not-a-token"; then fail "make smoke accepts a bad token: $(cat "$scratch/smoke")"; fi
grep --quiet '^agents  *FAILED  *status 401' "$scratch/smoke" || fail "make smoke: $(cat "$scratch/smoke")"
if TOKEN='' make --silent smoke >"$scratch/smoke" 2>&1; then fail "make smoke needs no token"; fi
grep --quiet 'set TOKEN' "$scratch/smoke" || fail "make smoke: $(cat "$scratch/smoke")"
# `make preflight` asks the local account; what that does not have is reported and not guessed.
AWS_ENDPOINT_URL="http://127.0.0.1:$OPENCLAW_AWS_PORT" AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=local \
    AWS_SECRET_ACCESS_KEY=local make --silent preflight >"$scratch/preflight" 2>&1 || true
grep --quiet '^account [0-9]*, region us-east-1$' "$scratch/preflight" || fail "make preflight: $(cat "$scratch/preflight")"
grep --quiet '^Lambda concurrency  *ok  *[0-9]*$' "$scratch/preflight" || fail "make preflight: $(cat "$scratch/preflight")"
grep --quiet '^Elastic IPs  *unknown  *could not be asked: ' "$scratch/preflight" || fail "make preflight: $(cat "$scratch/preflight")"
say "smoke and preflight"

mkdir -p "$scratch/own" "$scratch/refused" "$scratch/empty" "$scratch/world/local/tables"
cat >"$scratch/own/openclaw.yaml" <<'YAML'
llm: { provider: openai, model: gpt-4o-mini }
providers:
  openai:
    api_key: "{{ secrets['team/keys#openai'] }}"
    headers: { x-team: "{{ ssm['/team/name'] }}" }
agents:
  - { name: restricted, access: { groups: [support], tenants: [globex] } }
  - { name: writer, memory_size: 4 }
YAML
echo 'agents: [{ name: "two words", llm: { provider: openai, model: m } }]' >"$scratch/refused/openclaw.yaml"
cp "$scratch/own/openclaw.yaml" "$scratch/world"
echo '{"key": {"hash": "id"}, "items": [{"title": "without its key"}]}' >"$scratch/world/local/tables/tickets.json"

say "make up asks again"
make --silent up >"$scratch/output" 2>"$scratch/errors"
[ "$(cut -d= -f1 "$scratch/output" | paste -sd ' ')" = "BASE_URL AWS_ENDPOINT_URL STREAM_URL WS_URL" ] ||
    fail "make up again prints $(cat "$scratch/output")"
grep --quiet 'asking every part' "$scratch/errors" || fail "make up again does not ask every part"

say "a page on http://localhost:5173 may call"
curl --silent --dump-header "$scratch/answer" --output /dev/null --header "Origin: http://localhost:5173" \
    --header "Authorization: Bearer $(make --silent token)" "http://127.0.0.1:$OPENCLAW_PORT/v1/agents"
grep --ignore-case --quiet '^access-control-allow-origin: http://localhost:5173' "$scratch/answer" ||
    fail "its origin is not allowed: $(cat "$scratch/answer")"

say "make up refuses another configuration"
refuses 'make down' up CONFIG="$scratch/own"
refuses "$scratch/empty/openclaw.yaml" up CONFIG="$scratch/empty"

say "make up names a dead part"
kill "$(cat .local/pids/model.pid)"
refuses 'model: its process has ended' up
grep --quiet "bedrock: MiniStack's Bedrock does not reach the local model" "$scratch/errors" ||
    fail "make up takes a canned answer of Bedrock for a model's: $(cat "$scratch/errors")"
grep --quiet 'deep health: status 503' "$scratch/errors" || fail "deep health does not miss the model: $(cat "$scratch/errors")"

say "make down leaves nothing"
make --silent down
nothing_runs

say "make up refuses a faulty file"
refuses 'two words' up CONFIG="$scratch/refused"
nothing_runs

say "make up refuses a faulty world"
refuses "$scratch/world/local/tables/tickets.json: found items[0].id: null" up CONFIG="$scratch/world"
nothing_runs

say "make up ends with the faults that the functions find"
OPENCLAW__LLM__TEMPERATURE=9 refuses 'OPENCLAW__LLM__TEMPERATURE: llm.temperature: found 9' up
if grep --quiet 'is not ready after' "$scratch/errors"; then fail "make up has waited: $(cat "$scratch/errors")"; fi
nothing_runs

say "make up with a configuration of one's own"
make --silent up CONFIG="$scratch/own" >"$scratch/output"
[ "$(ask writer alice)" = 200 ] || fail "alice may not use writer: $(cat "$scratch/answer")"
grep --quiet '"model":"gpt-4o-mini"' "$scratch/answer" || fail "another model answered: $(cat "$scratch/answer")"
[ "$(ask writer client)" = 200 ] || fail "the machine client may not use writer: $(cat "$scratch/answer")"
[ "$(ask restricted alice)" = 404 ] || fail "alice may use restricted: $(cat "$scratch/answer")"
make --silent up CONFIG="$scratch/own" >"$scratch/again"
cmp "$scratch/output" "$scratch/again" >&2 || fail "make up prints other lines the second time"
refuses 'make down' up

make --silent down
nothing_runs

say "an example with its world"
make --silent up CONFIG=examples/agents/support >"$scratch/output"
.venv/bin/python tests/example_runs.py support

make --silent down
nothing_runs

say "ten pairs of AgentDojo through the functions"
.venv/firewall/bin/python tests/firewall/cloud.py
nothing_runs
