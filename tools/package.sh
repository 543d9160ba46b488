#!/usr/bin/env bash
# Builds what is deployed: target/lambda/<function>/bootstrap.zip, for ARCH=arm64 (default) or x86_64, and with CONFIG=DIR
# the bundle of that configuration, target/lambda/config.json.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$PWD/.venv/bin
# cargo-lambda links with zig, for the glibc of Amazon Linux 2023, and looks for it in the PATH's Python.
export PATH="$bin:$PATH"
case ${ARCH:=arm64} in
    arm64) target=aarch64-unknown-linux-gnu ;;
    x86_64) target=x86_64-unknown-linux-gnu ;;
    *) echo "error: ARCH=$ARCH is not known; use arm64 or x86_64" >&2; exit 2 ;;
esac
if [ ! -d "$(rustc --print target-libdir --target "$target")" ]; then
    echo "error: the Rust toolchain lacks $target; add it with: rustup target add $target" >&2
    exit 1
fi

target_dir=${CARGO_TARGET_DIR:-target}

# First, because a faulty configuration is found in seconds and the build takes minutes.
if [ -n "${CONFIG:-}" ]; then
    mkdir -p "$target_dir/lambda"
    # Chosen from the whole workspace, whose libraries `make up` has built with the same features.
    cargo run --quiet --locked --bin openclaw -- bundle "$CONFIG" -o "$target_dir/lambda/config.json"
fi

functions=()
packages=()
for manifest in functions/*/Cargo.toml; do
    function=$(basename "$(dirname "$manifest")")
    functions+=("$function")
    # By name, because a build of the whole workspace would include the tests' features.
    packages+=(--package "$function")
done
"$bin/cargo-lambda" lambda build --profile lambda --locked --target "$target" --skip-target-check \
    --output-format zip "${packages[@]}" >&2

for function in "${functions[@]}"; do
    zip=$target_dir/lambda/$function/bootstrap.zip
    printf '%-16s %-8s %9d bytes\n' "$function" "$ARCH" "$(wc -c <"$zip")"
done
if [ -n "${CONFIG:-}" ]; then
    printf '%-16s %-8s %9d bytes\n' config.json - "$(wc -c <"$target_dir/lambda/config.json")"
fi
