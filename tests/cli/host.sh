#!/bin/sh
# Machines that compute otherwise: one that flushes denormal numbers, and one with another math library.
# host.sh PROGRAM PRELOAD; the latter is other_host.c.
set -eu
command -v python3 >/dev/null || { echo 'python3 is needed' >&2; exit 1; }
preload=$2
case $preload in /*) ;; *) preload=$(pwd)/$preload ;; esac
. "$(dirname "$0")/expect.sh"

# on HOST FUNCTION ARGUMENT...: runs or refuses on such a machine.
on()
{
  export LD_PRELOAD="$preload" OTHER_HOST="$1"
  shift
  "$@"
  unset LD_PRELOAD OTHER_HOST
}

small='--hidden 3 --samples 20 --epochs 2 --device reference --quiet'
run 0 train $small --out model
run 0 sweep $small --db study.sqlite

# ---- denormal numbers ----

# Whatever computes answers on the host, also of parameters that it only reads.
if [ "$(uname -m)" = x86_64 ]; then
  flushes='this process flushes denormal numbers to zero'
  on flush refuse 3 "$flushes" train $small
  on flush refuse 3 "$flushes" predict model --grid 0:1:3
  on flush refuse 3 "$flushes" predict --study study.sqlite --grid 0:1:3
  on flush refuse 3 "$flushes" export model --out model.h
  on flush refuse 3 "$flushes" results study.sqlite --model 0 --out other
  on flush refuse 3 "$flushes" results study.sqlite --plot best.svg --kind best
  on flush run 0 results study.sqlite
fi

# ---- the math library ----

# A formula without sine is the same there.
run 0 sweep $small --target x^2 --db plain.sqlite
on sin run 0 sweep --hidden 3,4 --resume plain.sqlite --quiet

elsewhere='the formula has other values on this machine than where the study was begun (another math library)'
on sin refuse 2 "$elsewhere" sweep --resume study.sqlite --quiet
on sin refuse 2 "$elsewhere" sweep --hidden 3,4 --resume study.sqlite --quiet
run 0 sweep --hidden 3,4 --resume study.sqlite --quiet

for part in 1 2; do
  run 0 sweep $small --seed 0,1 --shard $part/2 --db here$part.sqlite
done
on sin run 0 sweep $small --seed 0,1 --shard 2/2 --db there2.sqlite
refuse 2 'the formula has other values in one of the studies (another math library)' \
  results all.sqlite --merge here1.sqlite there2.sqlite
run 0 results all.sqlite --merge here1.sqlite here2.sqlite
# Also where the first one is of an earlier version.
for part in 1 2 3; do
  run 0 sweep $small --seed 0..2 --shard $part/3 --db third$part.sqlite
done
rm third3.sqlite
on sin run 0 sweep $small --seed 0..2 --shard 3/3 --db third3.sqlite
python3 -c "import sqlite3
study = sqlite3.connect('third1.sqlite')
study.execute(\"DELETE FROM meta WHERE key = 'formula_digest'\")
study.commit()"
refuse 2 'the formula has other values in one of the studies' \
  results thirds.sqlite --merge third1.sqlite third2.sqlite third3.sqlite
run 0 results thirds.sqlite --merge third1.sqlite
run 0 results thirds.sqlite --merge third2.sqlite
refuse 2 'the formula has other values in one of the studies' results thirds.sqlite --merge third3.sqlite

on sin run 0 predict --study study.sqlite --grid 0:1:3
grep -q '^clfit: warning: the formula has other values .*where study.sqlite was trained' "$err" || fail 'no warning'

if command -v gnuplot >/dev/null; then
  on sin run 0 results study.sqlite --report page.html
  same "$(grep -c 'another math library' "$err")" 1 'one warning for all pictures'
fi

# A study of an earlier version does not say what its formula gave.
cp "$data/version-0.1.0/killed.sqlite" old.sqlite
chmod u+w old.sqlite
on sin run 0 sweep --resume old.sqlite --quiet
