#!/bin/sh
# Initialisations, scaling, and defaults that depend on them: the same in train, in a sweep and in a model that is
# trained again, figures in the unit of the samples, and what is refused.
set -eu
. "$(dirname "$0")/expect.sh"

# column NAME FILE: the values of a column of a CSV file, separated by blanks.
column()
{
  awk -F , -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) at = i; if (!at) exit; next } { printf "%s ", $at }' "$2"
}

# ---- initialisations ----

# Few steps, so that the digest tells the initial weights apart; a domain whose range spread has to know.
small='--hidden 5 --samples 20 --epochs 1 --rate 1e-9 --device reference --quiet'
run 0 sweep $small --domain -3:40 --target 'x/10' --init xavier,he,normal,zero,spread --init-scale 0,2 --keep none --db s.sqlite
run 0 results s.sqlite --csv s.csv
same "$(column init s.csv)" 'xavier xavier he he normal normal zero zero spread spread '
same "$(column init_scale s.csv)" '0 2 0 2 0 2 0 2 0 2 '
digests=$(column digest s.csv)
id=0
for init in xavier he normal zero spread; do
  for scale in 0 2; do
    run 0 train $small --domain -3:40 --target 'x/10' --init $init --init-scale $scale --json --out $id.model
    same "$(value digest "$out")" "$(echo $digests | cut -d ' ' -f $((id + 1)))" "$init $scale"
    run 0 results s.sqlite --model $id --out again.model
    cmp -s $id.model again.model || fail "network $id trained again is another one"
    id=$((id + 1))
  done
done
same "$(echo $digests | tr ' ' '\n' | sort -u | wc -l)" 9 'only zero is the same with any scale'
grep -a -q '"init":"spread"' 8.model || fail 'a model does not say how it began'
! grep -a -q init_scale 8.model || fail 'a model has a default'
run 0 train $small --init Glorot --json
same "$(value init "$out")" xavier
refuse 2 "unknown initialisation 'no'; there are xavier (glorot), he (kaiming), normal, zero, spread" train --init no
refuse 2 'init-scale must be a number from 0' train --init-scale -1
refuse 2 '--init does not go with --resume' train --resume 8.model --init he

# ---- scaling ----

awk 'BEGIN { print "x,y"; for (i = 0; i < 40; i++) print 300 + 5 * i "," 2e4 * exp(-i / 8) + 100 }' >curve.csv
options='--hidden 4 --activation tanh --rate 0.05 --epochs 300 --init spread --device reference'
for scale in none range standard; do
  run 0 train --data curve.csv $options --scale $scale --quiet --json --out $scale.model --plot $scale.png
  cp "$out" $scale.json
  same "$(value scale $scale.json)" $scale
  # The model finds the same errors in the file as the training did, on the reference and on a device.
  for where in '' '--device cpu'; do
    run 0 predict $scale.model --data curve.csv --json $where
    same "$(value fit_rss "$out")" "$(value fit_rss $scale.json)" "$scale $where"
    same "$(value fit_max_error "$out")" "$(value fit_max_error $scale.json)" "$scale $where"
  done
  # A sweep finds them, too, and its model trained again is the same file.
  run 0 sweep --data curve.csv $options --scale $scale --quiet --keep none --db $scale.sqlite
  run 0 results $scale.sqlite --csv $scale.csv
  for key in train_loss fit_rss fit_rmse fit_max_error digest; do
    same "$(column $key $scale.csv)" "$(value $key $scale.json) " "$scale $key"
  done
  run 0 results $scale.sqlite --model 0 --out again.model --quiet
  cmp -s $scale.model again.model || fail "the model of a study with --scale $scale is another one"
  run 0 results $scale.sqlite --plot best.png --kind best
  cmp -s $scale.png best.png || fail "the picture of a study with --scale $scale is another one"
done
grep -a -q '"scale":"range",.*"x_factor":"97.5","x_offset":"397.5","y_factor":"[0-9.]*","y_offset":"[0-9.]*"' range.model ||
  fail 'a model lacks its scaling'
! grep -a -q 'scale\|factor' none.model || fail 'a model has a scaling that it has not'
awk -v a="$(value fit_rmse range.json)" 'BEGIN { exit !(a > 0 && a < 2000) }' || fail 'the fit is bad'
run 0 train --data curve.csv $options --scale range
grep -q '^samples   40 rows of curve.csv, scaled to -1 .. 1$' "$out" || fail 'it is not said'
grep -q '^loss .*, in scaled units$' "$out" || fail 'the unit of the loss is not said'

# Training goes on from a scaled model as if it had not ended.
run 0 train --data curve.csv $(echo $options | sed "s/300/600/") --scale standard --quiet --json
cp "$out" long.json
run 0 train --resume standard.model --epochs 600 --device reference --quiet --json --out longer.model
same "$(value digest "$out")" "$(value digest long.json)"
same "$(value fit_rss "$out")" "$(value fit_rss long.json)"
refuse 2 '--scale does not go with --resume' train --resume standard.model --scale range
cp curve.csv keep.csv
awk -F , 'NR == 1 { print; next } { print $1 "," 2 * $2 }' keep.csv >curve.csv
refuse 2 'no longer those that were trained on' train --resume range.model --epochs 600
cp keep.csv curve.csv

# Of a formula the drawn y decides: each number of samples and each seed has a scaling of its own.
grid='--target 100+50*sin(x) --domain 0:6 --hidden 3 --epochs 20 --rate 0.05 --device reference --quiet'
for scale in range standard; do
  run 0 sweep $grid --init spread --samples 20,50 --sample-seed 0..2 --scale $scale --keep none --db t-$scale.sqlite
  run 0 results t-$scale.sqlite --csv t.csv
  id=0
  for samples in 20 50; do
    for seed in 0 1 2; do
      run 0 train $grid --init spread --samples $samples --sample-seed $seed --scale $scale --json
      for key in digest test_mse test_max_error; do
        same "$(value $key "$out")" "$(column $key t.csv | cut -d ' ' -f $((id + 1)))" "$scale, network $id, $key"
      done
      id=$((id + 1))
    done
  done
done
run 0 sweep --resume t-range.sqlite --quiet
refuse 2 'another --scale: range in the study, standard given now' sweep $grid --init spread --samples 20,50 --sample-seed 0..2 --scale standard --resume t-range.sqlite
refuse 2 '--scale must be none or range or standard, not "log"' train --scale log

# A constant column, and one sample.
printf 'x,y\n5,3\n5,3\n' >flat.csv
for scale in range standard; do
  run 0 train --data flat.csv $options --scale $scale --quiet --json
  same "$(value status "$out")" done
  awk -v e="$(value fit_max_error "$out")" 'BEGIN { exit !(e < 0.1) }' || fail 'a constant is not learnt'
done

# ---- defaults with --data ----

fit='--data curve.csv --hidden 4 --activation tanh --epochs 50 --device reference'
run 0 train $fit --json --out default.model
cp "$out" default.json
same "$(wc -l <"$err")" 2 'one line about the columns, and one about the rate'
rate=$(value rate default.json)
limit=$(sed -n "s/^clfit: rate $rate: half of the stability limit \([0-9.e-]*\) of the initial weights; --rate R takes another$/\1/p" "$err")
# Two digits: half a unit of the second one is at most 5 % of the rate.
awk -v rate="$rate" -v limit="$limit" 'BEGIN { exit !(limit > 0 && rate / limit > 0.475 && rate / limit < 0.525) }' ||
  fail "rate $rate is not half of $limit"
same "$(value init default.json) $(value scale default.json)" 'spread range'
run 0 train $fit --json --init spread --scale range --rate "$rate"
! grep -q 'rate' "$err" || fail 'a rate that was given is explained'
same "$(value digest "$out")" "$(value digest default.json)" 'the defaults are those that it says'
run 0 train $fit --json --init xavier --scale none --rate 1e-9 --quiet
same "$(value init "$out") $(value scale "$out") $(value rate "$out")" 'xavier none 1e-09' 'what is given counts'
run 0 train --resume default.model --epochs 60 --device reference --json --quiet
same "$(value rate "$out") $(value init "$out") $(value scale "$out")" "$rate spread range"
run 0 train --hidden 3 --epochs 1 --samples 10 --json --quiet
same "$(value init "$out") $(value scale "$out") $(value rate "$out")" 'xavier none 0.1' 'a formula has the old defaults'

# A sweep has one rate, that of the least stable network.
run 0 sweep --data curve.csv --hidden 2,4,8 --seed 1,2 --epochs 20 --device reference --db one.sqlite
grep -q '^clfit: rate .*: half of the lowest stability limit .* of initial weights; --rate R takes others$' "$err" ||
  fail 'the rate is not said'
run 0 results one.sqlite --csv one.csv
same "$(column init one.csv)" 'spread spread spread spread spread spread '
rate=$(column rate one.csv | cut -d ' ' -f 1)
for hidden in 2 4 8; do
  for seed in 1 2; do
    run 0 train --data curve.csv --hidden $hidden --seed $seed --epochs 1 --device reference --json --quiet
    value rate "$out"
  done
done >rates
same "$(wc -l <rates) $rate" "6 $(sort -g rates | head -n 1)" 'the rate of the sweep'
run 0 sweep --resume one.sqlite --quiet
run 0 sweep --data curve.csv --hidden 2,4,8 --seed 1,2 --epochs 20 --resume one.sqlite --quiet
refuse 2 'another --scale: range in the study, none given now' sweep --data curve.csv --hidden 2,4,8 --seed 1,2 --epochs 20 --scale none --resume one.sqlite

# Least squares takes no rate, and begins spread; a formula is not scaled all the same.
run 0 train --hidden 3 --samples 50 --optimizer lm --device reference --json
[ ! -s "$err" ] || fail 'a rate is explained that there is not'
same "$(value init "$out") $(value scale "$out") $(value epochs "$out")" 'spread none 200'
run 0 train --hidden 3 --samples 50 --optimizer LM --init he --epochs 3 --device reference --json --quiet
same "$(value init "$out") $(value epochs "$out")" 'he 3'
run 0 train --data curve.csv --hidden 2 --optimizer lm --device reference --json
! grep -q rate "$err" || fail 'a rate is explained that there is not'
same "$(value init "$out") $(value scale "$out") $(value epochs "$out")" 'spread range 200'
refuse 2 '--rate does not go with --optimizer lm' train --optimizer lm --rate 0.1
refuse 2 '--rate does not go with --optimizer lm' sweep --optimizer lm --rate 0.1,0.2 --data curve.csv
run 0 sweep --data curve.csv --hidden 2 --optimizer lm --seed 0,1 --device reference --db lm.sqlite --quiet
run 0 results lm.sqlite --csv lm.csv
same "$(column init lm.csv)$(column epochs lm.csv)" 'spread spread 200 200 '
run 0 sweep --data curve.csv --hidden 2 --optimizer lm --seed 0,1 --resume lm.sqlite --quiet

# A study that was made before there was a scale goes on without, however it is resumed.
cp "$data/version-0.1.0/data.sqlite" "$data/version-0.1.0/points.csv" .
chmod u+w data.sqlite
typed=$(python3 - <<'PYTHON'
import sqlite3
rows = sqlite3.connect('data.sqlite').execute("select key, value from meta where key like 'typed.%'").fetchall()
print(*(f'--{key[6:]} {value}' for key, value in rows))
PYTHON
)
refuse 2 'another --scale: none in the study, range given now' sweep $typed --scale range --resume data.sqlite
run 0 sweep $typed --resume data.sqlite --quiet
run 0 sweep --resume data.sqlite --quiet
run 0 results data.sqlite --csv data-old.csv
run 0 train --data points.csv --x-column volts --y-column number --hidden 3 --epochs 500 --rate 0.02 --seed 2 --init xavier \
  --scale none --device reference --json --quiet
same "$(value digest "$out")" "$(column digest data-old.csv | cut -d ' ' -f 5)" 'network 4 of an old study has the old default'

run 0 train --help
tr -s ' \n' ' ' <"$out" >help
grep -q -- '--scale none|range|standard .*(default: none; with --data: range)' help || fail 'the help lacks a default'
grep -q -- '--rate R .*(default: 0.1; with --data: half of the limit' help || fail 'the help lacks a default'
grep -q -- '--epochs N .*(default: 1000; with --optimizer lm: 200)' help || fail 'the help lacks a default'
