# Steps with their seconds, and a local cloud that is stopped whatever happens: for the scripts that source this, after
# they have changed to the project's root. Ends them with a table of the seconds that each step took.
# shellcheck shell=bash

export OPENCLAW_PORT=${OPENCLAW_PORT:-9100} OPENCLAW_AWS_PORT=${OPENCLAW_AWS_PORT:-4666}
unset CONFIG
cloud=(.venv/bin/python tools/local/cloud.py)
# Whether the local cloud was started and not yet stopped.
started=

step_name=
step_began=0
table=

# The script may define these two anew.
before_step() { :; }
before_end() { :; }

# Adds a line to the table.
add_row() { # seconds, text
    table+=$(printf '%6d s  %s' "$1" "$2")$'\n'
}

end_step() {
    [ -z "$step_name" ] || add_row "$((SECONDS - step_began))" "$step_name"
    step_name=
}

# Ends the step before. It has passed, or the script would have ended.
step() {
    end_step
    before_step
    step_name=$*
    step_began=$SECONDS
    printf '\n=== %4d s  %s\n' "$SECONDS" "$*" >&2
}

finish() {
    local status=$? failed_step=$step_name log
    trap '' INT TERM
    before_end
    if [ -n "$started" ]; then
        # The local cloud knows nothing of Terraform.
        if [ "$status" -ne 0 ] && [[ $failed_step != Terraform* ]]; then
            for log in .local/logs/*.log; do
                printf '\n--- the end of %s\n' "$log" >&2
                tail -n 25 "$log" >&2 || true
            done
        fi
        end_step
        printf '\n=== %4d s  stop the local cloud\n' "$SECONDS" >&2
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
