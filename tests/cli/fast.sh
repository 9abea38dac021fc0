#!/bin/sh
# --mode fast on the command line: the mode is shown with the results, stored with them, and never mixed with strict
# mode.
set -eu
. "$(dirname "$0")/expect.sh"

network='--hidden 33 --samples 100 --rate 0.05'

# ---- train ----

run 0 train $network --epochs 30 --quiet --json
same "$(value mode "$out")" strict 'the default'
strict=$(value digest "$out")
run 0 train $network --epochs 30 --quiet
! grep -q -i fast "$out" || fail 'a strict training speaks of fast mode'
run 0 train $network --epochs 30 --quiet --json --mode fast --out whole
same "$(value mode "$out")" fast
fast=$(value digest "$out")
[ "$fast" != "$strict" ] || fail 'fast mode gives the same losses as strict mode'
run 0 train $network --epochs 30 --quiet --json --mode fast
same "$(value digest "$out")" "$fast" 'once more'
run 0 train $network --epochs 30 --quiet --json --mode fast --launch-steps 7
same "$(value digest "$out")" "$fast" 'in short launches'
run 0 train $network --epochs 30 --quiet --mode fast
grep -q "^device .*, mapping wide, fast mode" "$out" || fail 'the text does not say that the mode is fast'

# A model goes on in the mode that it was trained in.
run 0 train $network --epochs 10 --quiet --mode fast --out model
run 0 train --resume model --epochs 30 --quiet --json --out model
same "$(value mode "$out") $(value digest "$out")" "fast $fast" 'resumed'
cmp -s model whole || fail 'the model that was resumed differs'
run 0 train --resume model --epochs 31 --quiet --json --mode fast
refuse 2 'model: it was trained in fast mode and cannot be continued with --mode strict' train --resume model --epochs 40 --mode strict
run 0 train $network --epochs 10 --quiet --out strict
! grep -q -a '"mode"' strict || fail 'a strict model file is not what it was'
refuse 2 'strict: it was trained in strict mode and cannot be continued with --mode fast' train --resume strict --epochs 40 --mode fast
refuse 2 'the reference trains in strict mode only' train --mode fast --device reference
refuse 2 'the reference trains in strict mode only' train --resume model --epochs 40 --device reference

# Its answers are strict: the same on every device.
run 0 predict model --grid 0:1:50
cp "$out" answers
run 0 predict model --grid 0:1:50 --device cpu
cmp -s "$out" answers || fail 'answers differ between devices'

# ---- sweep and results ----

axes='--hidden 3,33 --samples 100 --epochs 30 --rate 0.05,0.1'
run 0 sweep $axes --mode fast --db fast.sqlite --keep best:1
grep -q '^mode      fast' "$err" || fail 'the sweep does not say that the mode is fast'
run 0 sweep --resume fast.sqlite --quiet
run 0 sweep $axes --mode fast --resume fast.sqlite --keep best:1 --quiet
refuse 2 'another --mode: fast in the study, strict given now' sweep $axes --resume fast.sqlite --keep best:1
run 0 sweep $axes --db strict.sqlite
! grep -q '^mode' "$err" || fail 'a strict sweep speaks of modes'
refuse 2 'another --mode: strict in the study, fast given now' sweep $axes --mode fast --resume strict.sqlite

# A sweep that was interrupted, stored and taken up again, with fewer networks at once than before, is the same sweep.
if command -v python3 >/dev/null; then
  digests() { python3 -c "import sqlite3
for row in sqlite3.connect('$1').execute('SELECT id, status, steps, train_loss, digest FROM networks ORDER BY id'): print(row)"; }
  long='--mode fast --hidden 3,8 --seed 0..31 --samples 500 --epochs 3000,9000'
  run 0 sweep $long --db whole.sqlite --quiet
  resume="$long --resume broken.sqlite"
  cuts=0
  for seconds in 0.3 0.15 0.2 0.4 0.1 0.6 1; do
    command="clfit sweep $resume (interrupted after $seconds s)"
    "$clfit" sweep $resume --quiet >"$out" 2>"$err" &
    pid=$!
    sleep $seconds
    kill -INT $pid 2>/dev/null || true
    code=0
    wait $pid || code=$?
    if [ $code = 0 ]; then # it was done
      [ $cuts = 0 ] || break
      rm -f broken.sqlite*
      resume="$long --resume broken.sqlite"
      continue
    fi
    [ $code = 130 ] || fail "exit code $code"
    [ -s broken.sqlite ] || continue
    resume='--resume broken.sqlite'
    [ "$(ask sql broken.sqlite 'select count(*) from checkpoints')" = 0 ] || cuts=$((cuts + 1))
    [ $cuts -lt 3 ] || break
  done
  [ $cuts -gt 0 ] || fail 'never interrupted while networks are in training'
  run 0 sweep $resume --quiet
  same "$(digests broken.sqlite)" "$(digests whole.sqlite)" 'interrupted and resumed'
fi

# Networks come out as fast ones, kept or trained again; that bits may differ is said, and only then.
for id in 0 1 2 3; do
  run 0 results fast.sqlite --model $id --out again
  grep -q -a '"mode":"fast"' again || fail 'the model forgets its mode'
done
if command -v python3 >/dev/null; then
  # As if the sweep had run on another device.
  python3 -c "import sqlite3
db = sqlite3.connect('fast.sqlite')
db.execute(\"UPDATE networks SET digest=replace(digest, '0', '1') WHERE id NOT IN (SELECT id FROM parameters)\")
db.commit()"
  others=0
  for id in 0 1 2 3; do
    run 0 results fast.sqlite --model $id --out again
    [ -s "$err" ] || continue
    others=$((others + 1))
    grep -q "^clfit: the parameters of network $id were not stored; training it again in fast mode gave slightly" "$err" ||
      fail 'another message'
    run 0 results fast.sqlite --model $id --out again --quiet
    [ ! -s "$err" ] || fail '--quiet is not quiet'
  done
  same $others 3 'networks that are not the same'
fi

# Shards of different modes are of different studies.
run 0 sweep $axes --shard 1/2 --db one.sqlite --quiet
run 0 sweep $axes --shard 2/2 --mode fast --db two.sqlite --quiet
refuse 2 mode results both.sqlite --merge one.sqlite two.sqlite
