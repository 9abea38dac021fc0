#!/usr/bin/env bash
# The kernels are OpenCL C 1.2 without extensions of the language that a compiler may refuse, as NVIDIA's refuses
# variadic macros: clang compiles each of them, for a CPU and for a GPU, with such extensions as errors.
#
#   opencl_c.sh CLANG SOURCE_FOLDER
set -euo pipefail
clang=$1 source=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
count=0
# NVIDIA's instructions are inline assembly, an extension that the host asks for only there.
emulated=(-DSHUFFLE=1 -DEMULATE_SHUFFLE=1)

# compile FILE OPTION...
compile() {
  local file=$1
  shift
  "$clang" -target spir64 -x cl -cl-std=CL1.2 -D__OPENCL_VERSION__=120 -Xclang -finclude-default-header -fsyntax-only \
    -pedantic-errors -Wno-constant-logical-operand -I "$(dirname "$file")" \
    -DSTAGES=STAGES_gelu -DACTIVATE=activate_gelu -DSLOPE=slope_gelu -DACTIVATE64=gelu64 -DSLOPE64=slope_gelu64 "$@" \
    "$file" || { echo "$(basename "$file") $*: not plain OpenCL C 1.2"; exit 1; }
  count=$((count + 1))
}

# all FOLDER: its programs, with the layouts that the host asks for.
all() {
  local rule
  compile "$1/wide.cl" -DLANES=16
  compile "$1/packed.cl" -DLANES=16 -DINTERLEAVED=2
  compile "$1/packed.cl" -DLANES=1 -DGROUP=64
  compile "$1/team.cl" -DLANES=1
  compile "$1/team.cl" -DLANES=1 -DGROUP=4 "${emulated[@]}"
  for rule in plain sgd momentum nesterov adam adamw rmsprop; do
    compile "$1/batch.cl" -DRULE_NAME=$rule -DLANES=16 -DNETWORKS=16 -DITEMS=1
    compile "$1/batch.cl" -DRULE_NAME=$rule -DLANES=16 -DNETWORKS=1 -DITEMS=1
    compile "$1/batch.cl" -DRULE_NAME=$rule -DLANES=1 -DNETWORKS=1 -DITEMS=32
    compile "$1/batch.cl" -DRULE_NAME=$rule -DLANES=1 -DNETWORKS=1 -DITEMS=32 -DVECTORS=4 "${emulated[@]}"
  done
  compile "$1/evaluate.cl" -DLANES=16 -DPASSES=8
  compile "$1/ceiling.cl" -DLANES=16 -DCHAINS=8 -DBLOCK=4
  compile "$1/ceiling.cl" -DLANES=1 -DCHAINS=8 -DBLOCK=4 -DRULE_NAME=adam
  compile "$1/least_squares_packed.cl"
  compile "$1/least_squares_team.cl" -DLOCAL_MATRIX=1
}

all "$source/kernels"
cp -r "$source/kernels" "$folder"
sed -i '1i #define VARIADIC(first, ...) first' "$folder/kernels/numerics.h"
if (all "$folder/kernels") >"$folder/log" 2>&1; then
  echo "a variadic macro is not noticed"
  exit 1
fi
grep -q variadic "$folder/log" || { cat "$folder/log"; exit 1; }
echo "$count programs are plain OpenCL C 1.2"
