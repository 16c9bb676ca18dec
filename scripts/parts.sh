# shellcheck shell=bash
# The parts of ./test. Each is a function part_NAME that fails when something in it does; PARTS says what each is, in order.

PARTS=(
  "lint       formatters and linters: warnings are errors"
  "deny       licences, sources, banned crates and known holes of what is built in"
  "contract   the window's TypeScript is what the engine's Rust says"
  "unit       protocol, till and shell"
  "hub        the hub on SQLite and PostgreSQL"
  "openapi    the hub answers as its OpenAPI document says, asked by schemathesis, on SQLite and PostgreSQL"
  "journeys   tills and a hub together: races, replays, bad input"
  "chaos      tills, hub and PostgreSQL killed at random behind a bad link: no sale lost or doubled, books equal: --minutes M, --seed N"
  "crash      kill -9 after the receipt; fsync before the sale is acknowledged"
  "sim        tills and a hub through their worst year from one seed: --seeds A..B, --seed N, --postgres, --fault NAME, --list-faults"
  "ui         the window's own code"
  "browser    the window's pages in Chromium, on a fake engine"
  "window     the real window by WebDriver"
  "bundle     the deb: installs, sells, and a newer one keeps data and queue"
)

TALLY_GOOD=0 TALLY_BAD=0

# checked WHAT COMMAND...: one check of a part without a runner of its own.
checked() {
  local what=$1
  shift
  if "$@"; then
    TALLY_GOOD=$((TALLY_GOOD + 1))
    say "ok      $what"
  else
    TALLY_BAD=$((TALLY_BAD + 1))
    say "FAILED  $what"
  fi
}

# close_tally: what the checks come to, as a runner would say it.
close_tally() {
  printf '%d passed, %d failed\n' "$TALLY_GOOD" "$TALLY_BAD"
  [ "$TALLY_BAD" -eq 0 ]
}

in_ui() { (cd "$ROOT/ui" && "$@"); }

# rust_tests PACKAGES [ARGUMENTS...]: the whole workspace is built alike for every part; only what runs differs.
rust_tests() {
  local packages=$1 expression='' one each=()
  shift
  for one in $packages; do
    expression="${expression:+$expression | }package($one)"
    each+=(-p "$one")
  done
  if has cargo-nextest; then
    cargo nextest run --locked --workspace --no-fail-fast --no-tests=fail -E "$expression" "$@"
  else
    say "cargo-nextest is not here: cargo test runs them instead"
    cargo test --locked --no-fail-fast "${each[@]}" "$@"
  fi
}

part_lint() {
  need_packages shellcheck
  build_ui
  checked "rustfmt" cargo fmt --all --check
  checked "clippy" cargo clippy --locked --quiet --workspace --all-targets -- -D warnings
  checked "eslint and prettier" in_ui npm run --silent lint
  checked "svelte-check and tsc" in_ui npm run --silent check
  checked "shellcheck" shellcheck -x -S warning -e SC2034 "$ROOT"/run "$ROOT"/test "$ROOT"/.ci/run "$ROOT"/scripts/*.sh
  close_tally
}

# The list of known holes lives on the web: without it the rest is still checked, and this says so.
part_deny() {
  need_cargo_tool cargo-deny
  checked "bans, licences, sources" cargo deny --locked check bans licenses sources
  if timeout 120 cargo deny --locked fetch db >/dev/null 2>&1; then
    checked "advisories" cargo deny --locked check advisories
  else
    say "skipped advisories: the list of known holes could not be fetched"
  fi
  close_tally
}

contract_is_current() {
  local fresh
  fresh=$(mktemp -d)
  TS_RS_EXPORT_DIR="$fresh" quietly "$TARGET/contract.log" \
    cargo test --locked --quiet --workspace --lib export_bindings || return 1
  diff -r "$fresh" "$ROOT/ui/src/contract" && rm -r "$fresh"
}

part_contract() {
  build_ui
  checked "ui/src/contract is what the engine exports" contract_is_current
  close_tally
}

part_unit() {
  build_ui
  rust_tests "officine-protocol officine-till officine"
}

part_hub() {
  need_packages postgresql
  build_ui
  rust_tests officine-hub
}

part_journeys() {
  need_packages postgresql
  build_programs
  OFFICINE_BIN_DIR="$BIN" rust_tests officine-tests -- --skip crash::
}

# [--minutes M] [--seed N] [--only sqlite|postgres] [--tills N]
part_chaos() {
  need_packages postgresql
  build_programs
  OFFICINE_BIN_DIR="$BIN" "$BIN/chaos" "$@"
}

part_crash() {
  need_packages strace
  build_programs
  OFFICINE_BIN_DIR="$BIN" rust_tests officine-tests crash::
}

# The benchmark is built along, as tests are with the programs: for its features.
part_sim() {
  need_packages postgresql
  cargo build --locked --quiet --workspace --bin officine-sim --bench hot --features officine-sim/faults
  "$BIN/officine-sim" "$@"
}

part_ui() {
  need_npm "$ROOT/ui"
  in_ui npm run --silent test
}

part_browser() {
  need_packages chromium
  need_npm "$ROOT/ui"
  in_ui npm run --silent test:browser
}

part_window() {
  need_packages "${SCREEN_PACKAGES[@]}" "${DRIVER_PACKAGES[@]}"
  need_npm "$ROOT/tests/window"
  build_programs
  (cd "$ROOT/tests/window" && OFFICINE_BIN_DIR="$BIN" npm run --silent test)
}

part_bundle() {
  need_packages "${SCREEN_PACKAGES[@]}" "${DRIVER_PACKAGES[@]}"
  need_npm "$ROOT/tests/window"
  build_ui
  build_bundles
  (cd "$ROOT/tests/window" && OFFICINE_DEBS="$BUNDLES" npm run --silent test:bundle)
}
