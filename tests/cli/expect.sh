# Shared by the tests of the program: a temporary folder, and checks that print the failing command.
# Usage: . expect.sh PROGRAM

clfit=$1
case $clfit in /*) ;; *) clfit=$(pwd)/$clfit ;; esac
data=$(cd "$(dirname "$0")/../data" && pwd)
study=$(cd "$(dirname "$0")/../cli" && pwd)/study.py
place=$(mktemp -d "${TMPDIR:-/tmp}/clfit-test.XXXXXX")
trap 'rm -rf "$place"' EXIT
trap 'exit 1' HUP INT TERM
mkdir "$place/work"
cd "$place/work"
out=$place/stdout
err=$place/stderr

fail()
{
  echo "FAILED: $*" >&2
  echo "  last command: $command" >&2
  sed 's/^/  stdout: /' "$out" >&2
  sed 's/^/  stderr: /' "$err" >&2
  exit 1
}

# run CODE ARGUMENT...: runs the program and expects an exit code.
run()
{
  expected=$1
  shift
  command="clfit $*"
  code=0
  "$clfit" "$@" >"$out" 2>"$err" </dev/null || code=$?
  [ "$code" = "$expected" ] || fail "exit code $code, expected $expected"
}

# ask WHAT STUDY ...: what study.py finds in a study.
ask()
{
  python3 "$study" "$@"
}

# What is there. A file that is written gets another time, also where size and content stay.
listing()
{
  find . -type f -printf '%p %s %i %T@\n' -o -printf '%p\n' | sort
}

# refuse CODE PATTERN ARGUMENT...: a mistake is one line on stderr that says what is wrong, and leaves nothing behind.
refuse()
{
  refused=$1
  pattern=$2
  shift 2
  listing >"$place/before"
  run "$refused" "$@"
  listing >"$place/after"
  [ ! -s "$out" ] || fail "something on stdout"
  [ "$(wc -l <"$err")" -eq 1 ] || fail "not exactly one line on stderr"
  grep -q '^clfit: ' "$err" || fail "stderr does not begin with clfit:"
  grep -q -e "$pattern" "$err" || fail "stderr does not say: $pattern"
  cmp -s "$place/before" "$place/after" || fail "the directory has changed"
}

# value KEY FILE: a number, text or null of a JSON object, as it stands there.
value()
{
  sed -n "s/.*\"$1\": \(\"[^\"]*\"\|[^,}]*\).*/\1/p" "$2" | tr -d '"'
}

# Two empty texts are no values: nothing was found to be compared.
same()
{
  [ -n "$1$2" ] || fail "nothing is compared${3:+: $3}"
  [ "$1" = "$2" ] || fail "\"$1\" is not \"$2\"${3:+: $3}"
}
