#!/usr/bin/env bash
# Runs the quick verification in Oclgrind, an interpreter of kernels that watches every access.
# oclgrind.sh PROGRAM. Oclgrind's exit code stays 0 whatever it finds: its log must be empty.
set -euo pipefail
program=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export CLFIT_PROBE_SECONDS=0 # another process with the same log
export CLFIT_WATCH_BUILDS=0  # with --uninitialized Oclgrind crashes where kernels run in another thread

check_log() { # check_log MAPPING OPTION...
  mapping=$1
  shift
  if [ -s "$folder/log" ]; then
    echo "oclgrind $* on mapping $mapping says:"
    head -n 40 "$folder/log"
    exit 1
  fi
  echo "$mapping: $* find nothing"
}

check() { # check MAPPING OPTION...
  mapping=$1
  shift
  oclgrind "$@" --log "$folder/log" "$program" verify --quick --json --mapping "$mapping" >"$folder/out" 2>"$folder/err" ||
    { echo "oclgrind $* failed for $mapping:"; cat "$folder/out" "$folder/err"; exit 1; }
  grep -q '"passed": *true' "$folder/out" || { echo "not passed:"; cat "$folder/out"; exit 1; }
  grep -qi oclgrind "$folder/out" || { echo "this was not Oclgrind's device:"; cat "$folder/out"; exit 1; }
  check_log "$mapping" "$@"
}

check_fast() { # check_fast MAPPING OPTION...: a training in fast mode, which verify knows nothing of
  mapping=$1
  shift
  oclgrind "$@" --log "$folder/log" "$program" train --mode fast --mapping "$mapping" --hidden 33 --samples 9 --epochs 2 \
    --quiet --json >"$folder/out" 2>"$folder/err" ||
    { echo "oclgrind $* failed for $mapping in fast mode:"; cat "$folder/out" "$folder/err"; exit 1; }
  grep -q '"mode": "fast".*"status": "done"' "$folder/out" || { echo "not trained:"; cat "$folder/out"; exit 1; }
  grep -qi oclgrind "$folder/out" || { echo "this was not Oclgrind's device:"; cat "$folder/out"; exit 1; }
  check_log "$mapping, fast" "$@"
}

options= # of a training, beside its optimizer
check_strict() { # check_strict MAPPING OPTIMIZER OPTION...: a training in a process of its own
  mapping=$1
  optimizer=$2
  shift 2
  oclgrind "$@" --log "$folder/log" "$program" train --data "$folder/data.csv" \
    $([ "$optimizer" = lm ] && echo --weight-column w) --x-column x --y-column y --mapping "$mapping" \
    --optimizer "$optimizer" --hidden 3 --epochs 4 --activation tanh $options \
    --quiet --json >"$folder/out" 2>"$folder/err" ||
    { echo "oclgrind $* failed for $mapping, $optimizer:"; cat "$folder/out" "$folder/err"; exit 1; }
  grep -q '"status": "done"' "$folder/out" || { echo "not trained:"; cat "$folder/out"; exit 1; }
  grep -qi oclgrind "$folder/out" || { echo "this was not Oclgrind's device:"; cat "$folder/out"; exit 1; }
  check_log "$mapping, $optimizer" "$@"
}

# Least squares takes the third power of the neurons.
largest() { [ "$1" = lm ] && echo 6 || echo 33; }

check_sweep() { # check_sweep MAPPING OPTIMIZER OPTION...: 40 networks at once
  mapping=$1
  optimizer=$2
  shift 2
  oclgrind "$@" --log "$folder/log" "$program" sweep --device 0:0 --mapping "$mapping" --optimizer "$optimizer" \
    --hidden 3,$(largest "$optimizer") --seed 0..19 --samples 9 --epochs 2 --json >"$folder/out" 2>"$folder/err" ||
    { echo "oclgrind $* failed for a sweep on $mapping, $optimizer:"; cat "$folder/out" "$folder/err"; exit 1; }
  grep -q '"networks": 40, "done": 40,' "$folder/out" || { echo "not trained:"; cat "$folder/out"; exit 1; }
  grep -qi oclgrind "$folder/err" || { echo "this was not Oclgrind's device:"; cat "$folder/err"; exit 1; }
  check_log "$mapping, a sweep, $optimizer" "$@"
}

awk 'BEGIN { OFS = ","; print "x,y,w"; for (i = 0; i < 11; i++) print i / 10, i * i / 100 - i % 3 / 10, i % 4 / 2 }' \
  >"$folder/data.csv"

# Oclgrind 21.10 takes memory for undefined if another buffer was released before, as between verify's populations, or
# if it was filled by the host with clEnqueueFillBuffer: --uninitialized looks at single trainings on weighted samples.
check team --data-races --check-api
check_strict team sgd --data-races --uninitialized --check-api
check_strict team lm --data-races --uninitialized --check-api
options='--batch 4 --shuffle epoch --clip 0.1 --holdout 0.3 --patience 9 --schedule step:2:0.5'
check_strict team adam --data-races --uninitialized --check-api
check_strict wide adam --data-races --check-api
check_strict packed adam --data-races --check-api
options='--shuffle once --patience 9 --patience-on all'
check_strict team sgd --data-races --uninitialized --check-api
options=
# Oclgrind 21.10 crashes in --uninitialized on vector shuffles, of which float16 kernels are made.
check wide --data-races --check-api
# Races are looked for among 40 networks of a sweep: in verify, whose buffers are larger, that takes half a minute.
check packed --check-api
check_sweep packed sgd --data-races --check-api
check_sweep packed adam --data-races --check-api
check_sweep packed lm --data-races --check-api
check_fast team --data-races --uninitialized --check-api
check_fast wide --data-races --check-api
check_fast packed --data-races --check-api
