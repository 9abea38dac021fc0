#!/usr/bin/env bash
# The kernels are OpenCL C 1.2 without extensions of the language that a compiler may refuse, as NVIDIA's refuses
# variadic macros: clang compiles each of them, for a CPU and for a GPU, with such extensions as errors. Compiled with
# builtins.h instead of clang's own declarations of all functions, each calls the same functions of OpenCL C.
#
#   opencl_c.sh CLANG SOURCE_FOLDER
set -euo pipefail
clang=$1 source=$2
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
count=0
# NVIDIA's instructions are inline assembly, an extension that the host asks for only there.
emulated=(-DSHUFFLE=1 -DEMULATE_SHUFFLE=1)

# plain_clang FILE OPTION...: clang, with extensions of the language as errors.
plain_clang() {
  local file=$1
  shift
  "$clang" -target spir64 -x cl -cl-std=CL1.2 -D__OPENCL_VERSION__=120 -pedantic-errors -Wno-constant-logical-operand \
    -I "$(dirname "$file")" -DACTIVATE64=gelu64 -DSLOPE64=slope_gelu64 "$@" "$file"
}

# called FILE OPTION...: the functions of OpenCL C that a program calls, each with the attributes on which the compiler
# relies; their names tell the types of the arguments.
called() {
  plain_clang "$@" -cl-no-stdinc -Xclang -disable-llvm-passes -S -emit-llvm -o - | awk '
      /^declare / && match($0, /@[A-Za-z0-9_]+/) { name = substr($0, RSTART + 1, RLENGTH - 1); id[name] = $NF }
      /^attributes / { text[$2] = $0 }
      END {
        for (name in id) {
          line = name
          for (i = split("convergent readnone readonly", words, " "); i > 0; i--)
            if (text[id[name]] ~ " " words[i] " ") line = line " " words[i]
          print line
        }
      }' | sort
}

own=(-Xclang -fdeclare-opencl-builtins -Xclang -finclude-default-header) # clang's declarations

# compare FILE OPTION...: whether a program calls the same functions with builtins.h as with clang's declarations.
compare() {
  called "$@" "${own[@]}" >"$place/all" || { echo "not plain OpenCL C 1.2"; return 1; }
  [ -s "$place/all" ] || { echo "calls nothing"; return 1; }
  called "$@" -D_OPENCL_H_ -include opencl-c-base.h -include builtins.h >"$place/declared" ||
    { echo "does not compile with builtins.h"; return 1; }
  diff "$place/all" "$place/declared" || { echo "calls other functions with builtins.h"; return 1; }
}

# compile FILE OPTION...
compile() {
  plain_clang "$@" -fsyntax-only || { echo "$(basename "$1") ${*:2}: not plain OpenCL C 1.2"; exit 1; }
  count=$((count + 1))
}

# compile_both FILE OPTION... : with each of the declarations, and compares.
compile_both() {
  compare "$@" >"$place/said" || { echo "$(basename "$1") ${*:2}: $(cat "$place/said")"; exit 1; }
  count=$((count + 1))
}

# separated FILE OPTION...: with the option for PoCL 3.1 (separate.h) the kernel's code is a function that it calls, and
# that LLVM cannot inline.
separated() {
  "$clang" -target spir64 -x cl -cl-std=CL1.2 -D__OPENCL_VERSION__=120 -w -I "$(dirname "$1")" -DACTIVATE64=gelu64 \
    -DSLOPE64=slope_gelu64 "$@" -DSEPARATE=1 -O1 -S -emit-llvm -o "$place/separated"
  grep -q 'call.*@train_' "$place/separated" && grep -q 'blockaddress(@train_' "$place/separated" ||
    { echo "$(basename "$1"): the kernel's code is no function of its own"; exit 1; }
}

gelu=(-DSTAGES=STAGES_gelu -DACTIVATE=activate_gelu -DSLOPE=slope_gelu)
fast=(-DFAST -DSTAGES=STAGES_fast_tanh -DACTIVATE=activate_fast_tanh -DSLOPE=slope_tanh)

# all FOLDER: its programs, with the layouts that the host asks for.
all() {
  local folder=$1 rule
  layouts "$folder" "${gelu[@]}"
  layouts "$folder" "${fast[@]}"
  layouts "$folder" "${fast[@]}" -DNATIVE_FUNCTIONS
  for rule in plain sgd momentum nesterov adamw rmsprop; do rules compile "$folder" $rule "${gelu[@]}"; done
  rules compile_both "$folder" adam "${gelu[@]}"
  rules compile "$folder" adam "${fast[@]}"
  rules compile "$folder" adam "${fast[@]}" -DNATIVE_FUNCTIONS
  compile_both "$folder/packed.cl" "${gelu[@]}" -DLANES=16 -DHARDWARE_DIVISION=1
  compile_both "$folder/team.cl" "${gelu[@]}" -DLANES=1 -DHARDWARE_DIVISION=1
  compile_both "$folder/selftest64.h" -DLANES64=4
  compile_both "$folder/least_squares_packed.cl"
  compile_both "$folder/least_squares_team.cl"
  compile_both "$folder/least_squares_team.cl" -DLOCAL_MATRIX=1
}

# layouts FOLDER OPTION... : the programs that train, evaluate or measure, with these options.
layouts() {
  local folder=$1
  shift
  compile_both "$folder/wide.cl" "$@" -DLANES=16
  compile "$folder/wide.cl" "$@" -DLANES=16 -DVECTORS=256 -DUNROLL=0
  compile_both "$folder/packed.cl" "$@" -DLANES=16 -DINTERLEAVED=2
  compile "$folder/packed.cl" "$@" -DLANES=16 -DVECTORS=256 -DUNROLL=0
  compile_both "$folder/packed.cl" "$@" -DLANES=1 -DGROUP=64
  compile_both "$folder/team.cl" "$@" -DLANES=1
  compile "$folder/team.cl" "$@" -DLANES=1 -DVECTORS=128 -DUNROLL=0
  compile_both "$folder/team.cl" "$@" -DLANES=1 -DGROUP=4 "${emulated[@]}"
  compile_both "$folder/evaluate.cl" "$@" -DLANES=16 -DPASSES=8
  compile_both "$folder/evaluate.cl" "$@" -DLANES=1 -DPASSES=1
  compile_both "$folder/ceiling.cl" "$@" -DLANES=16 -DCHAINS=8 -DBLOCK=0
  compile_both "$folder/ceiling.cl" "$@" -DLANES=16 -DCHAINS=8 -DBLOCK=4
  compile_both "$folder/ceiling.cl" "$@" -DLANES=1 -DCHAINS=8 -DBLOCK=4 -DRULE_NAME=adam
}

# rules COMMAND FOLDER RULE OPTION... : the programs that train through gradients.
rules() {
  local command=$1 file=$2/batch.cl rule=$3
  shift 3
  set -- "$@" -DRULE_NAME="$rule"
  $command "$file" "$@" -DLANES=16 -DNETWORKS=16 -DITEMS=1
  $command "$file" "$@" -DLANES=16 -DNETWORKS=1 -DITEMS=1
  $command "$file" "$@" -DLANES=1 -DNETWORKS=1 -DITEMS=32
  $command "$file" "$@" -DLANES=1 -DNETWORKS=1 -DITEMS=32 -DVECTORS=4 "${emulated[@]}"
  $command "$file" "$@" -DLANES=1 -DNETWORKS=1 -DITEMS=1 -DVECTORS=8
}

all "$source/kernels"
for kernel in wide packed batch least_squares_packed; do separated "$source/kernels/$kernel.cl"; done
cp -r "$source/kernels" "$place"
sed -i '1i #define VARIADIC(first, ...) first' "$place/kernels/numerics.h"
if (all "$place/kernels") >"$place/log" 2>&1; then
  echo "a variadic macro is not noticed"
  exit 1
fi
grep -q variadic "$place/log" || { cat "$place/log"; exit 1; }

# noticed SCRIPT TEXT FILE: builtins.h changed by SCRIPT of sed is noticed with a program, and TEXT is said.
noticed() {
  cp "$source"/kernels/* "$place/kernels"
  sed -i "$1" "$place/kernels/builtins.h"
  ! cmp -s "$source/kernels/builtins.h" "$place/kernels/builtins.h" || { echo "$1 changes nothing"; exit 1; }
  ! compare "$place/kernels/$3" "${gelu[@]}" -DLANES=1 >"$place/log" 2>&1 || { echo "not noticed: $1"; exit 1; }
  grep -q "$2" "$place/log" || { cat "$place/log"; exit 1; }
}
noticed '/get_group_id/d' 'does not compile' least_squares_team.cl
noticed 's/BUILTIN_CONST fabs/BUILTIN fabs/' 'calls other functions' team.cl
noticed 's/(double, long)/(double2, long2)/' 'does not compile' least_squares_team.cl
# With clang's header, which PoCL 3.1 has and a compiler takes long to read.
own=(-include opencl-c.h)
compile_both "$source/kernels/batch.cl" "${gelu[@]}" -DRULE_NAME=adam -DLANES=16 -DNETWORKS=16 -DITEMS=1
echo "$count programs are plain OpenCL C 1.2"
