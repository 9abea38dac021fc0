#!/bin/sh
# clfit predict: the bits that the trainer had, from a grid, a list, a CSV file, standard input; goals.
set -eu
. "$(dirname "$0")/expect.sh"

run 0 train --hidden 33 --samples 100 --epochs 50 --rate 0.05 --quiet --json --out model
cp "$out" trained.json
run 0 predict model --grid 0:1:100
cp "$out" grid.csv
same "$(head -n 1 grid.csv)" x,y
same "$(wc -l <grid.csv)" 101
same "$(sed -n 2p grid.csv | cut -d , -f 1) $(tail -n 1 grid.csv | cut -d , -f 1)" '0 1'
run 0 predict model --grid 0:1:100 --device cpu
cmp -s "$out" grid.csv || fail 'the device has other bits than the reference'
run 0 predict model --grid 0:1:100 --out file.csv
[ ! -s "$out" ] || fail '--out FILE, and something on stdout'
cmp -s file.csv grid.csv || fail '--out differs'
run 0 predict --grid 0:1:100 --out - model
cmp -s "$out" grid.csv || fail '--out - differs'
run 0 predict model --grid -1:2:1
same "$(wc -l <"$out")" 2

# x as a list, as a CSV column, on standard input: the same points, the same answers.
tail -n +2 grid.csv | cut -d , -f 1 >list
run 0 predict model --x list
cmp -s "$out" grid.csv || fail 'a list differs from the grid'
run 0 predict model --x grid.csv
cmp -s "$out" grid.csv || fail 'a CSV column differs from the grid'
sed 's/^x,y/time,value/' grid.csv >named.csv
run 0 predict model --x named.csv --x-column time
cmp -s "$out" grid.csv || fail 'a named column differs from the grid'
refuse 2 'named.csv' predict model --x named.csv
for input in list grid.csv; do
  command="clfit predict model --x - <$input"
  "$clfit" predict model --x - <$input >"$out" 2>"$err" || fail 'standard input'
  cmp -s "$out" grid.csv || fail 'standard input differs'
done
printf '\n  0.5\r\n\n+.25e0 \n-1' >odd
run 0 predict model --x odd
same "$(cut -d , -f 1 "$out" | tr '\n' ' ')" 'x 0.5 0.25 -1 '

# Against data: errors, figures, goals.
if command -v python3 >/dev/null; then
  python3 - grid.csv trained.json <<'PYTHON'
import csv, json, math, struct, sys
curve = lambda x: 0.4*x**2 + 0.3*x*math.sin(15*x) + 0.01*math.cos(50*x) - 0.3
points = [(float(r['x']), r['y']) for r in csv.DictReader(open(sys.argv[1]))]
as_float = lambda text: struct.unpack('f', struct.pack('f', float(text)))[0]
worst = max(abs(as_float(y) - curve(x)) for x, y in points)
mse = sum((as_float(y) - curve(x))**2 for x, y in points) / len(points)
trained = json.load(open(sys.argv[2]))
assert abs(worst / trained['test_max_error'] - 1) < 1e-13, (worst, trained)
assert abs(mse / trained['test_mse'] - 1) < 1e-13, (mse, trained)
for x, y in points:  # no shorter text reads back to the same float32
    digits = len(y.split('e')[0].replace('-', '').replace('.', '').lstrip('0'))
    assert digits == 1 or as_float('%.*g' % (digits - 1, float(y))) != as_float(y), y
with open('data.csv', 'w') as f:
    print('x,y', file=f)
    for x, y in points:
        print(repr(x), repr(curve(x)), sep=',', file=f)
PYTHON
  run 0 predict model --data data.csv
  same "$(head -n 1 "$out")" x,y_data,y,error
  cut -d , -f 1,3 "$out" >pairs
  cmp -s pairs grid.csv || fail 'answers at data differ from those on the grid'
  worst=$(value test_max_error trained.json)
  case $worst in *e*) worst= ;; esac
  run 0 predict model --data data.csv --json
  same "$(wc -l <"$out")" 1
  same "$(value points "$out")" 100
  python3 -c "import json, sys
a, b = json.load(open('$out')), json.load(open('trained.json'))
assert list(a) == ['model', 'points', 'fit_rss', 'fit_rmse', 'fit_max_error'], a
assert abs(a['fit_max_error'] / b['test_max_error'] - 1) < 1e-12 and abs(a['fit_rss'] / 100 / b['test_mse'] - 1) < 1e-12"
  worst=$(value fit_max_error "$out")
  run 0 predict model --data data.csv --max-error "$worst"
  [ ! -s "$err" ] || fail 'a message for a goal that is met'
  run 1 predict model --data data.csv --max-error "${worst%?????}"
  same "$(wc -l <"$err")" 1
  grep -q "^clfit: the largest error $worst is beyond --max-error ${worst%?????}\$" "$err" || fail 'the goal is not named'
  same "$(wc -l <"$out")" 101 'the points are printed all the same'
  run 1 predict model --data data.csv --max-error 0 --json --out data.out.csv
  same "$(wc -l <data.out.csv)" 101
fi
