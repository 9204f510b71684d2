// A small hand-made program that uses every kind of buffer, storage and entry.
//
//   symbols    B in [1, 1000]
//   variables  w: f32[4] weight, stored reversed; total: i64 slot; memory: f32[2] cache
//   derived    w.double = 2 * w, in the physical (reversed) order
//   predict    (x: f32[B,4]) -> y = x * w + 100                    reads only
//   train      (x: f32[B,4]) -> sum of x; w += 1, total += 1       assigns
//   repeat     (n: i64) -> 2^n, by a loop of the host function; memory[0] += n
//   broken     () -> (): dispatches a kernel that does not exist
#ifndef DLC_TEST_RUNTIME_TOY_H
#define DLC_TEST_RUNTIME_TOY_H

#include "runtime/abi/program.h"

namespace dlc::test {

enum ToyEntry { Predict, Train, Repeat, Broken };
enum ToyKernel { Reverse, Double, Scale, AddConstant, Sum, Bump, Count, DoubleNumber, Remember };

// The table; the same one at every call.
const dlc_program *queryToy();

// A copy that a test may spoil.
dlc_program *makeToy();

} // namespace dlc::test

#endif
