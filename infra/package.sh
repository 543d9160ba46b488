#!/usr/bin/env bash
# Builds what is deployed: target/lambda/<function>/bootstrap.zip, for ARCH=arm64 (default) or x86_64.
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

functions=()
packages=()
for manifest in functions/*/Cargo.toml; do
    function=$(basename "$(dirname "$manifest")")
    functions+=("$function")
    # Named one by one: with the whole workspace the tests' features would be built in.
    packages+=(--package "$function")
done
"$bin/cargo-lambda" lambda build --profile lambda --locked --target "$target" --skip-target-check \
    --output-format zip "${packages[@]}" >&2

for function in "${functions[@]}"; do
    zip=${CARGO_TARGET_DIR:-target}/lambda/$function/bootstrap.zip
    printf '%-16s %-8s %9d bytes\n' "$function" "$ARCH" "$(wc -c <"$zip")"
done
