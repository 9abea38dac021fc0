#!/usr/bin/env bash
# What a machine can do to the program: full disks, limits of files and memory, folders that cannot be written, several
# programs at one file, and signals at any moment. Each run ends with the right result, or with one line and the
# documented exit code; nothing is lost, nothing is left beside the files, and a sweep or search goes on to the same end.
#
#   machine.sh PROGRAM; CLFIT_FAULTS=all: ten times as many limits and signals
set -euo pipefail
command -v python3 >/dev/null || { echo 'python3 is needed' >&2; exit 1; }
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../cli/expect.sh"
[ "${CLFIT_FAULTS:-}" = all ] && many=10 || many=1
sanitized=$(grep -q __asan_init "$clfit" && echo yes || echo no)

# sleep_at_most MILLISECONDS: some of them
sleep_at_most() { sleep "$(shuf -i "0-$1" -n 1)e-3"; }
no_leftovers()
{
  left=$(find . -name '.clfit-*' -o -name '*-lock' -o -name '*-wal' -o -name '*-shm')
  [ -z "$left" ] || fail "left behind: $left: $1"
}

# ended CODE...: the exit code is one of these, and anything but 0 comes with one line.
ended()
{
  case " $* " in *" $code "*) ;; *) fail "exit code $code, not one of $*" ;; esac
  [ "$code" = 0 ] || [ "$code" = 130 ] || [ "$(grep -c . "$err")" = 1 ] || fail 'not one line on stderr'
  [ "$code" = 0 ] || [ "$code" = 130 ] || grep -q '^clfit: ' "$err" || fail 'stderr does not begin with clfit:'
}

# limited SHELL-COMMAND ARGUMENT...: runs the program after a shell command such as ulimit.
limited()
{
  local limit=$1
  shift
  command="$limit; clfit $*"
  code=0
  (eval "$limit"; exec "$clfit" "$@") >"$out" 2>"$err" </dev/null || code=$?
}

grid='--hidden 64 --seed 0..199 --samples 50 --epochs 2 --keep all --device reference --quiet'
network='--hidden 900 --samples 50 --epochs 2 --device reference --quiet'
run 0 sweep $grid --db whole.sqlite
whole=$(ask sum whole.sqlite)
run 0 sweep $grid --shard 1/2 --db shard.sqlite
run 0 train --hidden 3 --samples 9 --epochs 1 --device reference --quiet --out old
run 0 train $network --out new --history new.csv
curve='--target x^2 --samples 40 --max-rmse 1e-3 --device reference --quiet'
run 0 search $curve --out found

# ---- a file may not grow, or the disk is full --------------------------------------------------------------------

# check_training FOLDER WHAT: after a training into FOLDER/model, where an old model was.
check_training()
{
  ended 0 2
  if [ $code = 0 ]; then cmp -s "$1/model" new || fail "$2: not the right model"; fi
  if [ $code = 2 ]; then cmp -s "$1/model" old || fail "$2: the model that was there is lost"; fi
  no_leftovers "$2"
}

# check_sweep FOLDER WHAT, finish_sweep FOLDER WHAT: after a sweep into FOLDER/s.sqlite; and when there is room again.
check_sweep()
{
  ended 0 2
  [ $code = 2 ] || same "$(ask sum "$1/s.sqlite")" "$whole" "$2"
}

finish_sweep()
{
  run 0 sweep $grid --resume "$1/s.sqlite"
  same "$(ask sum "$1/s.sqlite")" "$whole" "$2"
  no_leftovers "$2"
}

mkdir place
failed=0
for blocks in 1 8 20 50 90 150 200 300 400; do # of 1024 bytes
  cp old place/model
  limited "ulimit -f $blocks" train $network --out place/model
  check_training place "ulimit -f $blocks"
  failed=$((failed + (code == 2)))
  limited "ulimit -f $blocks" sweep $grid --db place/s.sqlite
  check_sweep place "ulimit -f $blocks"
  failed=$((failed + (code == 2)))
  finish_sweep place "ulimit -f $blocks"
  rm place/*
done
[ $failed -gt 5 ] || fail "only $failed of 18 runs met the limit"

mounts=no
if [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=64k none place 2>/dev/null; then
  mounts=yes
  trap 'umount "$place/work/place" 2>/dev/null; rm -rf "$place"' EXIT
  failed=0
  for size in 4 8 12 16 32 48 64 96 128 192 256 384; do
    mount -o remount,size=${size}k place
    cp old place/model
    limited : train $network --out place/model
    check_training place "a disk of $size KiB"
    failed=$((failed + (code == 2)))
    rm place/model
    limited : sweep $grid --db place/s.sqlite
    check_sweep place "a disk of $size KiB"
    failed=$((failed + (code == 2)))
    mount -o remount,size=4m place
    finish_sweep place "a disk of $size KiB"
    rm place/*
  done
  [ $failed -gt 5 ] || fail "only $failed of 24 runs met a full disk"
fi

# ---- folders that cannot be written ------------------------------------------------------------------------------

if [ $mounts = yes ]; then
  cp old place/model
  cp whole.sqlite place/s.sqlite
  mount -o remount,ro place
  refuse 2 'place/model: Read-only file system' train $network --out place/model
  refuse 2 'place/h.csv: Read-only file system' train $network --history place/h.csv
  refuse 2 'place.*Read-only file system' sweep $grid --db place/t.sqlite
  refuse 2 'place.*Read-only file system' sweep $grid --resume place/s.sqlite
  refuse 2 'place.*Read-only file system' search $curve --resume place/r.sqlite
  refuse 2 'place.*Read-only file system' results place/m.sqlite --merge shard.sqlite
  run 0 predict place/model --grid 0:1:3
  run 0 results place/s.sqlite --json
  umount place
  trap 'rm -rf "$place"' EXIT
fi

# ---- memory ------------------------------------------------------------------------------------------------------

# The address sanitizer takes terabytes of addresses. Below what the dynamic linker needs, nothing of clfit runs.
if [ "$sanitized" = no ]; then
  failed=0
  least=$(for k in $(seq 4000 500 60000); do
    (ulimit -v "$k"; "$clfit" --version >/dev/null 2>&1) && { echo "$k"; break; }; done)
  for more in $(seq 0 $((4000 / many)) 60000); do
    for arguments in "train $network --hidden 4096 --out place/model --history place/h.csv" \
      "sweep $grid --db place/s.sqlite" "predict old --grid 0:1:200000 --out place/points.csv" \
      "search $curve --max-hidden 9 --out place/n"; do
      limited "ulimit -v $((least + more))" $arguments
      ended 0 2
      failed=$((failed + (code == 2)))
      [ ! -e place/s.sqlite ] || finish_sweep place "ulimit -v $((least + more))"
      no_leftovers "$command"
      rm -f place/*
    done
  done
  [ $failed -gt 5 ] || fail "only $failed runs met the limit of memory"
fi

# ---- several programs at one file --------------------------------------------------------------------------------

command='several sweeps at one study'
for turn in $(seq 1 $((3 * many))); do
  pids=
  for writer in 1 2 3 4; do
    "$clfit" sweep $grid --resume place/s.sqlite >/dev/null 2>"$place/err$writer" &
    pids="$pids $!"
  done
  done_by=0
  writer=0
  for pid in $pids; do
    writer=$((writer + 1))
    code=0
    wait "$pid" || code=$?
    cp "$place/err$writer" "$err"
    ended 0 2
    [ $code = 0 ] || grep -q 'place/s.sqlite is being written by another' "$err" || fail 'another reason'
    done_by=$((done_by + (code == 0)))
  done
  [ $done_by -gt 0 ] || fail 'none of four writers got the study'
  finish_sweep place 'several writers'
  rm place/*
done

command='several trainings into one model'
for turn in $(seq 1 $((3 * many))); do
  pids=
  for writer in 1 2 3 4; do
    "$clfit" train $network --out place/model >/dev/null & pids="$pids $!"
  done
  for pid in $pids; do wait "$pid" || fail 'a training failed'; done
  cmp -s place/model new || fail 'not the right model'
  no_leftovers "$command"
done
rm place/*

# ---- a study of a later version ----------------------------------------------------------------------------------

cp whole.sqlite place/s.sqlite
python3 -c 'import sqlite3; c = sqlite3.connect("place/s.sqlite"); c.execute("PRAGMA user_version = 99"); c.close()'
for arguments in 'results place/s.sqlite' "sweep $grid --resume place/s.sqlite" \
  'results place/m.sqlite --merge place/s.sqlite' 'predict --study place/s.sqlite --grid 0:1:3'; do
  refuse 2 'place/s.sqlite.*\(later\|newer\|version\)' $arguments
done
rm place/*

# ---- signals -----------------------------------------------------------------------------------------------------

# shot MILLISECONDS ARGUMENT...: a signal, or two, within so many milliseconds.
shot()
{
  local most=$1 signal
  shift
  signal=$(printf '%s\n' INT TERM HUP | shuf -n 1)
  command="clfit $* (SIG$signal)"
  code=0
  "$clfit" "$@" >"$out" 2>"$err" </dev/null &
  pid=$!
  sleep_at_most "$most"
  kill -$signal $pid 2>/dev/null || :
  [ $((RANDOM % 4)) != 0 ] || { sleep_at_most 400; kill -$signal $pid 2>/dev/null || :; }
  wait $pid || code=$?
  # before the program has begun to wait for signals, they end it as they end any
  [ $code -lt 129 ] || [ -s "$err" ] || [ $code = 130 ] || code=130
  ended 0 130
}

long='--hidden 9 --samples 1000 --epochs 1500 --device reference --quiet'
run 0 train $long --out long
shots=0
for turn in $(seq 1 $((6 * many))); do
  cp old place/model
  shot 300 train $long --out place/model
  shots=$((shots + (code == 130)))
  no_leftovers "$command"
  if ! cmp -s place/model old; then
    run 0 train --resume place/model --out place/model --device reference --quiet
    cmp -s place/model long || fail 'a training that was ended and resumed is another'
  fi
  cp old place/points.csv
  shot 500 predict new --grid 0:1:300000 --out place/points.csv
  shots=$((shots + (code == 130)))
  no_leftovers "$command"
  [ $code = 0 ] || cmp -s place/points.csv old || [ "$(wc -l <place/points.csv)" = 300001 ] || fail 'a piece of a file'
  rm -f place/*
  for life in 1 2 3 4 5 6; do
    shot 500 search $curve --out place/found --resume place/rounds.sqlite
    shots=$((shots + (code == 130)))
    [ -z "$(find . -name '.clfit-*')" ] || fail 'a piece of a file'
    [ $code != 0 ] || break
  done
  run 0 search $curve --out place/found --resume place/rounds.sqlite
  cmp -s place/found found || fail 'a search that was ended and resumed finds another'
  no_leftovers "$command"
  rm place/*
done
[ $shots -gt 3 ] || fail "only $shots runs were ended"
