#!/usr/bin/env bash
# Checks the Terraform: format, validation, its own tests, checkov, and the scripts of the Ollama host. It works on a copy, so
# that no .terraform and no lock file are left in the checkout. It runs two jobs at a time; JOBS sets another number.
# provider.sh chooses where the provider comes from.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source infra/provider.sh
checkov=${CHECKOV:-$PWD/.venv/checkov/bin/checkov}

step() { printf '=== %4d s  %s\n' "$SECONDS" "$*" >&2; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

# ---- What is needed

terraform_page=https://developer.hashicorp.com/terraform/install
command -v terraform >/dev/null ||
    fail "terraform is missing; install 1.11 or newer: $terraform_page"
version=$(CHECKPOINT_DISABLE=1 terraform version | sed -nE '1s/^Terraform v([0-9]+\.[0-9]+).*/\1/p')
printf '1.11\n%s\n' "$version" | sort --check=quiet --version-sort ||
    fail "terraform $version is too old: the tests need 1.11 or newer: $terraform_page"
[ -x "$checkov" ] || fail "$checkov is missing; make .venv/checkov/.installed (CHECKOV names another one)"

work=$(mktemp -d)
finish() {
    local jobs
    jobs=$(jobs -p)
    # shellcheck disable=SC2086 # one word a job
    [ -z "$jobs" ] || kill $jobs 2>/dev/null || true
    wait
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
export CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1 TF_INPUT=0 TF_CLI_ARGS=-no-color
# One download for all folders.
export TF_PLUGIN_CACHE_DIR=$work/plugins TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE=1
# Nothing here calls AWS, even where credentials exist.
export AWS_EC2_METADATA_DISABLED=true AWS_ACCESS_KEY_ID=none AWS_SECRET_ACCESS_KEY=none
unset AWS_PROFILE AWS_SESSION_TOKEN AWS_ENDPOINT_URL
mkdir "$work/plugins"
# A quarter of its time is garbage collection otherwise.
export GOGC=400

# ---- Format

step "terraform fmt"
terraform fmt -check -diff -recursive infra >&2 || fail "run: terraform fmt -recursive infra"

# ---- Provider

step "terraform init"
choose_provider infra
tree=$work/infra
cp -R infra "$tree"
find "$tree" \( -name .terraform -o -name '.terraform.lock.hcl' -o -name '*.tfstate*' \) -prune -exec rm -rf {} +
folders=(. bootstrap examples/module)
for folder in infra/modules/*/; do folders+=("modules/$(basename "$folder")"); done
for folder in "${folders[@]}"; do
    timeout 180 terraform -chdir="$tree/$folder" init -backend=false >"$work/init" 2>&1 ||
        fail "terraform init in infra/$folder: $(cat "$work/init")"
done

# ---- Checks, the longest first

step "validate, test, checkov, the host's scripts"
failed=
running=0

# One job: a name, a folder, a command. Its output is shown only if it fails.
job() {
    local name=$1 folder=$2 began=$SECONDS scratch provider_pid='' command=''
    shift 2
    scratch=$(mktemp -d "$work/job.XXXXXX")
    trap 'kill $command $provider_pid 2>/dev/null || true' EXIT
    cd "$folder"
    # If it cannot be kept, Terraform starts it itself, or reports why it does not start.
    if [ "$1" = terraform ]; then keep_stand_in . "$scratch" || true; fi
    timeout 600 "$@" >"$scratch/log" 2>&1 &
    command=$!
    if wait "$command"; then
        printf '    passed %4d s  %s\n' "$((SECONDS - began))" "$name" >&2
    else
        printf -- '--- FAILED: %s\n%s\n---\n' "$name" "$(cat "$scratch/log")" >&2
        return 1
    fi
}

# Starts a job as soon as there is room for it.
add() {
    if [ "$running" -ge "${JOBS:-2}" ]; then reap; fi
    job "$@" </dev/null &
    running=$((running + 1))
}
reap() {
    wait -n || failed=yes
    running=$((running - 1))
}

for file in infra/modules/gateway/tests/*.tftest.hcl; do
    add "test modules/gateway $(basename "$file" .tftest.hcl)" "$tree/modules/gateway" terraform test -filter="tests/$(basename "$file")"
done
# Without examples/module, which would have every module checked a second time.
add checkov "$tree" "$checkov" --directory . --framework terraform --compact --quiet --skip-download --skip-path examples
for folder in "${folders[@]}"; do
    case $folder in
        modules/gateway) ;;
        examples/*) add "test $folder" "$tree/$folder" terraform test -test-directory=. ;;
        *) add "test $folder" "$tree/$folder" terraform test ;;
    esac
done
for file in infra/examples/*/terraform.tfvars; do
    example=examples/$(basename "$(dirname "$file")")
    add "test $example" "$tree" terraform test -test-directory="$example" -var-file="$example/terraform.tfvars"
done
# Modules are validated through the roots that use them.
for folder in . bootstrap; do add "validate $folder" "$tree/$folder" terraform validate; done
add "the host's scripts" "$PWD" bash infra/modules/ollama/tests/host.sh
while [ "$running" -gt 0 ]; do reap; done

[ -z "$failed" ] || fail "the Terraform is not in order, see above"
step "the Terraform passed"
