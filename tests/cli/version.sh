#!/bin/sh
# Models, studies and checkpoints that an earlier version wrote: tests/data/version-0.1.0/README.md says what they are.
# Each is opened, exported and taken up again, and has the results that the earlier version has, digit for digit.
set -eu
command -v python3 >/dev/null || { echo 'python3 is needed' >&2; exit 1; }
check=$(cd "$(dirname "$0")" && pwd)/version.py
. "$(dirname "$0")/expect.sh"
old=$data/version-0.1.0

# The tests write into their copy of the files, never into the ones of the repository.
cp "$old"/*.safetensors "$old"/*.sqlite* "$old"/interrupted.history.csv "$old"/points.csv .
chmod u+w ./*

# table EXPECTED FILE: FILE has the rows of the table EXPECTED and their values.
table()
{
  message=$(python3 "$check" table "$old/$1" "$2" 2>&1) || fail "$1: $message"
}

# ---- models: what they answer ----

# answers MODEL FILE: FILE, which is MODEL or was made of it, gives the answers of MODEL.
answers()
{
  grid=-1:2:16
  [ "$1" != curve ] || grid=-3:3:16
  run 0 predict "$2" --grid $grid
  cmp -s "$out" "$old/$1.answers.csv" || fail "$2 answers otherwise"
}

models=0
for file in "$old"/*.answers.csv; do
  model=$(basename "$file" .answers.csv)
  answers "$model" "$model.safetensors"
  models=$((models + 1))
done
same $models 10 'models with answers'
run 0 predict data.safetensors --data points.csv --x-column volts --y-column number

# ---- models: where they go on to ----

# The reference says fastest what a file has: no OpenCL is started, and nothing is trained. It refuses fast mode.
look()
{
  set -- train --resume "$1" --quiet --json
  grep -q -a '"mode":"fast"' "$3" || set -- "$@" --device reference
  run 0 "$@"
  grep -q '"steps_per_second": 0,' "$out" || fail "$3, saved and loaded, trains on"
}

# expected KEY VALUE: the training whose JSON is in $out ended so; an empty VALUE is left open.
expected()
{
  [ -z "$2" ] || same "$(value "$1" "$out")" "$2" "$model to $epochs epochs: $1"
}

resume()
{
  run 0 train --resume "$model.safetensors" --epochs "$epochs" --quiet --json --out again.safetensors "$@"
  expected status "$status"
  expected steps "$steps"
  expected train_loss "$train_loss"
  expected digest "$digest"
}

# reload: the file that was written has what was trained.
reload()
{
  resumed=$(value digest "$out")
  look again.safetensors
  expected status "$status"
  expected steps "$steps"
  same "$(value digest "$out")" "$resumed" "$model, saved and loaded"
}

tail -n +2 "$old/models.csv" >models
trainings=0
while IFS=, read -r model epochs status steps train_loss digest; do
  trainings=$((trainings + 1))
  resume
  reload
  # What was ended is what it was: only then the answers of before are those of now.
  case $model in interrupted*) continue ;; esac
  [ "$(value digest "$out")" != "$(sed -n "s/^$model,.*,//p" models | head -n 1)" ] || answers "$model" again.safetensors
done <models
same $trainings 16 'trainings'

# An interrupted training goes on in another way than it began, with its losses of before.
model=interrupted
IFS=, read -r model epochs status steps train_loss digest <<END
$(grep '^interrupted,' models)
END
cp interrupted.history.csv history.csv
resume --history history.csv
cmp -s history.csv "$old/interrupted.end.csv" || fail 'the history differs'
for way in '--device reference' '--mapping packed' '--mapping team' '--launch-steps 997'; do
  resume $way
done

# ---- studies: what is in them ----

# exported STUDY TABLE: networks that are in the study with their parameters, or trained again, have the digests of
# TABLE, as models that clfit train takes up.
exported()
{
  python3 "$check" ended "$2" >ended || fail "nothing to export of $1"
  while read -r id digest; do
    run 0 results "$1.sqlite" --model "$id" --out network.safetensors
    look network.safetensors
    same "$(value digest "$out")" "$digest" "network $id of $1"
  done <ended
}

studies=0
for file in "$old"/*.sqlite; do
  study=$(basename "$file" .sqlite)
  run 0 results "$study.sqlite" --csv table.csv
  table "$study.csv" table.csv
  run 0 results "$study.sqlite" --json
  cp "$out" table.json
  table "$study.csv" table.json
  # In the halving every network waits for its next rung or has diverged.
  [ "$study" = halving ] || exported "$study" "$old/$study.csv"
  studies=$((studies + 1))
done
same $studies 11 'studies'
for study in grid all preset; do
  same "$(python3 "$check" history $study.sqlite)" "$(sed -n "s/^$study,//p" "$old/histories.csv")" "losses of $study"
done
run 0 results all.sqlite --limit 1
grep -q '^ranked    by test_r2, the largest first$' "$out" || fail 'another rank'
run 0 results preset.sqlite --where 'rating = 5' --csv -
same "$(tail -n +2 "$out" | wc -l)" 3 'rows of the preset with rating 5'

# A finished study stays what it is.
for study in grid all preset; do
  run 0 sweep --resume $study.sqlite --quiet
  run 0 results $study.sqlite --csv table.csv
  table $study.csv table.csv
done

# ---- studies: where they go on to ----

same "$(ls "$old"/*.sqlite-wal)" "$old/killed-log.sqlite-wal" 'the log that kill -9 leaves'
for study in killed killed-log halving random data fast; do
  run 0 sweep --resume $study.sqlite --quiet
  run 0 results $study.sqlite --csv table.csv
  table $study.end.csv table.csv
  [ $study != fast ] || continue
  exported $study table.csv
  same "$(python3 "$check" history $study.sqlite)" "$(sed -n "s/^$study,//p" "$old/histories.csv")" "losses of $study"
done

# ---- shards ----

run 0 results merged.sqlite --merge shard1.sqlite shard2.sqlite
grep -q '^networks  20 of 20, ' "$out" || fail 'something is missing'
run 0 results merged.sqlite --csv table.csv
table merged.end.csv table.csv
exported merged table.csv
same "$(python3 "$check" history merged.sqlite)" "$(sed -n 's/^merged,//p' "$old/histories.csv")" 'losses of the merged study'
