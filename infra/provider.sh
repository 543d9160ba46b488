# shellcheck shell=bash
# Chooses the provider that Terraform uses: the registry's, or that of the user's own Terraform settings, if it is available;
# otherwise the stand-in in TERRAFORM_OFFLINE (default: ../shared/tools/terraform-offline beside the checkout).
#
#     source infra/provider.sh
#     choose_provider infra        # a directory with versions.tf; exports TF_CLI_CONFIG_FILE if the stand-in is used

# Terraform warns about a file that does not exist.
[ -f "${TF_CLI_CONFIG_FILE:-}" ] || unset TF_CLI_CONFIG_FILE

choose_provider() {
    local folder=$1 offline probe
    offline=${TERRAFORM_OFFLINE:-$(dirname "${BASH_SOURCE[0]}")/../../shared/tools/terraform-offline}
    probe=$(mktemp -d)
    cp "$folder/versions.tf" "$probe/"
    if provider_found "$probe"; then
        rm -rf "$probe"
    elif [ -f "$offline/install.sh" ]; then
        rm -rf "$probe"
        echo "the registry's provider is not available; using the stand-in" >&2
        use_stand_in "$(cd "$offline" && pwd)"
    else
        echo "error: the provider is not available, and $offline contains no stand-in:" >&2
        cat "$probe/said" >&2
        rm -rf "$probe"
        return 1
    fi
}

# Succeeds as soon as the provider is found. The caller's init downloads it, which may take long.
provider_found() {
    local folder=$1 init
    timeout 20 terraform -chdir="$folder" init -backend=false -input=false -no-color >"$folder/said" 2>&1 &
    init=$!
    while kill -0 "$init" 2>/dev/null; do
        if grep -qsE '^- (Installing|Using) ' "$folder/said"; then
            kill "$init" 2>/dev/null || true
            wait "$init" || true
            return 0
        fi
        sleep 0.1
    done
    wait "$init"
}

# Each version of the stand-in has a directory of its own. It is installed once, even if several processes need it.
use_stand_in() {
    local offline=$1 version home
    version=$( (cd "$offline" && pwd && find . -name '*.py' -o -name '*.sh' -o -name '*.txt' | sort | xargs sha256sum) |
        sha256sum | cut -c1-16)
    home=${XDG_CACHE_HOME:-$HOME/.cache}/openclaw/terraform-offline/$version
    mkdir -p "$home"
    (
        flock --timeout 300 9 || exit
        # terraform.rc is written last.
        [ -f "$home/terraform.rc" ] || bash "$offline/install.sh" "$home"
    ) 9>"$home/.lock" >&2 || return
    export TF_CLI_CONFIG_FILE=$home/terraform.rc
}

# The stand-in is a script whose interpreter takes longer to start than most tests to plan, and Terraform starts a provider
# twice for each run of a test. This starts it once for the calling shell: it exports TF_REATTACH_PROVIDERS and sets
# provider_pid, which the caller must end. Terraform starts any other provider itself.
keep_stand_in() {
    local folder=$1 scratch=$2 said=$2/said binary socket
    provider_pid=
    binary=$(echo "$folder"/.terraform/providers/*/hashicorp/aws/*/*/terraform-provider-aws*)
    [ "$(head -c 2 "$binary")" = '#!' ] || return 0
    # Terraform itself sets these (https://github.com/hashicorp/go-plugin): without the cookie no provider starts.
    : >"$said"
    TMPDIR=$scratch TF_PLUGIN_MAGIC_COOKIE=d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2 \
        PLUGIN_PROTOCOL_VERSIONS=5 "$binary" >"$said" 2>&1 &
    provider_pid=$!
    # It prints 1|5|unix|<socket>|grpc|
    for _ in {1..600}; do
        socket=$(sed -nE 's/^1\|5\|unix\|([^|]+)\|.*/\1/p' "$said")
        [ -z "$socket" ] || break
        kill -0 "$provider_pid" 2>/dev/null || break
        sleep 0.05
    done
    [ -n "$socket" ] || return
    TF_REATTACH_PROVIDERS=$(printf '{"hashicorp/aws":{"Protocol":"grpc","ProtocolVersion":5,"Pid":%d,"Test":true,%s}}' \
        "$provider_pid" "\"Addr\":{\"Network\":\"unix\",\"String\":\"$socket\"}")
    export TF_REATTACH_PROVIDERS
}
