#!/bin/sh
# Initialisations: the same in train, in a sweep and in a model that is trained again, and what is refused.
set -eu
. "$(dirname "$0")/expect.sh"

# column NAME FILE: the values of a column of a CSV file, separated by blanks.
column()
{
  awk -F , -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) at = i; next } { printf "%s ", $at }' "$2"
}

# ---- initialisations ----

# Few steps, so that the digest tells the initial weights apart; a domain whose range spread has to know.
small='--hidden 5 --samples 20 --epochs 1 --rate 1e-9 --device reference --quiet'
run 0 sweep $small --domain -3:40 --target 'x/10' --init xavier,he,normal,zero,spread --init-scale 0,2 --keep none --db s.sqlite
run 0 results s.sqlite --csv s.csv
same "$(column init s.csv)" 'xavier xavier he he normal normal zero zero spread spread '
same "$(column init_scale s.csv)" '0 2 0 2 0 2 0 2 0 2 '
digests=$(column digest s.csv)
id=0
for init in xavier he normal zero spread; do
  for scale in 0 2; do
    run 0 train $small --domain -3:40 --target 'x/10' --init $init --init-scale $scale --json --out $id.model
    same "$(value digest "$out")" "$(echo $digests | cut -d ' ' -f $((id + 1)))" "$init $scale"
    run 0 results s.sqlite --model $id --out again.model
    cmp -s $id.model again.model || fail "network $id trained again is another one"
    id=$((id + 1))
  done
done
same "$(echo $digests | tr ' ' '\n' | sort -u | wc -l)" 9 'only zero is the same with any scale'
grep -a -q '"init":"spread"' 8.model || fail 'a model does not say how it began'
! grep -a -q init_scale 8.model || fail 'a model has a default'
run 0 train $small --init Glorot --json
same "$(value init "$out")" xavier
refuse 2 "unknown initialisation 'no'; there are xavier (glorot), he (kaiming), normal, zero, spread" train --init no
refuse 2 'init-scale must be a number from 0' train --init-scale -1
refuse 2 '--init does not go with --resume' train --resume 8.model --init he
