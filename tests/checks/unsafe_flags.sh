#!/usr/bin/env bash
# Options such as -ffast-math must not change a bit: after them, the build's own options undo them; without those, the
# sources do not compile, or the program notices at its start. Compiles what host_arithmetic.c needs of the library.
# unsafe_flags.sh SOURCE_FOLDER COMPILER "COMPILE OPTIONS" "LINK OPTIONS"    the options are those of clfit_flags
set -uo pipefail
source=$(realpath "$1")
compiler=$2
read -ra compile_options <<<"$3"
read -ra link_options <<<"$4"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

library=$source/host/lib
files=("$source/tests/checks/host_arithmetic.c"
  "$library"/config/{activation,batches,init,noise,schedule,state}.c
  "$library"/engine/{host_check,binary64}.c "$library"/engine/reference/{reference,losses}.c
  "$library"/base/{mt19937,log64,number}.c)
# what these call, without arithmetic that is compared: compiled once, without such options
others=("$library"/config/{fields,held_out,optimizer,record}.c "$library"/base/{error,digest,names}.c)
common=(-std=c11 -D_POSIX_C_SOURCE=200809L -I"$source/include" -I"$library" -I"$source/kernels" -w)

(cd "$scratch" && "$compiler" -O1 "${common[@]}" -c "${others[@]}") || exit 1
objects=("$scratch"/*.o)

# build COMPILER OPTION... : compiles and links $scratch/program; what the compiler says is in $scratch/log.
build() {
  rm -f "$scratch/program"
  "$@" "${common[@]}" "${files[@]}" "${objects[@]}" -o "$scratch/program" -lnettle -lm >"$scratch/log" 2>&1
}

bad=0
fail() {
  echo "FAIL: $*"
  cat "$scratch/log"
  bad=1
}

# With the build's own options after them: undone.
undone() {
  build "$compiler" "$@" "${compile_options[@]}" "${link_options[@]}" || { fail "$* does not build"; return; }
  local said
  said=$("$scratch/program") || fail "$*: $said"
  echo "undone: $*"
}

# Alone: the sources do not compile, or the program says what is wrong; `verdict` is which of the two.
verdict=
refused() {
  verdict=
  if ! build "$@"; then
    grep -q "clfit needs" "$scratch/log" || fail "$*: refused, but not by us"
    verdict="does not compile"
    echo "$verdict: $*"
    return
  fi
  local said
  if said=$("$scratch/program"); then fail "$*: not noticed"; fi
  [[ $said == "refused: "* ]] || fail "$*: $said"
  verdict=noticed
  echo "$verdict: $*: ${said:0:150}"
}

build "$compiler" -O2 -ffp-contract=off || fail "plain options do not build"
"$scratch/program" >"$scratch/log" || fail "plain options do not compute right"

parts=(-fassociative-math -fno-signed-zeros -fno-trapping-math -freciprocal-math)
# several at once where one that is not undone shows all the same
undone -Ofast -ffp-contract=fast "${parts[@]}" -ffinite-math-only # -Ofast has -ffast-math
undone -O2 -flto -ffast-math -funsafe-math-optimizations

# Without the macros that stop the compilation the program must notice.
refused_also_hidden() {
  refused "$@"
  [ "$verdict" != noticed ] || [[ " $* " != *" -ffast-math "* ]] || fail "$*: no macro stops the compilation"
  [ "$verdict" != noticed ] || return 0
  refused "$@" "${hidden[@]}"
  [ "$verdict" = noticed ] || fail "$*: a macro that is not hidden stops the compilation"
}

# The options that the processor and the compiler at hand know.
hidden=(-U__FAST_MATH__ -U__ASSOCIATIVE_MATH__ -U__RECIPROCAL_MATH__ -U__NO_SIGNED_ZEROS__ -U__FINITE_MATH_ONLY__)
for cc in "$compiler" $(command -v clang); do
  refused_also_hidden "$cc" -O2 -ffast-math
  refused_also_hidden "$cc" -O2 "${parts[@]}"
  refused_also_hidden "$cc" -O2 -ffinite-math-only
done
if [ "$(uname -m)" = x86_64 ] && [[ $("$compiler" --version) == *Free\ Software* ]]; then
  undone -O2 -mfpmath=387
  refused "$compiler" -O2 -mfpmath=387
  [ "$verdict" = "does not compile" ] || fail "-mfpmath=387: no macro stops the compilation"
fi
exit $bad
