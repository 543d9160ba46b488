#!/usr/bin/env bash
# What takes longer than `make test` should: each example of examples/agents on a local cloud of its own, with the real
# small model. Uses the ports 9100 and 4666 unless OPENCLAW_PORT and OPENCLAW_AWS_PORT name others, and stops what it has
# started whatever happens. Ends with a table of the seconds that each step took. Arguments name the examples to run.
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/steps.sh

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
