#!/bin/sh
# kill -9 at random moments, then --resume: the study ends equal to that of an uninterrupted sweep.
# CLFIT_KILLS=100 for the long form.
set -eu
command -v python3 >/dev/null || { echo 'python3 is needed' >&2; exit 1; }
. "$(dirname "$0")/expect.sh"
kills=${CLFIT_KILLS:-6}

# Many short trainings, so that rows are being written at any time, and a few that take longer than the time until a
# kill, which is at most about half of what the whole sweep takes, so that they need checkpoints.
# --keep best: moves parameters in and out meanwhile.
options='--hidden 4,8 --activation sigmoid,tanh --seed 0..7 --sample-seed 0,1 --samples 100,200 --epochs 50,1500,7500
  --rate 0.1,100 --keep best:20'
begin=$(date +%s%3N)
run 0 sweep $options --db whole.sqlite --quiet
most=$((($(date +%s%3N) - begin) / 2))
[ $most -lt 2500 ] || most=2500 # milliseconds

turn=0
killed=0
while [ $killed -lt "$kills" ]; do
  turn=$((turn + 1))
  name=killed$turn.sqlite
  for life in 1 2 3 4 5 6 7 8 9 10; do
    "$clfit" sweep $options --resume $name --quiet >/dev/null 2>"$err" &
    pid=$!
    sleep "$(shuf -i 20-$((most + 20)) -n 1)e-3"
    kill -KILL $pid 2>/dev/null || :
    code=0
    wait $pid 2>/dev/null || code=$?
    [ $code != 0 ] || break # it was done
    same $code 137 "life $life of $name"
    killed=$((killed + 1))
    [ $killed -lt "$kills" ] || break
  done
  run 0 sweep $options --resume $name --quiet
  same "$(ask sum $name)" "$(ask sum whole.sqlite)" "after $killed kills"
  same "$(ls $name*)" $name 'something is left beside the study'
  rm -f $name*
done
