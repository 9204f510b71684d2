#!/usr/bin/env bash
# From a bare Debian 12 to a trained network: installs what is missing, builds, compiles
# examples/digits_convnet.cpp to one artifact, trains it on handwritten digits, and lets dlc-run,
# which knows no compiler, predict with it. The last line is test_accuracy=0.9xx, on the 360 images
# whose index is divisible by 5; they serve for nothing else.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/dev/setup.sh

echo "== build"
cmake --build build --target quickstart_tools

out=build/quickstart
mkdir -p "$out"
PATH="$PWD/build/bin:$PATH"
digits=examples/data/digits.csv.gz
samples="x=$digits:0-63*0.0625,y=$digits:64"

echo "== compile"
dlc compile examples/digits_convnet.cpp -o "$out/digits.dlca"
echo "== train"
dlc train "$out/digits.dlca" --data "$samples,?except=5" --validation-split 0.1 \
  --epochs 20 --batch 32 --seed 7 --weights "$out/digits.safetensors"
echo "== predict, without a compiler"
dlc-run "$out/digits.dlca" --weights "$out/digits.safetensors" --draw "$samples,?every=5" --count 6
echo "== evaluate on the 360 images that training never saw"
dlc evaluate "$out/digits.dlca" --weights "$out/digits.safetensors" --data "$samples,?every=5" \
  --metric-line test_accuracy=accuracy
