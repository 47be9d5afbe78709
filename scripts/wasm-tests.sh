#!/usr/bin/env bash
# The tests of the browser's side, as WebAssembly in headless Chromium (webdriver.json says how it is started).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/env.sh
. scripts/env.sh

export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER=wasm-bindgen-test-runner
CHROMEDRIVER="$(command -v chromedriver)"
export CHROMEDRIVER
# Where cargo leptos builds the browser's side, with the flags that it adds for --split: the dependencies are there already.
export RUSTFLAGS="--cfg erase_components -Clink-args=--emit-relocs"
exec cargo test --test wasm --features hydrate --target wasm32-unknown-unknown --target-dir target/front
