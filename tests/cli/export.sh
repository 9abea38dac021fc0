#!/bin/sh
# clfit export: every format by name and by ending, to files and to standard output; mistakes.
set -eu
. "$(dirname "$0")/expect.sh"
checks=$(cd "$(dirname "$data")/checks" && pwd)

run 0 train --hidden 33 --samples 100 --epochs 50 --quiet --device reference --json --out 0.safetensors
cp "$out" trained.json
run 0 train --hidden 1 --activation relu --samples 9 --epochs 9 --tol 1 --quiet --device reference --out 1.safetensors

for number in 0 1; do
  model=$number.safetensors
  for format in json npz; do
    run 0 export $model --out $number.$format
    [ ! -s "$out" ] || fail '--out FILE, and something on stdout'
    [ ! -s "$err" ] || fail 'something on stderr'
    run 0 export $model --format $format
    cmp -s "$out" $number.$format || fail "$format on standard output differs"
    run 0 export --format $format --out - $model
    cmp -s "$out" $number.$format || fail "$format with --out - differs"
    run 0 export $model --format $format --out other.txt
    cmp -s other.txt $number.$format || fail '--format is not stronger than the ending'
  done
  run 0 export $model --out copy.safetensors
  cmp -s copy.safetensors $model || fail 'a model file differs from the one that was read'
done
same "$(value digest 0.json)" "$(value digest trained.json)"
same "$(value status 0.json) $(value status 1.json)" 'done stopped'

# What NumPy reads has the same bits.
for python in python3 /usr/bin/python3; do
  "$python" -c 'import numpy' 2>/dev/null || continue
  "$python" "$checks/formats.py" . 2 || fail 'Python reads something else'
  break
done

run 0 export --help
for name in safetensors json npz; do grep -q "^  $name " "$out" || fail "the help text does not list $name"; done

refuse 2 'needs a MODEL' export --format json
refuse 2 'needs --format or --out' export 0.safetensors
refuse 2 'needs --format or --out' export 0.safetensors --out -
refuse 2 'ending of fit.xyz is that of no format' export 0.safetensors --out fit.xyz
refuse 2 "^clfit: --format: unknown format 'onx'; there are safetensors, json, npz$" export 0.safetensors --format onx
refuse 2 'cannot read nothing' export nothing --format json
refuse 2 'not a model file' export 0.json --format npz
refuse 2 'would overwrite 0.safetensors' export 0.safetensors --format json --out 0.safetensors
refuse 2 '--out' export 0.safetensors --out no/fit.json
command='clfit export 0.safetensors --format npz >/dev/full'
code=0
"$clfit" export 0.safetensors --format npz >/dev/full 2>"$err" || code=$?
same "$code" 2
same "$(wc -l <"$err")" 1
