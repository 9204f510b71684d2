// Philox4x32-10 over lanes of counters.
//
// A block of four words belongs to four consecutive elements: one run over as many counters as
// there are lanes makes four neighbouring vectors, once their words are interleaved into elements
// by shuffles.
#pragma once
#include "codegen/cpu/KernelBuilder.h"

namespace dlc::codegen::cpu {

struct Philox {
  KernelBuilder &k;
  mlir::OpBuilder &b;
  int64_t lanes;
  mlir::VectorType words;

  Philox(KernelBuilder &k, int64_t lanes)
      : k(k), b(k.builder()), lanes(lanes), words(k.vectorType(k.i32(), lanes)) {}

  mlir::Value constant(uint32_t v) { return k.intConstant(words, static_cast<int32_t>(v)); }
  /// Halves of 64-bit numbers, as words.
  mlir::Value low(mlir::Value wide);
  mlir::Value high(mlir::Value wide) { return low(upper(wide)); }
  mlir::Value upper(mlir::Value wide);

  /// The four words of each lane's counter. Keys are the same in all lanes: vectors, or scalars.
  llvm::SmallVector<mlir::Value> run(llvm::SmallVector<mlir::Value> counter, mlir::Value key0,
                                     mlir::Value key1);

  /// |key| as a scalar that LLVM must not look behind, so that it takes no register across a loop.
  mlir::Value opaque(mlir::Value key);
  /// |word|, a scalar, opaque where registers are few.
  mlir::Value unknown(mlir::Value word);

private:
  // Words in even and in odd lanes, each in the lower half of 64 bits; the upper half is noise. A
  // multiplication of 32 by 32 bits is one instruction in this form, and its halves need no
  // shuffles to become the next words.
  struct Halves {
    mlir::Value even, odd;
  };
  mlir::VectorType halfType() { return k.vectorType(k.i64(), lanes / 2); }
  mlir::Value lowerMask() { return k.intConstant(halfType(), 0xFFFFFFFF); }
  mlir::Value xorOf(mlir::Value x, mlir::Value y);
  mlir::Value andOf(mlir::Value x, mlir::Value y);
  Halves split(mlir::Value x);
  mlir::Value join(Halves x);
  Halves multiply(Halves x, uint32_t m);
  Halves mix(Halves product, Halves word, mlir::Value key);
  mlir::Value spread(mlir::Value word);
};

/// Four vectors of words (or of what became of them) to four vectors of elements, in which blocks
/// stand together: vector c holds in its quarter l the block of lane 4l + c. blockCounters()
/// numbers the lanes to match.
llvm::SmallVector<mlir::Value> interleaveBlocks(KernelBuilder &k, llvm::ArrayRef<mlir::Value> w,
                                                int64_t lanes);

/// The words (low, high) of the counters from |base| on, lane 4l + c with number c * lanes/4 + l.
llvm::SmallVector<mlir::Value> blockCounters(Philox &philox, Size base, int64_t lanes);

/// The words (low, high) of the counters of the elements from |first| on, one a lane, and which
/// word of its block each of them takes, in the two lowest bits.
struct LaneCounters {
  mlir::Value low, high, word;
};
LaneCounters laneCounters(Philox &philox, Size first, int64_t lanes);

} // namespace dlc::codegen::cpu
