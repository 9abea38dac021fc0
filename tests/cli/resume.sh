#!/bin/bash
# Ctrl-C at random moments, any number of times, and the end is the same to the last bit.
set -eu
. "$(dirname "$0")/expect.sh"

# A signal that comes before the program blocks it, in its first hundredth of a second, ends it like any other program.
wait_until_blocked()
{
  for _ in $(seq 100); do
    if grep -qs '^SigBlk:.*[1-9a-f]' /proc/$pid/status || ! [ -d /proc/$pid ]; then return 0; fi
    sleep 0.01
  done
}

# interrupted SECONDS SIGNAL ARGUMENT...: runs the program and interrupts it; leaves its exit code in $code.
interrupted()
{
  seconds=$1
  signal=$2
  shift 2
  command="clfit $* (interrupted after $seconds s)"
  "$clfit" "$@" >"$out" 2>"$err" </dev/null &
  pid=$!
  wait_until_blocked
  sleep "$seconds"
  kill -"$signal" $pid 2>/dev/null || true
  code=0
  wait $pid || code=$?
}

# About half a second of training when every launch is short: a launch costs about 30 us on PoCL, a step of the reference
# about 0.1 us.
network='--hidden 31 --samples 157 --epochs 20000 --rate 0.02 --activation tanh'
run 0 train $network --quiet --json --out whole --history whole.csv
digest=$(value digest "$out")
loss=$(value train_loss "$out")

check_end()
{
  same "$(value status "$out")" done
  same "$(value digest "$out")" "$digest" "resumed"
  same "$(value train_loss "$out")" "$loss"
  same "$(value steps "$out")" 3140000
  cmp -s whole "$1" || fail 'the model file differs'
}

for device in cpu reference; do
  steps=200
  [ $device = cpu ] || steps=20
  rm -f part part.csv
  resume="$network"
  interruptions=0
  tries=0
  while :; do
    interrupted "$(printf '0.%03d' $((RANDOM % 250 + 50)))" $([ $((RANDOM % 2)) = 0 ] && echo INT || echo TERM) \
      train $resume --device $device --launch-steps $steps --json --out part --history part.csv
    # A fast machine may be done before the signal comes: then once more from the start.
    if [ $code = 0 ] && [ $interruptions = 0 ] && [ $tries -lt 50 ]; then
      tries=$((tries + 1))
      rm -f part part.csv
      continue
    fi
    [ $code = 130 ] || break
    interruptions=$((interruptions + 1))
    [ -s "$out" ] || { [ ! -s "$err" ] || fail 'interrupted before it began, and yet a message'; continue; }
    same "$(value status "$out")" interrupted
    grep -q "^clfit: interrupted in epoch [0-9]* of 20000; go on with: clfit train --resume part --out part --history part.csv --launch-steps $steps --device $device --json\$" "$err" ||
      fail 'the command to resume is not printed'
    resume='--resume part'
    [ $interruptions -lt 60 ] || fail 'no end'
    [ $interruptions -lt 12 ] || { run 0 train --resume part --out part --history part.csv --device cpu --json && break; }
  done
  same $code 0
  [ $interruptions -gt 0 ] || fail 'never interrupted'
  check_end part
  cmp -s whole.csv part.csv || fail 'the history differs'
  echo "$device: $interruptions interruptions"
done
same "$(ls)" "part
part.csv
whole
whole.csv" 'a temporary file is left'

# Without --out nothing is saved, and that is said.
interrupted 0.6 INT train $network --launch-steps 1 --plot unused.svg
same $code 130
grep -q 'nothing is saved' "$err" || fail 'it is not said that nothing is saved'
rm -f unused.svg

# A second signal ends it at once, also in the middle of a launch that takes an hour; but not one that comes with the
# first: timeout(1) sends one to the process and another to its group.
"$clfit" train --epochs 1e9 --device reference --launch-steps 4e9 --quiet --out never >"$out" 2>"$err" &
pid=$!
sleep 1
kill -INT $pid
sleep 0.6
kill -INT $pid
code=0
wait $pid || code=$?
command='clfit train (interrupted twice)'
same $code 130
[ ! -e never ] || fail 'a file after the second signal'
code=0
command='timeout -s INT 1.2 clfit train'
timeout -s INT 1.2 "$clfit" train --epochs 1e9 --device reference --quiet --out saved >"$out" 2>"$err" || code=$?
same $code 124
[ -s saved ] || fail 'not saved at a signal that comes twice'
rm saved

# ---- resuming what has ended ----

cp whole again
run 0 train --resume again --out again --json
check_end again
grep -q '"steps_per_second": 0,' "$out" || fail 'it trained on'
run 0 train --resume again --json
check_end again
run 0 train --resume again
grep -q ', 0 of them now$' "$out" || fail 'the summary does not say that nothing was trained'

# More epochs: as if there had been more from the start.
run 0 train --hidden 31 --samples 157 --epochs 7000 --rate 0.02 --activation tanh --quiet --out short --history short.csv
run 0 train --resume short --epochs 20000 --out short --history short.csv --json
check_end short
cmp -s whole.csv short.csv || fail 'the history differs'
run 0 train --resume short --epochs 20001 --json --history tail.csv
same "$(value steps "$out")" 3140157
same "$(wc -l <tail.csv)" 2
same "$(cut -d , -f 1 tail.csv | tail -n 1)" 20001

# A training that --tol stopped stays so.
run 0 train --hidden 8 --samples 50 --epochs 1e6 --tol 1e-3 --quiet --json --out stopped
steps=$(value steps "$out")
run 0 train --resume stopped --epochs 2e6 --json
same "$(value status "$out") $(value steps "$out")" "stopped $steps"

# ---- data ----

cp "$data/nist/Misra1a.csv" points.csv
run 0 train --data points.csv --hidden 4 --epochs 40 --rate 1e-4 --quiet --json --out all
digest=$(value digest "$out")
run 0 train --data points.csv --hidden 4 --epochs 10 --rate 1e-4 --quiet --out half
run 0 train --resume half --epochs 40 --json
same "$(value digest "$out")" "$digest"
echo '1000,100' >>points.csv # it would be left out
refuse 2 'half: points.csv has 15 rows now, and the training was of 14' train --resume half
sed -i '$d' points.csv
sed -i '3s/.*/100,100/' points.csv
refuse 2 'no longer those' train --resume half --epochs 40
head -n 5 "$data/nist/Misra1a.csv" >points.csv
refuse 2 'points.csv has 4 rows now, and the training was of 14' train --resume half
rm points.csv
refuse 2 'half: .*points.csv' train --resume half
if command -v python3 >/dev/null; then
  # A model of another program: the four tensors, and nothing about where they come from.
  python3 - <<'PYTHON'
import json, struct
shapes = dict(W1=[3, 1], B1=[3, 1], W2=[1, 3], B2=[1, 1])
header, at = {}, 0
for name, shape in shapes.items():
    size = 4 * shape[0] * shape[1]
    header[name] = dict(dtype='F32', shape=shape, data_offsets=[at, at + size])
    at += size
text = json.dumps(header).encode()
open('foreign', 'wb').write(struct.pack('<Q', len(text)) + text + struct.pack('<10f', *range(10)))
PYTHON
  run 0 predict foreign --grid 0:1:3
  refuse 2 'foreign: the file does not say which samples it was trained on' train --resume foreign
fi

# A formula that gives other samples than those trained on, as another math library may.
run 0 train --hidden 3 --samples 20 --epochs 2 --device reference --quiet --json --out formula
sed "s/$(value data_digest "$out")/$(printf '%064d' 0)/" formula >other
! cmp -s formula other || fail 'the model has no digest of its samples'
refuse 2 'its samples cannot be drawn again' train --resume other --epochs 4
