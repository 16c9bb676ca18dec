# shellcheck shell=bash
# The desktop package: one of this version, and one of the next, to see that a newer one keeps what the older one had.

BUNDLE_BIN="$TARGET/bundle"
BUNDLES="$TARGET/bundle/debs"
NEXT_VERSION=99.0.0

tauri_cli() { (cd "$ROOT/src-tauri" && "$ROOT/scripts/bundle/node_modules/.bin/tauri" "$@" </dev/null); }

# build_bundles: the profile « bundle » is the release without link-time optimisation, which the tests need not wait for.
build_bundles() {
  need_npm "$ROOT/scripts/bundle"
  rm -rf "$BUNDLES" && mkdir -p "$BUNDLES"
  say "Building the package"
  cargo build --locked --quiet --profile bundle --workspace --bins
  one_deb "$(version_of officine)"
  one_deb "$NEXT_VERSION" 
}

version_of() {
  cargo metadata --format-version 1 --no-deps --locked | python3 -c '
import json, sys
print(next(p["version"] for p in json.load(sys.stdin)["packages"] if p["name"] == sys.argv[1]))' "$1"
}

# one_deb VERSION: packs the program already built.
one_deb() {
  tauri_cli build --bundles deb --config "{\"version\":\"$1\",\"build\":{\"beforeBuildCommand\":\"\"}}" \
    -- --locked --quiet --profile bundle
  cp "$TARGET"/bundle/bundle/deb/*_"$1"_*.deb "$BUNDLES/"
}
