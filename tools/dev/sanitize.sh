#!/usr/bin/env bash
# Builds one of the presets with sanitizers and runs its tests:
#
#   asan-runtime   core, data, train, dlc-run and their tests with address and undefined-behaviour
#                  sanitizers, and the end-to-end tests of the runtime on artifacts that the compiler
#                  in build/ makes: those of the C API, and the command lines that train
#   tsan           the same with the thread sanitizer
#   compiler       dlc-opt with the sanitizers of asan-runtime: the tests of the dialect, of the
#                  passes and of the evaluator, random graphs through the passes, what the code
#                  generator plans and chooses; half an hour of processor time, most of it building
#   asan           everything, the compiler's own end-to-end tests included: by hand, since it takes
#                  as long as all other builds and tests together (tools/dev/test.sh --sanitize)
#
# Further arguments go to ctest. The tests of build/ run the first two, test.sh --sanitize all.
set -euo pipefail
cd "$(dirname "$0")/../.."
what="${1:?usage: tools/dev/sanitize.sh asan-runtime|tsan|compiler|asan [ctest arguments]}"
shift
export CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime

preset=$what targets=(all) chosen=(-LE exhaustive)
if [ "$what" = compiler ]; then
  preset=asan
  tests=(size_expr_test gradients_test decompose_test panel_rule_test evaluator_test random_test
    kernel_builder_test choose_test schedules_test stream_plan_test)
  targets=(dlc-opt "${tests[@]}")
  names=$(IFS='|' && echo "${tests[*]}")
  chosen=(-R "^(lit_ir|lit_passes|$names)\$")
  export DLC_RANDOM_GRAPHS=${DLC_RANDOM_GRAPHS:-1000}
fi
cmake --preset "$preset" >/dev/null
cmake --build "build-$preset" --target "${targets[@]}"
exec ctest --test-dir "build-$preset" --output-on-failure "${chosen[@]}" -j2 "$@"
