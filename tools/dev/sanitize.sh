#!/usr/bin/env bash
# Builds one of the presets with sanitizers and runs its tests:
#
#   asan-runtime   core, data, train, dlc-run and their tests with address and undefined-behaviour
#                  sanitizers, and the end-to-end tests of the runtime on artifacts that the compiler
#                  in build/ makes: those of the C API, and the command lines that train
#   tsan           the same with the thread sanitizer
#   asan           everything, the compiler included: by hand, since it takes as long as all other
#                  builds and tests together
#
# Further arguments go to ctest. The tests of build/ run the first two.
set -euo pipefail
cd "$(dirname "$0")/../.."
preset="${1:?usage: tools/dev/sanitize.sh asan-runtime|tsan|asan [ctest arguments]}"
shift
export CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
cmake --preset "$preset" >/dev/null
cmake --build "build-$preset"
exec ctest --test-dir "build-$preset" --output-on-failure -LE exhaustive -j2 "$@"
