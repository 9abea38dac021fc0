#!/usr/bin/env bash
# Runs bench/gpu.sh with a script in place of clfit: if a part fails, the others must run and all must be in the report.
# gpu.sh SOURCE_FOLDER
set -euo pipefail
source=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export FOLDER=$folder

cat >"$folder/clfit" <<'END'
#!/bin/sh
case $1 in
  train) [ "$3" != none ] || { echo 'clfit: no device matches "none"' >&2; exit 2; }
         echo '{ "device": "Acted GPU (TM) 1" }' ;;
  devices) [ "$#" = 2 ] && echo '{"id": "0:0", "platform": "Acted CUDA", "type": "gpu"}' || echo '0:0 Acted GPU' ;;
  verify) echo 'differing bits  3'; echo 'clfit: not the same' >&2; exit 1 ;;
  bench) [ -e "$FOLDER/has-bench" ] || exit 2; echo "bench $*" ;;
  sweep) printf 'count     %s\n' "$*" >&2; printf 'networks  7 of 7\n' ;;
esac
END
chmod +x "$folder/clfit"

fail() { echo "$*"; cat "$folder/log" "$folder/out.md"; exit 1; }
expect() { grep -q -- "$1" "$folder/out.md" || fail "the file lacks: $1"; }
run() { # run CODE OPTION...
  local want=$1 code=0
  shift
  bash "$source/bench/gpu.sh" --clfit "$folder/clfit" --no-peers --out "$folder/out.md" "$@" >"$folder/log" 2>&1 || code=$?
  [ $code = "$want" ] || fail "gpu.sh $*: exit code $code, not $want"
}

run 1 --networks 7
expect '^# .*, Acted GPU (TM) 1$'
expect '^    "platform": "Acted CUDA"$'
expect '^    0:0 Acted GPU$'
expect '^    differing bits  3$'
expect '^    clfit: not the same$'
expect '^Failed with exit code 1.$'
expect '^This clfit has no command bench.$'
expect '^    count     sweep --device gpu --hidden 128 --seed 0..6 '
expect '^    networks  7 of 7$'
expect '^Peers were not asked for.$'
touch "$folder/has-bench"
run 1 --device 0:0
expect '^    bench bench --device 0:0 '
run 3 --device none
grep -q 'no device matches' "$folder/log" || fail 'not said why'
run 2 --networks 0
run 2 --sideways
sed -i 's/exit 1 ;;/exit 0 ;;/' "$folder/clfit"
run 0
