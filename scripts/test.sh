#!/usr/bin/env bash
# Every part of the tests, one after another. A part that fails does not hide the later ones; the total comes last.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mkdir -p target
log="target/test.log"
: >"$log"

for part in fmt clippy test-rust schemathesis test-wasm test-browser; do
  started=$SECONDS
  echo "== $part" | tee -a "$log"
  rc=0
  "${MAKE:-make}" --no-print-directory "$part" </dev/null 2>&1 | tee -a "$log" || rc=$?
  echo "== $part ended: $rc ($((SECONDS - started)) s)" | tee -a "$log"
done

exec scripts/count-tests.sh "$log"
