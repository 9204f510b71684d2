#!/usr/bin/env bash
# Installs both components apart and uses them from a CMake project that knows the prefix alone.
# The source tree is not on any search path of it but for the examples' own files.
#
# usage: install.sh SOURCE_DIR BUILD_DIR CC CXX FLAGS
# FLAGS are those of a build with sanitizers, without which nothing links to its libraries.
set -euo pipefail
source=$1 build=$2
export CC=$3 CXX=$4 CFLAGS=$5 CXXFLAGS=$5 CMAKE_GENERATOR=Ninja
# As cmake/SanitizerDefaults.c for programs of ours; of no use to others.
export ASAN_OPTIONS=detect_container_overflow=0:allow_user_poisoning=0:use_sigaltstack=0
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

fail() { echo "install.sh: $*" >&2; exit 1; }

# A project of its own: configure, build. $1 its build folder, the rest goes to CMake.
build_outside() {
  local into=$1
  shift
  cmake -S "$source/test/end_to_end/outside" -B "$into" -DCMAKE_PREFIX_PATH="$prefix" \
    -DEXAMPLES="$source/examples" -DCMAKE_BUILD_TYPE=Release "$@" > "$into.log" 2>&1 &&
    cmake --build "$into" >> "$into.log" 2>&1 || { cat "$into.log"; fail "$into was not built"; }
}

# What the examples that embed do, wherever their models were compiled.
run_embedded() { # $1 the project's build folder, $2 that of the artifacts
  (cd "$1" && ./embed_c && ./embed_train_c embedded.safetensors &&
    ./embed_cpp "$2/mnist_mlp.dlca" embedded.safetensors &&
    ./open_c "$2/mnist_mlp.dlca" embedded.safetensors) > "$1.run" 2>&1 ||
    { cat "$1.run"; fail "an example of $1 failed"; }
}

# The runtime alone: runs and embeds, and nothing of it asks for LLVM or a C++ library in core.
prefix=$folder/runtime
models=$folder/models
mkdir "$models"
export DLC_CACHE_DIR=$build/test/kernel_cache
compile() { "$build/bin/dlc" compile "$source/examples/$1" -o "$models/$2" "${@:3}"; }
compile embed_train_c/model.cpp mnist_mlp.dlca
compile embed_train_c/model.cpp mnist_mlp.o --emit=obj
compile embed_c/model.cpp tiny.o --emit=obj --freestanding --bind B=4
cmake --install "$build" --prefix "$prefix" --component runtime > /dev/null
[ ! -e "$prefix/bin/dlc" ] && [ ! -e "$prefix/lib/libdlc.so" ] || fail "the runtime holds a compiler"
! ldd "$prefix/bin/dlc-run" | grep -E 'LLVM|MLIR' || fail "dlc-run asks for LLVM"
build_outside "$folder/embed" -DMODELS="$models"
for program in open_c embed_c embed_train_c; do
  ! ldd "$folder/embed/$program" | grep -E 'stdc\+\+|LLVM' || fail "$program asks for more than libc"
done
run_embedded "$folder/embed" "$models"
cmake -S "$source/test/end_to_end/outside" -B "$folder/refused" -DCMAKE_PREFIX_PATH="$prefix" \
  -DEXAMPLES="$source/examples" -DWITH_COMPILER=ON > "$folder/refused.log" 2>&1 &&
  fail "a compiler was found where none is installed"
grep -q compiler "$folder/refused.log" || fail "the refusal does not name the missing component"

# With the compiler: models are compiled by the project's build and by the installed tool.
prefix=$folder/all
cmake --install "$build" --prefix "$prefix" > /dev/null
build_outside "$folder/project" -DWITH_COMPILER=ON
cd "$folder/project"
data="$source/examples/data/digits.csv.gz"
columns="x=$data:0-63*0.0625,y=$data:64"
./train digits.dlca "$columns" weights.safetensors
./open_c digits.dlca weights.safetensors | grep -q 'values:' || fail "open_c printed nothing"
run_embedded "$folder/project" "$folder/project"
"$prefix/bin/dlc-run" digits.dlca --weights weights.safetensors --draw "$columns" --count 1 \
  > drawn.txt || fail "dlc-run drew nothing"
./moons | tail -1
echo "both components work from $(basename "$prefix")"
