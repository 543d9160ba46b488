#!/usr/bin/env bash
# Everything the Terraform must pass: format, validation, its own tests, checkov, the Ollama host's scripts. Works on a
# copy, so that the checkout gets no .terraform and no lock file. Two jobs at a time; JOBS names another number.
#
# The provider comes from the Terraform registry, or from where TF_CLI_CONFIG_FILE says. Where it cannot be had, the
# stand-in in TERRAFORM_OFFLINE is used (default: ../shared/tools/terraform-offline beside the checkout).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
checkov=${CHECKOV:-$PWD/.venv/bin/checkov}
offline=${TERRAFORM_OFFLINE:-$PWD/../shared/tools/terraform-offline}

step() { printf '=== %4d s  %s\n' "$SECONDS" "$*" >&2; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

# One job: a name, a folder, a command. Its output is shown only where it fails.
job() {
    local name=$1 folder=$2 began=$SECONDS log
    shift 2
    log=$(mktemp "$work/log.XXXXXX")
    if (cd "$folder" && timeout 600 "$@") >"$log" 2>&1; then
        printf '    passed %4d s  %s\n' "$((SECONDS - began))" "$name" >&2
    else
        printf -- '--- FAILED: %s\n%s\n---\n' "$name" "$(cat "$log")" >&2
        return 1
    fi
}

# ---- What is needed

# Terraform warns about one that is named and not there.
[ -f "${TF_CLI_CONFIG_FILE:-}" ] || unset TF_CLI_CONFIG_FILE

command -v terraform >/dev/null ||
    fail "terraform is missing; install 1.11 or newer: https://developer.hashicorp.com/terraform/install"
version=$(CHECKPOINT_DISABLE=1 terraform version | sed -nE '1s/^Terraform v([0-9]+\.[0-9]+).*/\1/p')
printf '1.11\n%s\n' "$version" | sort --check=quiet --version-sort ||
    fail "terraform $version is too old: the tests need 1.11 or newer: https://developer.hashicorp.com/terraform/install"
[ -x "$checkov" ] || fail "$checkov is missing; it comes with: pip install checkov (CHECKOV names another one)"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1 TF_INPUT=0 TF_CLI_ARGS=-no-color
# One download for all folders.
export TF_PLUGIN_CACHE_DIR=$work/plugins TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE=1
# Nothing here talks to AWS, whoever is signed in.
export AWS_EC2_METADATA_DISABLED=true AWS_ACCESS_KEY_ID=none AWS_SECRET_ACCESS_KEY=none
unset AWS_PROFILE AWS_SESSION_TOKEN AWS_ENDPOINT_URL
mkdir "$work/plugins"

# ---- Format

step "terraform fmt"
terraform fmt -check -diff -recursive infra >&2 || fail "run: terraform fmt -recursive infra"

# ---- Provider

cp -R infra "$work/infra"
find "$work/infra" \( -name .terraform -o -name '.terraform.lock.hcl' -o -name '*.tfstate*' \) -prune -exec rm -rf {} +
tree=$work/infra

step "terraform init"
folders=(. bootstrap)
for folder in infra/modules/*/; do folders+=("modules/$(basename "$folder")"); done
init() { terraform -chdir="$tree/$1" init -backend=false; }
if ! timeout 180 terraform -chdir="$tree" init -backend=false >"$work/init" 2>&1; then
    [ -f "$offline/install.sh" ] ||
        fail "the provider cannot be had, and there is no stand-in in $offline: $(cat "$work/init")"
    step "the registry cannot be reached; the stand-in is used"
    eval "$(bash "$offline/install.sh" | tail -1)"
    rm -rf "$tree/.terraform" "$tree/.terraform.lock.hcl"
fi
for folder in "${folders[@]}"; do
    init "$folder" >"$work/init" 2>&1 || fail "terraform init in infra/$folder: $(cat "$work/init")"
done

# ---- Checks, the longest first

step "validate, test, checkov, the host's scripts"
failed=
running=0
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

for file in infra/tests/*.tftest.hcl; do
    add "test . $(basename "$file" .tftest.hcl)" "$tree" terraform test -filter="tests/$(basename "$file")"
done
for folder in "${folders[@]:1}"; do add "test $folder" "$tree/$folder" terraform test; done
for example in infra/examples/*/; do
    example=examples/$(basename "$example")
    add "test $example" "$tree" terraform test -test-directory="$example" -var-file="$example/terraform.tfvars"
done
for folder in "${folders[@]}"; do add "validate $folder" "$tree/$folder" terraform validate; done
add checkov "$tree" "$checkov" --directory . --framework terraform --compact --quiet --skip-download
add "the host's scripts" "$PWD" bash infra/modules/ollama/tests/host.sh
while [ "$running" -gt 0 ]; do reap; done

[ -z "$failed" ] || fail "the Terraform is not in order, see above"
step "the Terraform passed"
