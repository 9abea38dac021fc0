#!/usr/bin/env bash
# Exported C on other processors: the bits of clfit's own predictions, a wrong fma noticed, and what a call costs, in
# bytes and in instructions or cycles, beside a polynomial, a table and the C library's tanhf.
#
#   export_targets.sh CLFIT NETWORKS_PROGRAM SOURCE_FOLDER [TARGET...]
#
# Targets: cortex-m0, cortex-m4, aarch64, riscv64, atmega328p. Without names all whose compiler and emulator are
# installed; a target that is named and cannot be tried is a failure. Debian has them in gcc-arm-none-eabi,
# libnewlib-arm-none-eabi, qemu-system-arm, qemu-user, gcc-aarch64-linux-gnu, gcc-riscv64-linux-gnu, gcc-avr, avr-libc,
# simavr.
set -euo pipefail
clfit=$(realpath "$1") networks=$(realpath "$2") source=$(realpath "$3")/tests/export
shift 3
folder=$(mktemp -d "${TMPDIR:-/tmp}/clfit-targets.XXXXXX")
trap 'rm -rf "$folder"' EXIT
cd "$folder"
all='cortex-m0 cortex-m4 aarch64 riscv64 atmega328p'
failures=0
fail() { echo "FAILED: $*"; failures=$((failures + 1)); }

# ---- targets: compiler, program around it, emulator ----

semihosting='-nographic -monitor none -serial none -semihosting-config enable=on,target=native'
cortex='--specs=rdimon.specs -T cortex-m.ld cortex-m.c'
describe() # TARGET: sets compiler, linked, emulator, step (codes on which networks are compared)
{
  linked= step=1
  case $1 in
    cortex-m0) compiler='arm-none-eabi-gcc -mcpu=cortex-m0 -mthumb' linked=$cortex step=16
               emulator="qemu-system-arm -M microbit $semihosting" ;;
    cortex-m4) compiler='arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb -mfloat-abi=hard -mfpu=fpv4-sp-d16' linked=$cortex
               emulator="qemu-system-arm -M mps2-an386 $semihosting" ;;
    aarch64) compiler=aarch64-linux-gnu-gcc linked=-static emulator=qemu-aarch64 ;;
    riscv64) compiler=riscv64-linux-gnu-gcc linked=-static emulator=qemu-riscv64 ;;
    atmega328p) compiler='avr-gcc -mmcu=atmega328p' emulator='simavr -m atmega328p -f 16000000' step=256 ;;
    *) echo "there is no target $1; there are $all"; exit 2 ;;
  esac
}

there() # TARGET: whether it can be tried
{
  describe "$1"
  command -v "${compiler%% *}" >/dev/null && command -v "${emulator%% *}" >/dev/null &&
    echo '#include <string.h>' | ${compiler} -E - >/dev/null 2>&1
}

# start PROGRAM ARGUMENT...: on the emulator of the target described; what it prints
start()
{
  case $emulator in
    *semihosting*) local arguments=$emulator,arg=$1; shift
                   for argument; do arguments=$arguments,arg=$argument; done
                   timeout 300 $arguments -kernel program </dev/null ;;
    simavr*) timeout 300 $emulator program 2>&1 | tr -d '\033' | sed 's/^\[[0-9]*m//; s/\.*\[0m$//; s/\.$//' | grep -a . ;;
    *) timeout 300 $emulator "$@" ;;
  esac
}

# ---- bits ----

words="-Wall -Wextra -Werror -O2 -std=c99 -ffp-contract=fast -I."
build_compare() # TARGET
{
  case $1 in
    atmega*) od -An -v -tf8 -w8 -j $((3 * 524288)) -N 524288 expected.bin |
               awk -v step=$step 'NR % step == 1 { printf "%.9gf,\n", $1 }' >expected.h
             $compiler $words -DNETWORK='"net_3.h"' -DFUNCTION=net_3 -DSTEP=$step "$source/compare_avr.c" -o program ;;
    *) $compiler $words "$source/compare.c" $linked -o program ;;
  esac
}

check_bits() # TARGET
{
  "$networks" . 0 6
  build_compare "$1"
  said=$(start ./program expected.bin $step | grep -a networks) || true
  echo "$1: $said"
  case $said in *' 0 differing'*) ;; *) fail "$1: other bits" ;; esac
  case $said in *', 0 self-tests failed'* | *differing,\ with*) ;; *) fail "$1: self-tests" ;; esac
  check_fixed "$1"
  sed -i -e 's/__builtin_fmaf(a, b, c)/(a * b + c)/' -e 's/0x80000000u - (bits & 1u)/0x80000000u/' net_*.h
  words=${words/=fast/=off} build_compare "$1"
  said=$(start ./program expected.bin $step | grep -a networks) || true
  case $said in *' 0 differing'* | '') fail "$1: a wrong fma is not noticed: $said" ;; esac
}

# check_fixed TARGET: the self-tests of fixed-point functions, in 32 and 64 bits
check_fixed()
{
  case $1 in atmega*) return ;; esac # its compiler's double is float; compare_fixed.c needs the other
  $compiler $words "$source/compare_fixed.c" $linked -o program
  said=$(start ./program | grep -a networks) || true
  echo "$1: $said"
  case $said in *' 0 differing, 0 self-tests failed'*) ;; *) fail "$1: fixed point" ;; esac
}

# ---- costs ----

# bytes DEFINITIONS...: text and data of a program that is nothing but the call, as the linker leaves it
bytes()
{
  local alone='-nostartfiles -Wl,--gc-sections,-e,main'
  case $compiler in avr*) alone=-Wl,--gc-sections ;; esac
  $compiler $size -ffunction-sections -fdata-sections "$@" "$source/cost.c" $alone -lm -o sized 2>/dev/null
  "${compiler%%gcc*}size" sized | awk 'NR == 2 { print $1, $2 + $3 }'
}

# count DEFINITIONS...: instructions or cycles of a call
count()
{
  $compiler $size -DCOUNT "$@" "$source/cost.c" $linked -lm -o program
  case $emulator in
    *semihosting*) start program | sed -n 's/ each.*//p' ;;
    simavr*) start program | sed -n 's/ each.*//p' ;;
    *) $emulator -singlestep -d nochain,exec -D log ./program; awk 'END { print int(NR / 64) }' log ;;
  esac
}

cost() # NAME DEFINITIONS...: a row of the table
{
  local name=$1 sizes instructions
  shift
  read -r text data <<<"$(bytes "$@")"
  instructions=$(count "$@")
  [ "$text" -gt "$base_text" ] && [ "$instructions" -gt "$base_count" ] || fail "$target: $name was not measured"
  printf '%-12s %-34s %6d %6d %8d\n' "$target" "$name" $((text - base_text)) $((data - base_data)) \
    $((instructions - base_count))
}

read_base() # DEFINITIONS...: the program without the call
{
  read -r base_text base_data <<<"$(bytes "$@")"
  base_count=$(count "$@")
}

check_costs() # TARGET
{
  size='-std=gnu99 -Os -I.'
  case $1 in cortex-m*) emulator=${emulator/ -M/ -icount shift=0 -M} ;; esac # an instruction is a nanosecond
  read_base
  cost 'exported, 5 tanh' -DCALL=bell -DHEADER='"bell.h"' | tee row
  read -r _ _ _ _ text _ <row
  if [ "$1" = cortex-m0 ] && [ "$text" -ge 1536 ]; then fail "$1: $text bytes are not below 1.5 KiB"; fi
  read_base -DFIXED
  cost '--fixed 12:12' -DFIXED -DCALL=bell_fixed -DHEADER='"bell_fixed.h"' | tee row
  read -r _ _ _ text _ <row
  if [ "$1" = cortex-m0 ] && [ "$text" -ge 1024 ]; then fail "$1: fixed point: $text bytes are not below 1 KiB"; fi
  bytes -DFIXED -DCALL=bell_fixed -DHEADER='"bell_fixed.h"' >/dev/null
  if "${compiler%%gcc*}nm" sized | grep -E '(aeabi_|__)([fd](add|sub|mul|div|cmp)|[adsf]*2[uildf]+z?$|float|fix|(add|sub|mul|div)[sdt]f3)'; then
    fail "$1: fixed point uses floating-point functions"
  fi
  read_base
  cost 'the same, tanhf of the C library' -DCALL=with_tanhf -DHEADER='"rivals.h"' -DNETWORK='"bell.h"'
  cost 'polynomial of degree 12' -DCALL=polynomial -DHEADER='"rivals.h"'
  cost 'table of 49, straight lines' -DCALL=table -DHEADER='"rivals.h"'
}

# ---- all of it ----

cp "$source"/rivals.h "$source"/cortex-m.* .
"$clfit" train --hidden 5 --activation tanh --target 'exp(-x^2)' --domain -3:3 --rate 0.05 --device reference --quiet \
  --out bell.safetensors >trained
"$clfit" export bell.safetensors --out bell.h --quiet
"$clfit" export bell.safetensors --out bell_fixed.h --fixed 12:12 --quiet
for target in $all; do
  case " $* " in
    '  ') there "$target" || { echo "$target: not installed"; continue; } ;;
    *" $target "*) there "$target" || { fail "$target is not installed"; continue; } ;;
    *) continue ;;
  esac
  describe "$target"
  check_bits "$target"
  check_costs "$target" >>costs
done
if command -v arm-none-eabi-gcc >/dev/null; then
  cp -R "$source/../../examples/thermistor" example
  make -C example CLFIT="$clfit" >example.log 2>&1 || { cat example.log; fail 'examples/thermistor does not build'; }
fi
for target; do describe "$target"; done # an unknown name is a mistake
printf '%-12s %-34s %6s %6s %8s\n' target what text data count
cat costs 2>/dev/null || true
grep -q FAILED costs 2>/dev/null && failures=$((failures + 1))
[ $failures = 0 ]
