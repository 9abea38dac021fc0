#!/bin/sh
# clfit train at work: defaults, JSON, files, the same bits however it is run, early stops, divergence, help.
set -eu
. "$(dirname "$0")/expect.sh"

# ---- what it prints ----

run 0 train --epochs 20 --quiet
grep -q '^network   1-128-1, sigmoid, rate 0.1 (above the stability limit 0.0603808), seed 2$' "$out" || fail 'not the default network'
grep -q '^samples   1000 of 0.4\*x^2 + 0.3\*x\*sin(15\*x) + 0.01\*cos(50\*x) - 0.3, x from 0 to 1, seed 0$' "$out" ||
  fail 'not the default samples'
[ ! -s "$err" ] || fail '--quiet is not quiet'

run 0 train --epochs 20
[ ! -s "$err" ] || fail 'the default training warns of itself'
run 0 train --epochs 20 --rate 0.1
grep -q '^clfit: warning: rate 0.1 is above the stability limit 0.0603808 of the initial weights (2 / .* 33.1231)' "$err" ||
  fail 'no warning of the rate, or other numbers'
same "$(wc -l <"$err")" 1 'a short run shows no progress'
run 0 train --epochs 20 --rate 0.06
[ ! -s "$err" ] || fail 'a warning for a rate within the limit'

run 0 train --epochs 20 --quiet
data_digest=$(sed -n 's/^data  *//p' "$out")
same ${#data_digest} 64 'no digest of the samples'

run 0 train --epochs 20 --quiet --json
same "$(wc -l <"$out")" 1 'one object on one line'
same "$(value data_digest "$out")" "$data_digest"
cp "$out" default.json
if command -v python3 >/dev/null; then
  python3 - default.json <<'PYTHON'
import json, sys
text = open(sys.argv[1]).read()
pairs = json.loads(text, object_pairs_hook=list)
assert [k for k, _ in pairs] == [
    'arithmetic', 'device', 'mapping', 'mode', 'hidden', 'samples', 'epochs', 'rate', 'activation', 'seed',
    'sample_seed', 'tol', 'optimizer', 'init', 'init_scale', 'batch', 'shuffle', 'momentum', 'beta1', 'beta2', 'eps',
    'weight_decay', 'clip', 'schedule', 'stop_loss', 'stop_on', 'patience', 'patience_on', 'noise', 'holdout', 'scale',
    'status', 'stopped_by', 'diverged_epoch', 'best_epoch', 'steps', 'train_seconds', 'steps_per_second', 'train_loss', 'test_mse',
    'test_rmse', 'test_max_error', 'test_r2', 'fit_rss', 'fit_rmse', 'fit_max_error', 'defect', 'held_rss', 'held_rmse',
    'held_max_error', 'digest', 'data_digest'], pairs
got = dict(pairs)
want = dict(arithmetic=1, mode='strict', hidden=128, samples=1000, epochs=20, rate=0.1, activation='sigmoid', seed=2,
            sample_seed=0, tol=0, optimizer='sgd', init='xavier', init_scale=0,
            scale='none', status='done', diverged_epoch=None, steps=20000, fit_rss=None, fit_rmse=None, fit_max_error=None)
assert {k: got[k] for k in want} == want, got
assert abs(got['test_rmse']**2 / got['test_mse'] - 1) < 1e-15
for key, value in pairs:  # the shortest text that reads back: Python prints the same digits
    if isinstance(value, float):
        assert float(repr(value)) == value and len(repr(value)) <= 24
assert '"rate": 0.1,' in text
assert len(got['digest']) == 64
PYTHON
fi

# ---- the same bits however it is run ----

reference=$(value digest default.json)
same ${#reference} 64
for how in '--device reference' '--mapping wide' '--mapping packed' '--mapping team' '--device reference --launch-steps 333' '--device cpu'; do
  run 0 train --epochs 20 --quiet --json $how
  same "$(value digest "$out")" "$reference" "$how"
  same "$(value test_mse "$out")" "$(value test_mse default.json)" "$how"
done
same "$(value device "$out")" "$(value device default.json)"
for mapping in wide packed team reference; do
  how="--mapping $mapping"
  [ $mapping = reference ] && how='--device reference'
  for steps in '' '--launch-steps 1'; do
    run 0 train --hidden 65 --samples 70 --epochs 5 --activation tanh --rate 0.01 --quiet --json $how $steps
    same "$(value mapping "$out")" $mapping
    echo "$(value digest "$out") $(value train_loss "$out")" >>digests
  done
done
same "$(sort -u digests | wc -l)" 1 'a launch a sample, or another mapping, has other bits'

# What is typed in another way is the same.
run 0 train --hidden=1.28e2 --samples 1e3 --epochs 2e1 --learning-rate .1 --activation logistic --seed 02 --domain 0:1e0 \
  --quiet --json --hidden=1.28e2
same "$(value digest "$out")" "$reference"

# ---- files ----

run 0 train --hidden 8 --samples 50 --epochs 30 --rate 0.05 --quiet --json --out model --history history.csv
same "$(head -n 1 history.csv)" epoch,train_loss
same "$(wc -l <history.csv)" 31
same "$(tail -n 1 history.csv)" "30,$(value train_loss "$out")"
same "$(ls)" "default.json
digests
history.csv
model" 'a temporary file is left'
ln -s history.csv link.csv
run 0 train --hidden 8 --samples 50 --epochs 3 --rate 0.05 --quiet --out model --history link.csv
[ -L link.csv ] || fail 'a link is replaced'
same "$(wc -l <history.csv)" 4

if command -v gnuplot >/dev/null; then
  run 0 train --hidden 8 --samples 50 --epochs 3 --quiet --plot fit.svg --samples-plot samples.png --history history.csv
  grep -q 'cell:8 sample:50 iteration:3 rate:0.1' fit.svg || fail 'not the title of the chapter'
  grep -q 'train loss' fit.svg || fail 'no loss curve beside a history'
  [ "$(head -c 4 samples.png | od -An -c | tr -d ' ')" = '211PNG' ] || fail 'no PNG'
  grep -q '^files     fit.svg, samples.png, history.csv$' "$out" || fail 'files are not named'
  run 0 train --hidden 8 --samples 50 --epochs 3 --quiet --plot -
  grep -q 'cell:8 sample:50 iteration:3 rate:0.1' "$out" || fail 'no picture of characters'
  grep -q '^digest' "$out" || fail 'no summary after it'
fi

# ---- data ----

run 0 train --data "$data/nist/Misra1a.csv" --hidden 4 --epochs 50 --rate 1e-4 --quiet
grep -q '^fit  .*, R2 0\.' "$out" || fail 'no R2'
run 0 train --data "$data/nist/Misra1a.csv" --hidden 4 --epochs 50 --rate 1e-4 --quiet --json --out data.model
same "$(value samples "$out")" 14
same "$(value sample_seed "$out")" null
same "$(value test_mse "$out")" null
digest=$(value digest "$out")
case $(value fit_rss "$out") in null | '') fail 'no fit_rss' ;; esac
tr , ';' <"$data/nist/Misra1a.csv" | awk -F ';' 'BEGIN { print "a,second one,b" } NR > 1 { print $2 ",0," $1 }' >columns.csv
run 0 train --data columns.csv --x-column b --y-column 1 --hidden 4 --epochs 50 --rate 1e-4 --quiet --json
same "$(value digest "$out")" "$digest"
code=0
command='clfit train --data - <columns.csv'
"$clfit" train --data - --x-column b --y-column a --hidden 4 --epochs 50 --rate 1e-4 --quiet --json <columns.csv >"$out" || code=$?
same "$code $(value digest "$out")" "0 $digest"
run 0 train --data columns.csv --x-column b --y-column a --hidden 4 --epochs 50 --rate 1e-4 --quiet --plot data.txt
grep -q '^fit       rss' "$out" || fail 'no fit in the summary'

# ---- ends ----

run 0 train --hidden 8 --samples 50 --epochs 1e9 --tol 1e-3 --quiet --json
same "$(value status "$out")" stopped
same "$(value diverged_epoch "$out")" null
run 1 train --rate 5 --quiet --json --out never --plot never.svg --history diverged.csv
for key in train_loss test_mse test_rmse test_max_error test_r2 digest; do same "$(value $key "$out")" null $key; done
same "$(value status "$out")" diverged
same "$(value diverged_epoch "$out")" 1
grep -q '^clfit: diverged in epoch 1 at sample [0-9]* ' "$err" || fail 'the divergence is not explained'
[ ! -e never ] && [ ! -e never.svg ] || fail 'a file of a diverged training'
same "$(cat diverged.csv)" epoch,train_loss

# ---- help ----

for arguments in --help -h help 'train --help' 'train -h' 'help train' '--help train' 'train --hidden 5 --help' --version \
  'predict --help' 'verify --help' 'devices --help'; do
  run 0 $arguments
  [ -s "$out" ] && [ ! -s "$err" ] || fail 'help is not on stdout'
done
run 0 train --help
grep -q -e '--hidden N .*1 to 4096 (default: 128;' "$out" || fail 'help does not show limits and defaults'
grep -q -e '--init xavier|he|normal|zero|spread' "$out" || fail 'help does not show choices'

# Lines end where the terminal does, but for the example, which is there to be copied; 80 where there is none.
widest()
{
  grep -v '^  clfit ' "$out" | awk 'length > most { most = length } END { print most + 0 }'
}
for help in --help 'train --help' 'sweep --help' 'results --help'; do
  run 0 $help
  [ "$(widest)" -le 80 ] || fail 'a line is longer than 80'
  COLUMNS=50 run 0 $help
  [ "$(widest)" -le 50 ] || fail 'a line is longer than 50'
  COLUMNS=300 run 0 $help
  [ "$(widest)" -le 100 ] || fail 'a line is longer than 100'
  [ "$(widest)" -gt 80 ] || fail 'the terminal is not used'
done

if command -v python3 >/dev/null; then
  command='clfit train --help, on a terminal of 50 columns'
  python3 - "$clfit" >"$out" <<'PYTHON'
import fcntl, os, pty, struct, sys, termios
os.environ.pop('COLUMNS', None)
child, terminal = pty.fork()
if child == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack('4H', 40, 50, 0, 0))
    os.execv(sys.argv[1], [sys.argv[1], 'train', '--help'])
try:
    while piece := os.read(terminal, 4096):
        os.write(1, piece.replace(b'\r', b''))
except OSError:
    pass # its end
PYTHON
  [ "$(wc -l <"$out")" -gt 20 ] && [ "$(widest)" -le 50 ] || fail 'a line is longer than the terminal'
fi

# ---- what the standard streams are makes no difference ----

code=0
"$clfit" train --epochs 1 --samples 9 --device reference --quiet --out model2 >&- 2>"$err" || code=$?
command='clfit train >&-'
same "$code $(cat "$err")" '2 clfit: cannot write to standard output: Bad file descriptor'
run 0 predict model2 --grid 0:1:2
