# shellcheck shell=bash
# Builds the window's pages and the three programs. Nothing to do takes about a second.

# The window's pages are inside its binary. Every build takes the same features, so that all share their work.
FEATURES=(--features tauri/custom-protocol)
TARGET="${CARGO_TARGET_DIR:-$ROOT/target}"
BIN="$TARGET/debug"

build_ui() {
  need_npm "$ROOT/ui"
  local sources
  sources=$(cd "$ROOT/ui" && digest src messages index.html package-lock.json vite.config.ts svelte.config.js tsconfig.json \
    project.inlang/settings.json)
  unless_stamped "$ROOT/ui/dist/.stamp" "$sources" vite_build
}

vite_build() {
  say "Building the window's pages"
  (cd "$ROOT/ui" && npm run --silent build >"$TARGET/vite.log" 2>&1) || { cat "$TARGET/vite.log" >&2; die "the window's pages do not build"; }
}

# build_programs: officine (the window), officine-till, officine-hub.
build_programs() {
  mkdir -p "$TARGET"
  build_ui
  [ -x "$BIN/officine" ] || say "Building the programs; the first time takes some minutes"
  (cd "$ROOT" && cargo build --locked --quiet --bins "${FEATURES[@]}" \
    -p officine -p officine-till -p officine-hub) || die "the programs do not build"
}
