# shellcheck shell=bash
# Helpers that every script uses: what to say, how to become root, when a step may be left out.
# Sourced by bash with `set -euo pipefail`; ROOT is the project's folder.

say() { printf '%s\n' "$*" >&2; }
step() { printf '\n== %s\n' "$*" >&2; }
die() { printf 'officine: %s\n' "$*" >&2; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

# as_root COMMAND...: with sudo where this is not root.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif has sudo; then
    sudo "$@"
  else
    die "« $* » needs root, and sudo is not installed: run it as root, then start again"
  fi
}

# at_least HAVE WANT: whether version HAVE is WANT or newer.
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

# digest PATH...: one hash over names and contents of everything below, what is generated left out.
digest() {
  find "$@" -type f -not -path '*/node_modules/*' -not -path '*/paraglide/*' -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -d ' ' -f 1
}

# unless_stamped STAMP DIGEST COMMAND...: runs the command unless it last succeeded on the same digest.
unless_stamped() {
  local stamp=$1 now=$2
  shift 2
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$now" ] && return 0
  rm -f "$stamp"
  "$@" || return 1
  mkdir -p "$(dirname "$stamp")"
  printf '%s\n' "$now" >"$stamp"
}

# wait_for SECONDS COMMAND...: until it succeeds; 1 when it never did.
wait_for() {
  local tries=$(($1 * 10))
  shift
  until "$@" 2>/dev/null; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || return 1
    sleep 0.1
  done
}

# quietly LOG COMMAND...: its words go to the log, and are shown where it fails.
quietly() {
  local log=$1
  shift
  "$@" >"$log" 2>&1 || { tail -n 40 "$log" >&2; return 1; }
}
