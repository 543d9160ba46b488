#!/usr/bin/env bash
# Builds the floors and the functions as they ship, measures them side by side and prints the table.
# Arguments go to the driver, such as `--warm 5000`; AWS_ENDPOINT_URL names a running local cloud to use.
set -euo pipefail
cd "$(dirname "$0")/../.."
target=${CARGO_TARGET_DIR:-target}
venv=${VENV:-.venv}

# One build each: Cargo unites the features of what it builds together, and a floor must not carry the gateway's.
cargo build --profile lambda -p bench-hello
cargo build --profile lambda -p bench-chat-floor
cargo build --profile lambda -p agent -p agents -p archive -p conversations -p health -p stream -p websocket -p authorizer
cargo build --release -p openclaw-bench

endpoint=${AWS_ENDPOINT_URL:-}
if [ -z "$endpoint" ]; then
    scratch=$(mktemp -d)
    port=$("$venv/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    endpoint=http://127.0.0.1:$port
    env -i PATH="$PATH" HOME="$scratch" LANG=C.UTF-8 TMPDIR="$scratch" GATEWAY_PORT="$port" IOT_MTLS_ENABLED=0 \
        "$venv/bin/ministack" >"$scratch/log" 2>&1 &
    cloud=$!
    trap 'kill "$cloud" 2>/dev/null || true; wait "$cloud" 2>/dev/null || true; rm -rf "$scratch"' EXIT
    for _ in $(seq 300); do
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
        kill -0 "$cloud" 2>/dev/null || { cat "$scratch/log" >&2; exit 1; }
        sleep 0.1
    done
fi

# All on one processor: on two, the scheduler's placement of each wakeup decides a turn's wall time, and two builds with
# the same system calls differ by a quarter.
processor=$(taskset --cpu-list --pid $$ | sed 's/.*: //; s/[,-].*//')
taskset --cpu-list "$processor" "$target/release/openclaw-bench" --functions "$target/lambda" --floors "$target/lambda" \
    --work "$target/bench" --dynamodb "$endpoint" "$@"
