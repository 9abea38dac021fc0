#!/usr/bin/env bash
# The kernels are OpenCL C 1.2 without extensions of the language that a compiler may refuse, as NVIDIA's refuses
# variadic macros: clang compiles each of them, for a CPU and for a GPU, with such extensions as errors. Compiled with
# builtins.h instead of clang's header of all functions, each calls the same functions of OpenCL C.
#
#   opencl_c.sh CLANG SOURCE_FOLDER
set -euo pipefail
clang=$1 source=$2
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
count=0
# NVIDIA's instructions are inline assembly, an extension that the host asks for only there.
emulated=(-DSHUFFLE=1 -DEMULATE_SHUFFLE=1)

# called FILE OPTION...: the functions of OpenCL C that a program calls; their names tell the types of the arguments.
called() {
  local file=$1
  shift
  "$clang" -target spir64 -x cl -cl-std=CL1.2 -D__OPENCL_VERSION__=120 -Xclang -disable-llvm-passes -S -emit-llvm -o - \
    -pedantic-errors -Wno-constant-logical-operand -I "$(dirname "$file")" \
    -DACTIVATE64=gelu64 -DSLOPE64=slope_gelu64 "$@" "$file" | sed -n 's/^declare .*@\([A-Za-z0-9_]*\)(.*/\1/p' | sort
}

# compile FILE OPTION...
compile() {
  local program
  program="$(basename "$1") ${*:2}"
  called "$@" -Xclang -finclude-default-header >"$place/all" || { echo "$program: not plain OpenCL C 1.2"; exit 1; }
  called "$@" -D_OPENCL_H_ -include opencl-c-base.h -include builtins.h >"$place/declared" ||
    { echo "$program: does not compile with builtins.h"; exit 1; }
  diff "$place/all" "$place/declared" || { echo "$program: calls other functions with builtins.h"; exit 1; }
  [ -s "$place/all" ] || { echo "$program: calls nothing"; exit 1; }
  count=$((count + 1))
}

gelu=(-DSTAGES=STAGES_gelu -DACTIVATE=activate_gelu -DSLOPE=slope_gelu)
fast=(-DFAST -DSTAGES=STAGES_fast_tanh -DACTIVATE=activate_fast_tanh -DSLOPE=slope_tanh)

# all FOLDER: its programs, with the layouts that the host asks for.
all() {
  local rule
  layouts "$1" "${gelu[@]}"
  layouts "$1" "${fast[@]}"
  layouts "$1" "${fast[@]}" -DNATIVE_FUNCTIONS
  compile "$1/least_squares_packed.cl"
  compile "$1/least_squares_team.cl"
  compile "$1/least_squares_team.cl" -DLOCAL_MATRIX=1
}

# layouts FOLDER OPTION... : the programs that train, evaluate or measure, with these options.
layouts() {
  local folder=$1
  shift
  compile "$folder/wide.cl" "$@" -DLANES=16
  compile "$folder/wide.cl" "$@" -DLANES=16 -DVECTORS=256 -DUNROLL=0
  compile "$folder/packed.cl" "$@" -DLANES=16 -DINTERLEAVED=2
  compile "$folder/packed.cl" "$@" -DLANES=16 -DVECTORS=256 -DUNROLL=0
  compile "$folder/packed.cl" "$@" -DLANES=1 -DGROUP=64
  compile "$folder/team.cl" "$@" -DLANES=1
  compile "$folder/team.cl" "$@" -DLANES=1 -DVECTORS=128 -DUNROLL=0
  compile "$folder/team.cl" "$@" -DLANES=1 -DGROUP=4 "${emulated[@]}"
  for rule in plain sgd momentum nesterov adam adamw rmsprop; do
    compile "$folder/batch.cl" "$@" -DRULE_NAME=$rule -DLANES=16 -DNETWORKS=16 -DITEMS=1
    compile "$folder/batch.cl" "$@" -DRULE_NAME=$rule -DLANES=16 -DNETWORKS=1 -DITEMS=1
    compile "$folder/batch.cl" "$@" -DRULE_NAME=$rule -DLANES=1 -DNETWORKS=1 -DITEMS=32
    compile "$folder/batch.cl" "$@" -DRULE_NAME=$rule -DLANES=1 -DNETWORKS=1 -DITEMS=32 -DVECTORS=4 "${emulated[@]}"
    compile "$folder/batch.cl" "$@" -DRULE_NAME=$rule -DLANES=1 -DNETWORKS=1 -DITEMS=1 -DVECTORS=8
  done
  compile "$folder/evaluate.cl" "$@" -DLANES=16 -DPASSES=8
  compile "$folder/evaluate.cl" "$@" -DLANES=1 -DPASSES=1
  compile "$folder/ceiling.cl" "$@" -DLANES=16 -DCHAINS=8 -DBLOCK=4
  compile "$folder/ceiling.cl" "$@" -DLANES=1 -DCHAINS=8 -DBLOCK=4 -DRULE_NAME=adam
}

all "$source/kernels"
cp -r "$source/kernels" "$place"
sed -i '1i #define VARIADIC(first, ...) first' "$place/kernels/numerics.h"
if (all "$place/kernels") >"$place/log" 2>&1; then
  echo "a variadic macro is not noticed"
  exit 1
fi
grep -q variadic "$place/log" || { cat "$place/log"; exit 1; }
echo "$count programs are plain OpenCL C 1.2"
