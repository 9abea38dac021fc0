#!/usr/bin/env bash
# clang-tidy (.clang-tidy) over the sources of the library, the study and the program: any finding fails.
#
#   lint.sh [--deep] BUILD_FOLDER [FILE...]     the files given, or all; BUILD_FOLDER holds compile_commands.json
#
# --deep: the analyzer follows calls between functions of a file, which takes five times as long.
set -euo pipefail
depth=(--extra-arg=-Xclang --extra-arg=-analyzer-config --extra-arg=-Xclang --extra-arg=mode=shallow)
if [ "${1:-}" = --deep ]; then
  depth=()
  shift
fi
[ $# -ge 1 ] || { echo 'usage: lint.sh [--deep] BUILD_FOLDER [FILE...]' >&2; exit 2; }
build=$(realpath "$1")
shift
cd "$(dirname "$0")/../.."
commands=$build/compile_commands.json
[ -s "$commands" ] || { echo "there is no $commands: configure with -DCMAKE_EXPORT_COMPILE_COMMANDS=ON" >&2; exit 2; }
tidy=$(command -v clang-tidy-14 || command -v clang-tidy) || { echo 'clang-tidy is not installed' >&2; exit 2; }

if [ $# -gt 0 ]; then
  files=$(printf '%s\n' "$@")
else
  files=$(sed -n 's/^ *"file": "\(.*\/host\/.*\.c\)".*/\1/p' "$commands" | sort -u) # only what this build compiles
fi
[ -n "$files" ] || { echo "no source below host/ in $commands" >&2; exit 2; }
# clang-tidy counts suppressed warnings of system headers on stderr; findings go to stdout.
printf '%s\n' "$files" | xargs -P "$(nproc)" -n 2 "$tidy" -p "$build" "${depth[@]}" --quiet --warnings-as-errors='*' \
  2> >(grep -vE 'warnings?( treated as errors?)? generated' >&2 || true)
echo "$(wc -l <<<"$files") files without a finding"
