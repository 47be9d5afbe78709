#!/usr/bin/env bash
# What is shipped, built unless nothing has changed: cargo knows that of its part, but wasm-bindgen and wasm-opt run each time and take long.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/env.sh
. scripts/env.sh

binary=target/release/strongroom
stamp=target/release/.strongroom-built

is_fresh() {
  local input inputs=() hash
  [ -x "$binary" ] && [ -f "$stamp" ] && [ "$(rustc --version)" = "$(cat "$stamp")" ] || return 1
  for input in Cargo.toml Cargo.lock Leptos.toml .cargo build.rs src style public; do
    [ -e "$input" ] && inputs+=("$input")
  done
  # Folders are looked at too: a file that went away leaves its mark only there.
  [ -z "$(find "${inputs[@]}" -newer "$stamp" -print -quit)" ] || return 1
  # A debug build since then has put its own site in the place of this one.
  hash="$(awk '$1 == "wasm:" { print $2 }' target/release/hash.txt 2>/dev/null)"
  [ -n "$hash" ] && [ -f "target/site/pkg/strongroom.$hash.wasm" ]
}

if is_fresh; then
  echo "build: up to date"
  exit 0
fi

echo "build: compiling what is shipped (the first time takes long)"
mkdir -p "$(dirname "$stamp")"
# The time is that of the start: what is changed while it compiles counts as changed.
rustc --version >"$stamp.new"
LEPTOS_SITE_ROOT=target/site cargo leptos build --release --precompress --split --lib-features split
mv "$stamp.new" "$stamp"
