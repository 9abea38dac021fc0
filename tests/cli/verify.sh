#!/bin/sh
# clfit verify and clfit devices.
set -eu
. "$(dirname "$0")/expect.sh"

run 0 verify --quick
grep -q '^differing bits  0$' "$out" || fail 'bits differ'
same "$(tail -n 1 "$out")" passed
grep -q '^clfit: verifying ' "$err" || fail 'it does not say what it is doing'

run 0 verify --quick --json --quiet --all
[ ! -s "$err" ] || fail '--quiet is not quiet'
cp "$out" verified.json
run 0 devices --json
cp "$out" devices.json
if command -v python3 >/dev/null; then
  python3 - <<'PYTHON'
import json
verified = json.load(open('verified.json'))
assert list(verified) == ['devices', 'passed'] and verified['passed'] is True
for device in verified['devices']:
    assert list(device) == ['device', 'mappings', 'configurations', 'values_compared', 'differing_bits'], device
    assert device['mappings'] == ['wide', 'packed', 'team'] and device['differing_bits'] == 0
    assert device['configurations'] > 10 and device['values_compared'] > 1000
listed = json.load(open('devices.json'))['devices']
assert [d['name'] for d in listed] == [d['device'] for d in verified['devices']]
assert all(d['strict'] and d['reason'] is None for d in listed), listed
assert all(d['instructions'] in ('', 'division') for d in listed if d['type'] == 'cpu'), listed
PYTHON
fi
for mapping in wide packed team; do
  run 0 verify --quick --json --quiet --mapping $mapping
  grep -q "\"mappings\": \[\"$mapping\"\]" "$out" || fail 'another mapping'
done
run 0 verify --quick --json --quiet --device cpu,cpu --device 0:0
same "$(grep -o '"device":' "$out" | wc -l)" 1 'one device is verified more than once'

run 0 devices
same "$(head -n 1 "$out" | awk '{ print $1, $2, $3, $NF }')" 'id name type strict'
grep -qE '^0:0 .* yes(, with division)?$' "$out" || fail 'it does not say that 0:0 is strict'
