#!/bin/sh
# Samples held out, a validation file, and noise, as a user has them: train, resume, sweep, results, refusals.
set -eu
. "$(dirname "$0")/expect.sh"

nist=$data/nist
cp "$nist/Gauss1.csv" all.csv
sed -n '1,201p' all.csv >first.csv
sed -n '1p;202,$p' all.csv >second.csv

# ---- noise ----

run 0 train --hidden 4 --samples 100 --epochs 20 --json
plain=$(value digest "$out")
same "$(value noise "$out")" 0
same "$(value holdout "$out")" 0
same "$(value held_rmse "$out")" null
run 0 train --hidden 4 --samples 100 --epochs 20 --noise gauss:0.050 --json --out noisy.model
noisy=$(value digest "$out")
same "$(value noise "$out")" gauss:0.05
[ "$noisy" != "$plain" ] || fail "noise changes nothing"
run 0 train --hidden 4 --samples 100 --epochs 20 --noise gauss:0.05 --device reference --json
same "$(value digest "$out")" "$noisy"
run 0 train --hidden 4 --samples 100 --epochs 10 --noise gauss:0.05 --quiet --out half.model
run 0 train --resume half.model --epochs 20 --quiet --json
same "$(value digest "$out")" "$noisy" "a resumed training has the same noise"
# The test points are the curve itself: noise beyond all sense shows in the fit, and not in the test figures' y.
run 0 train --hidden 4 --samples 100 --epochs 1 --rate 1e-9 --noise 1000 --holdout 0.5 --json
awk -v t="$(value test_rmse "$out")" -v f="$(value fit_rmse "$out")" -v h="$(value held_rmse "$out")" \
  'BEGIN { exit !(t < 2 && f > 300 && h > 300) }' || fail "test points have noise, or samples have none"
refuse 2 '--noise: .gauss. is neither' train --noise gauss
refuse 2 '--noise does not go with --data' train --data all.csv --noise 0.1

# ---- a part held out ----

run 0 train --hidden 4 --samples 100 --epochs 20 --holdout 0.2
grep -q '^samples .*, 20 of them held out$' "$out" || fail "the samples held out are not told"
grep -q '^training .* 1600 steps' "$out" || fail "steps are not those of 80 samples"
grep -q '^held out  rss' "$out" || fail "no figures of what is held out"
run 0 train --hidden 4 --samples 100 --epochs 20 --holdout 0.2 --json --history whole.csv
whole=$(value digest "$out")
held=$(value held_rmse "$out")
awk -v loss="$(value train_loss "$out")" -v fit="$(value fit_rmse "$out")" \
  'BEGIN { exit !(loss / (fit * fit / 2) > 0.5 && loss / (fit * fit / 2) < 2) }' || fail "the loss is of other samples"
run 0 train --hidden 4 --samples 100 --epochs 7 --holdout 0.2 --quiet --history part.csv --out part.model
run 0 train --resume part.model --epochs 20 --quiet --json --history part.csv
same "$(value digest "$out")" "$whole" "a resumed training holds the same ones out"
same "$(value held_rmse "$out")" "$held"
cmp -s whole.csv part.csv || fail "the history differs"
run 0 export part.model --format json --out part.json
grep -q '"holdout": 0.2' part.json || fail "the export does not say what is held out"
refuse 2 '--holdout does not go with --resume' train --resume part.model --holdout 0.3
refuse 2 'from 0 to below 1' train --holdout 1
refuse 2 'needs at least 2 samples' train --samples 1 --holdout 0.5

run 0 train --data all.csv --hidden 5 --optimizer lm --activation tanh --holdout 0.2 --quiet --json --out lm.model
lm=$(value digest "$out")
same "$(value samples "$out")" 250
run 0 train --data all.csv --hidden 5 --optimizer lm --activation tanh --holdout 0.2 --quiet --json --device reference
same "$(value digest "$out")" "$lm"
sed -i '$d' all.csv
refuse 2 'has 249 rows now, and the training was of 250' train --resume lm.model
cp "$nist/Gauss1.csv" all.csv

# ---- a validation file ----

run 0 train --data first.csv --validation second.csv --hidden 5 --epochs 20 --quiet --json --out validated.model
whole=$(value digest "$out")
same "$(value samples "$out")" 250
same "$(value holdout "$out")" 0.2
same "$(value steps "$out")" 4000
held=$(value held_rmse "$out")
rate=$(value rate "$out")
run 0 train --data first.csv --validation second.csv --hidden 5 --epochs 20
grep -q 'first.csv: 200 rows, x' "$err" || fail "the rows of the first file are not told"
grep -q '^samples   200 rows of first.csv, .* 50 of second.csv held out$' "$out" || fail "those of the second are not told"
run 0 train --data first.csv --hidden 5 --epochs 20 --quiet --json --rate "$rate"
same "$(value digest "$out")" "$whole" "the validation file changes the training"
run 0 predict validated.model --data second.csv --json --quiet
same "$(value fit_rmse "$out")" "$held" "figures of the file by predict and by train"
run 0 train --data first.csv --validation second.csv --hidden 5 --epochs 7 --quiet --out part.model
run 0 train --resume part.model --epochs 20 --quiet --json
same "$(value digest "$out")" "$whole"
same "$(value held_rmse "$out")" "$held"
mv second.csv moved.csv
refuse 2 'second.csv' train --resume part.model --epochs 20
run 0 train --resume part.model --epochs 20 --quiet --json --data first.csv --validation moved.csv
same "$(value held_rmse "$out")" "$held" "a file that was moved"
# Of a file that only the model names nothing is opened but a regular one, also where --data is named.
mkfifo second.csv
refuse 2 'second.csv' train --resume part.model --epochs 20 --data first.csv
rm second.csv
sed '3s/[0-9]/9/' moved.csv >second.csv
refuse 2 'no longer those' train --resume part.model --epochs 20
mv moved.csv second.csv
refuse 2 'do not go together' train --data first.csv --validation second.csv --holdout 0.1
refuse 2 '--validation needs --data' train --validation second.csv
refuse 2 '--validation does not go with --resume' train --resume lm.model --validation second.csv --data all.csv
refuse 2 'cannot both be standard input' train --data - --validation -

# ---- sweeps ----

run 0 sweep --hidden 4 --samples 60,100 --epochs 20 --noise 0,0.1,gauss:0.050 --holdout 0,0.2 --quiet --db study.sqlite
run 0 results study.sqlite --csv - --where "noise = 'gauss:0.05' AND holdout = 0.2 AND samples = 100"
cp "$out" row.csv
run 0 train --hidden 4 --samples 100 --epochs 20 --noise gauss:0.05 --holdout 0.2 --json
grep -q "$(value digest "$out")" row.csv || fail "sweep and train differ"
grep -q ",$(value held_rmse "$out")," row.csv || fail "held_rmse of sweep and train differ"
grep -q ",$(value fit_rmse "$out")," row.csv || fail "fit_rmse of sweep and train differ"
digest=$(value digest "$out")
run 0 results study.sqlite --model "$(tail -1 row.csv | cut -d, -f1)" --out kept.model
run 0 train --resume kept.model --quiet --json
same "$(value digest "$out")" "$digest"
run 0 sweep --resume study.sqlite --quiet
run 0 results study.sqlite
grep -q 'by test_mse' "$out" || fail "not ranked by test_mse, although some networks have nothing held out"
run 0 sweep --hidden 4,6 --samples 60 --epochs 8 --rate 0.1,0.2 --noise 0.1 --holdout 0.1:0.3:3 --halving 2 \
  --min-epochs 2 --quiet --db halved.sqlite
run 0 results halved.sqlite
grep -q 'by held_rmse' "$out" || fail "not ranked by held_rmse"
run 0 results halved.sqlite --where "status <> 'pruned'" --limit 1 --json
digest=$(value digest "$out")
run 0 train --hidden "$(value hidden "$out")" --samples 60 --epochs 8 --rate "$(value rate "$out")" --noise 0.1 \
  --holdout "$(value holdout "$out")" --quiet --json
same "$(value digest "$out")" "$digest" "a network that came through halving"
run 0 results halved.sqlite --where "status = 'pruned'" --limit 1 --json
run 0 results halved.sqlite --model "$(value id "$out")" --out pruned.model

# With patience a rung gives the parameters of its best epoch, and its networks go on from those of its last one. Kept or
# not, a network is that of clfit train with as many epochs, and a pruned one can be trained further.
patient='--samples 60 --noise 0.3 --holdout 0.3 --optimizer adam --patience 8 --quiet'
rates='0.01,0.02,0.05,0.3,0.6,0.9'
run 0 sweep $patient --hidden 4 --rate $rates --epochs 40 --halving 2 --min-epochs 5 --keep all --db patient.sqlite
went_on=0
back=0
for id in 0 1 2 3 4 5; do
  run 0 results patient.sqlite --where "id = $id" --json
  cp "$out" row.json
  rate=$(value rate row.json)
  epochs=$(($(value steps row.json) / 42))
  [ $epochs -le 5 ] || went_on=$((went_on + 1))
  reached=40
  [ "$(value status row.json)" != pruned ] || reached=$epochs
  run 0 train $patient --hidden 4 --rate "$rate" --epochs $reached --json
  same "$(value digest "$out")" "$(value digest row.json)" "network $id with patience"
  same "$(value held_rmse "$out")" "$(value held_rmse row.json)" "network $id with patience"
  [ "$(value best_epoch "$out")" -eq $epochs ] || back=$((back + 1))
  run 0 results patient.sqlite --model $id --out patient.model
  run 0 train $patient --hidden 4 --rate "$rate" --epochs 40 --json
  digest=$(value digest "$out")
  run 0 train --resume patient.model --quiet --json
  same "$(value digest "$out")" "$digest" "network $id with patience, trained further"
done
[ $went_on -gt 0 ] && [ $back -gt 0 ] || fail "patience and halving did not meet"

run 0 sweep --data first.csv --validation second.csv --hidden 3,5 --rate 0.01 --epochs 20 --quiet --db files.sqlite
run 0 results files.sqlite
grep -q 'by held_rmse' "$out" || fail "not ranked by held_rmse"
run 0 results files.sqlite --csv - --where 'hidden = 5'
cp "$out" row.csv
run 0 train --data first.csv --validation second.csv --hidden 5 --rate 0.01 --epochs 20 --quiet --json
grep -q ",$(value held_rmse "$out").*,$(value digest "$out")" row.csv || fail "sweep and train with a validation file differ"
run 0 sweep --resume files.sqlite --quiet
run 0 results files.sqlite --model 1 --out files.model
run 0 train --resume files.model --quiet --json
same "$(value held_rmse "$out")" "$(tail -1 row.csv | tr , '\n' | tail -3 | head -1)"

refuse 2 'needs samples that are held out' sweep --rank-by held_rmse --db no.sqlite
refuse 2 'needs at least 2 samples' sweep --samples 1,5 --holdout 0,0.5 --db no.sqlite
refuse 2 'do not go together' sweep --data first.csv --validation second.csv --holdout 0,0.1 --db no.sqlite
