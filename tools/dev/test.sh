#!/usr/bin/env bash
# Sets everything up as quickstart.sh does, builds all and runs every test. Ends with ctest's own
# summary and its exit code. Arguments go to ctest: tools/dev/test.sh -R runtime
#
# With --sanitize first, all of it once more behind that, built with the address and
# undefined-behaviour sanitizers; the tests alone hold the forms of that which take minutes.
set -euo pipefail
cd "$(dirname "$0")/../.."
sanitize=
if [ "${1:-}" = --sanitize ]; then
  sanitize=1
  shift
fi
. tools/dev/setup.sh --tests
cmake --build build
if [ -z "$sanitize" ]; then
  exec ctest --test-dir build --output-on-failure -LE exhaustive -j2 "$@"
fi
ctest --test-dir build --output-on-failure -LE exhaustive -j2 "$@"
exec tools/dev/sanitize.sh asan "$@"
