#!/usr/bin/env bash
# A training option is one row of the table of fields and one member of clfit_network: a scratch copy of the sources gets
# one more, and it is there in the parser, the help, JSON, models, studies, sweeps and their tables, with no other change.
# field.sh SOURCE_FOLDER
set -euo pipefail
source=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export POCL_CACHE_DIR="${POCL_CACHE_DIR:-$folder/cache}"

fail()
{
  echo "FAILED: $*" >&2
  exit 1
}

# ---- the scratch copy ----

mkdir "$folder/source"
(cd "$source" && cp -R CMakeLists.txt cmake host include kernels "$folder/source")
cd "$folder/source"
axis=$(grep -o '\.axis = [0-9]*' host/lib/config/fields.c | grep -o '[0-9]*' | sort -n | tail -n 1)
sed -i 's|^} clfit_network;|  double probe; /* of a test */\n&|' include/clfit.h
sed -i "/^static const clfit_field table/,/^};/ s|^};|    {MEMBER(probe), REAL(0, 9, \"from 0 to 9\"), .initial = \"2\", .axis = $((axis + 1)), .metavar = \"P\",\n     .help = \"looked for by a test\"},\n};|" \
  host/lib/config/fields.c
changed=$(diff -rq "$source/host" host; diff -rq "$source/include" include) || true
[ "$(echo "$changed" | wc -l)" = 2 ] || fail "not two files are changed: $changed"
cmake -S . -B "$folder/build" -DCMAKE_C_FLAGS_RELEASE=-O0 -DCLFIT_TESTS=OFF -DCLFIT_BENCH=OFF >/dev/null
cmake --build "$folder/build" --target clfit_program --parallel 2 >"$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
clfit=$folder/build/clfit
mkdir "$folder/work"
cd "$folder/work"

# refuse PATTERN ARGUMENT...
refuse()
{
  pattern=$1
  shift
  code=0
  "$clfit" "$@" >out 2>err || code=$?
  [ "$code" = 2 ] || fail "clfit $*: exit code $code, expected 2: $(cat err)"
  grep -q -e "$pattern" err || fail "clfit $* does not say $pattern: $(cat err)"
}

small='--hidden 3 --samples 20 --epochs 4 --device reference --quiet'

# ---- parser and help ----

for command in train sweep; do
  "$clfit" $command --help >help
  grep -q -e '--probe P  *looked for by a test (default: 2)' help || fail "clfit $command --help does not have it"
done
"$clfit" sweep --help | tr '\n' ' ' | grep -q 'Several values .*--probe.*every combination' || fail 'it is no axis in the help'
refuse '--probe must be a number from 0 to 9, not "10"' train --probe 10
refuse 'did you mean --probe?' train --prob 1

# ---- JSON, the text for people, models ----

"$clfit" train $small --probe 3 --json --out model >json
grep -q '"probe": 3,' json || fail 'train --json does not have it'
"$clfit" train $small --json --out plain >json
grep -q '"probe": 2,' json || fail 'train --json does not have its default'
"$clfit" train $small --probe 3 >text
grep -q '^network .*, probe 3$' text || fail 'the text does not have it'
grep -q -a '"probe":"3"' model || fail 'the model does not have it'
! grep -q -a probe plain || fail 'a model has its default'
refuse '--probe does not go with --resume' train --resume model --probe 3
"$clfit" train --resume model --device reference --quiet --json >json
grep -q '"probe": 3,' json || fail 'it is lost when the model is loaded'

# ---- studies ----

"$clfit" sweep $small --probe 1,2 --db study.sqlite >table
head -n 3 table | grep -q probe || fail 'the table of the sweep does not have it'
"$clfit" results study.sqlite --csv study.csv
probe=$(head -n 1 study.csv | tr , '\n' | grep -n '^probe$' | cut -d : -f 1) || fail 'the CSV does not have it'
[ "$(tail -n +2 study.csv | cut -d , -f "$probe" | tr '\n' ' ')" = '1 2 ' ] || fail 'the CSV has other values'
[ "$("$clfit" results study.sqlite --where 'probe < 2' --csv - | wc -l)" = 2 ] || fail 'it is no column for --where'
"$clfit" results study.sqlite --model 0 --out out.model
grep -q -a '"probe":"1"' out.model || fail 'a model of a study does not have it'
"$clfit" results study.sqlite --report report.html
grep -q '<dt>probe</dt><dd>1,2</dd>' report.html || fail 'the report does not have it'
"$clfit" sweep --resume study.sqlite --device reference --quiet >/dev/null
options='--hidden 3 --samples 20 --epochs 4 --device reference'
refuse 'the study was made with another --probe: 1,2 in the study, 1,3 given now' sweep --resume study.sqlite $options --probe 1,3
# The default says the same as nothing.
"$clfit" sweep $small --seed 1,2 --db default.sqlite >/dev/null
"$clfit" sweep $options --seed 1,2 --probe 2 --quiet --resume default.sqlite >/dev/null
refuse 'another --probe: .* in the study, 3 given now' sweep --resume default.sqlite $options --seed 1,2 --probe 3

# ---- what was made before there was the field ----

old=$source/tests/data/version-0.1.0
cp "$old/grid.sqlite" "$old/killed.sqlite" "$old/sigmoid.safetensors" .
chmod u+w ./*
"$clfit" train --resume sigmoid.safetensors --device reference --quiet --json >json
grep -q '"probe": 2,' json || fail 'a model of version 0.1.0 does not have the default'
"$clfit" results grid.sqlite --csv grid.csv
[ "$(wc -l <grid.csv)" = 145 ] || fail 'a study of version 0.1.0 has other networks'
"$clfit" sweep --resume killed.sqlite --device reference --quiet >/dev/null
"$clfit" results killed.sqlite --json >json
! grep -q '"status": null' json || fail 'a study of version 0.1.0 does not go on'
grid='--hidden 1,5,33 --activation sigmoid,tanh,relu --rate 0.05,1e4 --tol 0,1e-3 --seed 2,9 --sample-seed 0,3 --samples 20 --epochs 25'
"$clfit" sweep $grid --probe 2 --resume grid.sqlite --quiet >/dev/null
refuse 'the study was made with another --probe: .* in the study, 3 given now' sweep $grid --probe 3 --resume grid.sqlite
"$clfit" results grid.sqlite --model 0 --out old.model
! grep -q -a probe old.model || fail 'a model of an old study has the default'
