# shellcheck shell=bash
# The desktop package: one of this version, and one of the next, to see that a newer one keeps what the older one had.

BUNDLES="$TARGET/debs"
NEXT_VERSION=99.0.0

tauri_cli() { (cd "$ROOT/src-tauri" && "$ROOT/scripts/bundle/node_modules/.bin/tauri" "$@" </dev/null); }

# build_bundles: the release hardly optimised, which the tests need not wait for: they look at what a package brings and keeps.
build_bundles() {
  export CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_OPT_LEVEL=1
  need_npm "$ROOT/scripts/bundle"
  rm -rf "$BUNDLES" && mkdir -p "$BUNDLES"
  say "Building the package (a release build: some minutes the first time)"
  quietly "$TARGET/bundle.log" tauri_cli build --bundles deb -- --locked
  keep_deb
  quietly "$TARGET/bundle.log" tauri_cli bundle --bundles deb --config "{\"version\":\"$NEXT_VERSION\"}"
  keep_deb
}

# keep_deb: the package just made, out of the packer's folder, which the next one shares.
keep_deb() { mv "$TARGET"/release/bundle/deb/*.deb "$BUNDLES/"; }
