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
died='its driver ended the trial by signal 6 (Aborted): LLVM ERROR: cannot select?something'
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

# One that ends the process as if all were well.
export FAULTY_BUILD=exit0
refuse 3 'cannot be used: its driver ended the trial with exit code 0; clfit' train $small --device 0:0
forget

# A driver that ends the process as it is loaded, or by a program that no probe has built: one line, and exit code 3.
ended()
{
  run 3 "$@"
  [ ! -s "$out" ] || fail 'something on stdout'
  same "$(grep -c '^clfit: something has .* the program, probably an OpenCL driver; OCL_ICD_VENDORS chooses' "$err")" 1
}
for how in abort exit exit0; do
  FAULTY_LOAD=$how ended devices
  FAULTY_LOAD=$how ended train $small --device cpu
  CLFIT_PROBE_SECONDS=0 FAULTY_BUILD=$how ended train $small --activation gelu --device 0:0 --out none
done
[ -z "$(ls -A)" ] || fail 'something is left behind'
FAULTY_LOAD=abort run 0 train $small --device reference --quiet
grep -q '^digest' "$out" || fail 'the reference needs no driver'

# ---- a driver that hangs ----

export FAULTY_BUILD=hang CLFIT_PROBE_SECONDS=1
refuse 3 'device 0:0 .* cannot be used: the trial did not end within 1 s' train $small --device 0:0
unset CLFIT_PROBE_SECONDS
forget

# tried: begins a training, and waits until a process ($child) tries the driver.
tried()
{
  rm -f "$FAULTY_LOG"
  "$clfit" train $small --device 0:0 --quiet >"$out" 2>"$err" &
  pid=$!
  until [ -s "$FAULTY_LOG" ]; do sleep 0.05; done
  child=$(cut -d ' ' -f 1 "$FAULTY_LOG")
  [ "$child" != $pid ] || fail 'the program itself has built something'
}

# A process that nobody waits for may stay as a zombie, where the first process does not do that.
runs()
{
  [ -e "/proc/$1" ] && ! grep -q '^State:.*Z' "/proc/$1/status"
}

# A signal ends the program at once, and the process that tries the driver, also one that leaves no time for it.
for signal in TERM KILL; do
  command="clfit train, ended by SIG$signal while a driver is tried"
  tried
  kill -$signal $pid
  code=0
  wait $pid || code=$?
  same $code $([ $signal = TERM ] && echo 130 || echo 137)
  for turn in 1 2 3 4 5 6 7 8 9 10; do
    runs "$child" || break
    sleep 0.1
  done
  ! runs "$child" || fail 'the process that tries the driver is still there'
done

# What others have ended says nothing of the driver.
command='clfit train, whose trial is ended'
tried
kill -KILL "$child"
code=0
wait $pid || code=$?
same $code 3
grep -q 'the trial was ended by signal 9' "$err" || fail 'not told'
same "$(find "$POCL_CACHE_DIR" -name 'clfit-probe-*' | wc -l)" 0
forget

# ---- a compilation that lasts ----

export CLFIT_PROBE_SECONDS=0 FAULTY_DEVICE=pthread FAULTY_BUILD=100

# interrupted SIGNAL ARGUMENT...: ends the program while it compiles. A second is what it has; here it gets two, as the
# machine may run other tests meanwhile.
interrupted()
{
  signal=$1
  shift
  rm -f "$FAULTY_LOG"
  command="clfit $* (ended by SIG$signal while it compiles)"
  "$clfit" "$@" >"$out" 2>"$err" </dev/null &
  pid=$!
  until grep -q faulty "$FAULTY_LOG" 2>/dev/null; do sleep 0.02; done
  sleep 0.2
  begin=$(date +%s%3N)
  kill -$signal $pid
  code=0
  wait $pid || code=$?
  took=$(($(date +%s%3N) - begin))
  same $code 130
  echo "clfit $1 ended $took ms after SIG$signal"
  [ $took -lt ${most:-2000} ] || fail "ended only after $took ms"
}

echo old >model
interrupted INT train --device 0:1 $small --out model
same "$(cat model)" old
[ ! -s "$err" ] || fail 'a training that has not begun has something to say'
interrupted TERM search --device 0:1 --max-error 0.01 --db searched.sqlite
interrupted TERM devices
interrupted INT predict "$data/version-0.1.0/curve.safetensors" --grid 0:1:3 --device 0:1

# A second program is compiled while networks are trained: 16,384 at once, of which half have diverged by then. The
# others are saved, and the sweep goes on to the same end. Writing them takes its time, too.
sweep='--hidden 4,8 --samples 10 --epochs 600 --rate 0.1,1e19 --seed 0..8199'
FAULTY_DEVICE=- FAULTY_BUILD=0 run 0 sweep $sweep --db whole.sqlite --quiet
export FAULTY_SKIP=2 # training and evaluation of 8 neurons, which come first
most=10000
interrupted TERM sweep $sweep --db cut.sqlite --quiet --device 0:1
grep -q '^clfit: interrupted with [0-9]* of 32800 networks trained; go on with: clfit sweep' "$err" || fail 'not told'
[ "$(ask sql cut.sqlite 'SELECT count(*) FROM checkpoints')" -gt 8000 ] || fail 'they are not saved'
same "$(ls cut.sqlite*)" cut.sqlite 'something is left beside the study'
unset FAULTY_SKIP FAULTY_DEVICE
run 0 sweep $sweep --resume cut.sqlite --quiet
same "$(ask sum cut.sqlite)" "$(ask sum whole.sqlite)" 'interrupted and resumed'

# On a terminal a compilation that lasts is told, in a probe as well; elsewhere it is not.
export FAULTY_DEVICE=pthread FAULTY_BUILD=4
on_terminal()
{
  command="clfit $* (on a terminal)"
  python3 - "$clfit" "$@" >"$out" <<'PY'
import pty, sys
sys.exit(pty.spawn(sys.argv[1:]) >> 8)
PY
}
on_terminal train $small --device 0:1
same "$(grep -c 'clfit: compiling for 0:1 pthread.* \.\.\.' "$out")" 2 # two programs
export FAULTY_MOST=1
on_terminal train $small --device 0:1 --quiet
! grep -q compiling "$out" || fail '--quiet, and yet told'
unset CLFIT_PROBE_SECONDS
on_terminal devices
grep -q 'clfit: compiling for 0:1 pthread.* \.\.\.' "$out" || fail 'a probe that lasts is not told'
forget
run 0 train $small --device 0:1
! grep -q compiling "$err" || fail 'told without a terminal'
