#!/usr/bin/env bash
# Every external name in the library has the prefix clfit_, so that none meets a name of a program that links it, and is
# declared in one of the library's headers. The static library is looked at, where hidden names count, too.
# symbols.sh LIBRARY SOURCE_FOLDER
set -euo pipefail
library=$1
source=$2

# __odr_asan.NAME is the address sanitizer's.
names=$(nm --extern-only --defined-only "$library" | awk 'NF == 3 && $3 !~ /^__odr_asan/ { print $3 }' | sort -u)
[ "$(wc -l <<<"$names")" -gt 50 ] || { echo "$library has hardly any names: $names"; exit 1; }

# A table declares the functions of its rows: clfit_write_##name.
declared() {
  grep -rqw --include='*.h' "$1" "$source/include" "$source/host/lib" ||
    grep -rq --include='*.h' "\b${1%_*}_##name\b" "$source/host/lib"
}

bad=0
for name in $names; do
  case $name in
    clfit__onnx__*) continue ;; # generated, as is the header that declares it
    clfit_*) ;;
    *) echo "$name has not the prefix clfit_"; bad=1 ;;
  esac
  declared "$name" || { echo "$name is in no header"; bad=1; }
done
exit $bad
