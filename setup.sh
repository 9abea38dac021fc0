#!/bin/sh
# Installs what clfit needs and this machine lacks (Debian and its relatives), then configures and builds it in build/.
#
#   ./setup.sh               as root through apt-get, else through sudo; the line is shown first
#   ./setup.sh --no-install  builds with what is there
#
# Exit codes: 0 built, 2 something is missing and cannot be installed, else what CMake or apt-get gave.
set -eu
cd "$(dirname "$0")"

say() { printf 'setup: %s\n' "$*" >&2; }

install=yes
for argument in "$@"; do
  case $argument in
    --no-install) install=no ;;
    *) say "unknown option $argument; there is only --no-install"; exit 2 ;;
  esac
done

# Each line: a package, and a command whose presence does as well (another gnuplot, a cmake from elsewhere).
needed='gcc cc
make make
cmake cmake
pkg-config pkg-config
ocl-icd-opencl-dev -
pocl-opencl-icd -
libpopt-dev -
libjansson-dev -
libmuparser-dev -
libsqlite3-dev -
nettle-dev -
zlib1g-dev -
libgsl-dev -
libprotobuf-c-dev -
protobuf-c-compiler protoc-c
libonnx-dev -
gnuplot-nox gnuplot
fonts-dejavu-core -
libcriterion-dev -
libmpfr-dev -
python3 python3'

is_installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

missing=$(printf '%s\n' "$needed" | while read -r package command; do
  if [ "$command" != - ] && command -v "$command" >/dev/null 2>&1; then continue; fi
  is_installed "$package" || printf ' %s' "$package"
done)

if [ "$install" = yes ] && [ -n "$missing" ]; then
  if ! command -v apt-get >/dev/null 2>&1; then
    say "this is no Debian system; install the counterparts of:$missing, then run ./setup.sh --no-install"
    exit 2
  fi
  line="apt-get update && apt-get install -y --no-install-recommends$missing"
  if [ "$(id -u)" = 0 ]; then
    say "$line"
    DEBIAN_FRONTEND=noninteractive sh -c "$line" >&2
  elif command -v sudo >/dev/null 2>&1; then
    say "sudo sh -c '$line'"
    sudo sh -c "$line" >&2
  else
    say "not root, and there is no sudo; as root run: $line"
    exit 2
  fi
fi

for command in cmake make pkg-config cc; do
  command -v "$command" >/dev/null 2>&1 && continue
  [ "$install" = yes ] || hint='; ./setup.sh without --no-install installs what is missing'
  say "$command is not installed${hint:-}"
  exit 2
done

# Through sudo the build must still belong to who called.
as_caller=
if [ "$(id -u)" = 0 ] && [ -n "${SUDO_USER:-}" ] && [ "$SUDO_USER" != root ]; then
  as_caller="runuser -u $SUDO_USER --"
fi
jobs=$(nproc 2>/dev/null || echo 2)
$as_caller cmake --preset release >&2
$as_caller cmake --build build --parallel "$jobs" >&2
say "built build/clfit"
