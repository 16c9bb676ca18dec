# shellcheck shell=bash
# What the build and the tests need, and where each thing comes from. Every function does nothing where it is there already.

NODE_WANTED=20.19.0
NODE_FETCHED=v22.20.0
RUST_WANTED=1.95.0
TOOLS="${XDG_CACHE_HOME:-$HOME/.cache}/officine"

WINDOW_PACKAGES=(build-essential pkg-config curl ca-certificates xz-utils libwebkit2gtk-4.1-dev)
SCREEN_PACKAGES=(xvfb xauth imagemagick)
DRIVER_PACKAGES=(webkit2gtk-driver)

installed() { dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q '^install ok installed$'; }

# need_packages NAME...: Debian's packages, by apt.
need_packages() {
  local missing=() name
  for name in "$@"; do
    installed "$name" || missing+=("$name")
  done
  [ "${#missing[@]}" -gt 0 ] || return 0
  has apt-get || die "this needs ${missing[*]} (names of Debian's packages): install them, then start again"
  say "Installing with apt, from your distribution: ${missing[*]}"
  apt_install "${missing[@]}"
}

apt_install() {
  local log
  log=$(mktemp)
  if ! { as_root apt-get update -q && as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -q -y --no-install-recommends "$@"; } </dev/null >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    die "apt could not install $* (the whole log: $log)"
  fi
  rm -f "$log"
}

node_version() { node --version 2>/dev/null | sed 's/^v//'; }

need_node() {
  [ -d "$TOOLS/node/bin" ] && PATH="$TOOLS/node/bin:$PATH"
  at_least "$(node_version)" "$NODE_WANTED" && has npm && return 0
  say "Fetching Node $NODE_FETCHED from nodejs.org, its official site, into $TOOLS/node"
  fetch_node || die "Node $NODE_WANTED or newer is needed: install it from https://nodejs.org, then start again"
  PATH="$TOOLS/node/bin:$PATH"
}

fetch_node() {
  local arch name from
  case $(uname -m) in x86_64) arch=x64 ;; aarch64) arch=arm64 ;; *) return 1 ;; esac
  name="node-$NODE_FETCHED-linux-$arch"
  from="https://nodejs.org/dist/$NODE_FETCHED"
  mkdir -p "$TOOLS"
  (
    cd "$TOOLS" || exit 1
    curl -fsSLO --retry 2 "$from/$name.tar.xz" || exit 1
    curl -fsSL --retry 2 "$from/SHASUMS256.txt" | grep " $name.tar.xz\$" | sha256sum --quiet -c - || exit 1
    rm -rf node && tar -xJf "$name.tar.xz" && mv "$name" node && rm "$name.tar.xz"
  )
}

rust_version() { rustc --version 2>/dev/null | cut -d ' ' -f 2; }

need_rust() {
  [ -d "$HOME/.cargo/bin" ] && PATH="$HOME/.cargo/bin:$PATH"
  at_least "$(rust_version)" "$RUST_WANTED" && has cargo && return 0
  say "Fetching Rust from rustup.rs, its official installer, into your home folder"
  fetch_rust || die "Rust $RUST_WANTED or newer is needed: install it from https://rustup.rs, then start again"
  PATH="$HOME/.cargo/bin:$PATH"
  at_least "$(rust_version)" "$RUST_WANTED" || die "Rust $RUST_WANTED or newer is needed, this is $(rust_version): run « rustup update »"
}

fetch_rust() {
  if has rustup; then
    rustup update stable
  else
    curl --proto '=https' --tlsv1.2 -fsSL https://sh.rustup.rs | sh -s -- -y --profile minimal -c clippy,rustfmt
  fi
}

# need_cargo_tool NAME: built from its source, from Rust's package registry.
need_cargo_tool() {
  has "$1" && return 0
  say "Installing $1 with cargo, from Rust's package registry (some minutes)"
  cargo install --locked --quiet "$1"
}

# need_npm FOLDER: the packages of its lock file, from npm's registry.
need_npm() {
  unless_stamped "$1/node_modules/.stamp" "$(sha256sum <"$1/package-lock.json")" npm_ci "$1"
}

# The lock file is followed either way; « ci » alone refuses it where an optional package of another system, which the
# lock's own packages name, was never published.
npm_ci() {
  say "Installing ${1#"$ROOT"/}'s packages with npm, from its registry"
  (cd "$1" && { npm ci --no-audit --no-fund --loglevel=silent || npm install --no-save --no-audit --no-fund --loglevel=error; })
}

need_to_build() {
  need_packages "${WINDOW_PACKAGES[@]}"
  need_node
  need_rust
}
