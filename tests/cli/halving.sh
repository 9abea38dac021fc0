#!/bin/sh
# clfit sweep --halving: against a replay of its definition on plain sweeps; resumed, on several devices, what is refused.
set -eu
command -v python3 >/dev/null || { echo 'python3 is needed' >&2; exit 1; }
. "$(dirname "$0")/expect.sh"

# ---- the definition ----

# Some diverge, some stop by --tol, some have fewer epochs than the first rung, some end between two rungs.
axes='--hidden 2,5,6 --activation sigmoid,relu --seed 0..4 --samples 40 --rate 0.03,0.3,1e4 --tol 0,0.0005'
cat >replay.py <<'PYTHON'
# replay.py PLAIN HALVED ETA E COLUMN: PLAIN has every configuration of HALVED trained to every rung's epochs.
import sqlite3, sys
plain, halved = (sqlite3.connect(path) for path in sys.argv[1:3])
eta, least, column = int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
names = [row[1] for row in plain.execute('PRAGMA table_info(networks)')]
place = {name: i for i, name in enumerate(names)}
configuration = ['hidden', 'samples', 'rate', 'activation', 'seed', 'sample_seed', 'tol']
def key(row): return tuple(row[place[name]] for name in configuration)
trained = {(key(row), row[place['epochs']]): row for row in plain.execute('SELECT * FROM networks')}
rows = {row[0]: row for row in halved.execute('SELECT * FROM networks')}
expected, now, rung, rungs = {}, sorted(rows), 0, []
while now:
    epochs = least * eta ** rung
    for id in now:
        own = rows[id][place['epochs']]
        row = list(trained[key(rows[id]), min(epochs, own)])
        row[place['id']], row[place['epochs']] = id, own
        if epochs < own and row[place['status']] == 'done': row[place['status']] = 'pruned'
        row[place['seconds']] = None
        expected[id] = tuple(row)
    def order(id):
        value = expected[id][place[column]]
        return (value is None, -value if column == 'test_r2' and value is not None else value or 0, id)
    best = sorted(now, key=order)[:-(-len(now) // eta)]
    rungs.append(len(now))
    now = [id for id in best if expected[id][place['status']] == 'pruned']
    rung += 1
found = {id: row[:place['seconds']] + (None,) + row[place['seconds'] + 1:] for id, row in rows.items()}
different = [id for id in expected if expected[id] != found[id]]
assert not different, (len(different), expected[different[0]], found[different[0]])
statuses = {row[place['status']] for row in rows.values()}
assert statuses == {'done', 'stopped', 'diverged', 'pruned'}, statuses
assert len(rungs) > 3, rungs
assert int(halved.execute("SELECT value FROM meta WHERE key = 'rung'").fetchone()[0]) == rung
PYTHON
run 0 sweep $axes --epochs 3,5,10,20,33,40,50,80 --db plain.sqlite --quiet --keep none
halving='--epochs 3,33,50 --halving 2 --min-epochs 5'
run 0 sweep $axes $halving --rank-by test_r2 --db test_r2.sqlite --quiet
run 0 sweep $axes $halving --db train_loss.sqlite
rungs='540 to 5 epochs, 270 to 10 epochs, 135 to 20 epochs, 68 to 40 epochs, 34 to 50 epochs; by train_loss'
grep -q "^rungs     $rungs\$" "$err" || fail 'no rungs, or not by the train loss'
for rank in train_loss test_r2; do
  python3 replay.py plain.sqlite $rank.sqlite 2 5 $rank || fail "another halving by $rank"
  same "$(ask sql $rank.sqlite 'select count(*) from checkpoints')" 0
done
run 0 sweep $axes $halving --device cpu,reference --db two.sqlite --quiet
same "$(ask sum two.sqlite)" "$(ask sum train_loss.sqlite)" 'two devices'
run 0 sweep $axes $halving --quiet
same "$(sed 1d "$out" | wc -l)" 540 'without a study all are in the table'
run 0 sweep $axes $halving --dry-run
grep -q '^time      about ' "$out" || fail 'no estimate'

# ---- parameters of networks that diverge behind a rung ----

run 0 sweep --hidden 4,6 --seed 0..15 --samples 60 --rate 0.3,3,10,30 --activation relu,sigmoid --epochs 200 \
  --halving 2 --min-epochs 1 --rank-by train_loss --keep all --db all.sqlite --quiet
late="status = 'diverged' and steps > 60"
[ "$(ask sql all.sqlite "select count(*) from networks where $late")" -gt 0 ] || fail 'none diverges behind a rung'
same "$(ask sql all.sqlite "select count(*) from networks join parameters using (id) where status = 'diverged'")" 0
same "$(ask sql all.sqlite 'select count(*) from parameters')" \
  "$(ask sql all.sqlite "select count(*) from networks where status <> 'diverged'")" '--keep all'

# ---- a pruned network, taken out ----

pruned=$(ask sql train_loss.sqlite "select id from networks where status = 'pruned' and tol = 0 and steps = 10 * samples limit 1")
options=$(ask sql train_loss.sqlite "select printf('--hidden %d --activation %s --seed %d --samples 40 --rate %.15g',
  hidden, activation, seed, rate) from networks where id = $pruned")
run 0 results train_loss.sqlite --model "$pruned" --out pruned.safetensors
run 0 train $options --epochs 50 --out straight.safetensors --quiet
run 0 train --resume pruned.safetensors --epochs 50 --out further.safetensors --json --quiet
same "$(value digest "$out")" "$("$clfit" train $options --epochs 50 --json --quiet | sed -n 's/.*"digest": "\([^"]*\)".*/\1/p')" \
  'a pruned network goes on'

# ---- interrupted, killed, resumed ----

long='--hidden 4,8 --seed 0..63 --samples 200 --epochs 200000 --halving 4 --min-epochs 50 --rate 0.05,0.2,1e3 --keep best:9'
run 0 sweep $long --db whole.sqlite --quiet
cuts=0
most=800 # milliseconds until a signal
for signal in INT KILL KILL KILL TERM KILL INT KILL; do
  "$clfit" sweep $long --resume cut.sqlite --quiet >"$out" 2>"$err" &
  pid=$!
  sleep "$(shuf -i "50-$most" -n 1)e-3"
  kill -$signal $pid 2>/dev/null || :
  if wait $pid 2>/dev/null; then # it was done; before the second cut: once more from the start
    [ $cuts -lt 2 ] || break
    rm -f cut.sqlite*
    cuts=0
    most=$((most / 2 + 50))
  else
    cuts=$((cuts + 1))
  fi
done
[ $cuts -gt 1 ] || fail "only $cuts signals came before the end"
run 0 sweep --resume cut.sqlite --quiet
same "$(ask sum cut.sqlite)" "$(ask sum whole.sqlite)" 'after signals'
run 0 sweep $long --resume cut.sqlite --quiet
same "$(ask sum cut.sqlite)" "$(ask sum whole.sqlite)" 'resumed when finished'
# killed between its last rows and the end of its last rung
python3 -c 'import sqlite3
with sqlite3.connect("cut.sqlite") as study:
    study.execute("UPDATE meta SET value = (SELECT max(rung) FROM rungs) WHERE key = ?", ("rung",))'
[ "$(ask sum cut.sqlite)" != "$(ask sum whole.sqlite)" ] || fail 'nothing is changed'
run 0 sweep $long --resume cut.sqlite --quiet
same "$(ask sum cut.sqlite)" "$(ask sum whole.sqlite)" 'killed before the end of the last rung'

# ---- what is refused ----

refuse 2 '--min-epochs needs --halving' sweep --min-epochs 5
refuse 2 '--halving does not go with --shard' sweep --halving 3 --shard 1/2
refuse 2 '--halving does not go with --preset' sweep --halving 3 --preset tuning-study
refuse 2 '--halving does not go with --schedule cosine' sweep --halving 3 --schedule constant,cosine --db no.sqlite
refuse 2 'a whole number from 2' sweep --halving 1
refuse 2 'another --halving' sweep $axes --epochs 3,33,50 --halving 3 --min-epochs 5 --resume train_loss.sqlite
refuse 2 'another --min-epochs' sweep $axes --epochs 3,33,50 --halving 2 --min-epochs 6 --resume train_loss.sqlite
refuse 2 'another --halving' sweep $axes --epochs 3,33,50 --rank-by train_loss --resume train_loss.sqlite
