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

# ---- --x: read once, with limits ----

command='clfit predict --x FIFO'
mkfifo pipe
cat list >pipe &
"$clfit" predict model --x pipe >"$out" 2>"$err" || fail 'a pipe'
cmp -s "$out" grid.csv || fail 'a pipe differs from the grid'
cat named.csv >pipe &
"$clfit" predict model --x pipe --x-column time >"$out" 2>"$err" || fail 'a pipe of columns'
cmp -s "$out" grid.csv || fail 'a pipe of columns differs from the grid'
wait
rm pipe
(
  # KiB: a line without an end must not be kept. The address sanitizer reserves more than any limit.
  grep -q __asan_init "$clfit" || ulimit -v 1000000
  refuse 2 'dev/zero, line 1: a NUL byte' predict model --x /dev/zero
  command="clfit predict --x - <'1' * 3e8"
  head -c 300000000 /dev/zero | tr '\0' 1 | "$clfit" predict model --x - >"$out" 2>"$err" && fail 'an endless line'
  [ "$(wc -l <"$err")" -eq 1 ] || fail 'more than one line about an endless line'
) || exit 1
printf '1\n2\0\n' >nul
refuse 2 'nul, line 2: a NUL byte' predict model --x nul
refuse 2 'named.csv, line 1: 2 columns: time, value; choose one with --x-column' predict model --x named.csv
printf 'volts\n0.25\n' >single
run 0 predict model --x single
same "$(sed -n 2p "$out")" "$("$clfit" predict model --grid 0.25:1:1 | tail -n 1)"

# ---- the range that was learnt ----

run 0 predict model --grid -1:2:4
same "$(cat "$err")" 'clfit: 2 of 4 points are outside the range of x that was learnt, 0 to 1: extrapolated, the first at -1'
run 0 predict model --grid 0:1:9
[ ! -s "$err" ] || fail 'a word about points in the range'
run 0 predict model --grid -1:2:4 --quiet
[ ! -s "$err" ] || fail '--quiet is not quiet'
printf 'T,U,w\n300,1,1\n310,2.5,1\n320,3.5,1\n330,9,0\n340,5,2\n' >curve.csv
curve='--data curve.csv --x-column T --y-column U'
run 0 train $curve --hidden 3 --epochs 30 --quiet --device reference --out fit
run 0 export fit --format json
same "$(value x_low "$out") $(value x_high "$out")" '300 340'
run 0 predict fit --grid 300:341:2
same "$(cat "$err")" 'clfit: 1 of 2 points is outside the range of x that was learnt, 300 to 340: extrapolated, the first at 341'
run 0 export "$data/version-0.1.0/data.safetensors" --format json
same "$(value x_low "$out") $(value x_high "$out")" 'null null' 'a file of version 0.1.0, trained on a file'
run 0 predict "$data/version-0.1.0/data.safetensors" --grid -1e3:1e3:3
[ ! -s "$err" ] || fail 'a range that nobody knows'
run 0 predict "$data/version-0.1.0/curve.safetensors" --grid 0:9:2
grep -q 'outside the range of x that was learnt, -3 to 3:' "$err" || fail 'no range of a formula of version 0.1.0'

# ---- rows of weight 0 do not count for the largest error, but for the others ----

run 0 predict fit $curve --json
all=$(value fit_max_error "$out")
rss=$(value fit_rss "$out")
run 0 predict fit $curve --weight-column w --json
counted=$(value fit_max_error "$out")
same "$(value fit_rss "$out")" "$rss"
[ "$counted" != "$all" ] || fail 'the row of weight 0 counts'
run 0 predict fit $curve --weight-column w --max-error "$counted"
run 1 predict fit $curve --max-error "$counted"

# ---- the best networks of a study: mean and spread against the networks one by one ----

run 0 sweep --hidden 4,9 --seed 0..3 --sample-seed 5,6 --samples 60 --epochs 40 --device reference --keep best:2 --quiet --db study
run 0 predict --study study --best 3 --grid -0.5:1:7
cp "$out" spread.csv
same "$(head -n 1 spread.csv)" x,mean,deviation,low,high
same "$(cat "$err")" 'clfit: 2 of 7 points are outside the range of x that was learnt, 0 to 1: extrapolated, the first at -0.5'
"$clfit" results study --csv - --rank-by test_mse --limit 3 | tail -n +2 | cut -d , -f 1 >ids
for id in $(cat ids); do
  run 0 results study --model "$id" --out "best.$id" --quiet
  run 0 predict "best.$id" --grid -0.5:1:7 --quiet --out "best.$id.csv"
done
run 0 predict --study study --best 1 --grid -0.5:1:7 --quiet
id=$(head -n 1 ids)
tail -n +2 "best.$id.csv" | cut -d , -f 2 >one
tail -n +2 "$out" | cut -d , -f 4 >lowest
cmp -s one lowest || fail 'the best network has other answers'
same "$(tail -n +2 "$out" | cut -d , -f 3 | sort -u)" 0 'a deviation of one network'
if command -v python3 >/dev/null; then
  # mean and deviation of three numbers near 1, each operation rounded to 2^-53: 1e-14 is more than tenfold that
  python3 - spread.csv $(sed 's/.*/best.&.csv/' ids) <<'PYTHON'
import csv, statistics, struct, sys
as_float = lambda text: struct.unpack('f', struct.pack('f', float(text)))[0]
spread = list(csv.DictReader(open(sys.argv[1])))
bests = [list(csv.DictReader(open(name))) for name in sys.argv[2:]]
assert len(bests) == 3 and len(spread) == 7
for k, row in enumerate(spread):
    z = [as_float(best[k]['y']) for best in bests]
    number = {name: float(text) for name, text in row.items()}
    assert abs(number['mean'] - statistics.fmean(z)) <= 1e-14, (row, z)
    assert abs(number['deviation'] - statistics.pstdev(z)) <= 1e-14, (row, z)
    assert (as_float(row['low']), as_float(row['high'])) == (min(z), max(z)), (row, z)
    assert number['deviation'] > 0
PYTHON
fi
run 0 predict --study study
same "$(wc -l <"$out")" 201 'without points: 200 over the range that was learnt'
same "$(sed -n 2p "$out" | cut -d , -f 1) $(tail -n 1 "$out" | cut -d , -f 1)" '0 1'
run 0 predict --study study --best 99 --grid 0:1:2
same "$(cat "$err")" 'clfit: study has 16 networks trained to the end, not 99'
run 0 sweep $curve --hidden 2,3 --seed 0..2 --epochs 60 --device reference --quiet --db file.study
run 1 predict --study file.study --best 4 $curve --weight-column w --max-error 0
same "$(head -n 1 "$out")" x,mean,deviation,low,high,y_data,error
run 0 predict --study file.study --best 4 $curve --json
same "$(value networks "$out") $(value points "$out")" '4 5'
refuse 2 'is not a study\|not a database' predict --study curve.csv --best 4

# ---- the model's own columns ----

# The file that it was trained on, or another one of its kind, needs no names of columns, whatever their order.
printf 'kelvin,volts\n100,0\n200,0.5\n300,0.6\n400,1\n' >sensor.csv
printf 'volts,X\n0.25,7\n0.75,9\n' >volts.csv
run 0 train --data sensor.csv --x-column VOLTS --y-column 1 --hidden 2 --epochs 9 --quiet --out sensor --device reference
run 0 predict sensor --data sensor.csv --x-column 2 --y-column 1 --quiet
cp "$out" named
run 0 predict sensor --data sensor.csv
cmp -s "$out" named || fail 'other columns'
grep -q '^clfit: sensor.csv: 4 rows, x = "volts" (0 .. 1), y = "kelvin" (100 .. 400)$' "$err" || fail 'columns are not told'
# A column whose name is not its alone is known by its number.
printf 'v,v\n100,0\n200,0.5\n300,0.6\n400,1\n' >same.csv
run 0 train --data same.csv --x-column 2 --y-column 1 --hidden 2 --epochs 9 --quiet --out numbered --device reference
run 0 predict numbered --data same.csv --quiet
same "$(cut -d , -f 1 "$out" | tr '\n' ' ')" 'x 0 0.5 0.6 1 '
run 0 predict numbered --data sensor.csv --quiet # other names: the first is x
same "$(cut -d , -f 1 "$out" | tr '\n' ' ')" 'x 100 200 300 400 '
# y is not taken as y once it is the model's x.
printf 'y,x\n0,1\n0.5,2\n1,3\n' >turned.csv
printf 'y,w\n0,1\n0.5,2\n1,3\n' >other.csv
run 0 train --data turned.csv --x-column y --y-column x --hidden 2 --epochs 9 --quiet --out turned --device reference
run 0 predict turned --data other.csv --quiet
same "$(cut -d , -f 1,2 "$out" | tr '\n' ' ')" 'x,y_data 0,1 0.5,2 1,3 '
run 0 predict sensor --x volts.csv --quiet
same "$(cut -d , -f 1 "$out" | tr '\n' ' ')" 'x 0.25 0.75 '
run 0 predict sensor --x volts.csv --x-column x --quiet
same "$(cut -d , -f 1 "$out" | tr '\n' ' ')" 'x 7 9 '
run 0 export sensor --data sensor.csv --out sensor.h
grep -q '^clfit: sensor.csv: 4 rows, x = "volts"' "$err" || fail 'columns are not told by export'
run 0 sweep --data sensor.csv --x-column volts --y-column kelvin --hidden 2 --epochs 9 --db sensor.study --quiet
run 0 predict --study sensor.study --data sensor.csv --quiet
same "$(cut -d , -f 1 "$out" | tr '\n' ' ')" 'x 0 0.5 0.6 1 '

# ---- a training that went wrong ----

if command -v python3 >/dev/null; then
  python3 -c "
bytes = open('sensor', 'rb').read()
open('infinite', 'wb').write(bytes[:-4] + b'\\0\\0\\x80\\x7f')"
  run 0 predict infinite --grid 0:1:2
  same "$(cat "$err")" 'clfit: warning: 1 of the 7 parameters of infinite are infinite or NaN: the training went wrong'
fi

# ---- pictures ----

if command -v gnuplot >/dev/null; then
  run 0 predict --study file.study --best 4 --plot band.svg --out spread.csv --quiet
  for text in '>T<' '>U<' 'The best 4 networks of file.study' 'mean of 4' 'lowest to highest' 'mean ± deviation' '>data<'; do
    grep -q "$text" band.svg || fail "no $text in the picture"
  done
  run 0 predict --study study --best 4 --grid 0:1:9 --plot - --out spread.csv --quiet
  grep -q 'lowest to highest' "$out" || fail 'no picture of characters'
  run 0 predict fit $curve --plot fit.svg --out fit.csv --quiet
  for text in '>T<' '>U<' 'curve.csv: hidden 3, sigmoid, 5 samples, 30 epochs, rate ' '>data<' '>network<'; do
    grep -q "$text" fit.svg || fail "no $text in the picture"
  done
  run 0 train $curve --hidden 3 --epochs 30 --rate 0.012345678901 --quiet --device reference --plot fit.svg
  grep -q 'rate 0.01235<' fit.svg || fail 'a rate of twelve digits'
fi
