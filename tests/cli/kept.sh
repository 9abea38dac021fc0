#!/bin/sh
# Samples that a study keeps, and files of samples that have been moved together with a study or a model.
set -eu
command -v python3 >/dev/null || { echo 'python3 is needed' >&2; exit 1; }
. "$(dirname "$0")/expect.sh"

# The digest of the parameters of network 1, which is trained again, as a model that goes on. What the model says is that
# of one made while the files were there: the same bytes.
model()
{
  run 0 results "$1" --model 1 --out model --quiet
  cmp -s model "${2:-whole.model}" || fail "another model of $1"
}

mkdir data
printf 'x;y;w;other\n0;1;1;9\n0,3;2;2;9\n0,5;2;0;9\n1;4;1;9\n1,5;3;1;9\n' >data/points.csv
printf 'x;y;w;other\n0,1;1;1;9\n0,7;2;1;9\n' >data/more.csv
columns='--weight-column w --validation data/more.csv --optimizer lm'
base='--hidden 2,3 --epochs 5 --keep none'
run 0 sweep --data data/points.csv $columns $base --keep-samples 0 --db none.sqlite --quiet
run 0 sweep --data data/points.csv $columns $base --keep-samples 6 --db less.sqlite --quiet
run 0 sweep --data data/points.csv $columns $base --keep-samples 7 --db kept.sqlite --quiet
for file in none less; do
  same "$(ask sql $file.sqlite "select count(*) from sqlite_schema where name = 'kept_samples'")" 0 "$file.sqlite keeps samples"
done
run 0 results none.sqlite --model 1 --out whole.model --quiet
model kept.sqlite

# The files are gone, or others: the study needs them no more.
mkdir away
mv data/*.csv away
run 2 results none.sqlite --model 1 --out model
grep -q 'cannot read data/points.csv' "$err" || fail 'a file that is not there'
model kept.sqlite
run 0 predict --study kept.sqlite --best 1 --grid 0:1:3
run 0 results kept.sqlite --plot best.svg --kind best
grep -q '>y<' best.svg || fail 'columns without names'
run 0 sweep --resume kept.sqlite --hidden 2,3,4 --quiet
run 0 sweep --resume kept.sqlite --hidden 2..5
grep -q '^clfit: data/points.csv is not there: the samples are those that the study keeps$' "$err" || fail 'not told'
run 2 sweep --resume none.sqlite --hidden 2,3,4
printf 'x;y;w\n0;1;1\n1;1;1\n' >data/points.csv
model kept.sqlite
cp away/more.csv data
refuse 2 'the samples in data/points.csv or data/more.csv are no longer those' sweep --resume kept.sqlite --hidden 2..6
rm data/points.csv data/more.csv

# A network whose parameters are in the study needs no samples to be taken out of it; only what its optimizer keeps is
# lost then. Figures of the samples are in the study, too: the answers are those of the model made while they were there.
for optimizer in sgd adam lm; do
  cp away/points.csv many.csv
  run 0 sweep --data many.csv --hidden 2,3 --epochs 5 --optimizer $optimizer --keep-samples 4 --db many.sqlite
  grep -q '^clfit: the study does not keep the 5 samples, more than --keep-samples 4: without many.csv as now' "$err" ||
    fail 'not told that samples are not kept'
  run 0 results many.sqlite --model 1 --out many.model
  run 0 predict many.model --grid 0:1.5:9
  cp "$out" answers
  rm many.csv
  run 0 results many.sqlite --model 1 --out alone.model
  case $optimizer in
  adam) grep -q '^clfit: the samples are not there, so the model has the parameters alone' "$err" || fail 'not told' ;;
  *) cmp -s many.model alone.model || fail "another model of $optimizer" ;;
  esac
  run 0 predict alone.model --grid 0:1.5:9
  cmp -s answers "$out" || fail "other answers of $optimizer"
  refuse 2 'cannot read many.csv' results many.sqlite --plot many.svg --kind best
  rm many.sqlite many.model alone.model
done

# ---- moved ----

# The relative path, or the bare name, beside the study or model, from any working folder.
mkdir -p moved/data bare
cp away/*.csv moved/data
cp away/*.csv bare
for place in moved bare; do
  cp none.sqlite whole.model $place
  (cd / && "$clfit" sweep --resume "$OLDPWD/$place/none.sqlite" --hidden 2..4 --quiet >"$out" 2>"$err") || fail "a study in $place"
  run 0 sweep --resume $place/none.sqlite
  same "$(ask sql $place/none.sqlite 'select group_concat(digest) from (select digest from networks order by id)')" \
    "$(ask sql kept.sqlite 'select group_concat(digest) from (select digest from networks where hidden < 5 order by id)')" $place
  run 0 train --resume $place/whole.model --epochs 9 --json --quiet
  [ -z "${digest:-}" ] || same "$(value digest "$out")" "$digest" 'a model that was moved'
  digest=$(value digest "$out")
  run 0 export $place/whole.model --format c --out model.h
  grep -q 'error' model.h || fail 'the error is not stated'
done
# The working folder comes first, and what is there must be the same samples.
cp -r away/. data
sed -i '$s/3/4/' data/points.csv
run 2 train --resume moved/whole.model --epochs 9
grep -q 'the samples in data/points.csv or data/more.csv are no longer those' "$err" || fail 'other samples'
rm data/*.csv
# A path of the command line is what it is.
run 2 train --resume bare/whole.model --epochs 9 --data points.csv
grep -q 'cannot read points.csv' "$err" || fail 'a path of the command line'

# ---- standard input, shards ----

plain='--hidden 2,3 --epochs 20 --rate 0.1'
printf 'x,y\n0,1\n0.3,2\n0.5,2\n1,4\n' >points.csv
"$clfit" sweep --data - $plain --db piped.sqlite --quiet <points.csv >"$out" 2>"$err" || fail 'standard input'
run 0 sweep --data points.csv $plain --db file.sqlite --quiet
run 0 results piped.sqlite --model 1 --out piped.model --quiet
run 0 results file.sqlite --model 1 --out file.model --quiet
run 0 predict piped.model --grid 0:1:9
cp "$out" answers
run 0 predict file.model --grid 0:1:9
cmp -s answers "$out" || fail 'samples of standard input'
run 0 sweep --resume piped.sqlite --hidden 2..4
grep -q '^clfit: what was read from standard input is not there: the samples are those' "$err" || fail 'not told'
for i in 1 2; do run 0 sweep --data points.csv $plain --shard $i/2 --db part$i.sqlite --quiet; done
rm points.csv
run 0 results merged.sqlite --merge part1.sqlite part2.sqlite
model merged.sqlite file.model

# ---- damaged ----

python3 - kept.sqlite <<'PYTHON'
import sqlite3, sys
study = sqlite3.connect(sys.argv[1])
bytes = study.execute('SELECT data FROM kept_samples').fetchone()[0]
for name, changed in (('short', bytes[:-1]), ('other', bytes[:4] + b'\x09' + bytes[5:]), ('bits', bytes[:-9] + b'\x7f\x7f' + bytes[-7:]),
                      ('held', bytes[:12] + b'\x01' + bytes[13:]), ('empty', b'')):
    copy = sqlite3.connect(name + '.sqlite')
    study.backup(copy)
    copy.execute('UPDATE kept_samples SET data = ?', (changed,))
    copy.commit()
    copy.close()
PYTHON
for name in short other bits held empty; do
  run 2 results $name.sqlite --model 1 --out model
  grep -q "$name.sqlite: .*damaged\|packed\|have .* rows now\|no longer those\|not the samples" "$err" || fail "no word of damage in $name"
done
