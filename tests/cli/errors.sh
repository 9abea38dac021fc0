#!/bin/sh
# Every mistake that can be made on the command line: exit code, one clear line, nothing printed, nothing left behind.
set -eu
. "$(dirname "$0")/expect.sh"

for option in hidden samples epochs launch-steps; do
  for bad in 0 -1 1.5 1e-1 4294967296 1e30 99999999999999999999999999 0x10 x nan inf '' ' 5' '5 ' 5x 1e 1e+ . +; do
    refuse 2 "--$option must be a whole number from 1 to .*, not \"" train --$option "$bad"
  done
  refuse 2 "--$option needs a value" train --$option
done
refuse 2 'from 1 to 4096, not "4097"' train --hidden 4097
refuse 2 'from 1 to 134217728, not "134217729"' train --samples=134217729
refuse 2 'from 1 to 2147483647, not "2147483648"' train --epochs 2147483648
for option in seed sample-seed; do
  for bad in -1 1.5 4294967296 x ''; do
    refuse 2 "--$option must be a whole number from 0 to 4294967295, not" train --$option "$bad"
  done
done

for bad in 0 -0.1 nan inf -inf infinity 1e30 1e-30 1e999 1e-999 0x1p-3 x '' '0.1 ' 0,1 1e; do
  for name in rate lr learning-rate; do
    refuse 2 '--rate must be a number from 2^-64 to 2^64, not "' train --$name "$bad"
  done
done
refuse 2 "not \"0,1\"; the decimal point is '.'" train --rate 0,1
refuse 2 "not \"0,5:1\"; the decimal point is '.'" train --domain 0,5:1
refuse 2 "; the decimal point is '.'" train --noise 0,05
refuse 2 "not \"geometric:0,99\"; the decimal point is '.'" train --schedule geometric:0,99
refuse 2 "not \"0\"; a comma separates values, the decimal point is '.'" sweep --rate 0,1
refuse 2 "; a comma separates values, the decimal point is '.'" sweep --schedule geometric:0,99
for bad in -1 nan inf x '' 1e-999; do refuse 2 '--tol must be a number from 0, not' train --tol "$bad"; done
for bad in 1:0 1:1 1 : 1: :1 1:2:3 nan:1 0:inf 0:1e39 a:b ''; do
  refuse 2 '--domain must be A:B, two numbers with A below B, not' train --domain "$bad"
done

refuse 2 'there is no command'
refuse 2 'unknown command "trian"; did you mean clfit train?' trian
refuse 2 'unknown command "xyzzy"; clfit --help' xyzzy
refuse 2 'unknown command ""' ''
refuse 2 'the command comes first' --hidden 5 train
refuse 2 'unknown option --hiden; did you mean --hidden?' train --hiden 5
refuse 2 'unknown option --hiden; did you mean --hidden?' train --hiden=5
refuse 2 'unknown option --xyzzy; clfit train --help' train --xyzzy
refuse 2 'unknown option -z' train -z
refuse 2 'unknown option -hidden; did you mean --hidden?' train -hidden 5
refuse 2 'unknown option -hq' train -hq
refuse 2 'clfit train has no option --grid (predict has)' train --grid 0:1:5
refuse 2 '--json takes no value' train --json=1
refuse 2 'unexpected argument "foo"' train foo
refuse 2 'unexpected argument "foo"' train -- foo
refuse 2 '--epochs is given twice, "5" and "6"' train --epochs 5 --epochs 6
refuse 2 '--rate is given twice' train --lr 0.1 --rate 0.2
refuse 2 '--out needs a value, and --json is an option' train --out --json
refuse 2 '--out must not be empty' train --out ''
refuse 2 'sigmoid.*tanh.*relu' train --activation mish
refuse 2 '--mode must be strict or fast, not "exact"' train --mode exact
refuse 2 'the reference trains in strict mode only' train --mode fast --device reference
refuse 2 'unknown option --??; clfit' train "$(printf -- '--\n\t')"

refuse 2 'no device matches "no such device"' train --device 'no such device'
refuse 2 '9:9' train --device 9:9
refuse 2 'names 2' train --device cpu,reference
refuse 2 'names 2' train --device cpu --device reference
refuse 2 'empty name' train --device cpu,
refuse 2 '--device all' train --device all
refuse 2 'no mapping "sideways"' train --mapping sideways
refuse 2 'no mapping "wide"' train --device reference --mapping wide

for option in plot samples-plot; do
  refuse 2 "--$option: .*svg.*png" train --$option fit.jpeg
  refuse 2 "--$option: .*svg.*png" train --$option fit
  refuse 2 "--$option: cannot write no/fit.svg" train --$option no/fit.svg
  refuse 2 "--$option - does not go with --json" train --$option - --json
done
mkdir folder folder.svg
refuse 2 '--out: .*folder' train --out folder
refuse 2 '--plot: .*folder.svg' train --plot folder.svg
refuse 2 '--out: cannot write no/such/model' train --out no/such/model
refuse 2 '--history: cannot write no/history.csv' train --history no/history.csv
refuse 2 '--out needs the name of a file' train --out -
refuse 2 '--history needs the name of a file' train --history -
refuse 2 '--out and --history are the same file' train --out same --history ./same
refuse 2 '--plot and --samples-plot are the same file' train --plot a.svg --samples-plot folder/../a.svg
refuse 2 '--out: ' train --out "$(printf 'no/two\nlines')"

cp "$data/nist/Misra1a.csv" points.csv
for option in samples=5 sample-seed=0 domain=0:1 target=x; do
  refuse 2 "--${option%=*} does not go with --data" train --data points.csv --$option
done
refuse 2 '--x-column needs --data' train --x-column x
refuse 2 '--y-column needs --data' train --y-column y
refuse 2 '--out and --data are the same file' train --data points.csv --out points.csv
refuse 2 'cannot .*missing.csv' train --data missing.csv
refuse 2 'nowhere' train --data points.csv --x-column nowhere
refuse 2 'are the same' train --data points.csv --x-column x --y-column x
printf 'x,y\n1,2\n3,four\n' >bad.csv
refuse 2 'bad.csv.*3.*four' train --data bad.csv
printf 'x,y\n' >bad.csv
refuse 2 'bad.csv' train --data bad.csv
: >bad.csv
refuse 2 'bad.csv' train --data bad.csv
rm bad.csv

refuse 2 '--target: ' train --target '2*'
refuse 2 '--target: ' train --target 'foo(x)'
refuse 2 '--target: ' train --target ' '
refuse 2 '--target must not be empty' train --target ''
refuse 2 '--target: .*x = 0' train --target '1/x'
refuse 2 '--target: ' train --target 'sqrt(x)' --domain=-1:1 --out m --plot fit.svg --history h.csv
refuse 2 '--target: ' train --target '1e300*x'

run 0 train --device reference --hidden 3 --samples 20 --epochs 2 --quiet --out model
head -c 100 model >cut
head -c 4 model >shorter
: >empty
printf '\377\377\377\377\377\377\377\177{}' >hostile
printf 'hello, world: not a model' >text
for bad in missing cut shorter empty hostile text folder; do
  refuse 2 "$bad" predict $bad --grid 0:1:3
  refuse 2 "$bad" train --resume $bad
done
refuse 2 'needs a MODEL' predict
refuse 2 'needs a MODEL' predict --grid 0:1:3
refuse 2 'unexpected argument "model2"' predict model model2 --grid 0:1:3
refuse 2 'exactly one of --grid, --x and --data.*none' predict model
refuse 2 'exactly one of --grid, --x and --data.*several' predict model --grid 0:1:3 --x -
for bad in 0:1 0:1:0 1:0:5 0:1:-1 0:1:1.5 0:1:1e9 a:b:c 0:1:2:3 ''; do
  refuse 2 '--grid must be A:B:N' predict model --grid "$bad"
done
refuse 2 'missing' predict model --x missing
refuse 2 'missing' predict model --data missing
printf '1\ntwo\n' >numbers
refuse 2 "numbers, line 2: column 1: 'two' is not a finite decimal number" predict model --x numbers
printf '1e39\n' >numbers
refuse 2 'numbers, line 1' predict model --x numbers
refuse 2 'standard input.*there is nothing in the file' predict model --x -
refuse 2 '--max-error needs --data' predict model --grid 0:1:3 --max-error 1
refuse 2 '--max-error must be a number from 0' predict model --data points.csv --max-error -1
refuse 2 '--json needs --data' predict model --grid 0:1:3 --json
refuse 2 '--x-column does not go with --grid' predict model --grid 0:1:3 --x-column x
refuse 2 '--y-column needs --data' predict model --x numbers --y-column y
refuse 2 '--out would overwrite model' predict model --grid 0:1:3 --out ./model
refuse 2 '--out: cannot write no/such' predict model --grid 0:1:3 --out no/such
refuse 2 '--weight-column needs --data' predict model --grid 0:1:3 --weight-column w
refuse 2 '--best needs --study' predict model --grid 0:1:3 --best 3
refuse 2 'MODEL or --study, not both: "model"' predict model --study s.sqlite
refuse 2 '--device does not go with --study' predict --study s.sqlite --device cpu
refuse 2 '--best must be a whole number from 1' predict --study s.sqlite --best 0
refuse 2 's.sqlite' predict --study s.sqlite
refuse 2 '--plot would overwrite model' predict model --grid 0:1:3 --plot ./model
refuse 2 '--plot: .*\.svg' predict model --grid 0:1:3 --plot fit.jpg
refuse 2 '--plot - needs --out FILE' predict model --grid 0:1:3 --plot -
refuse 2 'same file' predict model --grid 0:1:3 --plot a.svg --out ./a.svg
refuse 2 'no device matches' predict model --grid 0:1:3 --device nonsense

for option in hidden=5 samples=5 rate=1 seed=1 sample-seed=1 target=x domain=0:1 tol=1 activation=tanh data=points.csv; do
  refuse 2 "--${option%=*} does not go with --resume" train --resume model --$option
done
refuse 2 '--epochs 1 is less than the model has been trained' train --resume model --epochs 1
refuse 2 '--plot and --resume are the same' train --resume model.svg --plot model.svg
refuse 2 '--history and --resume are the same' train --resume model --history model
printf 'a,b\n1,2\n' >history.csv
refuse 2 'history.csv, line 1: not a history' train --resume model --history history.csv
printf 'epoch,train_loss\n1,0.5\n1,0.5\n' >history.csv
refuse 2 'history.csv, line 3: epoch 1 after epoch 1' train --resume model --history history.csv

refuse 2 'the reference cannot be compared with itself' verify --device reference
refuse 2 'no device matches' verify --device nonsense --quick
refuse 2 "no device matches" verify --device cpu,nonsense --quick
refuse 2 'cannot be combined with single devices' verify --device cpu --all
refuse 2 'no mapping "sideways"' verify --quick --mapping sideways

for bad in 0 4097 1.5 x; do
  refuse 2 "--hidden must be a whole number from 1 to 4096, not \"$bad\"" bench --hidden "4,$bad"
done
refuse 2 '--hidden has an empty name in its list' bench --hidden 4,,8
for bad in 0 -1 61 x nan; do
  refuse 2 "--seconds must be a number from 0.001 to 60, not \"$bad\"" bench --seconds "$bad"
done
refuse 2 'measures OpenCL devices, not the reference' bench --device reference
refuse 2 'no device matches' bench --device nonsense
refuse 2 'names 2' bench --device cpu,0:0
refuse 2 '--device all' bench --device all
refuse 2 'no mapping "sideways"' bench --mapping sideways
refuse 2 'mapping packed cannot hold networks that large' bench --mapping packed --hidden 300,4096
refuse 2 'sigmoid.*tanh.*relu' bench --activation mish
refuse 2 "--mode must be strict or fast, not" bench --mode sloppy

# No OpenCL platform: 3, and what to install.
mkdir vendors
for arguments in train devices verify bench 'predict model --grid 0:1:3 --device cpu'; do
  OCL_ICD_VENDORS=$(pwd)/vendors OPENCL_VENDOR_PATH=$(pwd)/vendors refuse 3 'pocl-opencl-icd' $arguments
done
if [ -r /etc/OpenCL/vendors/pocl.icd ]; then
  cp /etc/OpenCL/vendors/pocl.icd vendors
  POCL_DEVICES=none OCL_ICD_VENDORS=$(pwd)/vendors OPENCL_VENDOR_PATH=$(pwd)/vendors \
    refuse 3 'no OpenCL platform has a device: PoCL is here' train
  rm vendors/pocl.icd
fi
OCL_ICD_VENDORS=$(pwd)/vendors run 0 train --device reference --hidden 3 --samples 20 --epochs 2 --quiet

# A kernel that does not build (PoCL without a place for its files): one line, then the log and the numbered source.
: >"$place/no-folder"
code=0
command='clfit train, with a kernel that does not build'
POCL_CACHE_DIR=$place/no-folder "$clfit" train --quiet >"$out" 2>"$err" || code=$?
same $code 3
[ ! -s "$out" ] || fail 'something on stdout'
grep -q '^clfit: kernel wide.cl does not build on device .*options: -cl-std' "$err" || fail 'the kernel is not named'
grep -q '^    1  /\*' "$err" || fail 'the numbered source is missing'

# A training whose errors come back to numbers, but whose weights do not, has diverged.
printf 'x,y\n1e9,0\n2e9,1\n3e9,0\n4e9,1\n' >large.csv
blow='--data large.csv --scale none --init xavier --hidden 33 --epochs 9 --rate 1.5'
for device in reference cpu; do
  run 1 train $blow --device $device --out blown
  grep -q 'diverged in epoch 9 at sample 3 .*, or a parameter, is no longer finite' "$err" || fail 'weights: not told'
  [ ! -e blown ] || fail 'a model with infinite weights'
  run 1 train $blow --device $device --json --quiet
  for piece in '"status": "diverged"' '"diverged_epoch": 9' '"fit_rmse": null' '"digest": null' '"defect": null'; do
    grep -q "$piece" "$out" || fail "$device: no $piece"
  done
  rm -f blown.sqlite
  run 0 sweep $blow --device $device --db blown.sqlite
  grep -q '1 of 1 trained, 1 of them diverged' "$out" || fail "$device: the sweep does not count it"
  run 0 results blown.sqlite --json
  for piece in '"status": "diverged"' '"diverged_epoch": 9' '"fit_rmse": null'; do
    grep -q "$piece" "$out" || fail "$device: the study has no $piece"
  done
done
rm blown.sqlite large.csv

# Fits that are finite and worthless.
run 0 train --target '3 + x' --samples 20 --epochs 1 --hidden 3 --rate 1e-9 --device reference
grep -q '^clfit: warning: R2 is .*, below 0.01: a constant' "$err" || fail 'a constant fit: not told'
run 0 train --target x --domain 1000:1009 --init normal --init-scale 1e6 --samples 20 --epochs 1 --hidden 3 \
  --rate 1e-12 --json --device reference
grep -q '"defect": "saturated"' "$out" || fail 'a saturated fit: not in JSON'
grep -q '^clfit: warning: every neuron is saturated' "$err" || fail 'a saturated fit: not told'

# A full disk and a reader that is gone.
if [ -w /dev/full ]; then
  for arguments in --help 'predict model --grid 0:1:100000' 'train --device reference --samples 9 --epochs 1 --quiet'; do
    code=0
    command="clfit $arguments >/dev/full"
    "$clfit" $arguments >/dev/full 2>"$err" || code=$?
    : >"$out"
    same $code 2
    same "$(wc -l <"$err")" 1
    grep -q 'clfit: cannot write' "$err" || fail "the full disk is not named"
  done
fi
code=$({ "$clfit" predict model --grid 0:1:100000 2>"$err" || echo $? >"$place/code"; } | head -n 1 >/dev/null
  cat "$place/code")
command='clfit predict | head'
same "$code" 2
same "$(cat "$err")" 'clfit: cannot write to standard output: Broken pipe'
