#!/bin/bash
# Writes the models and studies of this folder, and what is expected of them, with the program of version 0.1.0:
#   make.sh CLFIT FOLDER
# Kept as the record of how they were made. It is not run again: its files would no longer be those of 0.1.0.
set -eu
clfit=$1
mkdir -p "$2"
cd "$2"
look=$(mktemp -d) # reading a study that was killed writes it: copies are read
trap 'rm -rf "$look"' EXIT

# value KEY: of the JSON object on standard input.
value() { sed -n "s/.*\"$1\": \(\"[^\"]*\"\|[^,}]*\).*/\1/p" | tr -d '"'; }

# query STUDY SQL: the first column of the first row.
query() { python3 -c 'import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchone()[0])' "$@"; }

# after SECONDS SIGNAL ARGUMENT...: runs the program, sends it a signal and waits for its end.
after()
{
  local seconds=$1 signal=$2 pid
  shift 2
  "$clfit" "$@" --quiet >/dev/null 2>&1 &
  pid=$!
  sleep "$seconds"
  kill -"$signal" $pid 2>/dev/null || true
  wait $pid 2>/dev/null || true
}

# ---- models ----

# Columns x and y of the data are found by name: they are neither called so nor the first.
cat >points.csv <<'CSV'
number,kelvin,volts
1,273.15,-0.5
2,280.5,-0.375
3,288.25,-0.25
4,297,-0.0625
5,303.75,0.125
6,312.5,0.25
7,320,0.4375
8,331.25,0.5
CSV
scaled='--data points.csv --x-column volts --y-column number'
curve='--target exp(-x^2) --domain -3:3'

echo 'model,epochs,status,steps,train_loss,digest' >models.csv

# expect MODEL EPOCHS ARGUMENT...: notes what the training MODEL, taken up with --epochs EPOCHS, has to end with.
expect()
{
  local model=$1 epochs=$2
  shift 2
  "$clfit" train "$@" --epochs "$epochs" --quiet --json >end.json
  echo "$model,$epochs,$(value status <end.json),$(value steps <end.json),$(value train_loss <end.json),$(
    value digest <end.json)" >>models.csv
  rm end.json
}

# finished NAME EPOCHS MORE ARGUMENT...: a training that has ended, and where it ends with MORE epochs, unless that is 0.
# There is none that diverged: clfit train writes no model of it.
finished()
{
  local name=$1 epochs=$2 more=$3
  shift 3
  "$clfit" train "$@" --epochs "$epochs" --quiet --out "$name.safetensors" >/dev/null
  expect "$name" "$epochs" "$@"
  [ "$more" = 0 ] || expect "$name" "$more" "$@"
}

finished sigmoid 20 50 --hidden 128 --samples 100
finished tanh 30 60 --hidden 33 --samples 70 --activation tanh --rate 0.05 --seed 9
finished relu 30 31 --hidden 5 --samples 129 --activation relu --rate 0.02 --sample-seed 3
finished curve 25 40 --hidden 16 --samples 64 $curve --activation tanh
finished data 40 80 --hidden 7 $scaled --rate 0.05
finished stopped 100000 200000 --hidden 8 --samples 50 --tol 1e-3
finished fast 10 0 --hidden 33 --samples 100 --rate 0.05 --mode fast

# cut NAME ARGUMENT...: a training interrupted in the middle of an epoch, in short launches so that there is time for it.
cut()
{
  local name=$1
  shift
  until [ -s "$name.safetensors" ] && grep -q -a '"status":"running"' "$name.safetensors" &&
    ! grep -q -a '"sample":"0"' "$name.safetensors" && ! grep -q -a '"epoch":"[01]"' "$name.safetensors"; do
    rm -f "$name.safetensors" "$name.history.csv"
    after 0.7 INT train "$@" --launch-steps 7 --out "$name.safetensors" --history "$name.history.csv"
  done
}

long='--hidden 17 --samples 3000 --activation tanh --rate 0.02'
cut interrupted $long --epochs 40
expect interrupted 40 $long
"$clfit" train $long --epochs 40 --quiet --history interrupted.end.csv >/dev/null
# --tol compares with the epoch before, which the file has to carry along.
tol='--hidden 9 --samples 3001 --rate 0.05 --tol 3e-6'
cut interrupted-tol $tol --epochs 1000
rm interrupted-tol.history.csv
expect interrupted-tol 1000 $tol
fast='--hidden 33 --samples 3000 --rate 0.05 --mode fast'
cut interrupted-fast $fast --epochs 40
rm interrupted-fast.history.csv
# Every device has its own bits in fast mode: the loss and the digest are left open.
echo interrupted-fast,40,done,120000,, >>models.csv

for name in sigmoid tanh relu data stopped fast interrupted interrupted-tol interrupted-fast; do
  "$clfit" predict $name.safetensors --grid -1:2:16 --out $name.answers.csv
done
"$clfit" predict curve.safetensors --grid -3:3:16 --out curve.answers.csv

# ---- studies ----

# Only what every machine computes to the same bits belongs to what a resumed study is compared with: the target of
# those studies is made of products, as the last bit of sin(x) may depend on the C library.
cubic='--target 0.8*x*x*x-0.5*x --domain -1:1'

echo 'study,history' >histories.csv

# history STUDY FILE: notes the checksum of the losses in FILE as those of STUDY.
history()
{
  echo "$1,$(python3 - "$2" <<'PYTHON'
import hashlib, sqlite3, sys
losses = hashlib.sha256()
for row in sqlite3.connect(sys.argv[1]).execute('SELECT id, hex(history) FROM networks ORDER BY id'):
    losses.update(('%d,%s\n' % row).encode())
print(losses.hexdigest())
PYTHON
  )" >>histories.csv
}

# table STUDY: what the program says of a study as it lies here.
table()
{
  cp "$1".sqlite* "$look"
  "$clfit" results "$look/$1.sqlite" --csv "$1.csv" >/dev/null
  rm -f "$look/$1.sqlite"*
}

# whole NAME ARGUMENT...: the uninterrupted sweep, its table without the columns of time.
whole()
{
  local name=$1
  shift
  rm -f whole.sqlite
  "$clfit" sweep "$@" --db whole.sqlite --quiet >/dev/null
  "$clfit" results whole.sqlite --csv whole.csv >/dev/null
  python3 - whole.csv "$name.end.csv" <<'PYTHON'
import csv, sys
rows = list(csv.DictReader(open(sys.argv[1])))
names = [name for name in rows[0] if name not in ('train_seconds', 'steps_per_second')]
table = csv.DictWriter(open(sys.argv[2], 'w'), names, extrasaction='ignore', lineterminator='\n')
table.writeheader()
table.writerows(rows)
PYTHON
  history "$name" whole.sqlite
  rm whole.sqlite whole.csv
}

# A finished one over every axis; best:100 of 144 are kept.
"$clfit" sweep --hidden 1,5,33 --activation sigmoid,tanh,relu --rate 0.05,1e4 --tol 0,1e-3 --seed 2,9 \
  --sample-seed 0,3 --samples 20 --epochs 25 --db grid.sqlite --quiet >/dev/null
# Finished, all kept, another target and domain, another rank.
"$clfit" sweep --hidden 2,17 --seed 0..3 --epochs 7,30 --samples 40 $curve --rank-by test_r2 --keep all \
  --db all.sqlite --quiet >/dev/null
# The preset's eleven rows with the first of its ten sample seeds.
"$clfit" sweep --preset tuning-study --shard 1/10 --keep best:2 --db preset.sqlite --quiet >/dev/null
for study in grid all preset; do
  table $study
  history $study $study.sqlite
done

# Two shards of a grid, nothing kept.
axes="--hidden 3,8 --activation sigmoid,relu --seed 0..4 --samples 30 --epochs 12 $cubic --keep none"
for i in 1 2; do
  "$clfit" sweep $axes --shard $i/2 --db shard$i.sqlite --quiet >/dev/null
  table shard$i
done
whole merged $axes

# broken NAME SECONDS SIGNAL WANTED ARGUMENT...: a sweep that a signal ended, with checkpoints, and WANTED true. Its
# kernels must have been compiled before, else the signal comes while the compiler runs.
broken()
{
  local name=$1 seconds=$2 signal=$3 wanted=$4
  shift 4
  until [ -s "$name.sqlite" ] && [ "$(cp "$name.sqlite"* "$look" && query "$look/$name.sqlite" "SELECT
    (SELECT count(*) FROM checkpoints) > 0 AND (SELECT count(*) FROM networks) > 0 AND ($wanted)")" = 1 ]; do
    rm -f "$name.sqlite"* "$look/$name.sqlite"*
    after "$seconds" "$signal" sweep "$@" --db "$name.sqlite"
  done
  rm -f "$look/$name.sqlite"* "$name.sqlite-lock" "$name.sqlite-shm"
  table "$name"
}

many="--hidden 4,17 --activation sigmoid,tanh --seed 0..3 --samples 50 --epochs 200,25000 --rate 0.1,1e3 $cubic --keep best:20"
whole killed $many
cp killed.end.csv killed-log.end.csv
sed -n 's/^killed,/killed-log,/p' histories.csv >more
cat more >>histories.csv
rm more
# kill -9 leaves the write-ahead log (-wal) beside the study. In killed.sqlite the log was then folded in, which any
# reader of SQLite does when it closes the study as the last one.
broken killed 1.9 KILL 1 $many
query killed.sqlite 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
rm -f killed.sqlite-*
broken killed-log 1.9 KILL 1 $many
[ -s killed-log.sqlite-wal ]

halving="--hidden 4,9 --seed 0..15 --samples 50 --epochs 60000 --halving 2 --min-epochs 2000 --rate 0.05,1e3 $cubic --keep all"
whole halving $halving
broken halving 0.5 INT "(SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'rung') > 1
  AND (SELECT count(*) FROM checkpoints) > 3" $halving

random="--hidden 2..20 --rate 0.01:0.3:log7 --seed 0..99 --samples 60 --epochs 100,20000 --random 40 --random-seed 5 $cubic"
whole random $random
broken random 0.5 INT 1 $random

data="$scaled --hidden 3,8 --epochs 500,200000 --seed 0..5 --rate 0.02"
whole data $data
broken data 0.5 INT 1 $data

fast="--hidden 8,16 --seed 0..5 --samples 100 --epochs 100,30000 --mode fast --keep all $cubic"
# Every device has its own bits here: only the configuration, the status and the steps are the same everywhere.
whole fast $fast
python3 - fast.end.csv <<'PYTHON'
import csv, sys
rows = list(csv.DictReader(open(sys.argv[1])))
names = list(rows[0])[:list(rows[0]).index('steps') + 1]
table = csv.DictWriter(open(sys.argv[1], 'w'), names, extrasaction='ignore', lineterminator='\n')
table.writeheader()
table.writerows(rows)
PYTHON
sed -i '/^fast,/d' histories.csv
broken fast 0.5 INT 1 $fast
