#!/bin/sh
# clfit search: the smallest network for measured curves, its files, its exit codes, and a search that is killed.
set -eu
. "$(dirname "$0")/expect.sh"

# top KEY FILE: a value of the outermost object; the rows of the tables have some of the same keys.
top()
{
  sed 's/, "tradeoff": .*\(, "better"\)/\1/' "$2" >"$place/top.json"
  value "$1" "$place/top.json"
}

# Twelve curves of NIST. The bound is 1.05 of the residual sum of squares of NIST's own model; the numbers of neurons are
# the largest that a prototype needed.
while read -r name rss neurons; do
  bound=$(awk -v rss="$rss" -v n="$(($(wc -l <"$data/nist/$name.csv") - 1))" 'BEGIN {printf "%.17g", sqrt(1.05 * rss / n)}')
  run 0 search --data "$data/nist/$name.csv" --max-rmse "$bound" --device reference --json --quiet
  same "$(top met "$out")" true "$name"
  [ "$(top bound "$out")" = "$bound" ] || awk -v a="$(top bound "$out")" -v b="$bound" 'BEGIN {exit a != b}' ||
    fail "$name: another bound"
  found=$(top hidden "$out")
  [ "$found" -le "$neurons" ] || fail "$name: $found neurons, not $neurons"
done <<'END'
Bennett5 5.2404744073E-04 2
Chwirut1 2.3844771393E+03 1
DanWood 4.3173084083E-03 1
Eckerle4 1.4635887487E-03 2
Gauss1 1.3158222432E+03 6
Gauss2 1.2475282092E+03 5
Hahn1 1.5324382854E+00 4
Lanczos3 1.6117193594E-08 4
MGH17 5.4648946975E-05 3
Misra1a 1.2455138894E-01 1
Rat42 8.0565229338E+00 1
Roszman1 4.9484847331E-04 2
END

# The model is what the report says: predict finds the same errors. A largest error is a bound, too.
nist=$data/nist/MGH17.csv
run 0 search --data "$nist" --max-error 0.004 --device reference --out model --plot fit.svg --json --quiet
cp "$out" found.json
same "$(top met found.json)" true
same "$(top bound_of found.json)" max_error
grep -q '<svg' fit.svg || fail 'no picture'
run 0 predict model --data "$nist" --max-error 0.004 --json
same "$(value fit_max_error "$out")" "$(top fit_max_error found.json)"
same "$(value fit_rmse "$out")" "$(top fit_rmse found.json)"
run 0 search --data "$nist" --max-error 0.004 --json --quiet
same "$(top digest "$out")" "$(top digest found.json)" 'the device finds another network'

# Text: a row for each size, the chosen one marked; a picture of characters on standard output.
run 0 search --data "$nist" --max-error 0.004 --device reference --plot -
grep -q '^\* ' "$out" || fail 'no size is marked'
grep -q 'bound     largest error 0.004: kept' "$out" || fail 'nothing of the bound'
grep -q 'errors' "$out" || fail 'no errors in the picture'

# A bound that is not kept: exit code 1, and the best model all the same.
run 1 search --data "$data/nist/Rat42.csv" --max-rmse 1e-3 --max-hidden 1 --device reference --out best --json
same "$(top met "$out")" false
same "$(top end "$out")" unmet
[ -s best ] || fail 'no model'
run 1 search --data "$data/nist/Rat42.csv" --max-rmse 1e-3 --budget 20 --device reference
grep -q 'budget' "$err" || fail 'nothing of the budget'

# Without a bound cross-validation chooses; a formula has test points.
run 0 search --target 'tanh(3*x)' --domain -1:1 --samples 40 --device reference --max-hidden 5 --json --quiet
[ "$(value cv_rmse "$out")" != null ] || fail 'no cross-validation'
[ "$(top test_rmse "$out")" != null ] || fail 'no test points'
same "$(top activation "$out")" tanh
run 0 search --data "$nist" --max-rmse 0.1 --activation sigmoid --scale standard --device reference --json --quiet
same "$(top activation "$out")" sigmoid
same "$(top scale "$out")" standard

# Killed at any time, it ends as it would have: the same network, the same table.
awk 'BEGIN {print "x,y"; for (i = 0; i < 400; i++) {x = i / 399; print x "," sin(9 * x) * exp(-2 * x) + 0.2 * x * x}}' >curve.csv
run 0 search --data curve.csv --max-rmse 1e-4 --device reference --json --quiet
cp "$out" whole.json
killed=0
for part in 1 2 3 4 5 6; do
  command="clfit search --resume rounds (killed after 0.$part s)"
  "$clfit" search --data curve.csv --max-rmse 1e-4 --device reference --json --quiet --resume rounds >"$out" 2>"$err" &
  process=$!
  sleep "0.$part"
  kill -9 "$process" 2>/dev/null || true
  code=0
  wait "$process" 2>/dev/null || code=$?
  [ $code = 0 ] || same $code 137 'killed'
  [ $code = 0 ] || killed=$((killed + 1))
done
[ $killed -gt 0 ] || fail 'never killed'
run 0 search --resume rounds --device reference --json --quiet
for file in whole.json "$out"; do sed 's/"[a-z]*_seconds": [^,]*, //g' "$file" >"$place/$(basename "$file").plain"; done
cmp -s "$place/whole.json.plain" "$place/stdout.plain" || fail 'a killed search ends with another result'
run 0 search --data curve.csv --max-rmse 1e-4 --device reference --resume rounds --json --quiet
same "$(top digest "$out")" "$(top digest whole.json)"

# Limits are kept, too: --resume alone ends where the first search would have; others extend it.
run 1 search --data curve.csv --max-rmse 1e-7 --max-hidden 3 --budget 20 --device reference --json --quiet --db limits
first=$(top digest "$out")
same "$(top starts "$out")" 20
run 1 search --resume limits --device reference --json --quiet
same "$(top digest "$out")" "$first"
same "$(top starts "$out")" 20
run 1 search --resume limits --budget 90 --max-hidden 1 --device reference --json --quiet
run 1 search --resume limits --device reference --json --quiet
same "$(top end "$out")" unmet
same "$(grep -c '"hidden": 2' "$out")" 0

# What ended early is not said to be chosen.
run 0 search --data curve.csv --budget 2 --device reference
grep -q 'ended before cross-validation' "$out" || fail 'a choice that was not made'
run 0 search --target 'x' --samples 3 --device reference
grep -q 'too few different x that count' "$out" || fail 'no cross-validation of three x'

# A time that is up in the first batch, after a step or two, leaves the best of what there is.
run 1 search --target 'sin(9*x)' --samples 100000 --max-rmse 1e-9 --time-limit 0.05 --out early --device reference
grep -q 'the time limit of 0.05 s is up: this is the best so far' "$err" || fail 'nothing of the time'
[ -s early ] || fail 'no model'
run 0 search --target 'sin(9*x)' --samples 100000 --max-rmse 5 --time-limit 0.05 --json --device reference
same "$(top end "$out")" time

# Mistakes.
refuse 2 'exists already' search --data curve.csv --db rounds
refuse 2 'has --max-rmse 1e-4, not 1e-3' search --data curve.csv --max-rmse 1e-3 --resume rounds
refuse 2 'has no --seed' search --data curve.csv --max-rmse 1e-4 --seed 1 --resume rounds
refuse 2 'give the same, or --resume alone' search --data curve.csv --resume rounds
head -n 200 curve.csv >short.csv
refuse 2 'other samples' search --data short.csv --max-rmse 1e-4 --resume rounds --quiet
refuse 2 'no search in nothing' search --resume nothing
refuse 2 'is not a search written by clfit search' search --resume curve.csv
refuse 2 'one bound' search --data curve.csv --max-error 1 --max-rmse 1
refuse 2 'larger than 0' search --data curve.csv --max-error 0
refuse 2 'do not go together' search --data curve.csv --db a --resume b
refuse 2 '1 to 64\|from 1 to 64' search --data curve.csv --max-hidden 65
refuse 2 'cannot read missing.csv' search --data missing.csv --db new
refuse 2 'would overwrite' search --data curve.csv --out curve.csv
refuse 2 'does not go with --json' search --data curve.csv --plot - --json
refuse 2 'needs the name of a file' search --data curve.csv --out -
refuse 2 '.svg' search --data curve.csv --plot fit.pdf
refuse 2 'does not go with --data' search --data curve.csv --samples 10
