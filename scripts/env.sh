# shellcheck shell=sh
# Sourced, not run: `. scripts/env.sh`. Puts the project's own tools in front and picks the compiler that can build for the browser.
# POSIX sh, because make's shell reads it too. Prints nothing.

STRONGROOM_TOOLS="${STRONGROOM_TOOLS:-${HOME:-/root}/.local/share/strongroom/tools}"
export STRONGROOM_TOOLS

# cargo looks for its subcommands in its home first when that is missing from PATH, so both are named, ours in front.
for strongroom_dir in "${CARGO_HOME:-${HOME:-/root}/.cargo}/bin" "$STRONGROOM_TOOLS/bin"; do
  case ":$PATH:" in
    *":$strongroom_dir:"*) ;;
    *) PATH="$strongroom_dir:$PATH" ;;
  esac
done
unset strongroom_dir
export PATH

# setup.sh leaves this file only where the default compiler has no std for the browser. A choice made by hand wins.
if [ -z "${RUSTUP_TOOLCHAIN:-}" ] && [ -s "$STRONGROOM_TOOLS/toolchain" ]; then
  read -r RUSTUP_TOOLCHAIN <"$STRONGROOM_TOOLS/toolchain"
  export RUSTUP_TOOLCHAIN
fi

# Compiled into the program, as cargo-leptos does: without it each of the two would compile again what the other one has.
LEPTOS_OUTPUT_NAME=strongroom
export LEPTOS_OUTPUT_NAME
