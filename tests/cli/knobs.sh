#!/bin/sh
# Training options as axes of a sweep: the same on every device and mapping, as clfit train has it, and after kill -9.
set -eu
command -v python3 >/dev/null || { echo 'python3 is needed' >&2; exit 1; }
study=$(cd "$(dirname "$0")" && pwd)/study.py
. "$(dirname "$0")/expect.sh"

ask() { python3 "$study" "$@"; }

# ---- the figures of clfit train ----

some='--optimizer sgd,momentum,adam --batch 1,7,all --shuffle none,epoch --schedule constant,step:5:0.5
  --patience 0,3 --patience-on all --holdout 0,0.2 --rate 0.05 --hidden 5 --samples 61 --epochs 30'
run 0 sweep $some --db all.sqlite --quiet
same "$(ask sql all.sqlite 'select count(*) from networks')" 144
for id in 0 5 17 40 63 77 99 120 143; do
  ask row all.sqlite $id >row.json
  set --
  for key in optimizer batch shuffle schedule patience holdout; do
    set -- "$@" "--$key" "$(value $key row.json)"
  done
  run 0 train "$@" --patience-on all --rate 0.05 --hidden 5 --samples 61 --epochs 30 --quiet --json
  same "$(value digest "$out")" "$(value digest row.json)" "network $id"
  same "$(value status "$out")" "$(value status row.json)" "network $id"
  same "$(value epoch "$out")" "$(value epoch row.json)" "network $id"
done
[ "$(ask sql all.sqlite "select count(*) from networks where status = 'stopped'")" -gt 0 ] || fail 'none is stopped'

# ---- however it is run ----

sum=$(ask sum all.sqlite)
run 0 sweep $some --db reference.sqlite --quiet --device reference
same "$(ask sum reference.sqlite)" "$sum" reference
run 0 sweep $some --db two.sqlite --quiet --device cpu,reference
same "$(ask sum two.sqlite)" "$sum" 'two devices'

# ---- killed and resumed ----

options='--optimizer momentum,adamw --batch 5,all --shuffle epoch --patience 0,40 --patience-on held --holdout 0.25
  --clip 0,0.1 --weight-decay 1e-4 --schedule cosine --seed 0..4 --hidden 6 --samples 80 --epochs 300,20000'
run 0 sweep $options --db whole.sqlite --quiet
kills=0
life=0
while [ $life -lt 20 ] && [ $kills -lt 4 ]; do
  life=$((life + 1))
  "$clfit" sweep $options --resume killed.sqlite --quiet >/dev/null 2>"$err" &
  pid=$!
  sleep "$(python3 -c 'import random; print("%.3f" % random.uniform(0.3, 2.5))')"
  kill -KILL $pid 2>/dev/null || :
  code=0
  wait $pid 2>/dev/null || code=$?
  [ $code != 0 ] || break # it was done
  same $code 137 "life $life"
  kills=$((kills + 1))
done
run 0 sweep $options --resume killed.sqlite --quiet
same "$(ask sum killed.sqlite)" "$(ask sum whole.sqlite)" "after $kills kills"
