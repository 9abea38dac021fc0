#!/usr/bin/env bash
# Compiles the kernels that NVIDIA's GPUs get for one of them, without one, and prints the registers of each; fails if
# a version that keeps its networks in registers keeps an array in memory, or spills more than is known of it.
#
#   ptxas.sh CLANG PTXAS SOURCE_FOLDER [ARCHITECTURE]
#
# CLANG with the target nvptx64 takes the place of NVIDIA's OpenCL compiler, which is made of LLVM, too, but is not the
# same: a driver's program may have some registers more or less. PTXAS is NVIDIA's own.
set -euo pipefail
clang=$1 ptxas=$2 source=$3 architecture=${4:-sm_90}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failed=0

# field MAPPING FIELD: what stands in the table of mappings.
field() {
  sed -n "/\.name = \"$1\"/,/}}/ s/.*\.$2 = //p" "$source/host/lib/engine/opencl/mapping.c" |
    sed 's|CLFIT_HIDDEN_MAX / 32|128|; s|[{},]| |g'
}

# compile FILE OPTION... prints "REGISTERS STACK SPILLS" of its kernel `train`.
compile() {
  local file=$1
  shift
  "$clang" -target nvptx64-nvidia-nvcl -march=sm_80 -Xclang -target-feature -Xclang +ptx70 -x cl -cl-std=CL1.2 \
    -D__OPENCL_VERSION__=120 -nogpulib -O3 -include "$source/tests/checks/ptxas.h" -I "$source/kernels" "$@" \
    -S -o "$folder/kernel.ptx" "$source/kernels/$file"
  "$ptxas" -arch="$architecture" -v -o "$folder/kernel.cubin" "$folder/kernel.ptx" 2>"$folder/log" ||
    { cat "$folder/log" >&2; exit 1; }
  sed -n "/'train'/,/Used/p" "$folder/log" >"$folder/train"
  echo "$(grep -o 'Used [0-9]*' "$folder/train" | grep -o '[0-9]*')" \
    "$(grep -o '[0-9]* bytes stack' "$folder/train" | grep -o '[0-9]*')" \
    "$(grep -o '[0-9]* bytes spill stores' "$folder/train" | grep -o '[0-9]*')"
}

# check MAPPING WIDTH OPTION... : the largest size that is unrolled, with two activations, and larger ones; smaller ones
# take fewer registers.
check() {
  local mapping=$1 width=$2 smaller=0 most vectors activation registers stack spills unroll verdict
  shift 2
  most=$(($(field "$mapping" unrolled_most)))
  [[ $most != 0 && " $(field "$mapping" buckets) " == *" $most "* ]] ||
    { echo "no mapping $mapping in the table, or no size $most"; exit 1; }
  for vectors in $(field "$mapping" buckets); do
    unroll=$((vectors <= most))
    if [ "$vectors" -lt $most ]; then smaller=$vectors; continue; fi
    for activation in sigmoid $([ $vectors != $most ] || echo tanh); do
      read -r registers stack spills < <(compile "$mapping.cl" "$@" -DVECTORS="$vectors" -DUNROLL=$unroll \
        -DPADDED_FROM=$((width == 1 ? smaller + 1 : smaller)) -DSTAGES=STAGES_$activation \
        -DACTIVATE=activate_$activation -DSLOPE=slope_$activation)
      [ -n "${spills:-}" ] || { echo "$mapping, $vectors: ptxas did not say what it used"; exit 1; }
      verdict=""
      [ $unroll = 1 ] || verdict=" (loops: arrays in memory)"
      if [ $unroll = 1 ] && [ "$((stack + spills))" != 0 ]; then verdict=" SPILLS" failed=1; fi
      printf '%-6s %4d neurons %-8s %3d registers %5d bytes of stack %5d spilled%s\n' "$mapping" \
        $((vectors * width)) "$activation" "$registers" "$stack" "$spills" "$verdict"
    done
    smaller=$vectors
  done
}

# constant NAME: a number that mapping.c defines.
constant() {
  local value
  value=$(sed -n "s/^#define $1 *\([0-9]*\)u\$/\1/p" "$source/host/lib/engine/opencl/mapping.c")
  [ -n "$value" ] || { echo "no $1 in mapping.c" >&2; exit 1; }
  echo "$value"
}

# check_batches MAPPING WIDTH RULE MOST SPILLED OPTION... : training through gradients with up to MOST neurons a
# work-item, a power of two, and with half as many by sgd and adam, which spill most of the rules with as many neurons;
# fewer take less. With MOST of them so many bytes may be spilled, with half as many a sixteenth.
check_batches() {
  local mapping=$1 width=$2 rule=$3 most=$4 spilled=$5 least=$4 vectors allowed registers stack spills verdict
  shift 5
  [ "$most" -ge 1 ] || { echo "$mapping: no number of neurons"; exit 1; }
  case $rule in sgd | adam) [ "$most" = 1 ] || least=$((most / 2)) ;; esac
  for ((vectors = least; vectors <= most; vectors *= 2)); do
    read -r registers stack spills < <(compile batch.cl "$@" -DVECTORS=$vectors -DRULE_NAME="$rule" \
      -DSTAGES=STAGES_gelu -DACTIVATE=activate_gelu -DSLOPE=slope_gelu)
    [ -n "${spills:-}" ] || { echo "batch, $rule, $vectors: ptxas did not say what it used"; exit 1; }
    allowed=$((vectors == most ? spilled : spilled / 16))
    verdict=""
    if [ "$stack" -gt $allowed ] || [ "$spills" -gt $allowed ]; then verdict=" SPILLS" failed=1; fi
    printf '%-6s %4d neurons %-8s %3d registers %5d bytes of stack %5d spilled%s\n' "$mapping" $((vectors * width)) \
      "$rule" "$registers" "$stack" "$spills" "$verdict"
  done
}

native=(-DLANES=1 -DHARDWARE_RECIPROCAL=1)
check packed 1 "${native[@]}" -DGROUP=$(($(field packed gpu_group)))
check team 32 "${native[@]}" -DGROUP=$(($(field team gpu_group))) -DSHUFFLE=1
resident=$(constant RESIDENT_VECTORS_MOST)
thread_sets=$(constant THREAD_SETS_MOST)
# Rule, the sets that it keeps, and the bytes that a thread with the most neurons may spill: a quarter more than it did
# with clang, as the 50 bytes of a team's work-item. NVIDIA's own compiler spills less (adam with sigmoid 164 bytes, of
# clang's 460), and such threads are fast all the same.
while read -r rule sets spilled; do
  check_batches team 32 "$rule" "$resident" 50 "${native[@]}" -DNETWORKS=1 -DITEMS=32 -DSHUFFLE=1
  neurons=1 # thread_neurons_most of mapping.c
  while [ $((2 * neurons * (sets + 1))) -le "$thread_sets" ]; do neurons=$((2 * neurons)); done
  check_batches packed 1 "$rule" $neurons "$spilled" "${native[@]}" -DNETWORKS=1 -DITEMS=1
done <<'RULES'
plain 1 1480
sgd 1 2030
momentum 2 430
adam 3 1085
RULES
[ $failed = 0 ] || { echo "a version that should stay in registers does not"; exit 1; }
