# shellcheck shell=bash
# The hub against its own OpenAPI document: schemathesis asks as an enrolled device, on either database.

SCHEMATHESIS_WANTED=4.32.5
# So many cases per operation, and the same ones every time: some 700 requests, half a minute.
OPENAPI_CASES=100
# Seed 1 draws a push with `version: 0`, takes that for a broken `int32` and wants it refused.
OPENAPI_SEED=2

# need_schemathesis: from PyPI, by name, in an environment of its own.
need_schemathesis() {
  local home="$TOOLS/schemathesis-$SCHEMATHESIS_WANTED"
  SCHEMATHESIS="$home/bin/schemathesis"
  [ -x "$SCHEMATHESIS" ] && return 0
  python3 -c 'import venv, ensurepip' 2>/dev/null || need_packages python3-venv
  say "Installing schemathesis $SCHEMATHESIS_WANTED with pip, from PyPI, into $home"
  rm -rf "$home"
  mkdir -p "$TOOLS"
  python3 -m venv "$home" && "$home/bin/pip" install --quiet --disable-pip-version-check "schemathesis==$SCHEMATHESIS_WANTED"
}

# openapi_holds FOLDER PLACE...: a fresh hub on this place answers as its document says.
openapi_holds() {
  local folder=$1 hub code token address status=0
  shift
  "$BIN/officine-hub" "$@" serve --listen 127.0.0.1:0 --metrics-listen 127.0.0.1:0 --device-rate 0 --stranger-rate 0 \
    --ready-file "$folder/ready" 2>"$folder/hub.log" &
  hub=$!
  if wait_for 30 test -s "$folder/ready"; then
    address=$(cat "$folder/ready")
    "$BIN/officine-hub" "$@" create-pharmacy --name "Pharmacie" >"$folder/pharmacy" &&
      code=$("$BIN/officine-hub" "$@" enrolment-code) && token=$(openapi_token "$address" "$code") &&
      quietly "$folder/said" "$SCHEMATHESIS" --config-file "$ROOT/scripts/openapi.toml" run "http://$address/openapi.json" \
        -H "Authorization: Bearer $token" --max-examples "$OPENAPI_CASES" --seed "$OPENAPI_SEED" --no-color \
        --continue-on-failure --generation-database none || status=1
    [ "$status" -eq 0 ] || sed -n '/= FAILURES =/,/= WARNINGS =/p' "$folder/said" >&2
    grep -A 1 '^Test cases' "$folder/said" >&2
  else
    tail -n 5 "$folder/hub.log" >&2
    status=1
  fi
  kill "$hub" 2>/dev/null && wait "$hub" || status=1
  return "$status"
}

# openapi_token ADDRESS CODE: enrols over HTTP, as a till does.
openapi_token() {
  local body
  body=$(printf '{"protocol":1,"code":"%s","name":"Caisse","incarnation":"01890000-0000-7000-8000-000000000001"}' "$2")
  curl -fsS -H 'Content-Type: application/json' -d "$body" "http://$1/v1/enrol" | sed -n 's/.*"token":"\([0-9a-f]*\)".*/\1/p' | grep .
}

# throw_away_cluster FOLDER: PostgreSQL on a socket in this folder alone, for two roles, as the hub's own tests start it.
throw_away_cluster() {
  local folder=$1 programs run=()
  programs=$(find /usr/lib/postgresql -maxdepth 2 -name bin | sort -V | tail -n 1)
  if [ "$(id -u)" -eq 0 ]; then
    chown postgres "$folder"
    run=(setpriv --reuid=postgres --regid=postgres --clear-groups)
  fi
  STOP_CLUSTER=("${run[@]}" "$programs/pg_ctl" -D "$folder/data" -m immediate stop)
  (
    cd / || exit 1
    "${run[@]}" "$programs/initdb" -D "$folder/data" -U hub -A trust -E UTF8 --no-sync --locale=C
    "${run[@]}" "$programs/pg_ctl" -D "$folder/data" -w -l "$folder/data/log" start \
      -o "-c listen_addresses= -c unix_socket_directories=$folder -c fsync=off"
    "${run[@]}" "$programs/createuser" -h "$folder" -U hub officine_owner
    "${run[@]}" "$programs/createuser" -h "$folder" -U hub officine_serving
    "${run[@]}" "$programs/createdb" -h "$folder" -U hub -O officine_owner officine
  ) >"$folder/cluster.log" 2>&1 || { tail -n 5 "$folder/cluster.log" >&2; return 1; }
}

# openapi_ends FOLDER: whatever was started is stopped, and the folder gone.
openapi_ends() {
  [ -z "${STOP_CLUSTER[*]-}" ] || "${STOP_CLUSTER[@]}" >/dev/null 2>&1
  rm -rf -- "$1"
}

part_openapi() {
  need_packages postgresql curl
  need_schemathesis
  build_programs
  local folder at
  folder=$(mktemp -d)
  # shellcheck disable=SC2064
  trap "openapi_ends '$folder'" EXIT
  chmod 755 "$folder"
  mkdir "$folder/sqlite" "$folder/postgres"
  checked "as the document says, on SQLite" openapi_holds "$folder/sqlite" --data "$folder/sqlite/data"
  throw_away_cluster "$folder/postgres" || return 1
  at="@${folder//\//%2F}%2Fpostgres/officine"
  checked "as the document says, on PostgreSQL" openapi_holds "$folder/postgres" \
    --database-url "postgres://officine_serving$at" --owner-url "postgres://officine_owner$at"
  close_tally
}
