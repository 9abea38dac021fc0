#!/usr/bin/env bash
# Compiles the kernels that NVIDIA's GPUs get for one of them, without one, and prints the registers of each; fails if a
# version that keeps its networks in registers spills any, or keeps an array in memory.
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

# check MAPPING WIDTH OPTION... : all its sizes and activations.
check() {
  local mapping=$1 width=$2 smaller=0 most vectors activation registers stack spills unroll verdict
  shift 2
  most=$(($(field "$mapping" unrolled_most)))
  [ $most != 0 ] || { echo "no mapping $mapping in the table"; exit 1; }
  for vectors in $(field "$mapping" buckets); do
    unroll=$((vectors <= most))
    for activation in sigmoid tanh; do
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

# check_batches MAPPING WIDTH CONSTANT SPILLED OPTION... : training through gradients with as many neurons a work-item as
# stay in registers, up to the constant of mapping.c; so many bytes may be spilled.
check_batches() {
  local mapping=$1 width=$2 constant=$3 allowed=$4 most vectors rule registers stack spills verdict
  shift 4
  most=$(sed -n "s/^#define $constant *\([0-9]*\)u\$/\1/p" "$source/host/lib/engine/opencl/mapping.c")
  [ -n "$most" ] || { echo "no $constant in mapping.c"; exit 1; }
  for ((vectors = 1; vectors <= most; vectors *= 2)); do
    for rule in plain sgd momentum adam; do
      read -r registers stack spills < <(compile batch.cl "$@" -DVECTORS=$vectors -DRULE_NAME=$rule \
        -DSTAGES=STAGES_gelu -DACTIVATE=activate_gelu -DSLOPE=slope_gelu)
      [ -n "${spills:-}" ] || { echo "batch, $rule, $vectors: ptxas did not say what it used"; exit 1; }
      verdict=""
      if [ "$stack" -gt "$allowed" ] || [ "$spills" -gt "$allowed" ]; then verdict=" SPILLS" failed=1; fi
      printf '%-6s %4d neurons %-8s %3d registers %5d bytes of stack %5d spilled%s\n' "$mapping" $((vectors * width)) \
        "$rule" "$registers" "$stack" "$spills" "$verdict"
    done
  done
}

native=(-DLANES=1 -DHARDWARE_RECIPROCAL=1)
check packed 1 "${native[@]}" -DGROUP=$(($(field packed gpu_group)))
check team 32 "${native[@]}" -DGROUP=$(($(field team gpu_group))) -DSHUFFLE=1
check_batches team 32 RESIDENT_VECTORS_MOST 0 "${native[@]}" -DNETWORKS=1 -DITEMS=32 -DSHUFFLE=1
# Adam with 8 neurons spills 40 bytes; NVIDIA's own compiler took up to 77 registers less for teams.
check_batches packed 1 THREAD_NEURONS_MOST 64 "${native[@]}" -DNETWORKS=1 -DITEMS=1
[ $failed = 0 ] || { echo "a version that should stay in registers does not"; exit 1; }
