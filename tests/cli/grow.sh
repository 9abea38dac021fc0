#!/bin/sh
# clfit sweep --resume with more values of axes: the study ends equal to one that had them from the beginning.
set -eu
command -v python3 >/dev/null || { echo 'python3 is needed' >&2; exit 1; }
. "$(dirname "$0")/expect.sh"

# equal STUDY OPTION...: the study has what a sweep with these options makes, to the last bit and with the same ids.
equal()
{
  grown=$1
  shift
  rm -f whole.sqlite
  run 0 sweep "$@" --db whole.sqlite --quiet
  same "$(ask sum "$grown")" "$(ask sum whole.sqlite)" "$grown is not what a sweep makes at once"
}

# count: what is said of it; the networks that are there are not trained again.
trained()
{
  grep -q "^networks  $2 of $2 trained" "$out" || fail "not $2 networks"
  same "$(ask sql "$1" 'select count(*) from networks')" "$2" "networks of $1"
}

# await STUDY COUNT: until a study that is being written is of that many configurations
await()
{
  for _ in $(seq 600); do
    [ "$(ask sql "$1" "select value from meta where key = 'count'" 2>/dev/null)" != "$2" ] || return 0
    sleep 0.1
  done
  fail "$1 has not come to be of $2 configurations"
}

# ---- axes ----

base='--samples 30 --epochs 20 --keep best:5'
run 0 sweep $base --hidden 2,4 --seed 0..4 --db a.sqlite --quiet
times=$(ask sql a.sqlite 'select group_concat(seconds) from (select seconds from networks order by seed, hidden)')
run 0 sweep --resume a.sqlite --seed 0..9
grep -q '^count     20 configurations, more than the study.s 10 so far$' "$err" || fail 'not told'
trained a.sqlite 20
same "$(ask sql a.sqlite 'select group_concat(seconds) from (select seconds from networks where seed < 5 order by seed, hidden)')" \
  "$times" 'networks that were there have been trained again'
equal a.sqlite $base --hidden 2,4 --seed 0..9
# Values before and between those it had, of several axes at once, one of which had only its default; all options typed.
run 0 sweep --resume a.sqlite $base --hidden 3,2,5,4 --seed 0..12 --activation relu,sigmoid --quiet
equal a.sqlite $base --hidden 3,2,5,4 --seed 0..12 --activation relu,sigmoid
run 0 sweep --resume a.sqlite
trained a.sqlite 104
# The same points in other words are no change.
run 0 sweep --resume a.sqlite --seed 0,1,2,3,4,5,6,7,8,9,10,11,12
trained a.sqlite 104

all_axes='--samples 30 --epochs 20 --hidden 3,2,5,4 --seed 0..20 --activation relu,sigmoid'
refuse 2 'another --mode: strict in the study' sweep --resume a.sqlite $all_axes --keep best:5 --mode fast
refuse 2 'another --seed: 0..12 in the study, 0..11 given now' sweep --resume a.sqlite --seed 0..11
refuse 2 'another --seed: 0..12 in the study, 1..20 given now' sweep --resume a.sqlite --seed 1..20
refuse 2 'another --hidden: 3,2,5,4 in the study, 2,3,4,5 given now' sweep --resume a.sqlite --hidden 2..5,3 --seed 0..20
refuse 2 'another --hidden: 3,2,5,4 in the study, 2,3,4,5 given now' sweep --resume a.sqlite --hidden 2,3,4,5
refuse 2 'another --epochs: 20 in the study, 30 given now' sweep --resume a.sqlite --epochs 30
refuse 2 'another --keep: best:5 in the study, all given now' sweep --resume a.sqlite $all_axes --keep all
refuse 2 'another --shard: none in the study, 1/2 given now' sweep --resume a.sqlite $all_axes --keep best:5 --shard 1/2
refuse 2 'another --random: none in the study, 7 given now' sweep --resume a.sqlite --random 7
refuse 2 'another --target: ' sweep --resume a.sqlite --target x --seed 0..20
refuse 2 'another --data: none in the study' sweep --resume a.sqlite --data a.sqlite
refuse 2 'whole number' sweep --resume a.sqlite --seed 0..x

# ---- random draws, shards, halving, presets ----

run 0 sweep $base --seed 0..99 --rate 0.01:1:log9 --random 6 --db random.sqlite --quiet
run 0 sweep --resume random.sqlite --random 15
trained random.sqlite 15
equal random.sqlite $base --seed 0..99 --rate 0.01:1:log9 --random 15
refuse 2 'another --random: 15 in the study, 14 given now' sweep --resume random.sqlite --random 14
refuse 2 'a study of --random cannot get more values' sweep --resume random.sqlite --seed 0..199
refuse 2 'another --random-seed: 0 in the study, 1 given now' sweep --resume random.sqlite $base --seed 0..99 --rate 0.01:1:log9 --random 20 --random-seed 1

for i in 1 2; do
  run 0 sweep $base --seed 0..4 --rate 0.1,0.2 --shard $i/2 --db part$i.sqlite --quiet
  refuse 2 'a shard can only get more values of its slowest axis' sweep --resume part$i.sqlite --rate 0.1,0.2,0.3
  refuse 2 'a shard can only get more values of its slowest axis' sweep --resume part$i.sqlite --seed 5..6,0..4
  run 0 sweep --resume part$i.sqlite --seed 0..6 --quiet
done
run 0 results merged.sqlite --merge part1.sqlite part2.sqlite
grep -q '^networks  14 of 14, ' "$out" || fail 'shards that grew'
run 0 sweep --resume merged.sqlite --rate 0.3,0.1,0.2 --quiet
rm -f whole.sqlite
run 0 sweep $base --seed 0..6 --rate 0.3,0.1,0.2 --db whole.sqlite --quiet
all='select group_concat(id || digest) from (select id, digest from networks order by id)'
same "$(ask sql merged.sqlite "$all")" "$(ask sql whole.sqlite "$all")" 'a merged study that grew'

run 0 sweep --samples 30 --epochs 20 --halving 2 --min-epochs 5 --seed 0..3 --db halving.sqlite --quiet
refuse 2 'a study of --halving cannot get more values' sweep --resume halving.sqlite --seed 0..7
refuse 2 'another --halving: none in the study, 2 given now\|another --rank-by' sweep --resume a.sqlite $all_axes --keep best:5 --halving 2

# A preset's networks take long, so none is trained: its study begins, and is then one with another axis.
"$clfit" sweep --preset course-table --db preset.sqlite --quiet >"$out" 2>"$err" &
pid=$!
await preset.sqlite 80
kill -INT $pid
wait $pid || :
run 2 sweep --resume preset.sqlite --hidden 128,3
grep -q 'does not go with --preset course-table' "$err" || fail 'another axis of the preset'
"$clfit" sweep --resume preset.sqlite --seed 1..3 --quiet >"$out" 2>"$err" &
pid=$!
await preset.sqlite 240
kill -INT $pid
wait $pid || :
same "$(ask sql preset.sqlite "select value from meta where key = 'count'")" 240 'configurations of the preset'

# ---- samples of a file ----

printf 'x,y\n0,1\n0.3,2\n0.5,2\n1,4\n' >points.csv
run 0 sweep --data points.csv --hidden 2,3 --epochs 50 --db data.sqlite --quiet
rate=$(ask sql data.sqlite "select value from meta where key = 'axis.rate'")
run 0 sweep --resume data.sqlite --hidden 1..4 --quiet
equal data.sqlite --data points.csv --hidden 1..4 --epochs 50 --rate "$rate"
mv points.csv moved.csv
run 0 sweep --resume data.sqlite --hidden 1..5 --data moved.csv --quiet
same "$(ask sql data.sqlite 'select count(*) from networks')" 5
printf 'x,y\n0,1\n0.3,2\n0.5,2\n1,4.5\n' >points.csv
refuse 2 'the samples in .* are no longer those\|another data digest' sweep --resume data.sqlite --hidden 1..6
rm -f points.csv
mv moved.csv points.csv

# ---- before it ends ----

# Interrupted, with networks in training; then killed at any time after it has got more values.
long='--hidden 4,8 --samples 100 --epochs 200,20000 --keep all'
"$clfit" sweep $long --seed 0..9 --db cut.sqlite --quiet >"$out" 2>"$err" &
pid=$!
await cut.sqlite 40
sleep 0.5
kill -INT $pid 2>/dev/null || : # it may have ended
wait $pid || :
for life in 1 2 3 4; do
  "$clfit" sweep --resume cut.sqlite --seed 3..12,0..2 --activation tanh,sigmoid --quiet >"$out" 2>"$err" &
  pid=$!
  sleep "$(shuf -i 20-800 -n 1)e-3"
  kill -KILL $pid 2>/dev/null || :
  wait $pid 2>/dev/null || :
done
run 0 sweep --resume cut.sqlite --seed 3..12,0..2 --activation tanh,sigmoid --quiet
equal cut.sqlite $long --seed 3..12,0..2 --activation tanh,sigmoid
same "$(ls cut.sqlite*)" cut.sqlite 'something is left beside the study'

# ---- studies of version 0.1.0 ----

cp "$data/version-0.1.0/grid.sqlite" old.sqlite
seeds=$(ask sql old.sqlite "select value from meta where key = 'axis.seed'")
before=$(ask sql old.sqlite 'select count(*) from networks')
run 0 sweep --resume old.sqlite --seed "$seeds,77" --quiet
[ "$(ask sql old.sqlite 'select count(*) from networks')" -gt "$before" ] || fail 'an old study has not grown'
refuse 2 'made by an earlier version of clfit, without --batch' sweep --resume old.sqlite --batch 1,2
