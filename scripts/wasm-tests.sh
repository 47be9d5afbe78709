#!/usr/bin/env bash
# The tests that are marked for WebAssembly, in Node.js or, where they ask for it, in headless Chromium.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/env.sh
. scripts/env.sh

if ! grep -rqs --include='*.rs' 'wasm_bindgen_test' src tests; then
  echo "wasm tests: there are none"
  exit 0
fi

export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER=wasm-bindgen-test-runner
if command -v chromedriver >/dev/null; then
  CHROMEDRIVER="$(command -v chromedriver)"
  export CHROMEDRIVER
fi
exec cargo test --lib --features hydrate --target wasm32-unknown-unknown
