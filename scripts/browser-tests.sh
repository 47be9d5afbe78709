#!/usr/bin/env bash
# Playwright against the real server. Takes what `make test-browser` built, or what STRONGROOM_BIN and LEPTOS_SITE_ROOT name.
# Beside the server, in examples/, has to be the one that the tests can drive (end2end/drive.rs).
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
# shellcheck source=scripts/env.sh
. "$root/scripts/env.sh"

# Taken from the checkout when relative, because the server is started elsewhere.
from_root() { case "$1" in /*) echo "$1" ;; *) echo "$root/$1" ;; esac; }

own_build=$([ -n "${STRONGROOM_BIN:-}" ] || echo yes)
STRONGROOM_BIN="$(from_root "${STRONGROOM_BIN:-target/debug/strongroom}")"
LEPTOS_SITE_ROOT="$(from_root "${LEPTOS_SITE_ROOT:-target/site-test}")"
export STRONGROOM_BIN LEPTOS_SITE_ROOT
if [ ! -x "$STRONGROOM_BIN" ]; then
  echo "browser tests: there is no $STRONGROOM_BIN; run: make test-browser" >&2
  exit 1
fi

if [ -n "$own_build" ]; then
  (cd "$root" && cargo build --quiet --features ssr --example drive)
fi

cd "$root/end2end"
exec ./node_modules/.bin/playwright test "$@"
