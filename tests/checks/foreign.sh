#!/usr/bin/env bash
# The host's arithmetic on other processors, as many as have a compiler and an emulator here: 64-bit Arm, RISC-V, the
# big-endian s390x, and x86 with 32 bits. Known results of operations, losses, tolerances and initial weights must come
# out equal to the last bit (host_arithmetic.c). Models go from the processor at hand to a big-endian one and to one with
# 32 bits, and back: the files are equal, byte for byte (exchange.c).
# foreign.sh SOURCE_FOLDER
set -uo pipefail
source=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

library=$source/host/lib
files=("$source/tests/checks/host_arithmetic.c" "$library"/config/*.c "$library"/engine/{host_check,binary64}.c
  "$library"/engine/reference/{reference,losses}.c "$library"/base/{error,digest,mt19937,log64,names,number}.c)
options=(-std=c11 -O2 -ffp-contract=off -D_POSIX_C_SOURCE=200809L -w -static -I"$source/tests/checks/foreign"
  -I"$source/include" -I"$library" -I"$source/kernels")

# What trains by the reference and writes models, without OpenCL and muParser.
trainer=("$source"/tests/checks/exchange.c "$source"/tests/checks/foreign/absent.c "$library"/config/*.c
  "$library"/engine/*.c "$library"/engine/reference/*.c "$library"/base/*.c
  "$library"/model/{model,safetensors,description,tensor}.c)
for file in "$library"/data/*.c; do
  [ "$(basename "$file")" = target.c ] || trainer+=("$file")
done

tried=0
bad=0
# try NAME EMULATOR COMPILER OPTION...: EMULATOR is - where the processor at hand runs the program.
try() {
  local name=$1 emulator=$2
  shift 2
  command -v "$1" >/dev/null && { [ "$emulator" = - ] || command -v "$emulator" >/dev/null; } || return 0
  printf 'int main(void) { return 0; }' >"$scratch/nothing.c"
  "$@" -static "$scratch/nothing.c" -o "$scratch/nothing" 2>/dev/null || return 0 # no libraries for it
  tried=$((tried + 1))
  if ! "$@" "${options[@]}" "${files[@]}" -o "$scratch/program" -lm >"$scratch/log" 2>&1; then
    echo "FAIL: $name does not build"
    cat "$scratch/log"
    bad=1
    return
  fi
  local run=("$scratch/program")
  [ "$emulator" = - ] || run=("$emulator" "$scratch/program")
  said=$("${run[@]}") || { echo "FAIL: $name: $said"; bad=1; }
  echo "$name: $said"
}

# run WORD...: the program that was built last.
run() {
  if [ "$emulator" = - ]; then "$scratch/trainer" "$@"; else "$emulator" "$scratch/trainer" "$@"; fi
}

fail() {
  echo "FAIL: $name: $1"
  [ ! -s "$scratch/log" ] || cat "$scratch/log"
  bad=1
}

# exchange NAME EMULATOR COMPILER OPTION...: trainings that begin on one processor and end on the other.
exchange() {
  name=$1
  emulator=$2
  shift 2
  "$@" -static "$scratch/nothing.c" -o "$scratch/nothing" 2>/dev/null || return 0
  [ "$emulator" = - ] || command -v "$emulator" >/dev/null || return 0
  [ -x "$scratch/native" ] || cc "${options[@]/-static/-O0}" "${trainer[@]}" -o "$scratch/native" -ljansson -lm \
    >"$scratch/log" 2>&1 || { fail 'it does not build here'; return; }
  "$@" "${options[@]}" -O0 -I"$source/tests/checks/foreign/jansson" "${trainer[@]}" -o "$scratch/trainer" -lm \
    >"$scratch/log" 2>&1 || { fail 'it does not build'; return; }
  (
    cd "$scratch" || exit
    here() { ./native "$@"; }
    here begin here.model && run begin there.model &&
      here end here.model here.end && here end there.model there.here && run end here.model here.there
  ) >"$scratch/log" 2>&1 || { fail 'a training failed'; return; }
  cmp "$scratch/here.model" "$scratch/there.model" >>"$scratch/log" 2>&1 || { fail 'another model'; return; }
  for way in there.here here.there; do
    cmp "$scratch/here.end" "$scratch/$way" >>"$scratch/log" 2>&1 || { fail "another model of $way"; return; }
  done
  echo "$name: models go there and back, digest $(tail -n 1 "$scratch/log" | cut -c 1-16)..."
}

try aarch64 qemu-aarch64 aarch64-linux-gnu-gcc
try riscv64 qemu-riscv64 riscv64-linux-gnu-gcc
try s390x qemu-s390x s390x-linux-gnu-gcc -fexcess-precision=fast
if [ "$(uname -m)" = x86_64 ]; then
  try i386 - gcc -m32 -msse2 -mfpmath=sse -idirafter /usr/include/x86_64-linux-gnu
fi
try native - cc
exchange s390x qemu-s390x s390x-linux-gnu-gcc -fexcess-precision=fast
if [ "$(uname -m)" = x86_64 ]; then
  exchange i386 - gcc -m32 -msse2 -mfpmath=sse -idirafter /usr/include/x86_64-linux-gnu
fi
[ $tried -gt 0 ] || { echo "no compiler at all"; bad=1; }
exit $bad
