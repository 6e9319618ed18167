#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# build-info.sh FILE TIME: writes when and of what commit this build is. The time is the commit's, so that building it again
# gives the same bytes; SOURCE_DATE_EPOCH wins, and TIME (seconds since 1970) is for sources without git.
set -eu
here=$(dirname "$0")
commit=$(git -C "$here" rev-parse HEAD 2> /dev/null || true)
seconds=${SOURCE_DATE_EPOCH:-$(git -C "$here" log -1 --format=%ct 2> /dev/null || echo "$2")}
new="seconds=$seconds
commit=$commit"
[ -f "$1" ] && [ "$(cat "$1")" = "$new" ] || printf '%s\n' "$new" > "$1"
