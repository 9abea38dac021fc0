#!/usr/bin/env bash
# Random trainings through gradients on the default device against the reference: all rules, three activations and all
# mappings in turn; a tenth as many by team, which a CPU is slow at. random_trainings.sh PROGRAM TRAININGS [FIRST_SEED]:
# about that many in all. One line for each kernel; ends at the first difference, whose seed is the plan's.
set -euo pipefail
program=$1
trainings=$2
seed=${3:-1000}
mappings=(packed wide team)
activations=(sigmoid tanh relu)
tenths=(10 10 1) all_tenths=21
for rule in 0 1 2 3 4 5 6; do
  for activation in "${activations[@]}"; do
    for i in 0 1 2; do
      share=$((trainings * ${tenths[i]} / (7 * ${#activations[@]} * all_tenths) + 1))
      "$program" "${mappings[i]}" "${mappings[(i + 1) % 3]}" $rule $activation "$seed" $share
      seed=$((seed + share / 64 + 64))
    done
  done
done
