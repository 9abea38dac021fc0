#!/usr/bin/env bash
# The format of all text that is written by hand: clang-format 14 over the C sources (.clang-format); no line of more
# than 120 characters, no blanks at a line's end and no tabs in any text. Kernels are not given to clang-format, which
# does not know OpenCL C.
#
#   format.sh            checks; prints each place and fails if there is one
#   format.sh --fix      lets clang-format rewrite the C sources, then checks
set -euo pipefail
cd "$(dirname "$0")/../.."
export LC_ALL=C.UTF-8 # lines are measured in characters
[ "${1:-}" = --fix ] && mode=-i || mode='--dry-run --Werror'
formatter=$(command -v clang-format-14 || command -v clang-format) ||
  { echo 'clang-format is not installed' >&2; exit 2; }
"$formatter" --version | grep -q 'version 14\.' ||
  { echo 'clang-format 14 is needed: others format differently' >&2; exit 2; }

list() { # list PATTERN: tracked and new files whose name matches, but no data
  git ls-files --cached --others --exclude-standard | grep -E "$1" | grep -vE '^(tests/data|bench/results)/' || true
}
failed=0

# shellcheck disable=SC2086 # several words in $mode
list '^(host|include|tests|bench)/.*\.[ch]$|^[^/]*\.[ch]$' | xargs -r -P 2 -n 100 "$formatter" $mode --style=file ||
  failed=1

# A Markdown table's row is one line, and so is a line of a program's output within ```text.
long_lines() {
  awk -v name="$1" '/^```/ { output = !output && /^```text/ }
                    { print (output || name ~ /\.md$/ && /^\|/) ? "" : $0 }' "$1" |
    grep -nE '^.{121,}' | sed -E "s|^|$1:|" | cut -c 1-160
}
texts=$(list '\.([ch]|cl|sh|py|md|cmake|in|txt|yml|json)$|^(\.ci/run|bench/peers/run|bench/least_squares/(run|search)|\.clang-.*)$')
while read -r file; do
  # Test scripts may have longer lines: commands with the text that they are expected to print.
  case $file in tests/*.sh | tests/*.py) long='' ;; *) long=$(long_lines "$file") || true ;; esac
  if [ -n "$long" ]; then printf 'longer than 120: %s\n' "$long"; failed=1; fi
done <<<"$texts"
if xargs grep -nHE '[[:blank:]]+$' <<<"$texts"; then echo "blanks at a line's end"; failed=1; fi
if xargs grep -nHP '\t' <<<"$texts"; then echo 'a tab'; failed=1; fi

[ $failed = 0 ] && echo "$(wc -l <<<"$texts") files in format"
exit $failed
