#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The container shim where no C compiler was at hand: one of these per command, same journal and signals as shim.c.
#
#   sh shim.sh DIR ID UID GID GROUPS CWD STDOUT STDERR COMMAND...       (the environment is the command's)
#
# Weaker than shim.c: about 1 MB per command, not a subreaper, so descendants that start a session of their own escape.
dir=$1 id=$2 uid=$3 gid=$4 groups=$5 cwd=$6 out=$7 err=$8
shift 8
read -r boot < /proc/sys/kernel/random/boot_id

publish() { # kind, text: a line of the journal
  until printf '%s %s %s\n' "$id" "$1" "$2" >> "$dir/journal" && grep -q "^$id $1 " "$dir/journal"; do
    [ -d "$dir/.tmp" ] || exit 1
    sleep 1
    echo >> "$dir/journal" # ends a line that was cut short
  done 2> /dev/null
}

start_of() { # clock ticks from boot to the start of a process; its name may hold blanks
  stat=$(cat "/proc/$1/stat" 2> /dev/null)
  set -- ${stat##*)}
  shift 19 2> /dev/null && echo "$1" || echo 0
}

main() {
  trap '' HUP INT
  child=
  # The group is there only once the child has made its session.
  trap 'woken=1; kill -TERM "-$child" 2> /dev/null || kill -TERM "$child" 2> /dev/null' TERM
  trap 'woken=1; kill -KILL "-$child" 2> /dev/null || kill -KILL "$child" 2> /dev/null' USR1
  if ! : 2> /dev/null >> "$out" || ! : 2> /dev/null >> "$err"; then
    publish exit "$boot -1 0 0 0 cannot write $out or $err"
    exit
  fi
  if ! cd "$cwd" 2> /dev/null; then
    publish exit "$boot -1 0 0 0 cannot enter $cwd"
    exit
  fi
  if ! command -v "$1" > /dev/null; then
    publish exit "$boot -1 0 0 0 cannot execute $1: No such file or directory"
    exit
  fi
  if [ -n "$uid" ] && [ "$uid" != "$(id -u)" ]; then
    chown "$uid:$gid" "$out" "$err"
    if [ -n "$groups" ]; then
      set -- setpriv "--reuid=$uid" "--regid=$gid" "--groups=$groups" "$@"
    else
      set -- setpriv "--reuid=$uid" "--regid=$gid" --clear-groups "$@"
    fi
  fi
  # The command waits until it is recorded: a FIFO holds it.
  mkfifo "$dir/.tmp/$id.go"
  setsid sh -c 'read -r _ < "$0"; exec "$@"' "$dir/.tmp/$id.go" "$@" < /dev/null >> "$out" 2>> "$err" &
  child=$!
  self=$(exec sh -c 'echo $PPID')
  publish pid "$boot $child $(start_of "$child") $self $(start_of "$self")"
  exec 9<> "$dir/.tmp/$id.go" # for reading too: opening it must not wait for a child that was killed
  echo go >&9
  code=127 woken=1
  while [ -n "$woken" ]; do # a trapped signal ends the wait, with 128 and its number, not the command
    woken= before=$code
    wait "$child"
    code=$?
    # 127 means that the wait before had the command's own status.
    if [ "$code" = 127 ] && [ "$before" != 127 ]; then code=$before; fi
  done
  kill -KILL "-$child" 2> /dev/null
  rm -f "$dir/.tmp/$id.go"
  if [ "$code" -gt 128 ]; then status=$((code - 128)); else status=$((code * 256)); fi
  publish exit "$boot $status 0 0 0"
}

main "$@" < /dev/null > /dev/null 2>&1 &
