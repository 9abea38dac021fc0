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
  for format in json npz csv onnx; do
    "$clfit" export --help | grep -q "^  $format " || { same $format onnx; continue; } # built without
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

# The table is what predict prints; where nobody knows the range of x, it must be said.
run 0 export 0.safetensors --format csv --points 17
cp "$out" table.csv
run 0 predict 0.safetensors --grid 0:1:17
cmp -s "$out" table.csv || fail 'the table is not what predict prints'
same "$(wc -l <0.csv)" 1002
run 0 export 1.safetensors --format csv --domain -1:3 --points 3
same "$(cut -d, -f1 "$out" | tr '\n' ' ')" 'x -1 1 3 '
for wrong in 0 -1 x 134217729; do refuse 2 '--points' export 0.safetensors --format csv --points "$wrong"; done
refuse 2 'is for --format csv, not for c' export 0.safetensors --format c --points 3
refuse 2 'is for --format c and csv, not for json' export 0.safetensors --format json --domain 0:1

# ONNX: trained networks, in other units than the samples' and in the same, to a millionth of y's range; with the
# activations whose sum is larger than y itself to four.
for python in python3 /usr/bin/python3; do
  [ -e 0.onnx ] && "$python" -c 'import numpy, onnx' 2>/dev/null || continue
  for part in 1e-6 4e-6; do
    rm -rf graphs
    mkdir graphs
    awk 'BEGIN { print "x,y"; for (i = 0; i <= 64; i++) print 290 + i / 8 "," 4 + sin(i / 9) }' >graphs/wave.csv
    number=0
    activations='sigmoid tanh relu'
    [ $part = 1e-6 ] || activations='softsign softplus leakyrelu elu silu gelu sine'
    for activation in $activations; do
      for source in '--data graphs/wave.csv --hidden 64' '--target sin(5*x) --hidden 7 --scale none --samples 65'; do
        run 0 train $source --activation $activation --epochs 100 --rate 0.01 --quiet --device reference \
          --out graphs/$number.safetensors
        range=0:1
        case $source in --data*) range=290:298 ;; esac
        run 0 export graphs/$number.safetensors --out graphs/$number.csv --domain $range --points 1025
        run 0 export graphs/$number.safetensors --out graphs/$number.json
        run 0 export graphs/$number.safetensors --out graphs/$number.onnx
        number=$((number + 1))
      done
    done
    "$python" "$checks/onnx_graph.py" graphs $number $part || fail 'a graph is not the network'
  done
  break
done

# C: the name, the error over the samples that were learnt or others, the range; a compiled call gives predict's bits.
run 0 export 0.safetensors --out my-fit.h --self-test
grep -q '^clfit: my_fit: largest error over the samples 0\.[0-9]*$' "$err" || fail 'no error on stderr'
run 0 export 0.safetensors --out my-fit.h --self-test --quiet
[ ! -s "$err" ] || fail 'something on stderr'
grep -q '^static inline float my_fit(float x)' my-fit.h || fail 'the function is not called as the file'
grep -q 'over 100 samples$' my-fit.h || fail 'no error'
run 0 export 0.safetensors --format c --name curve --clamp --domain 0.25:0.5
grep -q '#define curve_X_MIN 0x1p-2f' "$out" || fail 'no range'
run 0 export 0.safetensors --format c
grep -q 'float fit_0(float x)' "$out" || fail 'the function is not called as the model'
run 0 predict 0.safetensors --grid 0:1:9
tail -n +2 "$out" | tr , ' ' >predicted
cat >call.c <<'END'
#include "my-fit.h"
#include <stdio.h>
int main(void)
{
  float x, y;
  int lines = 0;
  for (; scanf("%f %f", &x, &y) == 2; lines++)
    if (my_fit(x) != y) return 1;
  return lines != 9 || my_fit_selftest() != 0;
}
END
command='cc call.c'
cc -std=c99 -Wall -Wextra -Werror call.c -o call && ./call <predicted || fail 'C and predict differ'
printf 'a,b\n0,1\n1,3\n' >data.csv
run 0 train --data data.csv --x-column a --y-column b --hidden 2 --epochs 9 --quiet --device reference --out d.safetensors
rm data.csv
run 0 export d.safetensors --out d.h
grep -q '^clfit: warning: the error is not stated.*data.csv' "$err" || fail 'not a word about the missing samples'
grep -q 'Error        unknown' d.h || fail 'an error without samples'
run 0 export d.safetensors --out d.h --clamp --quiet
grep -q 'from 0 to 1' d.h || fail 'the model does not bring the range of x'
run 0 export d.safetensors --out d.csv --points 2
run 0 predict d.safetensors --grid 0:1:2
cmp -s "$out" d.csv || fail 'the table of a scaled model is not what predict prints'
rm -f e.h
cp "$data/version-0.1.0/data.safetensors" old.safetensors # its file of samples is not beside it
old=$PWD/old.safetensors
refuse 2 'nobody knows the range' export "$old" --out e.h --clamp --quiet
refuse 2 'range of x.*--domain A:B' export "$old" --out e.csv
run 0 export "$old" --format csv --domain -1:3 --points 3
same "$(cut -d, -f1 "$out" | tr '\n' ' ')" 'x -1 1 3 '
printf 'a,b\n-7,1\n1,3\n' >moved.csv
run 0 export d.safetensors --out d.h --data moved.csv --x-column 1 --y-column b
grep -q 'from -7 to 1' d.h || fail 'no range of --data'
run 0 export d.safetensors --format csv --data moved.csv --points 2
same "$(cut -d, -f1 "$out" | tr '\n' ' ')" 'x -7 1 '
run 0 export 0.safetensors --out f.h --fixed 12:16 --self-test
grep -q '^clfit: f: fixed point adds at most ' "$err" || fail 'not a word about what fixed point adds'
grep -q 'uint32_t f(uint32_t code)' f.h || fail 'no function of codes'
! grep -qE '(float|double) f' f.h || fail 'a floating-point function'
printf '#include "f.h"\nint main(void) { return f_selftest(); }\n' >f.c
command='cc f.c'
cc -std=c99 -Wall -Wextra -Werror f.c -o f && ./f || fail 'no program, or its self-test fails'
run 0 export d.safetensors --out h.h --fixed 8:20 --domain -7:9 --clamp --data moved.csv --x-column a --y-column b --quiet
grep -q '#define h_IN_MIN 0$' h.h && grep -q '#define h_IN_MAX 127$' h.h || fail 'codes beyond what was learnt'
for wrong in 12 12: :12 0:12 17:12 12:1 12:25 12:12:12 a:b; do
  refuse 2 'is not IN:OUT' export 0.safetensors --out g.h --fixed "$wrong"
done
run 0 train --hidden 3 --activation sine --epochs 2 --quiet --device reference --out sine.safetensors
refuse 2 'fixed point is only for the activations sigmoid, tanh and relu' export sine.safetensors --out g.h --fixed 12:12
refuse 2 'half a step of the output' export 0.safetensors --out g.h --fixed 12:2
refuse 2 'needs the range of x' export "$old" --out g.h --fixed 12:12 --quiet
refuse 2 'is for --format c' export d.safetensors --format json --clamp
refuse 2 'no name for a function' export d.safetensors --format c --name a-b
refuse 2 'a meaning of its own' export d.safetensors --format c --name float
refuse 2 'columns of --data' export d.safetensors --format c --x-column 1
refuse 2 'cannot read no.csv' export d.safetensors --format c --data no.csv

run 0 export --help
for name in safetensors json npz csv c; do grep -q "^  $name " "$out" || fail "the help text does not list $name"; done

refuse 2 'needs a MODEL' export --format json
refuse 2 'needs --format or --out' export 0.safetensors
refuse 2 'needs --format or --out' export 0.safetensors --out -
refuse 2 'ending of fit.xyz is that of no format' export 0.safetensors --out fit.xyz
refuse 2 "^clfit: --format: unknown format 'onx'; there are safetensors, json, npz, .*csv, c$" export 0.safetensors --format onx
refuse 2 'cannot read nothing' export nothing --format json
refuse 2 'not a model file' export 0.json --format npz
refuse 2 'would overwrite 0.safetensors' export 0.safetensors --format json --out 0.safetensors
refuse 2 '--out' export 0.safetensors --out no/fit.json
command='clfit export 0.safetensors --format npz >/dev/full'
code=0
"$clfit" export 0.safetensors --format npz >/dev/full 2>"$err" || code=$?
same "$code" 2
same "$(wc -l <"$err")" 1
