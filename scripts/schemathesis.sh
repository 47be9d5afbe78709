#!/usr/bin/env bash
# Sends requests made from the service's own description (GET /api/openapi.json) to the real server, and looks whether its answers are
# the ones that are described. `quick` sends the same requests every time; `long` draws new ones and tells from which seed.
# Takes what STRONGROOM_BIN names, else target/debug/strongroom. What is looked at: scripts/schemathesis.toml.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/env.sh
. scripts/env.sh

case "${1:-quick}" in
  quick) drawn=(--generation-deterministic --max-examples 15) ;;
  long) drawn=(--seed "${SEED:-$RANDOM$RANDOM}" --max-examples "${EXAMPLES:-600}") ;;
  *)
    echo "usage: scripts/schemathesis.sh [quick|long]" >&2
    exit 2
    ;;
esac

tool="$STRONGROOM_TOOLS/schemathesis/bin/schemathesis"
binary="${STRONGROOM_BIN:-target/debug/strongroom}"
if [ ! -x "$tool" ]; then
  echo "SKIP schemathesis: it is not installed ($tool); scripts/setup.sh test says why"
  exit 0
fi
if [ ! -x "$binary" ]; then
  echo "schemathesis: there is no $binary; run: make schemathesis" >&2
  exit 1
fi

work="$(mktemp -d)"
server=
finish() {
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap finish EXIT

# Settings of whoever runs this are not those of the test.
for name in $(compgen -e | grep '^STRONGROOM_' || true); do unset "$name"; done
RUST_LOG=warn "$binary" serve --listen 127.0.0.1:0 --data "$work/data" --demo >"$work/told" 2>"$work/log" &
server=$!
for _ in $(seq 600); do
  grep -q 'http://' "$work/told" && break
  if ! kill -0 "$server" 2>/dev/null; then
    server=
    cat "$work/log" >&2
    echo "schemathesis: the server ended before it told its address" >&2
    exit 1
  fi
  sleep 0.1
done
address="$(grep -om1 'http://[0-9.:]*' "$work/told")"

rc=0
config="$PWD/scripts/schemathesis.toml"
(cd "$work" && "$tool" --config-file "$config" run "$address/api/openapi.json" --no-color "${drawn[@]}") || rc=$?
if ! kill -0 "$server" 2>/dev/null; then
  server=
  echo "schemathesis: the server ended while it was asked" >&2
  rc=1
fi
if [ "$rc" -ne 0 ]; then
  echo "schemathesis: the end of the server's warnings:" >&2
  tail -n 20 "$work/log" >&2
fi
exit "$rc"
