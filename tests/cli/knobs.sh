#!/bin/sh
# Training options as axes of a sweep: the same on every device and mapping, as clfit train has it, and after kill -9.
set -eu
command -v python3 >/dev/null || { echo 'python3 is needed' >&2; exit 1; }
. "$(dirname "$0")/expect.sh"

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
  for key in steps train_loss test_mse best_epoch; do
    same "$(value $key "$out")" "$(value $key row.json)" "$key of network $id"
  done
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
  --clip 0,0.1 --weight-decay 1e-4 --schedule cosine --seed 0..4 --hidden 6 --samples 80 --epochs 300,8000'
run 0 sweep $options --db whole.sqlite --quiet
kills=0
life=0
most=900 # milliseconds until a kill, beyond the first 100
while [ $life -lt 20 ] && [ $kills -lt 4 ]; do
  life=$((life + 1))
  "$clfit" sweep $options --resume killed.sqlite --quiet >/dev/null 2>"$err" &
  pid=$!
  sleep "$(shuf -i 100-$((most + 100)) -n 1)e-3"
  kill -KILL $pid 2>/dev/null || :
  code=0
  wait $pid 2>/dev/null || code=$?
  if [ $code = 0 ]; then # it was done; before the first kill: once more from the start
    [ $kills -eq 0 ] || break
    rm -f killed.sqlite*
    most=$((most / 2))
    continue
  fi
  same $code 137 "life $life"
  kills=$((kills + 1))
done
[ $kills -gt 0 ] || fail 'never killed'
run 0 sweep $options --resume killed.sqlite --quiet
same "$(ask sum killed.sqlite)" "$(ask sum whole.sqlite)" "after $kills kills"

# ---- patience: the best epoch ----

best='--hidden 5 --samples 60 --noise 0.2 --holdout 0.3 --optimizer adam --rate 0.05 --patience 3 --quiet --device reference'
run 0 train $best --epochs 100 --json --history best.csv --plot best.svg
same "$(value stopped_by "$out")" patience
epoch=$(value best_epoch "$out")
same "$epoch" "$(tail -n +2 best.csv | sort -t , -g -k 3 | head -n 1 | cut -d , -f 1)" 'the smallest loss of the samples held out'
[ "$epoch" -lt "$(tail -n 1 best.csv | cut -d , -f 1)" ] || fail 'the last epoch is the best'
losses=$(awk -F , -v epoch="$epoch" '$1 == epoch { printf "train loss %.3g, held-out loss %.3g", $2, $3 }' best.csv)
same "$(grep -o ">[a-z ]*epoch [0-9]*, [^<]*<" best.svg | tail -n 1)" ">best epoch $epoch, $losses<" 'the last frame'
digest=$(value digest "$out")
run 0 train $best --epochs $((epoch + 1)) # which ends by its epochs, and goes back as well
grep -q "^best      epoch $epoch, whose parameters these are$" "$out" || fail 'the best epoch is not told'
grep -q "^digest    $digest$" "$out" || fail 'it does not go back to the best epoch'
run 0 train --hidden 2 --samples 9 --epochs 2 --json --quiet --device reference
same "$(value best_epoch "$out")" null

# ---- in the words of the command line ----

run 0 sweep --hidden 2 --samples 20 --epochs 3 --batch 1,all --seed 0,1 --device reference --db batches.sqlite --quiet
run 0 results batches.sqlite
head -n 5 "$out" | tail -n 1 | grep -q ' batch ' || fail 'no column batch'
same "$(sed '1,5d' "$out" | awk '{ print $6 }' | sort | uniq -c | tr -s ' \n' ' ')" ' 2 1 2 all ' 'batches in the table'
same "$(ask sql batches.sqlite 'select min(batch) from results')" 0
missing='needs samples that are held out: --holdout F, or --validation FILE'
for verb in train sweep; do
  refuse 2 "^clfit: --patience $missing; or --patience-on train or all$" $verb --patience 3
  refuse 2 "^clfit: --patience-on held $missing$" $verb --patience 3 --patience-on held
  refuse 2 "^clfit: --stop-on held $missing$" $verb --stop-loss 0.1 --stop-on held
done
refuse 2 "^clfit: --patience $missing; or" sweep --patience 0,3 --holdout 0.1,0 --db no.sqlite

# What means nothing for an optimizer makes no other configuration.
run 0 sweep --optimizer sgd,momentum,adam --momentum 0.5,0.9 --beta1 0.8,0.9 --seed 1..3 --dry-run --device reference
grep -q '^count     36 configurations (15 different ones)$' "$out" || fail 'another number of different configurations'
run 0 sweep --optimizer sgd,momentum --momentum 0.5,0.9 --random 200 --dry-run --device reference --json
same "$(value different "$out")" 3
run 0 sweep --optimizer sgd,momentum --momentum 0:0.9:3000 --random 2000000 --dry-run --device reference
grep -q ' drawn from 6000 with seed 0 (about 3001 different ones)$' "$out" || fail 'another expected number'

# ---- the rate that nobody typed ----

awk 'BEGIN { print "x,y"; for (i = 0; i <= 20; i++) print i / 20 "," (i / 20) ^ 2 }' >curve.csv
run 0 sweep --data curve.csv --hidden 3 --optimizer sgd,momentum --momentum 0.5,0.95 --epochs 2 --device reference --db rate.sqlite
words='of initial weights times 1 - 0.95, the largest momentum; --rate R takes others'
grep -q "half of the lowest stability limit [0-9.]* $words$" "$err" || fail 'the rate is not said'
limit=$(sed -n 's/.*half of the lowest stability limit \([0-9.]*\) .*/\1/p' "$err")
awk -v rate="$(ask sql rate.sqlite 'select rate from results')" -v limit="$limit" \
  'BEGIN { exit !(rate / (limit / 2 * 0.05) > 0.95 && rate / (limit / 2 * 0.05) < 1.05) }' || fail 'another rate' # two digits
run 0 sweep --optimizer sgd,adam --hidden 2 --samples 20 --epochs 1 --device reference
grep -q '^clfit: rate 0.1 for all of the optimizers' "$err" || fail 'nobody says which rate adam has'
run 0 sweep --optimizer adam,adamw --hidden 2 --samples 20 --epochs 1 --device reference
! grep -q '^clfit: rate' "$err" || fail 'a rate of all optimizers is explained'

# ---- a cosine that is made longer ----

run 0 train --hidden 2 --samples 20 --epochs 4 --schedule cosine --device reference --quiet --out cosine.model
run 0 train --resume cosine.model --epochs 8 --device reference
grep -q '^clfit: the schedule is cosine, whose length was 4 epochs and is 8 from here on' "$err" || fail 'nothing is said'
run 0 train --resume cosine.model --epochs 4 --device reference
[ ! -s "$err" ] || fail 'a message for a schedule that is what it was'
