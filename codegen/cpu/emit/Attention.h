// Attention and its gradient: register tiles of scores whose rows never leave the cache.
//
//   score = scale * q k^T (+ mask)    p = e^(score - lse)    y = p v
//
// Both products run in the register tiles of contractions. A block of queries meets all keys, or a
// block of many, and what they give stays in a buffer of constant size on the stack: it becomes
// e^(score - largest) in place and is the left factor of the second product. Where keys come in
// several blocks, sums so far are rescaled when a larger score turns up. Keys are read from panels,
// transposed: where few pieces of work have all queries of a batch each packs them for itself,
// block after block onto its stack, else a phase before does. Memory is linear in queries and keys.
//
// The gradient computes the scores once more, block of queries by block of keys:
//
//   ds = p * (dy v^T - delta) * scale    dv += p^T dy    dk += ds^T q    dq += ds k
//
// One batch is one piece of work there, so that dq needs no second pass over the scores and the
// order of all sums is fixed. Causal attention leaves out blocks above the diagonal.
//
// Which weights are dropped is a matter of counters: both draw the bits of a row of scores when
// they have that row, and none are kept.
#pragma once
#include "codegen/cpu/emit/Contraction.h"
#include "codegen/cpu/emit/RegisterTile.h"

namespace dlc::codegen::cpu {

struct AttentionShape {
  llvm::SmallVector<Size> batch; // extents of the batch dimensions
  size_t outer = 0;              // how many of them stand before queries and keys
  Size queries, keys;
  int64_t depth = 0, width = 0; // of q and k; of v
  double scale = 1;
  bool causal = false;
  mlir::Type input, accumulator;
  // Strides of the mask for each dimension of the scores (batch.., queries, keys); 0 where it is
  // repeated. The last one is 0 or 1.
  llvm::SmallVector<Size> maskStrides;
  mlir::Type maskElement; // i1 or |input|; null: no mask
  double dropout = 0;     // the share of weights that are dropped
};

struct AttentionSchedule {
  int64_t rows = 6, vectors = 4; // of a register tile; vectors * lanes divides kPanelWidth
  int64_t queries = 128;         // of a block of scores; forward: of a piece of work, too
  int64_t keys = 256;            // of a block of scores, a multiple of kPanelWidth
};

// Up to how many queries each piece of work packs the keys that it meets: that takes a fiftieth of
// its time, packing once for all and fetching it from beyond L2 twice as much.
inline int64_t ownPanelQueries(const AttentionSchedule &schedule) { return 4 * schedule.queries; }

// The operand with rows of |depth| elements as B of a contraction: what emitPackPanels packs, with
//   tiles = batches * ceilDiv(keys, kPanelWidth) * ceilDiv(depth, kPackRows)
ContractionShape attentionMatrix(KernelBuilder &k, const AttentionShape &shape, int64_t depth);

// Of the input type but for lse and delta, which are of the accumulator's.
struct AttentionOperands {
  mlir::Value q, k, v, mask;
  mlir::Value key;       // of random numbers; null: nothing is dropped
  mlir::Value keyPanels; // packed already; read for more than ownPanelQueries
  mlir::Value y, lse;    // null: nobody reads it
};

//   tiles = batches * ceilDiv(queries, schedule.queries)
void emitAttention(KernelBuilder &k, const PhaseArguments &phase, const AttentionShape &shape,
                   const AttentionOperands &operands, const AttentionSchedule &schedule);

struct AttentionGradOperands {
  mlir::Value q, k, v, lse, delta, dy, mask, key;
  mlir::Value dq, dk, dv; // null: nobody reads it
  mlir::Value dqSums;     // like dq, of the accumulator type: dq itself where that is its type
};

//   tiles = batches
void emitAttentionGrad(KernelBuilder &k, const PhaseArguments &phase, const AttentionShape &shape,
                       const AttentionGradOperands &operands, const AttentionSchedule &schedule);

} // namespace dlc::codegen::cpu
