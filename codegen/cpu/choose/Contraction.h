// Which register tile and operand form a contraction gets. A pure function, tested as a table.
//
// Backed by the measurements on Zen 4 that the table in the .cpp cites: 6x64 runs at 97-100 % of
// the FMA peak, heights 3 to 5 within 3 % of it; one row needs several panels at once, because a
// single row of 4 accumulators waits for the latency of each addition.
#pragma once
#include "codegen/cpu/emit/Contraction.h"
#include <optional>

namespace dlc::codegen::cpu {

// The facts that a choice may rest on; sizes that are symbolic are empty.
struct ContractionLoops {
  std::optional<int64_t> batch, m, n, k; // products over the dimensions of each kind
  ir::SizeAttr rows, steps;       // m and k as expressions, for guards; choices do not look at them
  int64_t leastM = 0, leastK = 0; // what m and k are at least, when they are symbolic
  bool bPanels = false;           // B is a variable stored in panels
  bool bPairs = false;            // and these are rows of pairs
  bool bRowMajor = true;          // the innermost n is contiguous in B
  bool aRowsInside = false;       // the rows of A lie side by side, as in a weight gradient
  bool aReduceInside = false;     // what is summed lies side by side in A, as in a dense layer
  bool bReduceInside = false;     // and in B
  bool oneReduction = true;       // the reduction walks both operands with one stride each
  bool readOn = false;            // other kernels of the program read the result
  bool partialAvailable = false;  // the result can hold unfinished sums (see ContractionOperands)
  int64_t panelWidth = kPanelWidth; // columns of a panel of B, stored or packed
  int64_t inputBits = 32;
  int64_t accumulatorBits = 32;
  bool bf16 = false; // type of the operands
};

struct GuardedContraction {
  std::optional<int64_t> maxM; // taken when M <= maxM; empty on the last one
  ContractionSchedule schedule;
  bool flat = false;                          // of one row: #dlc.gemv in the IR, else #dlc.gemm
  std::optional<int64_t> maxK = std::nullopt; // taken when K <= maxK
};

// True where bf16 can be multiplied in pairs into full vectors of f32.
inline bool hasPairs(const CpuTarget &target) { return target.dotBf16 && target.vectorBits == 512; }

// Whether lanes may run along the rows of the result (see ContractionSchedule::columns).
bool canLaneRows(const ContractionLoops &loops);

// Whether lanes may run along the reduction (see ContractionSchedule::lanes), B in some form.
bool canLaneReduction(const ContractionLoops &loops);

// Whether so many sums of such a tile fit the registers beside what is multiplied.
bool holdsReductionLanes(int64_t rows, int64_t columns, const CpuTarget &target);

// Whether tiles are so small that copies of both operands pay.
inline bool copiesPay(const CpuTarget &target) { return target.hasNarrowTiles(); }

// Of the rows of A that a piece of work copies, which stay in L2 beside the sums of its columns:
// with fewer rows what it copies of B is copied, and fetched from beyond L2, more often.
constexpr int64_t kCopiedRowBytes = 272 * 1024;

// Whether blocks of both operands may be copied (see ContractionSchedule::a), and the bytes of the
// larger one.
bool canCopyBlocks(const ContractionLoops &loops);
int64_t copiedBlockBytes(const ContractionSchedule &schedule, const ContractionLoops &loops,
                         const CpuTarget &target);

// Bytes of a result that no cache keeps until another kernel reads it, and those of a result of
// known sizes, else 0.
constexpr int64_t kOutgrown = 16 << 20;
int64_t resultBytes(const ContractionLoops &loops);

// The order of a schedule of one row: columns, and B packed by a phase of its own if at all.
ir::GridOrder flatOrder(ir::OperandForm b);

// Bytes of the block that a schedule which packs blocks keeps on the stack; none when no number is
// known to bound it.
std::optional<int64_t> packedBlockBytes(const ContractionSchedule &schedule,
                                        const ContractionLoops &loops, const CpuTarget &target);

// In order of preference; the last one is unguarded.
llvm::SmallVector<GuardedContraction> chooseContraction(const ContractionLoops &loops,
                                                        const CpuTarget &target);

} // namespace dlc::codegen::cpu
