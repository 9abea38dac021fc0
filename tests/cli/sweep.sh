#!/bin/sh
# clfit sweep at work: axes, ids, the same figures as clfit train, the study, resuming, shards, what is refused.
set -eu
command -v python3 >/dev/null || { echo 'python3 is needed' >&2; exit 1; }
. "$(dirname "$0")/expect.sh"

# ---- axes ----

run 0 sweep --hidden 4,8 --rate 0.05:0.2:3 --epochs 20 --samples 100
same "$(wc -l <"$out")" 7 'a header and six networks'
grep -q '^axis      hidden           2  4,8$' "$err" || fail 'no axis hidden'
grep -q '^axis      rate             3  0.05,0.125,0.2$' "$err" || fail 'no axis rate'
grep -q '^count     6 configurations$' "$err" || fail 'no count'
head -1 "$out" | grep -q '^rank  *id  *hidden  *rate ' || fail 'another header'
[ -z "$(ls)" ] || fail 'a study in memory leaves files'
run 0 sweep --hidden 1:4:3 --epochs 1 --samples 10
grep -q '3  1,3,4; 1 rounded to whole numbers$' "$err" || fail 'rounding is not told'
run 0 sweep --hidden 4 --epochs 1 --samples 10 --quiet
[ ! -s "$err" ] || fail '--quiet is not quiet'

run 0 sweep --dry-run --hidden 4,8 --samples 100 --epochs 2..5 --random 7 --random-seed 3 --shard 2/3
grep -q '^count     7 configurations drawn from 8 with seed 3 (4 different ones), 2 of them in shard 2 of 3$' "$out" || fail 'another count'
grep -q '^time      about ' "$out" || fail 'no time'
run 0 sweep --dry-run --json --hidden 4,8 --samples 100 --epochs 2..5 --random 7 --random-seed 3 --shard 2/3 --device cpu
python3 - "$out" <<'EOF' || fail 'another object'
import json, sys
got = json.load(open(sys.argv[1]))
assert got['axes'] == [{'name': 'hidden', 'count': 2, 'points': '4,8'}, {'name': 'epochs', 'count': 4, 'points': '2..5'}], got
want = dict(configurations=7, grid=8, different=4, random_seed=3, shard=2, shards=3, networks=2)
assert {key: got[key] for key in want} == want, got
assert len(got['devices']) == 1 and got['seconds_at_most'] > 0 and got['updates_per_second'] > 0, got
assert got['study_bytes'] > 32768, got
EOF
# The same draws, counted by their rows.
run 0 sweep --hidden 4,8 --samples 9 --epochs 2..5 --random 7 --random-seed 3 --db draws.sqlite --quiet
same "$(ask sql draws.sqlite 'select count(distinct hidden * 100 + epochs) from networks')" 4 'different draws'
rm draws.sqlite
run 0 sweep --dry-run --hidden 4,8 --samples 9 --epochs 2..5 --random 2000000 --device cpu
grep -q ' drawn from 8 with seed 0 (about 8 different ones)$' "$out" || fail 'many draws'
run 0 sweep --dry-run --hidden 1..4096 --seed 0..99999999 --samples 9 --epochs 2 --random 50 --device cpu
grep -q ' drawn from 409600000000 with seed 0$' "$out" || fail 'draws without repetition'
grep -q '^study     about ' "$out" || fail 'no bytes'
# More years than 10^9 seconds have.
long='--hidden 5,65 --seed 0..99999999 --epochs 2147483647'
run 0 sweep $long --dry-run --device cpu
awk '/^time +about [0-9.e+]+ years at most / { found = $3 > 40 } END { exit !found }' "$out" || fail 'too few years'
run 0 sweep $long --dry-run --device cpu --json
awk -v seconds="$(value seconds_at_most "$out")" 'BEGIN { exit !(seconds > 2e9) }' || fail 'too few seconds'
[ -z "$(ls)" ] || fail 'a dry run leaves files'

# ---- the figures of clfit train, to the last bit ----

mixed='--samples 70,129 --sample-seed 0,3 --hidden 1,5,33 --activation sigmoid,relu --seed 2,9 --epochs 7,25
  --rate 0.05,0.3,1e4 --tol 0,0.0001'
run 0 sweep $mixed --db all.sqlite --quiet
same "$(ask sql all.sqlite 'select count(*) from networks')" 576
same "$(ask sql all.sqlite 'select count(*) from parameters')" 100 'best:100'
for status in done stopped diverged; do
  [ "$(ask sql all.sqlite "select count(*) from networks where status = '$status'")" -gt 0 ] || fail "none is $status"
done
same "$(ask sql all.sqlite 'select count(*) from checkpoints')" 0
for id in 0 1 137 200 287 431 500 574 575; do
  ask row all.sqlite $id >row.json
  set --
  for key in samples sample_seed hidden activation seed epochs rate tol; do
    set -- "$@" "--$(echo $key | tr _ -)" "$(value $key row.json)"
  done
  code=0
  [ "$(value status row.json)" != diverged ] || code=1
  run $code train "$@" --json --quiet
  cp "$out" train.json
  python3 - row.json train.json <<'PYTHON' || fail "network $id is not what clfit train makes of it"
import json, sys
row, train = (json.load(open(path)) for path in sys.argv[1:])
for key in train:
    if key in row and key not in ('train_seconds', 'steps_per_second'):
        assert row[key] == train[key], (key, row[key], train[key])
PYTHON
done

# Histories: what clfit train writes, at the milestones.
ask row all.sqlite 1 >row.json
run 0 sweep --samples 100 --hidden 5 --epochs 13,64 --db loss.sqlite --quiet
run 0 train --samples 100 --hidden 5 --epochs 13 --history h.csv --quiet
python3 - loss.sqlite h.csv <<'PYTHON' || fail 'another history'
import csv, sqlite3, struct, sys
losses = {int(row['epoch']): float(row['train_loss']) for row in csv.DictReader(open(sys.argv[2]))}
study = sqlite3.connect(sys.argv[1])
blob = study.execute('SELECT history FROM networks WHERE epochs = 13').fetchone()[0]
got = struct.unpack('<%dd' % (len(blob) // 8), blob)
assert got == tuple(losses[e] for e in (1, 2, 3, 4, 6, 8, 12, 13)), got
blob = study.execute('SELECT history FROM networks WHERE epochs = 64').fetchone()[0]
assert len(blob) == 8 * 12 # 1 2 3 4 6 8 12 16 24 32 48 64
PYTHON

# ---- however it is run ----

sum=$(ask sum all.sqlite)
run 0 sweep $mixed --db reference.sqlite --quiet --device reference
same "$(ask sum reference.sqlite)" "$sum" 'reference'
for mapping in wide packed team; do
  run 0 sweep $mixed --db $mapping.sqlite --quiet --mapping $mapping
  same "$(ask sum $mapping.sqlite)" "$sum" "$mapping"
done
run 0 sweep $mixed --db two.sqlite --quiet --device cpu,reference
same "$(ask sum two.sqlite)" "$sum" 'two devices'
for i in 1 2 3; do run 0 sweep $mixed --db shard$i.sqlite --quiet --shard $i/3 --keep none; done
python3 - all.sqlite shard1.sqlite shard2.sqlite shard3.sqlite <<'PYTHON' || fail 'shards are not the whole'
import sqlite3, sys
def rows(path):
    study = sqlite3.connect(path)
    columns = [row[1] for row in study.execute('PRAGMA table_info(networks)') if row[1] != 'seconds']
    return list(study.execute('SELECT %s FROM networks' % ', '.join(columns)))
whole, parts = rows(sys.argv[1]), [rows(path) for path in sys.argv[2:]]
assert [len(part) for part in parts] == [192, 192, 192]
assert sorted(sum(parts, [])) == sorted(whole)
PYTHON

# More sample seeds than a population takes samples of (4096): the networks in flight move to a new one.
seeds='--sample-seed 0..4999 --hidden 2 --samples 10 --epochs 3,30 --keep none --quiet'
run 0 sweep $seeds --db many.sqlite
run 0 sweep $seeds --db few.sqlite --shard 2/6
same "$(ask sql many.sqlite 'select count(*) from networks')" 10000
same "$(ask sql many.sqlite 'select group_concat(digest || test_mse || hex(history)) from networks where id % 6 = 1')" \
  "$(ask sql few.sqlite 'select group_concat(digest || test_mse || hex(history)) from networks')" 'many sample seeds'

# A draw is the same whatever the count.
run 0 sweep $mixed --random 50 --random-seed 5 --db r50.sqlite --quiet --keep none
run 0 sweep $mixed --random 80 --random-seed 5 --db r80.sqlite --quiet --keep none
same "$(ask sql r50.sqlite 'select group_concat(digest) from networks')" \
  "$(ask sql r80.sqlite 'select group_concat(digest) from networks where id < 50')" 'draws'

# ---- keep and rank ----

run 0 sweep --seed 0..19 --hidden 4 --epochs 5 --samples 50 --db keep.sqlite --keep best:3 --rank-by test_r2 --quiet
same "$(ask sql keep.sqlite 'select group_concat(id) from (select id from parameters order by id)')" \
  "$(ask sql keep.sqlite 'select group_concat(id) from (select id from (select id from networks order by test_r2 desc, id limit 3) order by id)')"
same "$(sed -n '4s/^ *[0-9]* *\([0-9]*\) .*/\1/p' "$out")" \
  "$(ask sql keep.sqlite 'select id from networks order by test_r2 desc, id limit 1')" 'the best comes first'
run 0 sweep --seed 0..19 --hidden 4 --epochs 5 --samples 50 --db every.sqlite --keep all --quiet
same "$(ask sql every.sqlite 'select count(*) from parameters where length(data) = 4 * 13')" 20

# ---- the tuning study: its first sample seed, against the digests of the chapter's rows ----

run 0 sweep --preset tuning-study --shard 1/10 --db tuning.sqlite --quiet
same "$(sed -n 3p "$out" | cut -c1-55)" 'row  hidden  samples  epochs   rate  rating  median mse'
same "$(wc -l <"$out")" 14 'two lines, a header and eleven rows'
same "$(ask sql tuning.sqlite 'select group_concat(id || "," || row || "," || ifnull(rating, "-"), " ") from results')" \
  '0,0,5.0 10,1,3.0 20,2,2.5 30,3,0.0 40,4,2.0 50,5,5.0 60,6,2.5 70,7,5.0 80,8,1.0 90,9,2.0 100,10,-'
same "$(ask sql tuning.sqlite "select group_concat(hidden || '/' || samples || '/' || epochs || '/' || rate, ' ') from results")" \
  '128/1000/1000/0.1 64/1000/2000/0.1 96/1000/1000/0.1 256/1000/500/0.1 128/500/1000/0.1 128/1500/1000/0.1 128/1000/500/0.1 128/1000/1500/0.1 128/1000/1000/0.5 128/1000/1000/0.05 128/1000/1000/0.01'
same "$(ask sql tuning.sqlite "select group_concat(digest, ' ') from results")" \
  "$(grep -v '^#' "$data/study_digests.csv" | cut -d, -f2 | tr '\n' ' ' | sed 's/ $//')" 'digests of the study'
same "$(sed -n 4p "$out" | awk '{print $8}')" "$(sed -n 4p "$out" | awk '{print $9}')" 'one network: its least is its largest'
run 0 sweep --resume tuning.sqlite
refuse 2 '--hidden does not go with --preset' sweep --preset tuning-study --hidden 4
refuse 2 '--sample-seed does not go with --preset' sweep --preset tuning-study --sample-seed 4
refuse 2 '--data does not go with --preset' sweep --preset tuning-study --data points.csv
refuse 2 '--preset must be tuning-study or course-table, not "other"' sweep --preset other

# ---- the course's table: one of its trainings against train, and its summary against statistics of made-up rows ----

run 0 sweep --preset course-table --dry-run --json
grep -q '"name": "row", "count": 4, .*"name": "sample_seed", "count": 20, ' "$out" || fail 'the axes of the table'
run 0 sweep --preset course-table --shard 2/80 --db course.sqlite --quiet
same "$(sed -n 3p "$out" | tr -s ' ')" \
  'row hidden samples rate course NumPy median NumPy q1 NumPy q3 networks median q1 q3 not stopped'
same "$(sed -n '5,$p' "$out" | tr -s ' ')" " 2 96 1000 0.1 3966 3614 3339 4738 - - - - -
 3 128 500 0.1 1562 2066 1815 2541 - - - - -
 4 128 1000 0.05 6513 6289 5575 6999 - - - - -"
summary=$(sed -n 4p "$out" | tr -s ' ')
run 0 train --noise 0.05 --stop-loss 0.002 --stop-on all --epochs 20000 --sample-seed 1 --json --quiet
same "$(value stopped_by "$out")" loss
same "$(ask sql course.sqlite 'select digest from networks')" "$(value digest "$out")" 'a training of the table'
epochs=$(($(value steps "$out") / 1000))
same "$summary" " 1 128 1000 0.1 983 1203 1020 1463 1 $epochs $epochs $epochs 0"
run 0 sweep --resume course.sqlite
same "$(sed -n 4p "$out" | tr -s ' ')" "$summary" 'the summary of a study that is resumed'
run 0 results course.sqlite --report course.html
sed '/<h2>Rows/,/<\/table>/!d; /^<tr>/!d; s/<[^>]*>/ /g' course.html | tr -s ' ' >rows.txt
same "$(head -n 1 rows.txt)" "$summary " 'a row of the report'
same "$(wc -l <rows.txt)" 4 'rows of the report'
python3 - course.sqlite <<'PYTHON'
import sqlite3, sys
study = sqlite3.connect(sys.argv[1])
names = [row[1] for row in study.execute('PRAGMA table_info(networks)')]
# Of row 1 four more networks: two that stopped, one that diverged, and one that had all epochs.
made_up = [('stopped', 800), ('stopped', 1105), ('diverged', 3), ('done', 20000)]
study.execute('UPDATE networks SET steps = 1000 * 903')
for i, (status, epochs) in enumerate(made_up):
    new = {'id': 2 + i, 'sample_seed': 2 + i, 'status': repr(status), 'steps': 1000 * epochs}
    study.execute('INSERT INTO networks SELECT %s FROM networks WHERE id = 1' % ', '.join(str(new.get(n, n)) for n in names))
# Of row 3 two networks of 500 samples.
for i, epochs in enumerate((1500, 2001)):
    new = {'id': 40 + i, 'samples': 500, 'sample_seed': i, 'steps': 500 * epochs}
    study.execute('INSERT INTO networks SELECT %s FROM networks WHERE id = 1' % ', '.join(str(new.get(n, n)) for n in names))
study.commit()
PYTHON
# In order 800, 903, 1105, 20000, 20000: what did not stop counts with all epochs. Of 1500 and 2001 the quartiles are
# 1500 + 501 / 4 and 2001 - 501 / 4.
run 0 results course.sqlite --json
python3 - "$out" <<'PYTHON' || fail 'the summary of the table'
import json, sys
rows = json.load(open(sys.argv[1]))['preset_rows']
names = ['row', 'hidden', 'samples', 'rate', 'course_epochs', 'numpy_median', 'numpy_quartile_1', 'numpy_quartile_3',
         'networks', 'median_epochs', 'quartile_1_epochs', 'quartile_3_epochs', 'not_stopped']
wanted = [[1, 128, 1000, 0.1, 983, 1203, 1020, 1463, 5, 1105, 903, 20000, 2],
          [2, 96, 1000, 0.1, 3966, 3614, 3339, 4738, None, None, None, None, None],
          [3, 128, 500, 0.1, 1562, 2066, 1815, 2541, 2, 1750.5, 1625.25, 1875.75, 0],
          [4, 128, 1000, 0.05, 6513, 6289, 5575, 6999, None, None, None, None, None]]
assert [list(row) for row in rows] == [names] * 4, rows
assert [list(row.values()) for row in rows] == wanted, rows
PYTHON
for knob in '--epochs 10' '--noise 0' '--stop-loss 1' '--stop-on train' '--batch 2' '--optimizer adam' '--init he'; do
  refuse 2 "${knob% *} does not go with --preset course-table" sweep --preset course-table $knob
done
rm -f course.html rows.txt

# ---- data ----

printf 'x,y\n0,1\n0.5,2\n1,4\n' >points.csv
run 0 sweep --data points.csv --hidden 2,3 --epochs 50 --rate 0.1 --db data.sqlite --quiet
same "$(ask sql data.sqlite 'select count(*) from results where sample_seed is null and test_mse is null and samples = 3')" 2
same "$(ask sql data.sqlite "select value from meta where key = 'rank_by'")" fit_rmse
run 0 train --data points.csv --hidden 3 --epochs 50 --rate 0.1 --json --quiet
same "$(ask sql data.sqlite 'select digest from results where hidden = 3')" "$(value digest "$out")"
same "$(ask sql data.sqlite 'select fit_rss from results where hidden = 3')" "$(value fit_rss "$out")"

# ---- resuming ----

run 0 sweep --resume all.sqlite
grep -q '^networks  576 of 576 trained' "$out" || fail 'a finished study is not told'
same "$(ask sum all.sqlite)" "$sum" 'a finished study has changed'
run 0 sweep $mixed --resume all.sqlite
run 0 sweep $mixed --resume new.sqlite --quiet
same "$(ask sum new.sqlite)" "$sum" 'a study that --resume started'
refuse 2 'another --rate: 0.1 in the study, 0.2,0.3 given now' sweep --resume loss.sqlite --samples 100 --hidden 5 --epochs 13,64 --rate 0.2,0.3
refuse 2 'another --keep: best:100 in the study, all given now' sweep --resume loss.sqlite --samples 100 --hidden 5 --epochs 13,64 --keep all
refuse 2 'another --shard: none in the study, 1/2 given now' sweep --resume loss.sqlite --samples 100 --hidden 5 --epochs 13,64 --shard 1/2
refuse 2 'another --target: ' sweep --resume loss.sqlite --samples 100 --hidden 5 --epochs 13,64 --target x
refuse 2 'loss.sqlite exists already; use --resume' sweep --db loss.sqlite --hidden 4
refuse 2 'no study none.sqlite to continue' sweep --resume none.sqlite
printf 'x,y\n0,1\n0.5,2\n1,5\n' >points.csv
refuse 2 'the samples in .* are no longer those' sweep --resume data.sqlite
printf 'no database at all, whatever SQLite thinks of it' >text
refuse 2 'text is not a study written by clfit sweep' sweep --resume text

# Ctrl-C: what is in training is kept, and the command that goes on is printed.
long='--hidden 4,8 --seed 0..31 --samples 500 --epochs 3000,9000'
run 0 sweep $long --db whole.sqlite --quiet
for seconds in 0.3 0.1 0.05 0.5 1 2 4; do
  rm -f broken.sqlite*
  command="clfit sweep $long (interrupted after $seconds s)"
  "$clfit" sweep $long --db broken.sqlite --device cpu >"$out" 2>"$err" &
  pid=$!
  tries=0
  until [ -s broken.sqlite ] || [ $tries = 500 ]; do sleep 0.02; tries=$((tries + 1)); done
  sleep $seconds
  kill -INT $pid 2>/dev/null || :
  code=0
  wait $pid || code=$?
  case $code in 0 | 130) ;; *) fail "exit code $code after a signal" ;; esac
  # not done before the signal, and not still at building kernels
  [ $code = 130 ] && [ "$(ask sql broken.sqlite 'select count(*) from checkpoints')" -gt 0 ] && break
done
same $code 130 'never interrupted'
grep -q '^clfit: interrupted with [0-9]* of 128 networks trained; go on with: clfit sweep --resume broken.sqlite --device cpu$' "$err" ||
  fail 'no command to go on with'
[ "$(ask sql broken.sqlite 'select count(*) from checkpoints')" -gt 0 ] || fail 'no checkpoints'
run 0 sweep --resume broken.sqlite --quiet
same "$(ask sum broken.sqlite)" "$(ask sum whole.sqlite)" 'interrupted and resumed'

# ---- a second writer, and readers ----

"$clfit" sweep --hidden 64 --seed 0..63 --epochs 100000 --db busy.sqlite --quiet >/dev/null 2>&1 &
pid=$!
tries=0
until [ -s busy.sqlite ] || [ $tries = 100 ]; do sleep 0.1; tries=$((tries + 1)); done
sleep 0.2
run 2 sweep --resume busy.sqlite
grep -q '^clfit: busy.sqlite is being written by another clfit$' "$err" || fail 'a second writer is not told'
same "$(ask sql busy.sqlite "select value from meta where key = 'keep'")" best:100
kill -KILL $pid
wait $pid 2>/dev/null || :
rm -f busy.sqlite*

# ---- a full disk (on the reference: PoCL's compiler writes files, too) ----

big='--seed 0..2499 --hidden 4 --epochs 2 --samples 20 --keep none'
run 0 sweep $big --db enough.sqlite --quiet
code=0
(trap '' XFSZ; ulimit -f 500; exec "$clfit" sweep $big --device reference --db small.sqlite --quiet) >"$out" 2>"$err" || code=$?
same $code 2 'a disk that is full'
grep -q 'small.sqlite: .*what was committed before is safe' "$err" || fail 'a full disk is not told'
run 0 sweep $big --resume small.sqlite --quiet
same "$(ask sum small.sqlite)" "$(ask sum enough.sqlite)" 'after a full disk'

# ---- what clfit results would make of it ----

run 0 sweep --hidden 2,3 --rate 0.1,0.2 --epochs 3 --samples 10 --db seen.sqlite --json --report seen.html --quiet
cp "$out" seen.json
run 0 results seen.sqlite --json
cmp -s "$out" seen.json || fail 'sweep --json is not results --json'
run 0 results seen.sqlite --report again.html
cmp -s seen.html again.html || fail 'sweep --report is not results --report'
run 0 sweep --hidden 2,3 --rate 0.1,0.2 --epochs 3 --samples 10 --json
same "$(value study "$out")" null 'a study in memory has no name'
same "$(value networks "$out")" 4
run 0 sweep --preset tuning-study --resume tuning.sqlite --shard 1/10 --report tuning.html --quiet
same "$(grep -c '^<tr><td>1*[0-9]</td><td>[0-9]*</td><td>[0-9]*</td><td>[0-9]*</td><td>0.' tuning.html)" 11 'rows of the preset'
rm -f tuning.html seen* again.html

# ---- mistakes ----

refuse 2 'go together' sweep --db a --resume b
refuse 2 'rows are the samples' sweep --data points.csv --samples 10
refuse 2 'needs --data' sweep --x-column a
refuse 2 'needs --random N' sweep --random-seed 1
refuse 2 'I/N, I from 1 to N' sweep --shard 3/2
refuse 2 'I/N, I from 1 to N' sweep --shard 0/2
refuse 2 'best:N, all or none' sweep --keep some
refuse 2 'best:N, all or none' sweep --keep best:0
refuse 2 'must be one of train_loss' sweep --rank-by speed
refuse 2 'needs --data' sweep --rank-by fit_rss
refuse 2 'needs a target' sweep --data points.csv --rank-by test_mse
refuse 2 'stores nothing' sweep --dry-run --db a.sqlite
refuse 2 '--hidden must be a whole number' sweep --hidden 4,x
refuse 2 '--hidden must not be empty' sweep --hidden ''
refuse 2 'No such file or directory' sweep --db no/where.sqlite --epochs 1
refuse 2 'leave --report out' sweep --dry-run --report x.html
refuse 2 '--report needs the name of a file' sweep --report -
refuse 2 '--report would overwrite the study' sweep --epochs 1 --db never.sqlite --report ./never.sqlite
[ ! -e never.sqlite ] || fail 'a study was begun'
run 0 sweep --hidden 2 --epochs 1 --db seen.sqlite --quiet
cp seen.sqlite before.sqlite
refuse 2 '--report would overwrite the study' sweep --resume seen.sqlite --report seen.sqlite
cmp -s seen.sqlite before.sqlite || fail 'the study was written'
printf 'x,y\n0,0\n1,1\n' >pair.csv
refuse 2 '--report and --data are the same file' sweep --data pair.csv --epochs 1 --report pair.csv
run 0 sweep --data pair.csv --epochs 1 --db pair.sqlite --quiet
refuse 2 '--report and --data are the same file' sweep --resume pair.sqlite --report pair.csv
refuse 2 '--report: ' sweep --epochs 1 --report no/where.html
refuse 2 '--target' sweep --target 'y+1'
run 0 sweep --help
