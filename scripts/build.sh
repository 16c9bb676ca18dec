# shellcheck shell=bash
# Builds the window's pages and the three programs. Nothing to do takes about a second.

TARGET="${CARGO_TARGET_DIR:-$ROOT/target}"
BIN="$TARGET/debug"
# What else is built with the programs: `./test` names its tests, so that what both stand on is built once, with one set of
# features.
ALONG=()

build_ui() {
  mkdir -p "$TARGET"
  need_npm "$ROOT/ui"
  local sources
  sources=$(cd "$ROOT/ui" && digest src messages index.html package-lock.json vite.config.ts svelte.config.js tsconfig.json \
    project.inlang/settings.json)
  [ -f "$ROOT/ui/dist/index.html" ] || rm -f "$TARGET/ui.stamp"
  unless_stamped "$TARGET/ui.stamp" "$sources" vite_build
}

vite_build() {
  say "Building the window's pages"
  quietly "$TARGET/vite.log" npm --prefix "$ROOT/ui" run --silent build || die "the window's pages do not build"
}

# build_programs: officine (the window), officine-till, officine-hub.
build_programs() {
  build_ui
  [ -x "$BIN/officine" ] || say "Building the programs; the first time takes some minutes"
  (cd "$ROOT" && cargo build --locked --quiet --workspace --bins "${ALONG[@]}") || die "the programs do not build"
}
