#!/usr/bin/env bash
# What takes longer than `make test` should: each example of examples/agents on a local cloud of its own, with the real
# small model. Uses the ports 9100 and 4666 unless OPENCLAW_PORT and OPENCLAW_AWS_PORT name others, and stops what it has
# started whatever happens. Ends with a table of the seconds that each step took. Arguments name the examples to run.
set -euo pipefail
cd "$(dirname "$0")/.."
export OPENCLAW_PORT=${OPENCLAW_PORT:-9100} OPENCLAW_AWS_PORT=${OPENCLAW_AWS_PORT:-4666}
unset CONFIG
cloud=(.venv/bin/python tools/local/cloud.py)
started=
step_name=
step_began=0
table=

end_step() {
    if [ -n "$step_name" ]; then
        table+=$(printf '%6d s  %s' "$((SECONDS - step_began))" "$step_name")$'\n'
    fi
    step_name=
}

# Ends the step before. It has passed, or the script would have ended.
step() {
    end_step
    step_name=$*
    step_began=$SECONDS
    printf '\n=== %4d s  %s\n' "$SECONDS" "$*" >&2
}

finish() {
    status=$?
    trap '' INT TERM
    failed_step=$step_name
    if [ -n "$started" ]; then
        if [ "$status" -ne 0 ]; then
            for log in .local/logs/*.log; do
                printf '\n--- the end of %s\n' "$log" >&2
                tail -n 25 "$log" >&2 || true
            done
        fi
        "${cloud[@]}" down
    fi
    end_step
    printf '\n%s%6d s  in all\n' "$table" "$SECONDS" >&2
    if [ "$status" -eq 0 ]; then
        printf '\n=== passed\n' >&2
    else
        printf '\n=== FAILED with status %d in the step: %s\n' "$status" "$failed_step" >&2
    fi
    exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

if compgen -G '.local/pids/*.pid' >/dev/null; then
    echo "error: a local cloud of this checkout is running, or was not stopped: run \`make down\` first" >&2
    exit 1
fi

[ $# -gt 0 ] || set -- code-review compliance search-then-summarise support translate
for example in "$@"; do
    step "start the local cloud with $example"
    started=yes
    make --silent up CONFIG="examples/agents/$example" >/dev/null

    step "run $example"
    .venv/bin/python tests/example_runs.py "$example"

    step "stop $example"
    "${cloud[@]}" down
    started=
    # Its world too: nothing answers for its services any more.
    for file in "examples/agents/$example"/local/http/*.json; do
        [ -e "$file" ] || continue
        port=$(.venv/bin/python -c 'import json, sys; print(json.load(open(sys.argv[1]))["port"])' "$file")
        if curl --silent --output /dev/null "http://127.0.0.1:$port/_requests"; then
            echo "FAILED: $file is still served on port $port" >&2
            exit 1
        fi
    done
done
