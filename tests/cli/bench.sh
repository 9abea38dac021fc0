#!/bin/sh
# clfit bench: every mapping, one network and many, beside the device's ceiling.
set -eu
. "$(dirname "$0")/expect.sh"

run 0 bench --hidden 5,300 --seconds 0.01 --activation relu --json --quiet
[ ! -s "$err" ] || fail '--quiet is not quiet'
cp "$out" bench.json
if command -v python3 >/dev/null; then
  python3 - <<'PYTHON'
import json
bench = json.load(open('bench.json'))
assert list(bench) == ['arithmetic', 'device', 'platform', 'version', 'type', 'compute_units', 'activation',
                       'ceiling', 'rows', 'passed'], list(bench)
assert bench['activation'] == 'relu' and bench['passed'] is True
ceilings = {(row['mode'], row['training']): row for row in bench['ceiling']}
trainings = {training: [mode for mode, name in ceilings if name == training] for _, training in ceilings}
assert list(trainings) == ['plain', 'adam', 'batch32'], trainings
assert trainings['plain'][0] == 'strict' and trainings['adam'] == trainings['batch32'] == ['strict'], trainings
for row in ceilings.values():
    assert row['fma_per_second'] > row['updates_per_second'] > 0, row # an update is made of several fma
keys = [(row['training'], row['hidden'], row['mapping'], row['mode'], row['networks'] > 1) for row in bench['rows']]
assert keys == [(training, hidden, mapping, mode, many) for training, modes in trainings.items()
                for hidden, mappings in ((5, ('wide', 'packed', 'team')), (300, ('wide', 'team'))) # packed has no room
                for mapping in mappings for mode in modes for many in (False, True)], keys
for row in bench['rows']:
    assert row['refusal'] is None and row['steps_per_second'] > 0, row
    assert row['updates_per_second'] == row['steps_per_second'] * row['hidden']
    assert row['fraction'] == row['updates_per_second'] / ceilings[row['mode'], row['training']]['updates_per_second']
for hidden in (5, 300):
    for many in (False, True):
        for training in trainings:
            chosen = {row['mapping'] for row in bench['rows'] if row['training'] == training
                      and row['hidden'] == hidden and (row['networks'] > 1) == many and row['chosen']}
            assert len(chosen) == 1, (hidden, many, chosen)
PYTHON
fi

run 0 bench --hidden 5 --seconds 0.01 --mapping packed --mode strict --activation relu
grep -q '^device    0:0 ' "$out" || fail 'the device is not named'
grep -q '^ceiling   strict, adam: .* G fma/s; .* M neuron updates/s' "$out" || fail 'there is no ceiling'
same "$(grep -c '^ceiling' "$out")" 3 'a ceiling that nobody asked for'
same "$(grep -c '^ *5 [a-z0-9]* *packed *strict' "$out")" 3
same "$(grep -c 'wide\|team' "$out")" 0 'another mapping'
grep -q 'operations that relu training is made of' "$out" || fail 'another activation'

# Ctrl-C ends it at once.
command='clfit bench --seconds 60, interrupted'
"$clfit" bench --hidden 5 --seconds 60 >"$out" 2>"$err" </dev/null &
sleep 2
kill -INT $!
code=0
wait $! || code=$?
same $code 130
