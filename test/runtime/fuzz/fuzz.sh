#!/usr/bin/env bash
# Runs one fuzz target: its valid seeds must be accepted, all of them and none of the others, and
# then no input may crash it, leak, hang, or make it ask for memory that its size does not justify.
#
# usage: fuzz.sh TARGET SEEDS MAX_LEN [RUNS]      RUNS: $DLC_FUZZ_RUNS, else 100000
set -euo pipefail
target=$1 seeds=$2 max_len=$3 runs=${4:-${DLC_FUZZ_RUNS:-100000}}
corpus=$(mktemp -d)
trap 'rm -rf "$corpus"' EXIT

valid=$(find -L "$seeds" -name 'valid-*' | wc -l)
[ "$valid" -gt 0 ] || { echo "$seeds holds no valid seeds" >&2; exit 1; }
accepted() { sed -n 's/^accepted \([0-9]*\) inputs$/\1/p' "$1"; }

# Alone, so that what libFuzzer tries of its own (the empty input) does not count.
for seed in "$seeds"/*; do
  "$target" "$seed" > "$corpus.log" 2>&1 || { cat "$corpus.log"; exit 1; }
  case $(basename "$seed")/$(accepted "$corpus.log") in
    valid-*/0 | bad-*/[1-9]*) echo "$seed: accepted $(accepted "$corpus.log") times" >&2; exit 1 ;;
  esac
done
"$target" "$corpus" "$seeds" -runs="$runs" -seed=1 -max_len="$max_len" -timeout=10 -rss_limit_mb=2048 \
  -malloc_limit_mb=64 -print_final_stats=1 > "$corpus.log" 2>&1 || { cat "$corpus.log"; exit 1; }
grep -E 'number_of_executed_units|^accepted' "$corpus.log"
echo "$(basename "$target"): $valid valid seeds of $(ls "$seeds" | wc -l)"
rm -f "$corpus.log"
