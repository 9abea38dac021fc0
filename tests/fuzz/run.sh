#!/usr/bin/env bash
# Runs the fuzz targets for some seconds each, as many at a time as there are processors, from the committed seeds and
# the files of tests/data; what a run finds beyond them stays in BUILD/corpus, from which the next one goes on. An input
# that crashes, leaks or hangs is left as BUILD/NAME-crash-..., and printed in base64; the exit code is 1. The
# environment variable CLFIT_FUZZ_SEED, a number, is the seed of libFuzzer's random numbers. The target pack runs for a
# quarter of SECONDS.
#
#   run.sh BUILD SECONDS [TARGET...]     BUILD: the folder of cmake --preset fuzz
set -euo pipefail
[ $# -ge 2 ] || { echo 'usage: run.sh BUILD SECONDS [TARGET...]' >&2; exit 2; }
build=$(realpath "$1")
seconds=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)
[ $# -gt 0 ] || set -- csv safetensors axes target number checkpoint study parcels pack

# The seeds of a target: its own, and the files of tests/data that it takes, with a first byte that chooses, as the
# target's own comment says.
gather() {
  local old=$here/../data/version-0.1.0
  [ ! -d "$here/seeds/$1" ] || cp "$here/seeds/$1"/* "$2"
  case $1 in
    csv) for file in "$old"/data.csv "$here"/../data/nist/*; do
           [ -f "$file" ] && { printf '\0'; head -c 8192 "$file"; } >"$2/$(basename "$file")"
         done ;;
    safetensors) cp "$old"/*.safetensors "$2" ;;
    study) cp "$old"/*.sqlite "$2" ;;
    parcels) CLFIT_SEEDS=$2 "$build/tests/fuzz/fuzz_parcels" -runs=0 2>/dev/null ;;
  esac
}

fuzz() {
  local target=$1 place seeds log code=0 seconds=$seconds
  # a function of few lines, which takes 80,000 inputs a second
  [ "$target" != pack ] || seconds=$(((seconds + 3) / 4))
  # in memory, where there is such a place
  place=$(mktemp -d -p "$([ -w /dev/shm ] && echo /dev/shm || echo "${TMPDIR:-/tmp}")")
  seeds=$place/seeds
  mkdir "$seeds"
  gather "$target" "$seeds"
  mkdir -p "$build/corpus/$target"
  log=$build/$target.log
  (cd "$place" && "$build/tests/fuzz/fuzz_$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
    ${CLFIT_FUZZ_SEED:+-seed=$CLFIT_FUZZ_SEED} -max_len=65536 -artifact_prefix="$build/$target-" \
    -print_final_stats=1 "$build/corpus/$target" "$seeds" >"$log" 2>&1) || code=$?
  echo "$target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs"
  # in one call, because other targets print, too; of the inputs those of this run
  if [ $code != 0 ]; then
    {
      tail -40 "$log"
      find "$build" -maxdepth 1 -name "$target-*-*" -newer "$seeds" -exec sh -c 'echo "$1:"; base64 "$1"' sh {} \;
    } >"$log.failure"
    sed "s/^/$target: /" "$log.failure"
  fi
  rm -rf "$place"
  return $code
}

bad=0 running=0
for target in "$@"; do
  if [ $running = "$(nproc)" ]; then
    wait -n || bad=1
    running=$((running - 1))
  fi
  fuzz "$target" &
  running=$((running + 1))
done
while [ $running -gt 0 ]; do
  wait -n || bad=1
  running=$((running - 1))
done
exit $bad
