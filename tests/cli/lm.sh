#!/bin/sh
# Training by least squares as a user does it: report, files, interruption by epochs, sweeps, halving, refusals.
set -eu
. "$(dirname "$0")/expect.sh"

nist=$data/nist
lm='--optimizer lm --activation tanh --quiet'

# ---- train ----

run 0 train --data "$nist/Gauss1.csv" $lm --hidden 6 --history h.csv --plot p.svg --out whole.model
grep -q 'iterations/s' "$out" || fail "no iterations a second"
grep -q ' rate ' "$out" && fail "a rate, which means nothing"
run 0 train --data "$nist/Gauss1.csv" $lm --hidden 6 --json
whole=$(value digest "$out")
same "$(value rate "$out")" null
same "$(value epochs "$out")" 200
run 0 train --data "$nist/Gauss1.csv" $lm --hidden 6 --json --device reference --launch-steps 7
same "$(value digest "$out")" "$whole" "the reference, seven iterations a launch"
run 0 train --data "$nist/Misra1a.csv" $lm --hidden 2 --json --out stopped.model
same "$(value status "$out")" stopped
same "$(value stopped_by "$out")" converged
run 0 export stopped.model --format json --out stopped.json
grep -q '"stopped_by": "converged"' stopped.json || fail "the export does not say why it stopped"

refuse 2 'at most 64 hidden neurons' train --data "$nist/Misra1a.csv" $lm --hidden 65
refuse 2 'strict mode only' train --data "$nist/Misra1a.csv" $lm --hidden 2 --mode fast
refuse 2 'has none' train --data "$nist/Misra1a.csv" $lm --rate 0.1

# ---- sweeps ----

refuse 2 'at most 64 hidden neurons' sweep --data "$nist/Misra1a.csv" $lm --hidden 1,65 --db no.sqlite
refuse 2 'strict mode only' sweep --data "$nist/Misra1a.csv" $lm --mode fast --db no.sqlite

# Halving pauses trainings at its rungs: whoever comes through is the network that train gives.
run 0 sweep --data "$nist/Gauss1.csv" $lm --hidden 3..6 --seed 0..4 --halving 2 --min-epochs 20 --db halved.sqlite
run 0 results halved.sqlite --where "hidden = 6 AND status <> 'pruned'" --limit 1 --json
digest=$(value digest "$out")
seed=$(value seed "$out")
id=$(value id "$out")
same "$(value rate "$out")" null
run 0 train --data "$nist/Gauss1.csv" $lm --hidden 6 --seed "$seed" --json
same "$(value digest "$out")" "$digest" "a network that came through halving"
run 0 results halved.sqlite --model "$id" --out came.model

# A pruned one is a training under way, with its float64 values, and ends as one that was not pruned.
run 0 results halved.sqlite --where "status = 'pruned'" --limit 1 --json
id=$(value id "$out")
seed=$(value seed "$out")
hidden=$(value hidden "$out")
run 0 results halved.sqlite --model "$id" --out pruned.model
run 0 train --resume pruned.model --json --quiet
digest=$(value digest "$out")
run 0 train --data "$nist/Gauss1.csv" $lm --hidden "$hidden" --seed "$seed" --json
same "$(value digest "$out")" "$digest" "a pruned network that was trained on"

run 0 results halved.sqlite
grep -q 'by fit_rmse' "$out" || fail "samples of a file are not ranked by fit_rmse"
