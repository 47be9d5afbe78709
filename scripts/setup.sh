#!/usr/bin/env bash
# Looks what is there and installs what is missing. `setup.sh build` is enough to run Strongroom, `setup.sh test` adds what the tests need.
# Our own tools go beside the cargo home (see env.sh), never into the checkout; what works already is left alone.
set -euo pipefail

stage="${1:-test}"
case "$stage" in
  build | test) ;;
  *)
    echo "usage: scripts/setup.sh [build|test]" >&2
    exit 2
    ;;
esac

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
# shellcheck source=scripts/env.sh
. "$root/scripts/env.sh"

rust_min="$(awk -F '"' '/^rust-version/ { print $2; exit }' "$root/Cargo.toml")"
readonly rust_min
readonly leptos_version=0.3.11
readonly leptos_min=0.3.0
readonly binaryen_version=132
readonly binaryen_min=120     # older ones do not know what today's compilers emit
readonly schemathesis_version=4.32.5
readonly python_min=3.10     # what that version asks for
readonly moto_version=5.2.5   # another opinion on what S3 is, for the tests
readonly examples_python=3.11 # what the packages of examples/ ask for
readonly wasm=wasm32-unknown-unknown
readonly linked=strongroom-web
readonly tools="$STRONGROOM_TOOLS"

say() { printf 'setup: %s\n' "$*"; }

fail() {
  printf 'setup: %s\n' "$@" >&2
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# at_least 1.95 1.96.0: is the second as new as the first?
at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | sed -n 1p)" = "$1" ]; }

# version_of COMMAND...: the first thing it says that looks like a version; nothing when it is not there or does not run.
version_of() { { "$@" 2>/dev/null || true; } | grep -oE '[0-9]+(\.[0-9]+)*' | sed -n 1p || true; }

# logged NAME COMMAND...: its output goes to a log; when it fails, the end of that is shown.
logged() {
  local log="$tools/log/$1.log"
  shift
  mkdir -p "$tools/log"
  if "$@" >"$log" 2>&1 </dev/null; then return 0; fi
  tail -n 15 "$log" >&2
  printf 'setup: failed: %s\n       the whole output: %s\n' "$*" "$log" >&2
  return 1
}

### Debian's packages

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; elif have sudo; then sudo "$@"; else return 1; fi
}

apt_updated=
# apt_install PACKAGE...: only those that are missing; never takes another package away.
apt_install() {
  local missing=() package
  for package in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)" = installed ] || missing+=("$package")
  done
  [ "${#missing[@]}" -gt 0 ] || return 0
  if ! have apt-get; then
    fail "this needs ${missing[*]} (Debian's names), and there is no apt-get here." "Install them with your system's package manager, then run this again."
  fi
  as_root true || fail "this needs the Debian packages ${missing[*]}, and this is neither root nor is there sudo." "Have them installed, then run this again."
  local apt=(as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=180)
  if [ -z "$apt_updated" ]; then
    logged apt-update "${apt[@]}" update || fail "the lists of Debian's packages could not be read." "Look whether the network and the package mirror answer, then run this again."
    apt_updated=yes
  fi
  say "installing Debian's ${missing[*]}"
  logged apt-install "${apt[@]}" install -y --no-remove --no-install-recommends "${missing[@]}" ||
    fail "Debian's packages could not be installed (see above)." "If another program holds the package lock, wait for it; else try: apt-get install --no-install-recommends ${missing[*]}"
}

### The compiler, and its std for the browser

rust_version() { version_of rustc --version; }

rust_is_new_enough() {
  local version
  version="$(rust_version)"
  [ -n "$version" ] && at_least "$rust_min" "$version"
}

has_wasm_std() {
  local lib
  rust_is_new_enough || return 1
  lib="$(rustc --print target-libdir --target "$wasm" 2>/dev/null)" || return 1
  compgen -G "$lib/libstd-*.rlib" >/dev/null
}

# Files in place are no proof; this is.
wasm_links() {
  local dir rc=0
  dir="$(mktemp -d)"
  printf '#[unsafe(no_mangle)]\npub extern "C" fn f(n: u32) -> usize { format!("{n}").len() }\n' >"$dir/probe.rs"
  (cd "$dir" && rustc --edition 2024 --crate-type cdylib --target "$wasm" probe.rs -o probe.wasm) >/dev/null 2>&1 || rc=1
  rm -rf "$dir"
  return "$rc"
}

# Debian ships one compiler for browsers' sake, with the sources of its std: of one version, so the two fit together.
debian_rust() {
  have apt-get || return 1
  apt_install rustc-web cargo-web
  at_least "$rust_min" "$(version_of /usr/bin/rustc --version)"
}

debian_wasm_std() {
  local lib=/usr/lib/rustlib/$wasm/lib linker dir
  apt_install rust-web-src rust-web-llvm
  # Its rust-lld is a link to a linker of another package, which is not asked for by it.
  linker="$(basename "$(readlink /usr/bin/rust-lld)")"
  apt_install "$linker"
  if ! compgen -G "$lib/libstd-*.rlib" >/dev/null; then
    say "building std for $wasm from Debian's sources (half a minute)"
    dir="$(mktemp -d "$tools/build.XXXXXX")"
    mkdir -p "$dir/src"
    printf '[package]\nname = "empty"\nversion = "0.0.0"\nedition = "2021"\n[lib]\n[workspace]\n' >"$dir/Cargo.toml"
    : >"$dir/src/lib.rs"
    (
      cd "$dir"
      unset RUSTFLAGS CARGO_BUILD_RUSTFLAGS CARGO_BUILD_TARGET CARGO_TARGET_DIR RUSTUP_TOOLCHAIN
      logged wasm-std env PATH="/usr/bin:$PATH" RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 \
        /usr/bin/cargo build --release --target "$wasm" -Zbuild-std=std,panic_abort
    ) || { rm -rf "$dir"; return 1; }
    find "$dir/target/$wasm/release/deps" -name 'libempty-*' -delete
    as_root mkdir -p "$lib"
    as_root cp "$dir/target/$wasm/release/deps/"lib*.rlib "$lib/"
    rm -rf "$dir"
  fi
  if have rustup; then
    rustup toolchain link "$linked" /usr
    echo "$linked" >"$tools/toolchain"
    export RUSTUP_TOOLCHAIN="$linked"
  else
    export PATH="/usr/bin:$PATH"
    hash -r
  fi
}

ensure_compiler() {
  have cc || apt_install gcc libc6-dev
  if has_wasm_std; then return 0; fi

  if [ -s "$tools/toolchain" ] && [ "${RUSTUP_TOOLCHAIN:-}" = "$linked" ]; then
    # Our own choice of before does not hold any more; look again from the start.
    rm -f "$tools/toolchain"
    unset RUSTUP_TOOLCHAIN
    if has_wasm_std; then return 0; fi
  fi
  if have rustup && rust_is_new_enough; then
    say "adding std for $wasm with rustup"
    if logged rustup-target rustup target add "$wasm" 2>/dev/null && has_wasm_std && wasm_links; then return 0; fi
    say "rustup cannot have it here"
  fi
  say "taking Debian's compiler instead; the default one stays as it is"
  if debian_rust && debian_wasm_std && has_wasm_std && wasm_links; then return 0; fi
  fail "there is no Rust compiler of $rust_min or newer that builds for $wasm." "Install Rust with rustup, run: rustup update stable && rustup target add $wasm, then run this again."
}

### Tools that are built from source

# cargo_install LOG ARGUMENTS...: quick rather than small, out of the checkout, so that its .cargo/config.toml does not count here.
cargo_install() {
  local log="$1" dir rc=0
  shift
  dir="$(mktemp -d "$tools/build.XXXXXX")"
  (
    cd "$dir"
    unset RUSTFLAGS CARGO_BUILD_RUSTFLAGS CARGO_BUILD_TARGET CARGO_ENCODED_RUSTFLAGS RUSTC_WRAPPER
    export CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_OPT_LEVEL=1
    export CARGO_TARGET_DIR="$dir/target"
    logged "$log" cargo install --root "$tools" --force "$@"
  ) || rc=1
  rm -rf "$dir"
  return "$rc"
}

ensure_cargo_leptos() {
  local version
  version="$(version_of cargo leptos --version)"
  if [ -n "$version" ] && at_least "$leptos_min" "$version"; then return 0; fi
  say "building cargo-leptos $leptos_version (about 12 minutes on two cores)"
  cargo_install cargo-leptos --locked --features no_downloads "cargo-leptos@$leptos_version" ||
    fail "cargo-leptos could not be built (see above)." "Look whether the crate registry answers and the disk has 5 GB free, then run this again."
  cargo leptos --version >/dev/null || fail "cargo-leptos was built but does not run."
}

ensure_wasm_bindgen() {
  local want=
  if [ -f "$root/Cargo.lock" ]; then
    want="$(awk -F '"' '/^name = "wasm-bindgen"$/ { found = 1; next } found && /^version/ { print $2; exit }' "$root/Cargo.lock")"
  fi
  want="${want:-0.2.130}"
  [ "$(version_of wasm-bindgen --version)" = "$want" ] && return 0
  say "building wasm-bindgen $want, the version in Cargo.lock (about 2 minutes)"
  # Without its lock file, which names a crate that was withdrawn.
  cargo_install wasm-bindgen "wasm-bindgen-cli@$want" || fail "wasm-bindgen could not be built (see above)." "Look whether the crate registry answers, then run this again."
  hash -r
  [ "$(version_of wasm-bindgen --version)" = "$want" ] || fail "wasm-bindgen $want was built, but $(command -v wasm-bindgen) is found first." "Put $tools/bin in front of PATH: . scripts/env.sh"
}

### Tools that come from npm

ensure_node() {
  have node && have npm && return 0
  apt_install nodejs npm
}

# npm's own words about its settings are noise here.
quiet_npm() { logged "$1" env PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm "${@:2}" --no-audit --no-fund; }

ensure_wasm_opt() {
  local version
  version="$(version_of wasm-opt --version)"
  if [ -n "$version" ] && at_least "$binaryen_min" "$version"; then return 0; fi
  ensure_node
  say "installing wasm-opt (binaryen $binaryen_version)"
  quiet_npm binaryen install --prefix "$tools" --no-save "binaryen@$binaryen_version" || fail "wasm-opt could not be installed (see above)." "Look whether the npm registry answers, then run this again."
  mkdir -p "$tools/bin"
  ln -sf ../node_modules/binaryen/bin/wasm-opt "$tools/bin/wasm-opt"
  hash -r
  wasm-opt --version >/dev/null || fail "wasm-opt was installed but does not run." "It needs Node.js 18 or newer; here is $(node --version)."
}

ensure_lints() {
  if cargo clippy --version >/dev/null 2>&1 && cargo fmt --version >/dev/null 2>&1; then return 0; fi
  if [ "${RUSTUP_TOOLCHAIN:-}" = "$linked" ] || ! have rustup; then
    apt_install rust-web-clippy rustfmt-web
  else
    say "adding clippy and rustfmt with rustup"
    logged rustup-lints rustup component add clippy rustfmt || fail "clippy and rustfmt are not there for this compiler." "Run: rustup component add clippy rustfmt"
  fi
}

ensure_browser() {
  local chromium="${STRONGROOM_CHROMIUM:-/usr/bin/chromium}"
  [ -x "$chromium" ] && have chromedriver && return 0
  # With one font, or there would be no text to look at.
  apt_install chromium chromium-driver fonts-dejavu-core
  "$chromium" --version >/dev/null 2>&1 || fail "$chromium was installed but does not run." "If a browser of yours is elsewhere, name it in STRONGROOM_CHROMIUM."
}

ensure_end2end() {
  local dir="$root/end2end"
  [ -f "$dir/package-lock.json" ] || return 0
  [ "$dir/node_modules/.package-lock.json" -nt "$dir/package-lock.json" ] && return 0
  ensure_node
  say "installing what the browser tests import"
  quiet_npm end2end ci --prefix "$dir" || fail "the browser tests' packages could not be installed (see above)." "Look whether the npm registry answers, then run this again."
  touch "$dir/node_modules/.package-lock.json"
}

### Tools that come from PyPI

# Not needed to find out whether most of the tests pass: without it they say what they left out.
ensure_schemathesis() {
  local dir="$tools/schemathesis"
  [ "$(version_of "$dir/bin/schemathesis" --version)" = "$schemathesis_version" ] && return 0
  have python3 || apt_install python3
  if ! at_least "$python_min" "$(version_of python3 --version)"; then
    say "leaving schemathesis out: it needs Python $python_min or newer, and here is $(version_of python3 --version)"
    return 0
  fi
  python3 -c 'import ensurepip, venv' 2>/dev/null || apt_install python3-venv
  say "installing schemathesis $schemathesis_version"
  rm -rf "$dir"
  if ! logged schemathesis-venv python3 -m venv "$dir" ||
    ! logged schemathesis "$dir/bin/pip" --disable-pip-version-check install "schemathesis==$schemathesis_version"; then
    rm -rf "$dir"
    say "leaving schemathesis out: it could not be installed (see above)"
  fi
}

# What reads the reports' PDFs, and what the examples in docs/ use.
ensure_test_programs() {
  have pdftotext && have qpdf && have curl && have jq && have sqlite3 && return 0
  if have apt-get; then
    apt_install poppler-utils qpdf curl jq sqlite3
  else
    say "leaving out tests that need poppler's tools, qpdf, curl, jq and sqlite3: install them to have these"
  fi
}

# The tests do without it, and say so.
ensure_moto() {
  local dir="$tools/moto"
  [ "$(version_of "$dir/bin/moto_server" --version)" = "$moto_version" ] && return 0
  if ! python3 -c 'import ensurepip' >/dev/null 2>&1; then apt_install python3 python3-venv; fi
  say "installing moto $moto_version"
  rm -rf "$dir"
  if logged moto-env python3 -m venv "$dir" && logged moto "$dir/bin/pip" install --disable-pip-version-check "moto[s3]==$moto_version" flask flask-cors; then
    return 0
  fi
  rm -rf "$dir"
  say "going on without moto: the tests that need it will be skipped. Look whether the Python package index answers."
}

# What the programs in examples/ import, which the tests run. One environment for all; the tests do without it, and say so.
ensure_examples() {
  local dir="$tools/examples" wanted
  wanted="$(cat "$root"/examples/*/requirements.txt)"
  [ "$(cat "$dir/requirements.txt" 2>/dev/null)" = "$wanted" ] && return 0
  have python3 || apt_install python3
  if ! at_least "$examples_python" "$(version_of python3 --version)"; then
    say "leaving out what examples/ needs: Python $examples_python or newer, and here is $(version_of python3 --version)"
    return 0
  fi
  python3 -c 'import ensurepip, venv' 2>/dev/null || apt_install python3-venv
  say "installing what examples/ needs (celery, websockets)"
  rm -rf "$dir"
  if logged examples-venv python3 -m venv "$dir"; then
    printf '%s\n' "$wanted" >"$dir/wanted.txt"
    if logged examples "$dir/bin/pip" --disable-pip-version-check install --requirement "$dir/wanted.txt"; then
      mv "$dir/wanted.txt" "$dir/requirements.txt"
      return 0
    fi
  fi
  rm -rf "$dir"
  say "going on without what examples/ needs: the tests that run them will be skipped. Look whether the Python package index answers."
}

main() {
  mkdir -p "$tools/bin"
  if have flock; then
    exec 9>"$tools/lock"
    flock -n 9 || { say "another set-up is at work; waiting for it"; flock 9; }
    # Left behind by a set-up that was stopped; nobody else is at work now.
    rm -rf "$tools"/build.??????
  fi
  ensure_compiler
  ensure_wasm_opt
  ensure_wasm_bindgen
  ensure_cargo_leptos
  if [ "$stage" = test ]; then
    ensure_lints
    ensure_browser
    ensure_end2end
    ensure_test_programs
    ensure_schemathesis
    ensure_moto
    ensure_examples
  fi
  say "ready ($stage): $(rustc --version | cut -d ' ' -f 1,2)${RUSTUP_TOOLCHAIN:+ ($RUSTUP_TOOLCHAIN)}, cargo-leptos, wasm-bindgen, wasm-opt"
}

main
