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

# What the fan-out is compared with, in the versions that are written down.
install_peers() {
  local dir=benches/fanout venv=target/fanout
  if [ ! "$dir/node_modules/.package-lock.json" -nt "$dir/package-lock.json" ]; then
    echo "bench: installing ws and socket.io"
    npm ci --prefix "$dir" --no-audit --no-fund --loglevel=error
    touch "$dir/node_modules/.package-lock.json"
  fi
  if [ ! "$venv/requirements.txt" -nt "$dir/requirements.txt" ]; then
    echo "bench: installing websockets"
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" --disable-pip-version-check --quiet install --requirement "$dir/requirements.txt"
    cp "$dir/requirements.txt" "$venv/"
  fi
}

scripts/build-release.sh
case " $* " in
  "  " | *" fanout "*)
    install_peers
    cargo build --quiet --release --no-default-features --features ssr --bin fanout-server --bin fanout-client
    ;;
esac
export PYTHONDONTWRITEBYTECODE=1
exec python3 benches/run.py "$@"
