// Register tiles whose lanes are steps of the reduction.
//
// With fewer result columns than lanes, vectors of columns would be mostly empty. Where both
// operands are contiguous along the reduction, their vectors are multiplied lane by lane instead:
// one register per element of the result, rows x columns of them, and in the end each is summed up
// over its lanes. 16 registers are summed in 15 additions of whole registers, since two of them
// share one addition as soon as each fills but half of it.
#pragma once
#include "codegen/cpu/emit/RegisterTile.h"

namespace dlc::codegen::cpu {

// Steps loop.begin to loop.end of a tile along the reduction; loop.a and loop.b are 1. |exact|:
// each product on its own, whatever the tile's depth (see addProducts).
Accumulators addLanes(KernelBuilder &k, const RegisterTile &tile, const ReduceLoop &loop,
                      Accumulators sums, bool exact = false);

// The totals of |sums|, [row][column] with |columns| of them: one vector per row, whose lane c is
// the total of column c. |columns| are no more than the lanes of a vector.
Accumulators laneTotals(KernelBuilder &k, const Accumulators &sums, int64_t columns);

} // namespace dlc::codegen::cpu
