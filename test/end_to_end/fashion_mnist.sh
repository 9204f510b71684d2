#!/usr/bin/env bash
# A short training of examples/fashion_mnist.cpp on part of Fashion-MNIST. The four files of the data
# set are looked for in $DLC_DATA_DIR/fashion-mnist, then in shared/data/fashion-mnist beside the
# checkout; without them there is nothing to test, which exit code 77 says.
#
#   fashion_mnist.sh SOURCE_DIR BINARY_DIR [full]     full: all of it, 8 epochs, at least 91 %
set -euo pipefail
source=$1 bin=$2/bin
data=${DLC_DATA_DIR:-$source/../shared/data}/fashion-mnist
if [ ! -f "$data/train-images-idx3-ubyte.gz" ]; then
  echo "skipped: no $data/train-images-idx3-ubyte.gz; DLC_DATA_DIR names the folder above"
  exit 77
fi

part=",?take=6400" test=",?take=2000" epochs=4 batch=32 wanted=0.80
if [ "${3:-}" = full ]; then
  part="" test="" epochs=8 batch=128 wanted=0.91
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$bin/dlc" compile "$source/examples/fashion_mnist.cpp" -o "$work/fashion.dlca"
"$bin/dlc" train "$work/fashion.dlca" --epochs "$epochs" --batch "$batch" --seed 1 \
  --data "x=$data/train-images-idx3-ubyte.gz:*1/255,y=$data/train-labels-idx1-ubyte.gz$part" \
  --weights "$work/w.safetensors"
result=$("$bin/dlc" evaluate "$work/fashion.dlca" --weights "$work/w.safetensors" --progress=none \
  --data "x=$data/t10k-images-idx3-ubyte.gz:*1/255,y=$data/t10k-labels-idx1-ubyte.gz$test" \
  --metric-line test_accuracy=accuracy)
"$bin/dlc-run" "$work/fashion.dlca" --weights "$work/w.safetensors" --count 2 \
  --draw "x=$data/t10k-images-idx3-ubyte.gz:*1/255,y=$data/t10k-labels-idx1-ubyte.gz"
echo "$result"
awk -v got="${result#*=}" -v wanted="$wanted" 'BEGIN { exit !(got >= wanted) }' || {
  echo "error: expected a test accuracy of at least $wanted" >&2
  exit 1
}
