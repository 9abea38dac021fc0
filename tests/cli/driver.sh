#!/bin/sh
# Drivers whose compiler aborts, ends the process, hangs or takes long. driver.sh PROGRAM LAYER; the layer of the OpenCL
# loader is driver/faulty.c.
set -eu
command -v python3 >/dev/null || { echo 'python3 is needed' >&2; exit 1; }
layer=$2
case $layer in /*) ;; *) layer=$(pwd)/$layer ;; esac
. "$(dirname "$0")/expect.sh"

# What is remembered of devices lies beside the kernels. This test needs a folder of its own for it, and compiles less
# if that has the kernels of other tests.
kernels=${POCL_CACHE_DIR:-}
export POCL_CACHE_DIR="$place/cache"
mkdir "$POCL_CACHE_DIR"
for folder in "$kernels"/??; do
  if [ -d "$folder" ]; then ln -s "$folder" "$POCL_CACHE_DIR"; fi
done
forget()
{
  rm -rf "$POCL_CACHE_DIR"/clfit-probe-*
}

# PoCL can show two devices, of which one goes wrong.
export POCL_DEVICES='basic pthread' OPENCL_LAYERS="$layer" FAULTY_LOG="$place/builds"
unset CLFIT_PROBE_SECONDS FAULTY_DEVICE
small='--hidden 4 --samples 20 --epochs 2'

# builds WHAT COUNT: how many builds went wrong (faulty), or processes built something (processes), since the last call.
builds()
{
  touch "$FAULTY_LOG"
  case $1 in
  faulty) found=$(grep -c faulty "$FAULTY_LOG" || :) ;;
  processes) found=$(cut -d ' ' -f 1 "$FAULTY_LOG" | sort -u | wc -l) ;;
  esac
  same "$found" "$2" "builds that are counted as $1"
  rm "$FAULTY_LOG"
}

# ---- a driver that aborts, or ends the process ----

export FAULTY_DEVICE=basic FAULTY_BUILD=abort
died='its driver ended the trial by signal 6 (Aborted): LLVM ERROR: cannot select something'
run 0 devices
grep -q "^0:0  *basic.* no: unusable: $died\$" "$out" || fail 'the dead device is not told'
grep -q '^0:1  *pthread.* yes' "$out" || fail 'the other device is not listed'
builds faulty 1

run 0 train $small --json
grep -q '"device": "pthread' "$out" || fail 'not trained on the other device'
grep -q "^clfit: device 0:0 (basic.*) is left out: $died\$" "$err" || fail 'not told why'
builds faulty 1
run 0 train $small --json --quiet
[ ! -s "$err" ] || fail 'something on stderr'
builds processes 1
refuse 3 "device 0:0 (basic.*) cannot be used: $died; clfit devices tries it again" train $small --device 0:0
refuse 3 "cannot be used: $died" train $small --device BASIC
refuse 3 "cannot be used: $died" sweep $small --device 0:0,0:1
builds faulty 0

run 0 sweep $small --device all --json
grep -q "^clfit: device 0:0 (basic.*) is left out: $died\$" "$err" || fail 'not told by the sweep'
run 0 sweep $small --device cpu --quiet
builds faulty 0 # the sweep builds what clfit devices has tried

# clfit devices tries again, and then the device is used.
run 0 devices --json
grep -q '"id": "0:0", .*"usable": false, "strict": false, "reason": "unusable: its driver.*"id": "0:1", .*"usable": true' \
  "$out" || fail 'usable is missing'
builds faulty 1
unset FAULTY_DEVICE
run 3 train $small --device 0:0
run 0 devices
grep -q '^0:0  *basic.* yes' "$out" || fail 'not tried again'

# A driver with its own end of the process; no device is left.
forget
export FAULTY_DEVICE=- FAULTY_BUILD=exit
refuse 3 'cannot be used: its driver ended the trial with exit code 7; clfit' train $small
run 0 train $small --device reference --quiet
run 3 sweep $small --device all
same "$(grep -c 'is left out' "$err")" 2
grep -q 'device 0:0 .* cannot be used' "$err" || fail 'a sweep without a device'

# What a new version of the driver does is not known: it would have another digest, and so another file.
same "$(find "$POCL_CACHE_DIR" -name 'clfit-probe-*' | wc -l)" 4

# Where nothing can be remembered, each start tries again.
for file in "$POCL_CACHE_DIR"/clfit-probe-*; do
  rm "$file"
  mkdir "$file"
done
rm -f "$FAULTY_LOG"
for turn in 1 2; do
  refuse 3 'cannot be used' train $small --device 0:1
done
builds faulty 2
same "$(find "$POCL_CACHE_DIR" -name 'clfit-probe-*' -type f | wc -l)" 0
forget

# ---- a driver that hangs ----

export FAULTY_BUILD=hang CLFIT_PROBE_SECONDS=1
refuse 3 'device 0:0 .* cannot be used: the trial did not end within 1 s' train $small --device 0:0
unset CLFIT_PROBE_SECONDS
forget

# A signal ends the program at once, and the process that tries the driver.
rm -f "$FAULTY_LOG"
command='clfit train, ended while a driver is tried'
"$clfit" train $small --device 0:0 --quiet >"$out" 2>"$err" &
pid=$!
until [ -s "$FAULTY_LOG" ]; do sleep 0.05; done
child=$(cut -d ' ' -f 1 "$FAULTY_LOG")
[ "$child" != $pid ] || fail 'the program itself has built something'
kill -TERM $pid
code=0
wait $pid || code=$?
same $code 130
# A process that nobody waits for may stay as a zombie, where the first process does not do that.
runs()
{
  [ -e "/proc/$1" ] && ! grep -q '^State:.*Z' "/proc/$1/status"
}
for turn in 1 2 3 4 5 6 7 8 9 10; do
  runs "$child" || break
  sleep 0.1
done
! runs "$child" || fail 'the process that tries the driver is still there'
