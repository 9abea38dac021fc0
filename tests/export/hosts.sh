#!/usr/bin/env bash
# Exported C, compiled by gcc and clang in every way that matters, gives the bits of clfit's own predictions on all
# 65,536 codes of a 16-bit converter; a wrong fma is noticed; options that would change bits are refused.
#
#   hosts.sh NETWORKS_PROGRAM SOURCE_FOLDER COUNT [STEP [FIRST]]
#
# STEP: only every so many codes where fma is made of integers, or nothing is optimised. FIRST: begins with this network,
# 0 to COUNT - 1; a thousand take hours, so that they may be compared in parts.
# Fails if gcc or clang is missing, in C or in C++.
set -euo pipefail
networks=$(realpath "$1") source=$(realpath "$2")/tests/export total=$3 step=${4:-1} begin=${5:-0}
folder=$(mktemp -d "${TMPDIR:-/tmp}/clfit-export.XXXXXX")
trap 'rm -rf "$folder"' EXIT
cd "$folder"

batch=50 # headers in one program
strict='-Wall -Wextra -Wpedantic -Werror -Wshadow -Wundef -Wconversion -Wsign-conversion -Wdouble-promotion'
native='-march=native -ffp-contract=fast'
# The name of what is compared, and the compiler with its options. Those with "native" have an fma instruction, if this
# machine has one; contraction is on where it can do harm.
ways="gcc-O0|gcc -std=c99 -O0
gcc-O2|gcc -std=c11 -O2
gcc-O3|gcc -std=c99 -O3
gcc-native-O0|gcc -std=c99 -O0 $native
gcc-native-O2|gcc -std=c11 -O2 $native
gcc-native-O3|gcc -std=gnu11 -O3 $native
g++-O2|g++ -std=c++17 -O2
g++-native-O3|g++ -std=c++17 -O3 $native
clang-O0|clang -std=c99 -O0
clang-O2|clang -std=c11 -O2
clang-O3|clang -std=c99 -O3
clang-native-O0|clang -std=c99 -O0 $native
clang-native-O2|clang -std=c11 -O2 $native
clang-native-O3|clang -std=c99 -O3 $native
clang++-O2|clang++ -std=c++17 -O2
clang++-native-O3|clang++ -std=c++17 -O3 $native"
for compiler in gcc g++ clang clang++; do
  command -v $compiler >/dev/null || { echo "$compiler is not installed"; exit 1; }
done

# compile PROGRAM COMPILER... : compare or compare_fixed, of the list in this folder
compile()
{
  local program=$1
  shift
  case $1 in *++) language=c++ ;; *) language=c ;; esac
  # shellcheck disable=SC2086 # several words in $strict
  "$@" $strict -x $language "$source/$program.c" -I. -o $program
}

# of LOG WORD: the number before a word.
of()
{
  sed -n "s/.*\(^\| \)\([0-9]*\) $2.*/\2/p" <<<"$1"
}

values=0 differing=0 failed=0 programs=0
check_way() # NAME COMMAND
{
  local every=1 said
  case $1 in *native-O[1-9]*) ;; *) every=$step ;; esac
  # shellcheck disable=SC2086 # several words in the command
  compile compare $2
  said=$(./compare expected.bin $every) || true
  values=$((values + $(of "$said" values))) differing=$((differing + $(of "$said" differing)))
  failed=$((failed + $(of "$said" self-tests))) programs=$((programs + 1))
  echo "$1: $said"
}

check_fixed() # COMMAND
{
  local said
  # shellcheck disable=SC2086
  compile compare_fixed $1
  said=$(./compare_fixed 2>&1) || true
  fixed=$((fixed + $(of "$said" values))) differing=$((differing + $(of "$said" differing)))
  failed=$((failed + $(of "$said" self-tests)))
  case $said in *runtime*) failed=$((failed + 1)) ;; esac
  echo "$1: $said"
}

fixed=0
for ((first = begin; first < total; first += batch)); do
  count=$((total - first < batch ? total - first : batch))
  rm -f net_*.h fix_*.h
  "$networks" . $first $count
  while IFS='|' read -r name command; do check_way "$name" "$command"; done <<<"$ways"
  for command in "gcc -std=c99 -O2" "clang++ -std=c++17 -O3 -march=native" "clang -O1 -fsanitize=undefined"; do
    check_fixed "$command"
  done
done
echo "$((total - begin)) networks in $programs programs, $values values and $fixed in fixed point:" \
  "$differing differing, $failed self-tests failed"
[ "$differing" = 0 ] && [ "$failed" = 0 ] && [ "$values" -gt 0 ] && [ "$fixed" -gt 0 ]

# ---- the fma made of integers ----

"$networks" . 0 1
gcc -O2 -Dnet_0_INTEGER=1 -I. "$source/fma.c" -lm -o fma
./fma

# ---- a wrong fma is noticed, and a wrong parabola ----

"$networks" . 0 6
sed -i -e 's/__builtin_fmaf(a, b, c)/(a * b + c)/' -e 's/0x80000000u - (bits & 1u)/0x80000000u/' net_*.h
grep -q 'a \* b + c);' net_0.h && grep -q 'low > 0x80000000u)' net_0.h ||
  { echo 'the header has no such fma any more'; exit 1; }
for command in "gcc -O2" "gcc -O2 -mfma -ffp-contract=off" "clang -O2" "clang -O2 -mfma -ffp-contract=off"; do
  case $command in *-mfma*) grep -q ' fma ' /proc/cpuinfo || continue ;; esac
  # shellcheck disable=SC2086
  compile compare $command
  if said=$(./compare expected.bin); then echo "$command: a wrong fma is not noticed: $said"; exit 1; fi
  case $said in *" 0 differing"* | *" 0 self-tests"*) echo "$command: not by both: $said"; exit 1 ;; esac
done
echo 'a wrong fma is noticed'
sed -i 's/_PLACE_BITS + 1));/_PLACE_BITS + 4));/' fix_*.h
grep -q 'PLACE_BITS + 4' fix_0.h || { echo 'the header has no such parabola any more'; exit 1; }
compile compare_fixed gcc -O2
if said=$(./compare_fixed); then echo "a wrong parabola is not noticed: $said"; exit 1; fi

# ---- what the header refuses ----

"$networks" . 0 1
for command in "gcc -ffast-math" "gcc -Ofast" "gcc -freciprocal-math" "gcc -fno-signed-zeros" "gcc -ffinite-math-only" \
  "gcc -fassociative-math -fno-signed-zeros -fno-trapping-math" "gcc -mfpmath=387" \
  "clang -ffast-math" "clang -Ofast" "clang -ffinite-math-only"; do
  case $command in *387) [ "$(uname -m)" = x86_64 ] || continue ;; esac
  # shellcheck disable=SC2086
  if $command -fsyntax-only -x c "$source/compare.c" -I. 2>err; then echo "$command is not refused"; exit 1; fi
  grep -q 'error.*net_0 needs' err || { cat err; echo "$command: not refused by the header"; exit 1; }
done
echo 'options that change bits are refused'
