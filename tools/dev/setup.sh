#!/usr/bin/env bash
# Installs what building (and, with --tests, testing) needs on Debian 12, with apt alone, and
# configures build/. Does nothing that is done already, so a second call takes a second.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

packages=(g++ cmake ninja-build ccache clang-22 lld-22 llvm-22-dev libmlir-22-dev mlir-22-tools
  libprotobuf-dev protobuf-compiler libabsl-dev libcli11-dev nlohmann-json3-dev zlib1g-dev)
tests=OFF
if [ "${1:-}" = --tests ]; then
  tests=ON
  packages+=(llvm-22-tools clang-tidy-22 libclang-rt-22-dev libgtest-dev libgmock-dev python3 git
    g++-aarch64-linux-gnu g++-riscv64-linux-gnu qemu-user nodejs chromium-headless-shell)
fi

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
    missing+=("$package")
done
if [ "${#missing[@]}" -gt 0 ]; then
  echo "== install: ${missing[*]}"
  sudo=
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || {
      echo "error: packages are missing; run this as root, or install sudo" >&2
      exit 1
    }
    sudo=sudo
  fi
  $sudo apt-get update -qq
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    "${missing[@]}" >/dev/null
fi

# Lets the compiler cache keep what it compiled against the precompiled header.
export CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime

# The tests are configured once something needs them; they stay in a build that has them.
if [ ! -f build/build.ninja ] ||
  { [ "$tests" = ON ] && grep -q '^DLC_BUILD_TESTS:BOOL=OFF' build/CMakeCache.txt; }; then
  echo "== configure"
  cmake --preset default -DDLC_BUILD_TESTS="$tests" >/dev/null
fi
