#!/usr/bin/env bash
# Measures what is shipped, from outside (see docs/performance.md). `scripts/bench.sh page lists` measures only those parts.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/env.sh
. scripts/env.sh

if ! command -v python3 >/dev/null; then
  echo "bench: this needs Python 3.11 or newer; install it, then run this again" >&2
  exit 1
fi
scripts/build-release.sh
export PYTHONDONTWRITEBYTECODE=1
exec python3 benches/run.py "$@"
