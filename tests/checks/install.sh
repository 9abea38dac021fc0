#!/usr/bin/env bash
# Installs a shared build into an empty folder and uses it as others would: by pkg-config and by find_package.
# install.sh SOURCE_FOLDER
set -euo pipefail
source=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export POCL_CACHE_DIR="${POCL_CACHE_DIR:-$folder/cache}"

cmake -S "$source" -B "$folder/build" -DBUILD_SHARED_LIBS=ON -DCLFIT_TESTS=OFF -DCLFIT_BENCH=OFF \
  -DCMAKE_INSTALL_LIBDIR=lib >/dev/null
cmake --build "$folder/build" --parallel 2 >/dev/null
cmake --install "$folder/build" --prefix "$folder/prefix" >/dev/null # not the prefix it was configured for
for file in include/clfit.h lib/libclfit.so bin/clfit lib/pkgconfig/clfit.pc lib/cmake/clfit/clfit-config.cmake; do
  [ -e "$folder/prefix/$file" ] || { echo "$file is not installed"; exit 1; }
done

"$folder/prefix/bin/clfit" --version >/dev/null

# Only what clfit.h declares may be seen outside.
foreign=$(nm -D --defined-only "$folder/prefix/lib/libclfit.so" | awk '{print $NF}' | grep -v '^clfit_' || true)
[ -z "$foreign" ] || { echo "symbols without the prefix: $foreign"; exit 1; }
for symbol in $(nm -D --defined-only "$folder/prefix/lib/libclfit.so" | awk '{print $NF}'); do
  grep -q "\b$symbol\b" "$folder/prefix/include/clfit.h" || { echo "$symbol is exported but not declared"; exit 1; }
done

cat >"$folder/user.c" <<'C'
#include <clfit.h>
#include <stdio.h>

int main(void)
{
  clfit_network network;
  clfit_state state;
  static clfit_error error;
  clfit_network_default(&network);
  network.hidden = 3;
  if (clfit_state_init(&state, &network, &error)) return 1;
  double x = 0.5;
  float z;
  clfit_state_evaluate(&state, 1, &x, &z);
  printf("%zu parameters, z = %a\n", clfit_parameter_count(3), (double)z);
  clfit_state_clear(&state);
  return 0;
}
C
export PKG_CONFIG_PATH="$folder/prefix/lib/pkgconfig"
cc -std=c99 "$folder/user.c" $(pkg-config --cflags --libs clfit) -Wl,-rpath,"$folder/prefix/lib" -o "$folder/by-pkg-config"
"$folder/by-pkg-config" >"$folder/one"

mkdir "$folder/project"
mv "$folder/user.c" "$folder/project/"
cat >"$folder/project/CMakeLists.txt" <<'C'
cmake_minimum_required(VERSION 3.20)
project(user C)
find_package(clfit REQUIRED)
add_executable(user user.c)
target_link_libraries(user PRIVATE clfit::clfit)
C
cmake -S "$folder/project" -B "$folder/project/build" -DCMAKE_PREFIX_PATH="$folder/prefix" >/dev/null
cmake --build "$folder/project/build" >/dev/null
"$folder/project/build/user" >"$folder/two"
cmp "$folder/one" "$folder/two"
cat "$folder/one"
