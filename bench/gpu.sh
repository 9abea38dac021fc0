#!/usr/bin/env bash
# What there is to know about clfit on a machine with a GPU, in one command and about ten minutes: what OpenCL
# shows, every device against the reference, the benchmark, a large sweep, and other programs on the same GPU.
#
#   bench/gpu.sh [--clfit PROGRAM] [--device SELECTOR] [--out FILE] [--networks N] [--no-peers]
#
# PROGRAM is build/clfit unless told, SELECTOR gpu, FILE bench/results/DATE-DEVICE.md, N 100000. A part that fails or
# takes too long is written down, and the next one goes on. Exit codes: 0 all parts ran, 1 some did not, 2 bad usage,
# 3 there is no such device.
set -u
here=$(cd "$(dirname "$0")/.." && pwd)
clfit=$here/build/clfit device=gpu out="" networks=100000 peers=yes

say() { printf 'gpu.sh: %s\n' "$*" >&2; }

while [ $# -gt 0 ]; do
  case $1 in
    --clfit | --device | --out | --networks)
      [ $# -ge 2 ] || { say "$1 needs a value"; exit 2; }
      case $1 in
        --clfit) clfit=$2 ;;
        --device) device=$2 ;;
        --out) out=$2 ;;
        --networks) networks=$2 ;;
      esac
      shift ;;
    --no-peers) peers=no ;;
    *) say "unknown option $1"; exit 2 ;;
  esac
  shift
done
case $networks in
  "" | 0* | *[!0-9]*) say "--networks $networks is no number of networks"; exit 2 ;;
esac
command -v "$clfit" >/dev/null ||
  { say "there is no program $clfit: build it (./setup.sh), or name it with --clfit"; exit 2; }
clfit=$(command -v "$clfit")

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# A short training says whether the device is there, and its name.
if ! "$clfit" train --device "$device" --hidden 4 --epochs 1 --json >"$scratch/train.json" 2>"$scratch/error"; then
  cat "$scratch/error" >&2
  exit 3
fi
name=$(sed -n 's/.*"device": *"\([^"]*\)".*/\1/p' "$scratch/train.json" | head -n 1)
slug=$(printf %s "$name" | tr -cs '[:alnum:]' - | tr '[:upper:]' '[:lower:]' | sed 's/-$//')
[ -n "$out" ] || out=$here/bench/results/$(date +%Y-%m-%d)-$slug.md
: >"$out" || exit 2

failed=0
write() { printf '%s\n' "$@" | tee -a "$out"; }

# part TITLE SECONDS COMMAND... : runs it, at most so long, and writes down what it prints.
part() {
  local title=$1 seconds=$2 code=0 start
  shift 2
  say "$title"
  write "" "## $title"
  write ""
  start=$(date +%s)
  timeout --signal=INT --kill-after=10 "$seconds" "$@" >"$scratch/part" 2>"$scratch/error" </dev/null || code=$?
  sed 's/^/    /' "$scratch/part" | tee -a "$out"
  if [ $code != 0 ]; then
    failed=1
    # Progress overwrites its own line.
    tr '\r' '\n' <"$scratch/error" | tail -n 15 | sed 's/^/    /' | tee -a "$out"
    write ""
    if [ $code = 124 ] || [ $code = 137 ]; then
      write "Not done after $seconds s."
    else
      write "Failed with exit code $code."
    fi
  fi
  write ""
  write "$(($(date +%s) - start)) s."
}

# shellcheck disable=SC2317 # by name, below
describe() {
  uname -srm
  grep -m 1 'model name' /proc/cpuinfo 2>/dev/null
  if command -v nvidia-smi >/dev/null; then
    nvidia-smi --query-gpu=name,driver_version,memory.total,clocks.max.sm,power.limit --format=csv
  fi
  git -C "$here" log -1 --format='commit %h of %cs' 2>/dev/null
  "$clfit" devices --json | grep -oE '"(id|platform|version|instructions)": *"[^"]*"'
  "$clfit" devices
}

# The time of a whole process and its steps a second.
# shellcheck disable=SC2317
sweep() {
  "$clfit" sweep --device "$device" --hidden 128 --seed "0..$((networks - 1))" --epochs 200 --rate 0.05 \
    --db "$scratch/study.sqlite" 2>&1 | tr '\r' '\n' | grep -E '^(count|device|networks|clfit: [^0-9])'
  return "${PIPESTATUS[0]}"
}

export -f sweep describe
export clfit device networks scratch here
write "# $(date +%Y-%m-%d), $name"
part "The machine" 60 bash -c describe
part "clfit verify --all" 240 "$clfit" verify --all
if "$clfit" bench --help >/dev/null 2>&1; then
  part "clfit bench --device $device" 240 "$clfit" bench --device "$device" --quiet
else
  write "" "This clfit has no command bench."
fi
part "A sweep: $networks networks, 128 neurons, 1000 samples, 200 epochs, stored" 90 bash -c sweep
if [ $peers = no ]; then
  write "" "Peers were not asked for."
elif [ -x "$here/bench/peers/run" ]; then
  part "Peers on the same GPU" 120 "$here/bench/peers/run" --gpu --build "$(dirname "$clfit")" --hidden 8,128 \
    --networks 65536 --rounds 1
else
  write "" "There is no bench/peers/run here."
fi
say "written: $out"
exit $failed
