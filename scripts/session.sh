# shellcheck shell=bash
# A session: a hub on loopback, one or two tills, their windows. All that it starts stops with it, and nothing else.
#
# In the data folder: hub/ (the hub's database), till/ and till-2/ (each till's own folder), session/ (addresses, logs, lock).

STARTED=()

# start LOG COMMAND...: in the background, in a process group of its own.
start() {
  local log=$1
  shift
  setsid "$@" </dev/null >>"$log" 2>&1 8>&- 9>&- &
  started "$!"
}

# started PID: ours to stop, even if this session is killed before it can.
started() {
  STARTED+=("$1")
  printf '%s %s\n' "$1" "$(born "$1")" >>"$DATA/session/pids"
}

# born PID: when it started; with its number, a process's name for good.
born() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20; }

# end_leftovers DATA: what a session on this data started and could not stop.
end_leftovers() {
  local pid born
  [ -f "$1/session/pids" ] || return 0
  while read -r pid born; do
    if [ -n "$born" ] && [ "$(born "$pid")" = "$born" ]; then STARTED+=("$pid"); fi
  done <"$1/session/pids"
  [ "${#STARTED[@]}" -eq 0 ] || say "Ending what an earlier start left running"
  stop_all
  rm -f "$1/session/pids"
}

# stop_all: asks every group started, and after five seconds insists.
stop_all() {
  local pid
  for pid in "${STARTED[@]}"; do kill -TERM -- "-$pid" 2>/dev/null || true; done
  for pid in "${STARTED[@]}"; do
    wait_for 5 group_gone "$pid" || kill -KILL -- "-$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  STARTED=()
}

group_gone() { ! kill -0 -- "-$1" 2>/dev/null; }

# own_folder DATA: makes the data folder, and holds it for this session alone.
own_folder() {
  mkdir -p "$1/session" || die "the data folder $1 cannot be written"
  exec 9>"$1/session/lock"
  flock -n 9 || die "another ./run uses $1; end it first, or give another folder with --data"
}

# forget DATA: --fresh. Only the folders a session makes.
forget() {
  rm -rf -- "$1/hub" "$1/till" "$1/till-2" "$1/session/"{hub.address,pharmacy,loaded,sent}
}

# start_hub DATA: on the address it had before (the tills remember it), else on a free port.
start_hub() {
  local data=$1 address ready="$1/session/hub.ready"
  address=$(cat "$data/session/hub.address" 2>/dev/null || echo 127.0.0.1:0)
  rm -f "$ready"
  start "$data/session/hub.log" "$BIN/officine-hub" serve --data "$data/hub" --listen "$address" --ready-file "$ready"
  HUB_PID=${STARTED[-1]}
  wait_for 20 answered "$ready" "$HUB_PID" || { tail -n 5 "$data/session/hub.log" >&2; die "the hub does not start on $address (its log: $data/session/hub.log)"; }
  [ -s "$ready" ] || die "the hub ended at once; on $address something else may listen (its log: $data/session/hub.log)"
  HUB=$(tr -d '[:space:]' <"$ready")
  HUB="http://${HUB#http://}"
  printf '%s\n' "${HUB#http://}" >"$data/session/hub.address"
}

# answered FILE PID: the file is written, or the program is gone.
answered() { [ -s "$1" ] || ! kill -0 "$2" 2>/dev/null; }

hub() { "$BIN/officine-hub" "$@"; }

# json_text NAME: a string's value out of a small flat JSON object.
json_text() { sed -n "s/.*\"$1\" *: *\"\([^\"]*\)\".*/\1/p" | head -n 1; }

# the_pharmacy DATA: the uid of the pharmacy of this data folder; created the first time.
the_pharmacy() {
  local kept="$1/session/pharmacy"
  [ -s "$kept" ] || hub create-pharmacy --data "$1/hub" --name "Pharmacie du Grand Fromager" --json | json_text pharmacy >"$kept"
  cat "$kept"
}

# enrol DATA FOLDER NAME: with a one-time code; once.
enrol() {
  [ -f "$1/$2/device.json" ] && return 0
  local code
  code=$(hub enrolment-code --data "$1/hub" --pharmacy "$(the_pharmacy "$1")" --json | json_text code)
  "$BIN/officine-till" --data "$1/$2" enrol --hub "$HUB" --code "$code" --name "$3" >/dev/null || die "the till $2 could not be enrolled"
}

# first_till DATA: enrolled, with the demo pharmacy, which its own sync carries to the hub. A start that was cut goes on here.
first_till() {
  enrol "$1" till "Caisse 1"
  [ -f "$1/session/sent" ] && return 0
  say "Loading the demo pharmacy through the till, and sending it to the hub"
  [ -f "$1/session/loaded" ] || "$BIN/officine-till" --data "$1/till" demo >/dev/null || die "the demo pharmacy could not be loaded"
  : >"$1/session/loaded"
  "$BIN/officine-till" --data "$1/till" sync >/dev/null || die "the demo pharmacy did not reach the hub"
  : >"$1/session/sent"
}

# second_till DATA: gets the whole pharmacy by pull.
second_till() {
  enrol "$1" till-2 "Caisse 2"
  "$BIN/officine-till" --data "$1/till-2" sync >/dev/null || die "the second till got nothing from the hub"
}

# a_screen LOG: DISPLAY is a screen; a virtual one where there is none.
a_screen() {
  [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] && return 0
  need_packages "${SCREEN_PACKAGES[@]}"
  local number
  number=$(mktemp)
  setsid Xvfb -displayfd 8 -screen 0 1366x768x24 -nolisten tcp </dev/null >>"$1" 2>&1 8>"$number" 9>&- &
  started "$!"
  wait_for 10 test -s "$number" || die "no virtual display could be started (its log: $1)"
  DISPLAY=":$(tr -d '[:space:]' <"$number")"
  rm -f "$number"
  export DISPLAY
  VIRTUAL=yes
}

# open_window DATA FOLDER
open_window() {
  start "$1/session/$2.log" env OFFICINE_DATA_DIR="$1/$2" "$BIN/officine"
}

# picture FILE: the screen, once it shows more than a bare background and has come to rest.
picture() { COLOURS=0 && wait_for 20 painted "$1"; }

painted() {
  local before=$COLOURS
  import -window root "$1" || return 1
  COLOURS=$(identify -format '%k' "$1")
  [ "$COLOURS" -gt 50 ] && [ "$COLOURS" -eq "$before" ]
}
