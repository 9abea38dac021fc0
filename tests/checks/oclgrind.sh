#!/usr/bin/env bash
# Runs the quick verification in Oclgrind, an interpreter of kernels that watches every access.
# oclgrind.sh PROGRAM. Oclgrind's exit code stays 0 whatever it finds: its log must be empty.
set -euo pipefail
program=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

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

check team --data-races --uninitialized --check-api
# Oclgrind 21.10 crashes in --uninitialized on vector shuffles, of which float16 kernels are made.
check wide --data-races --check-api
check packed --data-races --check-api
check_fast team --data-races --uninitialized --check-api
check_fast wide --data-races --check-api
check_fast packed --data-races --check-api
