#!/bin/sh
# clfit results: the ranked table, CSV and JSON, filters that can only read, models.
set -eu
. "$(dirname "$0")/expect.sh"
scripts=$(cd "$data/../cli" && pwd)
command -v python3 >/dev/null || { echo 'python3 is needed' >&2; exit 1; }

# 9 networks, 3 of them diverged; the parameters of one are kept.
for hidden in 4 8 16; do
  for rate in 0.05 0.2 1e4; do
    "$clfit" train --hidden $hidden --rate $rate --samples 100 --epochs 50 --json --quiet --out model.$hidden.$rate \
      2>"$err" || [ $rate = 1e4 ]
  done
done >rows.jsonl
run 0 sweep --hidden 1 --samples 1 --epochs 1 --db study.sqlite --quiet
python3 "$scripts/make_study.py" study.sqlite rows.jsonl model.8.0.05
cksum study.sqlite >study.cksum

# The table: best first, diverged last, ties by id, nothing else in the directory.
ids() { sed -n '/^rank /,$p' "$out" | tail -n +2 | awk '{ print $2 }' | tr '\n' ' '; }
listing >"$place/before"
run 0 results study.sqlite
listing >"$place/after"
cmp -s "$place/before" "$place/after" || fail 'the directory has changed'
grep -q '^networks  9: 6 done, 3 diverged$' "$out" || fail 'no counts'
grep -q '^ranked    by test_mse, the smallest first$' "$out" || fail 'no rank'
best=$(python3 - <<'PYTHON'
import json
rows = [(i, json.loads(line)) for i, line in enumerate(open('rows.jsonl'))]
print(*[i for i, r in sorted(rows, key=lambda row: (row[1]['test_mse'] is None, row[1]['test_mse'] or 0, row[0]))])
PYTHON
)
same "$(ids)" "$best "

# The help lists the columns that the options take: those of the CSV.
run 0 results study.sqlite --csv - --quiet
columns=$(head -n 1 "$out" | tr -d '\r')
run 0 results --help
same "$(sed -n '/^Columns/,/^  Studies of the preset/p' "$out" | sed '1,2d;$d' | tr -d ' \n')" "$columns"

run 0 results study.sqlite --limit 2
same "$(ids)" "$(echo "$best" | cut -d ' ' -f 1,2) "
run 0 results study.sqlite --rank-by test_r2
same "$(ids)" "$best " 'the largest R2 is the smallest mse'
run 0 results study.sqlite --rank-by samples
same "$(ids)" '0 1 3 4 6 7 2 5 8 '
run 0 results study.sqlite --where 'hidden <= 8 and rate < 1' --rank-by hidden
same "$(ids)" '0 1 3 4 '
grep -q '^networks  4 where' "$out" || fail 'the filter is not shown'
run 0 results study.sqlite --where 'hidden = 5'
[ -z "$(ids)" ] || fail 'networks that there are not'
grep -q '^networks  0 where' "$out" || fail 'none found'
run 0 results study.sqlite --where "hidden in (select max(hidden) from results) -- the largest"
same "$(ids | wc -w)" 3
run 0 results study.sqlite --where "status = 'done' and abs(rate - 0.2) < 1e-9" --rank-by hidden
same "$(ids)" '1 4 7 '

# CSV and JSON: all rows, the very numbers that train printed, the same in both.
run 0 results study.sqlite --csv all.csv
[ ! -s "$out" ] || fail '--csv FILE, and something on stdout'
run 0 results study.sqlite --csv -
cmp -s "$out" all.csv || fail '--csv - differs'
run 0 results study.sqlite --json
cp "$out" all.json
same "$(wc -l <all.json)" 1
run 0 results study.sqlite --json --csv both.csv
cmp -s "$out" all.json && cmp -s both.csv all.csv || fail '--json beside --csv differs'
python3 - <<'PYTHON'
import csv, json
train = [json.loads(line) for line in open('rows.jsonl')]
study = json.load(open('all.json'))
text = json.load(open('all.json'), parse_float=str, parse_int=str)
table = list(csv.DictReader(open('all.csv')))
assert {k: study[k] for k in study if k != 'results'} == {
    'study': 'study.sqlite', 'networks': 9, 'done': 6, 'stopped': 0, 'pruned': 0, 'diverged': 3}
assert len(train) == len(study['results']) == len(table) == 9
for i, (trained, row, line, shown) in enumerate(zip(train, study['results'], table, text['results'])):
    assert row['id'] == i and list(row) == list(line)
    for key in set(row) & set(trained):
        assert row[key] == trained[key], (i, key)
    assert {k: v or '' for k, v in shown.items()} == line
    assert (row['test_mse'] is None) == (row['status'] == 'diverged')
PYTHON
run 0 results study.sqlite --csv - --rank-by test_mse --limit 3 --where 'id > 3'
same "$(wc -l <"$out")" 4
run 0 results study.sqlite --quiet --csv /dev/null
same "$(cksum study.sqlite)" "$(cat study.cksum)" 'results changed the study'

# A filter can read the results and nothing else, and is one condition.
refuse 2 '--where "hidden <=": .*syntax error' results study.sqlite --where 'hidden <='
refuse 2 'no such column: hiden' results study.sqlite --where 'hiden <= 32'
refuse 2 'aggregate' results study.sqlite --where 'max(hidden) = 3'
refuse 2 'syntax error' results study.sqlite --where '1) UNION SELECT * FROM results WHERE (1'
refuse 2 'syntax error' results study.sqlite --where '1) ORDER BY (hidden'
refuse 2 'syntax error' results study.sqlite --where '1) --'
refuse 2 'is not a single condition on columns\|syntax error\|incomplete' results study.sqlite --where '1); DROP TABLE networks; --'
refuse 2 'is not a single condition on columns\|syntax error\|incomplete' results study.sqlite --where '1) THEN 1 END; SELECT (1'
refuse 2 'is not a single condition' results study.sqlite --where 'hidden < ?'
refuse 2 'is not a single condition' results study.sqlite --where 'hidden < :x'
refuse 2 'syntax error' results study.sqlite --where ' '
refuse 2 'syntax error' results study.sqlite --where "ATTACH 'other.sqlite' AS other"
refuse 2 'syntax error' results study.sqlite --where 'DELETE FROM networks'
refuse 2 'syntax error' results study.sqlite --where '(DELETE FROM networks RETURNING 1)'
refuse 2 'can read nothing but' results study.sqlite --where '(SELECT max(hidden) FROM networks) > 0'
refuse 2 'can read nothing but' results study.sqlite --where '(SELECT length(history) FROM networks) > 0'
for table in meta parameters sqlite_schema sqlite_master 'pragma_table_info("networks")' \
  temp.sqlite_master main.parameters; do
  refuse 2 'can read nothing but\|not authorized' results study.sqlite --where "(SELECT count(*) FROM $table) > 0"
done
refuse 2 'not authorized' results study.sqlite --where "load_extension('evil') is null"
refuse 2 'can read nothing but' results study.sqlite \
  --where 'exists (with recursive c(x) as (select 1 union all select x + 1 from c) select * from c)'
same "$(cksum study.sqlite)" "$(cat study.cksum)" 'a filter changed the study'

# Mistakes.
refuse 2 'clfit results needs a STUDY.sqlite' results
refuse 2 'cannot read none.sqlite: No such file' results none.sqlite
refuse 2 'rows.jsonl is not a study written by clfit sweep' results rows.jsonl
: >empty
refuse 2 'empty is not a study' results empty
python3 -c "import sqlite3; c = sqlite3.connect('other.sqlite'); c.execute('create table t(x)'); c.commit()"
refuse 2 'other.sqlite is not a study written by clfit sweep' results other.sqlite
cp study.sqlite other.sqlite
python3 -c "import sqlite3; c = sqlite3.connect('other.sqlite'); c.execute('pragma user_version = 9'); c.commit()"
refuse 2 'other.sqlite is a study of version 9; this clfit knows version 1' results other.sqlite
cp study.sqlite other.sqlite
python3 -c "import sqlite3; c = sqlite3.connect('other.sqlite'); c.execute('drop view results'); c.commit()"
refuse 2 'other.sqlite is no study of this clfit: it has no results' results other.sqlite
python3 -c "import sqlite3; c = sqlite3.connect('other.sqlite'); c.execute('create view results as select 1 as id'); c.commit()"
refuse 2 'other.sqlite is no study of this clfit: view results is defined otherwise' results other.sqlite
refuse 2 '--rank-by: there is no column "mse"; there are id, hidden,.*test_mse' results study.sqlite --rank-by mse
refuse 2 '--rank-by: there is no column' results study.sqlite --rank-by 'id; drop table networks'
refuse 2 '--limit must be a whole number' results study.sqlite --limit 0
refuse 2 '--csv - does not go with --json' results study.sqlite --csv - --json
refuse 2 '--csv would overwrite the study' results study.sqlite --csv ./study.sqlite
refuse 2 '--csv: cannot write no/a.csv' results study.sqlite --csv no/a.csv
if [ -e /dev/full ]; then
  run 2 results study.sqlite --csv /dev/full
  grep -q 'No space left' "$err" || fail 'a full disk is not named'
fi

# While a sweep writes: what is committed is seen, and the writer goes on. After a kill -9 its log is read as well.
python3 - "$clfit" <<'PYTHON'
import os, shutil, sqlite3, subprocess, sys
clfit = sys.argv[1]
shutil.copy('study.sqlite', 'live.sqlite')
writer = sqlite3.connect('live.sqlite', isolation_level=None)
writer.execute('PRAGMA journal_mode = WAL')
copy = 'INSERT INTO networks SELECT %d, ' + ', '.join(
    r[1] for r in writer.execute('PRAGMA table_info(networks)') if r[1] != 'id') + ' FROM networks WHERE id = 0'
writer.execute(copy % 9)
writer.execute('BEGIN IMMEDIATE')
writer.execute(copy % 10)
rows = lambda path: subprocess.run([clfit, 'results', path, '--csv', '-'], capture_output=True, check=True).stdout.count(b'\n')
assert rows('live.sqlite') == 11, 'the committed row, and not the other'
writer.execute('COMMIT')
assert rows('live.sqlite') == 12
for part in ('', '-wal', '-shm'):
    shutil.copy('live.sqlite' + part, 'killed.sqlite' + part)
assert rows('killed.sqlite') == 12
assert os.path.getsize('killed.sqlite-wal') > 0
os.remove('killed.sqlite-shm')
assert rows('killed.sqlite') == 12
PYTHON

# In a folder that cannot be written (which does not stop root).
mkdir locked
cp study.sqlite 'locked/a %b?.sqlite'
chmod 500 locked
run 0 results 'locked/a %b?.sqlite' --csv "$place/locked.csv"
cmp -s "$place/locked.csv" all.csv || fail 'a read-only folder'
chmod 700 locked

# Models: kept parameters and a training repeated give the same network; a repeated one even the same file.
same "$(python3 -c "import sqlite3
print(*sqlite3.connect('study.sqlite').execute('select id from parameters').fetchone())")" 3
for pair in 0:4.0.05 3:8.0.05 7:16.0.2; do
  id=${pair%%:*}
  run 0 results study.sqlite --model "$id" --out again
  [ ! -s "$out" ] && [ ! -s "$err" ] || fail '--model says something'
  [ "$id" = 3 ] || cmp -s again "model.${pair#*:}" || fail "network $id trained again differs from clfit train's file"
  "$clfit" predict again --grid 0:1:50 >again.csv
  "$clfit" predict "model.${pair#*:}" --grid 0:1:50 >model.csv
  cmp -s again.csv model.csv || fail "network $id answers otherwise"
  for from in again "model.${pair#*:}"; do
    run 0 train --resume $from --epochs 60 --json --quiet
    value digest "$out" >"$place/digest.$(basename $from | cut -c 1)"
  done
  cmp -s "$place/digest.a" "$place/digest.m" || fail "network $id trains on otherwise"
done
same "$(cksum study.sqlite)" "$(cat study.cksum)" '--model changed the study'

# A stop by tol is repeated to the last bit, from data as well.
cp "$data/nist/Misra1a.csv" misra.csv
cp study.sqlite data.sqlite
"$clfit" train --data misra.csv --scale none --init xavier --hidden 3 --rate 1e-5 --epochs 200 --tol 0.5 --json --quiet --out data.model >data.json
same "$(value status data.json)" stopped
python3 - <<'PYTHON'
import json, sqlite3
row = json.load(open('data.json'))
db = sqlite3.connect('data.sqlite')
db.execute("DELETE FROM meta WHERE key = 'target'")
db.execute("INSERT INTO meta VALUES ('data', 'misra.csv')")
db.execute("UPDATE networks SET hidden=3, samples=?, rate=1e-5, epochs=200, tol=0.5, status='stopped', steps=?, digest=?,"
           " train_loss=?, sample_seed=NULL, history=x'' WHERE id = 0", [row[k] for k in ('samples', 'steps', 'digest', 'train_loss')])
db.execute("UPDATE networks SET digest=replace(digest, '0', '1') WHERE id = 3")
db.execute("UPDATE networks SET digest=replace(digest, '0', '1') WHERE id = 7")
db.commit()
PYTHON
run 0 results data.sqlite --model 0 --out again
cmp -s again data.model || fail 'data trained again differs'
sed -i '$s/.$/9/' misra.csv
refuse 2 'network 0 trained again has the digest .* and the study has' results data.sqlite --model 0 --out other
python3 -c "import sqlite3
db = sqlite3.connect('data.sqlite'); db.execute(\"insert into meta values('data_digest', '$(printf '%064d' 0)')\"); db.commit()"
refuse 2 'the samples in misra.csv are no longer those' results data.sqlite --model 0 --out other
rm misra.csv
refuse 2 'cannot read misra.csv\|cannot open misra.csv' results data.sqlite --model 0 --out other
python3 -c "import sqlite3
db = sqlite3.connect('data.sqlite'); db.execute(\"delete from meta where key='data_digest'\")
db.execute(\"update meta set key='target', value='x' where key='data'\"); db.commit()"
refuse 2 'parameters kept of network 3 have another digest' results data.sqlite --model 3 --out other
refuse 2 'network 7 trained again has the digest' results data.sqlite --model 7 --out other

refuse 2 'network 2 diverged in epoch 1' results study.sqlite --model 2 --out other
refuse 2 'study.sqlite has no network 9' results study.sqlite --model 9 --out other
for bad in x -1 1.5 '' 9999999999999999999; do
  refuse 2 '--model must' results study.sqlite --model "$bad" --out other
done
refuse 2 '--model needs --out' results study.sqlite --model 0
refuse 2 '--out needs --model' results study.sqlite --out other
refuse 2 '--out needs the name of a file' results study.sqlite --model 0 --out -
refuse 2 '--out would overwrite the study' results study.sqlite --model 0 --out study.sqlite
refuse 2 '--model does not go with' results study.sqlite --model 0 --out other --json

# Pictures.
refuse 2 '--kind needs --plot' results study.sqlite --kind loss
refuse 2 '--rows needs --plot' results study.sqlite --rows hidden
refuse 2 '--reduce goes with --kind heatmap only' results study.sqlite --plot a.svg --kind loss --reduce min
refuse 2 '--plot: .*svg.*png' results study.sqlite --plot a.jpeg
refuse 2 '--plot: .*svg or .png' results study.sqlite --plot a.txt
refuse 2 '--plot: .*svg or .png' results study.sqlite --plot - --kind fits
refuse 2 '--plot - does not go with --json' results study.sqlite --plot - --kind best --json
refuse 2 '--plot: cannot write no/a.svg' results study.sqlite --plot no/a.svg
refuse 2 '--kind must be heatmap or best or fits or loss, not "pie"' results study.sqlite --plot a.svg --kind pie
refuse 2 '--plot and --csv are the same file' results study.sqlite --plot a.svg --csv ./a.svg
refuse 2 '--model does not go with --plot' results study.sqlite --plot a.svg --model 0 --out other
cp study.sqlite picture.svg
refuse 2 '--plot would overwrite the study' results picture.svg --plot picture.svg
rm picture.svg
if "$clfit" results study.sqlite --plot a.svg >"$out" 2>"$err"; then
  rm a.svg
  refuse 2 '--rows: there is no column "neurons"' results study.sqlite --plot a.svg --rows neurons
  refuse 2 '--cols: there is no column' results study.sqlite --plot a.svg --cols x
  refuse 2 '--value: there is no column' results study.sqlite --plot a.svg --value mse
  refuse 2 'there is no fit_rss to draw' results study.sqlite --plot a.svg --value fit_rss --where "status = 'done'"
  refuse 2 'no network of the selection was trained to its end' results study.sqlite --plot a.svg --kind loss --where 'rate > 100'
  refuse 2 'no network of the selection was trained to its end' results study.sqlite --plot a.svg --kind best --where 'id > 100'
  refuse 2 'no more than 24 fits' results study.sqlite --plot a.svg --kind fits --limit 25
  refuse 2 'no more than 64 losses' results study.sqlite --plot a.svg --kind loss --limit 65

  # A heatmap's cells: the axes in rising order, the median of the networks in a cell, diverged ones crossed out.
  run 0 results study.sqlite --plot map.svg
  [ ! -s "$out" ] && [ ! -s "$err" ] || fail '--plot says something'
  for text in 'test_mse; x: diverged' hidden rate 4 8 16 0.05 0.2 10000; do
    grep -q "<tspan.*>$text<\|>$text<" map.svg || fail "the heatmap has no $text"
  done
  same "$(grep -c "xlink:href='#gpPt1'" map.svg)" 3 'a cross for each diverged cell'
  [ "$(grep -c "rgb(208, 208, 208)" map.svg)" -ge 1 ] || fail 'diverged cells are not grey'
  mse_column=$(head -n 1 all.csv | tr , '\n' | grep -n '^test_mse$' | cut -d : -f 1)
  for id in 0 1 3 4 6 7; do
    mse=$(sed -n "$((id + 2))p" all.csv | cut -d , -f "$mse_column" | xargs printf %.3g)
    grep -q ">$mse<" map.svg || fail "the heatmap has no cell $mse"
  done
  run 0 results study.sqlite --plot map.svg --rows activation --cols hidden --value train_loss --where 'rate < 1'
  grep -q '>median train_loss<' map.svg || fail 'two networks a cell have a median'
  median=$(python3 -c "import json
rows = [r['train_loss'] for r in json.load(open('all.json'))['results'] if r['hidden'] == 8 and r['rate'] < 1]
print('%.3g' % (sum(rows) / 2))")
  grep -q ">$median<" map.svg || fail "the median is not $median"
  run 0 results study.sqlite --plot map.svg --rows activation --cols hidden --reduce max
  same "$(grep -c "xlink:href='#gpPt1'" map.svg)" 3 'the worst of each cell diverged'
  run 0 results study.sqlite --plot map.svg --rows activation --cols hidden --reduce min
  same "$(grep -c "xlink:href='#gpPt1'" map.svg)" 0 'the best of each cell did not'
  run 0 results study.sqlite --plot map.svg --where 'rate > 100'
  run 0 results study.sqlite --plot map.svg --where 'id = 0'
  run 0 results study.sqlite --plot map.png --value test_r2 --csv - --limit 1
  same "$(wc -l <"$out")" 2
  same "$(head -c 4 map.png | tail -c 3)" PNG

  # Fits are drawn from kept and from repeated trainings; the best is what clfit train draws of the same network.
  run 0 results study.sqlite --kind fits --plot fits.svg
  for id in 0 1 3 4 6 7; do grep -q ">$id: hidden" fits.svg || fail "there is no fit of network $id"; done
  run 0 results study.sqlite --kind fits --limit 1 --where 'id = 3' --plot fits.svg
  run 0 results study.sqlite --kind best --plot best.png
  "$clfit" train --hidden 16 --rate 0.2 --samples 100 --epochs 50 --plot train.png --quiet >"$out" 2>"$err"
  cmp -s best.png train.png || fail 'the best fit differs from what clfit train draws'
  run 0 results study.sqlite --kind best --plot -
  same "$(wc -l <"$out")" 24
  run 0 results study.sqlite --kind loss --plot loss.svg
  for text in 'train loss' epoch '7: hidden 16, rate 0.2'; do
    grep -q ">$text<" loss.svg || fail "the losses have no $text"
  done
  # The key is below the curves: below the name of their axis.
  height()
  {
    grep -B3 ">$1" loss.svg | sed -n 's/.*translate([0-9.]*,\([0-9.]*\)).*/\1/p' | tail -n 1
  }
  awk -v key="$(height '[0-9]*: hidden')" -v axis="$(height epoch)" 'BEGIN { exit !(axis > 0 && key > axis) }' ||
    fail 'the key lies over the curves'
  cp study.sqlite other.sqlite
  python3 -c "import sqlite3
db = sqlite3.connect('other.sqlite')
db.execute(\"update networks set epochs = 1, steps = 100, history = substr(history, 1, 8) where status = 'done'\")
db.execute(\"update networks set history = x'' where id = 3\"); db.commit()"
  run 0 results other.sqlite --kind loss --plot loss.svg
  refuse 2 'no losses to draw' results other.sqlite --kind loss --plot a.svg --where 'id = 3'
  ln -s /dev/full full.png
  run 2 results study.sqlite --plot full.png
  grep -q 'No space left' "$err" || fail 'a full disk is not named'
  PATH=/nowhere run 2 results study.sqlite --plot a.svg
  grep -q 'gnuplot is not installed' "$err" || fail 'a missing gnuplot is not named'
  [ ! -e a.svg ] || fail 'a failed picture is left behind'
else
  grep -q 'gnuplot is not installed' "$err" || fail 'no picture, and not for lack of gnuplot'
fi
same "$(cksum study.sqlite)" "$(cat study.cksum)" 'a picture changed the study'

# Shards of a sweep, merged in any order and again, are the whole sweep.
sweep="sweep --hidden 4,8,16 --rate 0.05,0.2,1e4 --samples 100 --epochs 50 --quiet --keep best:2"
run 0 $sweep --db whole.db
for i in 1 2 3 4; do run 0 $sweep --shard $i/4 --db shard$i.db; done
# All but the columns of time.
columns()
{
  "$clfit" results "$1" --csv - | awk -F , '
    NR == 1 { for (i = 1; i <= NF; i++) time[i] = $i == "train_seconds" || $i == "steps_per_second" }
    { for (i = 1; i <= NF; i++) if (!time[i]) printf "%s,", $i; print "" }'
}
kept() { python3 -c "import sqlite3; print(*sqlite3.connect('$1').execute('select id, hex(data) from parameters order by id'))"; }
columns whole.db >whole.csv
run 0 results all.db --merge shard3.db --merge shard1.db
grep -q '^networks  5 of 9, 5 of them new, 0 there before$' "$out" || fail 'no counts'
grep -q '^missing   shard 2/4, shard 4/4$' "$out" || fail 'missing shards are not listed'
cksum all.db >all.cksum
run 0 results all.db --merge shard3.db
grep -q '^networks  5 of 9, 0 of them new, 2 there before$' "$out" || fail 'a merge repeated'
run 0 results all.db --merge shard1.db shard2.db shard3.db shard4.db
grep -q '^networks  9 of 9, 4 of them new, 5 there before$' "$out" || fail 'all of them'
grep -q missing "$out" && fail 'something is missing'
columns all.db >all.csv
cmp -s all.csv whole.csv || fail 'the merged shards differ from the whole sweep'
same "$(kept all.db)" "$(kept whole.db)" 'what is kept'
run 0 results other.all --merge shard2.db,shard4.db
run 0 results all.db --merge other.all whole.db
run 0 results other.all --merge all.db
columns other.all | cmp -s - whole.csv || fail 'merged from what is merged'
run 0 sweep --resume all.db --quiet
run 0 results one.db --merge whole.db
columns one.db | cmp -s - whole.csv || fail 'merged from one'

# A shard that is not finished: its networks are missing one by one; its sweep may still go on.
python3 -c "import sqlite3
db = sqlite3.connect('shard1.db'); db.execute('delete from networks where id = 4'); db.commit()"
run 0 results part.db --merge shard1.db shard2.db shard3.db shard4.db
grep -q '^missing   shard 1/4 (1 of its 3 networks)$' "$out" || fail 'half a shard is not listed'

# A failed merge leaves the study unchanged.
run 0 $sweep --shard 1/3 --db third.db
run 0 sweep --hidden 4,8,16 --rate 0.05,0.3,1e4 --samples 100 --epochs 50 --quiet --shard 4/4 --db rate.db
run 0 sweep --hidden 4,8 --random 9 --rate 0.05,0.2 --samples 10 --epochs 5 --quiet --db random.db
refuse 2 'all.db and rate.db are of different sweeps: rate is 0.05,0.2,10000 and 0.05,0.3,10000' \
  results all.db --merge rate.db
refuse 2 'shard1.db and random.db are of different sweeps' results new.db --merge shard1.db random.db
refuse 2 'third.db is one of 3 shards, and the others are of 4' results new.db --merge shard1.db third.db
refuse 2 'new.db cannot be merged into itself' results new.db --merge ./new.db
refuse 2 'cannot read none.db: No such file' results new.db --merge shard1.db none.db
refuse 2 'rows.jsonl is not a study' results new.db --merge rows.jsonl
refuse 2 'rows.jsonl is not a study' results rows.jsonl --merge shard1.db
refuse 2 'no/new.db' results no/new.db --merge shard1.db
refuse 2 '--json does not go with --merge' results new.db --merge shard1.db --json
refuse 2 'clfit results: unexpected argument "shard2.db"' results shard1.db shard2.db
python3 -c "import sqlite3
db = sqlite3.connect('shard2.db'); db.execute('update networks set train_loss = 7 where id = 5'); db.commit()"
refuse 2 'network 5 of shard2.db has another train_loss than in all.db' results all.db --merge shard1.db shard2.db
python3 -c "import sqlite3
db = sqlite3.connect('shard3.db'); db.execute('update networks set id = 5 where id = 6'); db.commit()"
refuse 2 'network 5 of shard3.db has another' results new.db --merge shard2.db shard3.db
columns all.db | cmp -s - whole.csv || fail 'a refused merge changed the study'

# A model of a real sweep is the file that clfit train writes.
run 0 results whole.db --model 3 --out again
cmp -s again model.8.0.05 || fail 'a model trained again differs from the one that clfit train saved'

# The report: one page, complete and well nested, that asks for nothing from elsewhere.
run 0 results whole.db --report report.html --where 'hidden > 0 and "rate" < 1e9'
[ ! -s "$out" ] && [ ! -s "$err" ] || fail '--report says something'
python3 - <<'PYTHON'
import csv, html.parser, re, shutil
text = open('report.html', encoding='utf-8').read()
class Page(html.parser.HTMLParser):
    open_tags, cells, seen = [], [], set()
    def handle_starttag(self, tag, attributes):
        self.seen.add(tag)
        for name, value in attributes:
            assert name not in ('src', 'srcset', 'onload') and tag not in ('script', 'link', 'iframe', 'img', 'object')
            assert not (name.endswith('href') and not value.startswith('#')), value
        if tag not in ('meta', 'br'):
            self.open_tags.append(tag)
    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in ('meta', 'br'):
            self.open_tags.pop()
    def handle_endtag(self, tag):
        assert self.open_tags.pop() == tag, tag
    def handle_data(self, data):
        if self.open_tags and self.open_tags[-1] in ('td', 'dd'):
            self.cells.append(data)
page = Page()
page.feed(text)
page.close()
assert page.open_tags == [], page.open_tags
assert not re.search(r'url\((?!#)|@import|<!DOCTYPE svg|<\?xml', text)
assert 'prefers-color-scheme: dark' in text
assert text.count('<svg') == (3 if shutil.which('gnuplot') else 0)
assert 'hidden > 0 and "rate" < 1e9' in page.cells and '<b' not in text.split('<body>')[1]
for row in csv.DictReader(open('whole.csv')):
    if row['status'] == 'done':
        assert '%.6g' % float(row['test_mse']) in page.cells
assert page.cells.count('-') >= 12
PYTHON
run 0 results whole.db --report report.html --rows seed --cols hidden --reduce max --limit 1
run 0 results whole.db --report report.html --where 'hidden = 5'
mkdir tools
for tool in sh; do ln -s "$(command -v $tool)" tools; done
PATH=$place/work/tools run 0 results whole.db --report report.html
grep -q 'gnuplot is not installed' report.html || fail 'the page does not say why there is no picture'
refuse 2 '--report: cannot write no/r.html' results whole.db --report no/r.html
refuse 2 '--report would overwrite the study' results whole.db --report whole.db
refuse 2 '--report and --csv are the same file' results whole.db --report same --csv same
refuse 2 '--report and --plot are the same file' results whole.db --report same.svg --plot same.svg
refuse 2 '--report needs the name of a file' results whole.db --report -
refuse 2 '--model does not go with --report' results whole.db --report r.html --model 0 --out other
refuse 2 '--rows: there is no column' results whole.db --report r.html --rows x
refuse 2 '--kind needs --plot' results whole.db --report r.html --kind loss
