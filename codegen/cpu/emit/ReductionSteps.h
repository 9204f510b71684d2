// Steps of a register tile's innermost loop (RegisterTile.cpp walks the loops around).
#pragma once
#include "codegen/cpu/emit/RegisterTile.h"
#include "llvm/ADT/DenseMap.h"

namespace dlc::codegen::cpu {

// Which half of a word of two bf16 numbers an element of a row is: its place is that element's.
enum class WordHalf { None, Lower, Upper };

// One step: every vector of B once, every element of A once, rows x vectors fused multiply-adds.
Accumulators multiplyAdd(KernelBuilder &k, const RegisterTile &tile, mlir::ValueRange sums,
                         WordHalf half = WordHalf::None);

// Whether numbers of bf16 are widened in words of two.
bool widensWords(KernelBuilder &k, const RegisterTile &tile);

// The tile for the upper halves of words, which are loaded again: LLVM would keep them in registers
// that sums need.
RegisterTile loadedAgain(KernelBuilder &k, RegisterTile tile);

// The upper halves of a vector of words. By a mask that LLVM does not see: it would shuffle, and
// the ports for shifts and shuffles are what limits loops of words.
mlir::Value upperHalves(KernelBuilder &k, mlir::Value words);

// The element of a row of |tile| in one step, in every lane.
class RowElement {
public:
  RowElement(KernelBuilder &k, const RegisterTile &tile, Place place, WordHalf half);

  mlir::Value inLanes(int64_t lanes);

private:
  mlir::Value fromWord(int64_t lanes);

  KernelBuilder &k;
  const RegisterTile &tile;
  Place place; // of the lower half, where the element is half of a word
  WordHalf half;
  llvm::SmallDenseMap<int64_t, mlir::Value> known; // by lanes
};

// A loop whose rows are contiguous: loop.a is 1.
Accumulators addWords(KernelBuilder &k, const RegisterTile &tile, const ReduceLoop &loop,
                      Accumulators sums);

// A loop of pairs, by the instruction for them, or |exact|: each element on its own, in fused
// multiply-adds.
Accumulators addPairs(KernelBuilder &k, const RegisterTile &tile, const ReduceLoop &loop,
                      Accumulators sums, bool exact);

// Fetches the line that is read when |tile| is done, if there is one.
void fetchLine(KernelBuilder &k, const RegisterTile &tile);

} // namespace dlc::codegen::cpu
