#!/usr/bin/env bash
# Installs a shared and a static build into empty folders and uses them as others would: by pkg-config and by
# find_package.
# install.sh SOURCE_FOLDER BUILD_FOLDER
# BUILD_FOLDER, if it is a static release, is installed, too; what it is not is built, without optimisation.
set -euo pipefail
source=$1 build=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export POCL_CACHE_DIR="${POCL_CACHE_DIR:-$folder/cache}"

is_static_release() {
  grep -q '^CMAKE_BUILD_TYPE:.*=Release$' "$build/CMakeCache.txt" &&
    grep -q '^CMAKE_INSTALL_LIBDIR:.*=lib$' "$build/CMakeCache.txt" &&
    ! grep -q -E '^(BUILD_SHARED_LIBS|CLFIT_SANITIZE|CLFIT_FUZZ):.*=ON$' "$build/CMakeCache.txt"
}

# install NAME SHARED LIBRARY: builds, unless it is built, and installs into NAME, not the prefix it was configured for.
install()
{
  local from=$folder/build-$1
  if [ "$2" = OFF ] && is_static_release; then
    from=$build
  else
    build_anew "$from" "$2"
  fi
  # All files are of the component Unspecified; with its name, the list of the user's own last installation stays.
  cmake --install "$from" --prefix "$folder/$1" --component Unspecified >/dev/null
  rm -f "$from/install_manifest_Unspecified.txt"
  for file in include/clfit.h "lib/$3" bin/clfit lib/pkgconfig/clfit.pc lib/cmake/clfit/clfit-config.cmake; do
    [ -e "$folder/$1/$file" ] || { echo "$file is not installed"; exit 1; }
  done
  "$folder/$1/bin/clfit" --version >/dev/null
}

build_anew()
{
  cmake -S "$source" -B "$1" -DBUILD_SHARED_LIBS="$2" -DCLFIT_TESTS=OFF -DCLFIT_BENCH=OFF \
    -DCMAKE_INSTALL_LIBDIR=lib -DCMAKE_SHARED_LINKER_FLAGS=-Ofast -DCMAKE_C_FLAGS_RELEASE=-O0 >/dev/null
  cmake --build "$1" --parallel 2 >/dev/null
}

install shared ON libclfit.so
install static OFF libclfit.a

# The user's flags for linking do not make a program that uses the library flush denormal numbers.
! nm "$folder/shared/lib/libclfit.so" | grep set_fast_math || { echo "crtfastmath.o is in the library"; exit 1; }

# setup.sh where there is no cmake: one line, and 2.
mkdir "$folder/few"
for command in sh dirname dpkg-query printf nproc id; do
  ln -s "$(command -v $command)" "$folder/few/$command" 2>/dev/null || true
done
code=0
PATH=$folder/few "$source/setup.sh" --no-install 2>"$folder/said" || code=$?
[ $code = 2 ] && [ "$(wc -l <"$folder/said")" = 1 ] && grep -q '^setup: cmake is not installed; ' "$folder/said" ||
  { echo "setup.sh without cmake: $code"; cat "$folder/said"; exit 1; }

# Only what clfit.h declares may be seen outside.
foreign=$(nm -D --defined-only "$folder/shared/lib/libclfit.so" | awk '{print $NF}' | grep -v '^clfit_' || true)
[ -z "$foreign" ] || { echo "symbols without the prefix: $foreign"; exit 1; }
for symbol in $(nm -D --defined-only "$folder/shared/lib/libclfit.so" | awk '{print $NF}'); do
  grep -q "\b$symbol\b" "$folder/shared/include/clfit.h" || { echo "$symbol is exported but not declared"; exit 1; }
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
  clfit_device_info *infos; /* needs OpenCL, which the static library alone does not bring */
  size_t count;
  if (clfit_device_list(&infos, &count, &error)) return 1;
  clfit_free(infos);
  return 0;
}
C
# Each build linked by what pkg-config says, without --static, and by find_package; all answers are the same.
mkdir "$folder/project"
cat >"$folder/project/CMakeLists.txt" <<'C'
cmake_minimum_required(VERSION 3.20)
project(user C)
find_package(clfit REQUIRED)
add_executable(user ../user.c)
target_link_libraries(user PRIVATE clfit::clfit)
C
for kind in shared static; do
  export PKG_CONFIG_PATH="$folder/$kind/lib/pkgconfig"
  cc -std=c99 "$folder/user.c" $(pkg-config --cflags --libs clfit) -Wl,-rpath,"$folder/$kind/lib" \
    -o "$folder/by-pkg-config-$kind"
  "$folder/by-pkg-config-$kind" >"$folder/answer-$kind"
  cmake -S "$folder/project" -B "$folder/project/$kind" -DCMAKE_PREFIX_PATH="$folder/$kind" >/dev/null
  cmake --build "$folder/project/$kind" >/dev/null
  "$folder/project/$kind/user" | cmp - "$folder/answer-$kind"
done
cmp "$folder/answer-shared" "$folder/answer-static"
cat "$folder/answer-shared"

# A shared library brings what it needs; a program that names it again would need its development files.
PKG_CONFIG_PATH=$folder/shared/lib/pkgconfig
[[ "$(pkg-config --libs clfit)" != *jansson* ]] || { echo "a program is to link the library's own needs"; exit 1; }
