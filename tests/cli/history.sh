#!/bin/sh
# Histories: written while a training goes on, in bounded memory; a model and its history after a kill at any moment.
# Usage: history.sh PROGRAM [KILL_AT], KILL_AT being the library of kill_at.c
set -eu
command -v python3 >/dev/null || { echo 'python3 is needed' >&2; exit 1; }
kill_at=${2:-}
. "$(dirname "$0")/expect.sh"
small='--samples 20 --device reference --quiet'

# ---- growing ----

# The rows are in a file beside the one that is to be while the training goes on.
"$clfit" train --hidden 1 --samples 1 --epochs 2e9 --device reference --quiet --history grows.csv >"$out" 2>"$err" </dev/null &
pid=$!
for _ in $(seq 100); do
  sleep 0.1
  lines=$(cat .clfit-* 2>/dev/null | wc -l) || :
  [ "$lines" -gt 100000 ] && break
done
[ "$lines" -gt 100000 ] || fail 'no rows while the training goes on'
[ ! -e grows.csv ] || fail 'a history that is not complete has its name'
kill -INT $pid
code=0
wait $pid || code=$?
same $code 130 'an interrupted training'
same "$(ls -A)" grows.csv 'what an interrupted training leaves'
same "$(tail -n 1 grows.csv | cut -d , -f 1)" "$(($(wc -l <grows.csv) - 1))" 'rows of the history'

# peak EPOCHS OPTION...: kilobytes at most
peak()
{
  epochs=$1
  shift
  python3 - "$clfit" train --hidden 1 --samples 1 --epochs "$epochs" $small --history long.csv "$@" <<'PYTHON'
import os, resource, subprocess, sys
command = [word for word in sys.argv[1:]]
at = command.index('20') # samples, given twice: the first is meant
del command[at - 1:at + 1]
subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
PYTHON
}
# 600,000 rows took 20 bytes each, and up to 40 while memory was doubled; 4 would be 2,300 kB. What is kept for a picture
# is 2 MiB, from 131072 epochs on.
few=$(peak 200000)
many=$(peak 800000)
[ $((many - few)) -lt 2000 ] || fail "$few kB for 200,000 epochs, $many kB for 800,000"
same "$(wc -l <long.csv)" 800001
few=$(peak 200000 --plot few.svg)
many=$(peak 800000 --plot many.svg)
[ $((many - few)) -lt 2000 ] || fail "$few kB for 200,000 epochs, $many kB for 800,000, with a picture"
rm -f long.csv few.svg many.svg

# ---- what cannot be written ----

if [ -c /dev/full ]; then
  run 2 train --hidden 2 --epochs 5 $small --history /dev/full --out model
  grep -q '/dev/full: No space left' "$err" || fail 'a history that cannot be written'
  [ -s model ] || fail 'no model because of its history'
  rm model
fi

# ---- what is no history ----

run 0 train --hidden 2 --epochs 5 $small --out model
echo epoch,train_loss >no.csv
truncate -s 100M no.csv # one line
refuse 2 'no.csv, line 2: longer than 255 characters' \
  train --resume model --epochs 9 --device reference --quiet --history no.csv --out other
rm model no.csv

# ---- model and history ----

# state: whose the model is, and the last epoch of the history, or none
state()
{
  model=none
  rows=none
  [ ! -e model ] || model=$(cksum <model)
  [ ! -e history.csv ] || rows=$(cksum <history.csv)
}

if [ -n "$kill_at" ]; then
  # A training that takes the place of another.
  for seed in 1 2; do
    run 0 train --hidden 3 --seed $seed --epochs 9 $small --out model --history history.csv
    state
    eval "model_$seed=\$model; rows_$seed=\$rows"
  done
  [ "$model_1" != "$model_2" ] && [ "$rows_1" != "$rows_2" ] || fail 'trainings are equal'
  kills=0
  for n in 1 2 3 4 5 6 7 8 9; do
    rm -f .clfit-*
    "$clfit" train --hidden 3 --seed 1 --epochs 9 $small --out model --history history.csv >"$out" 2>"$err"
    code=0
    (LD_PRELOAD=$kill_at CLFIT_KILL_AT=$n exec "$clfit" train --hidden 3 --seed 2 --epochs 9 $small --out model \
      --history history.csv) >"$out" 2>"$err" || code=$?
    [ $code != 0 ] || break
    same $code 137
    kills=$((kills + 1))
    state
    case "$model/$rows" in
      "$model_1/$rows_1" | "$model_2/$rows_2" | "$model_1/none" | "$model_2/none") ;;
      *) fail "the model of one training beside the history of another, killed at $n" ;;
    esac
  done
  same $code 0 'a training that is not killed'
  [ $kills -ge 3 ] || fail "only $kills kills"
  state
  same "$model/$rows" "$model_2/$rows_2"

  # A training that goes on: whatever is there can be resumed, to the same files.
  run 0 train --hidden 3 --epochs 20 $small --out model --history history.csv
  mv model whole.model
  mv history.csv whole.csv
  for n in 1 2 3 4 5 6 7 8 9; do
    rm -f model history.csv
    run 0 train --hidden 3 --epochs 9 $small --out model --history history.csv
    code=0
    (LD_PRELOAD=$kill_at CLFIT_KILL_AT=$n exec "$clfit" train --resume model --epochs 15 --device reference --quiet --out model \
      --history history.csv) >"$out" 2>"$err" || code=$?
    killed=$code
    run 0 train --resume model --epochs 20 --device reference --quiet --out model --history history.csv
    cmp -s model whole.model || fail "another model, killed at $n"
    cmp -s history.csv whole.csv || fail "another history, killed at $n"
    rm -f .clfit-*
    [ $killed != 0 ] || break
    same $killed 137
  done
  [ "$n" -ge 3 ] || fail "only $n kills"
fi

# The curve of a long history is thinned out, and ends where the training does.
run 0 train --hidden 1 --samples 1 --epochs 400000 --device reference --quiet --history long.csv --plot long.txt
grep -q '^ *0 .* 400000$' long.txt || fail 'the picture ends before the training'
