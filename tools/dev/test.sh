#!/usr/bin/env bash
# Sets everything up as quickstart.sh does, builds all and runs every test. Ends with ctest's own
# summary and its exit code. Arguments go to ctest: tools/dev/test.sh -R runtime
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/dev/setup.sh --tests
cmake --build build
exec ctest --test-dir build --output-on-failure -LE exhaustive -j2 "$@"
