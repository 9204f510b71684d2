// Ops that read or write elements at indices that are data.
#include "codegen/reference/Call.h"
#include "codegen/reference/Rows.h"

using namespace mlir;

namespace dlc::reference {

llvm::Error evaluate(ir::GatherOp op, Call &call) {
  const Tensor &x = call.in(0), &indices = call.in(1);
  Rows rows(x.dims(), op.getAxis());
  if (rows.length == 0)
    return llvm::Error::success(); // reading an empty axis gives zeros
  for (int64_t o = 0, at = 0; o < rows.outer; ++o)
    for (int64_t i = 0; i < indices.count(); ++i) {
      int64_t index = std::clamp<int64_t>(indices.integer(i), 0, rows.length - 1);
      for (int64_t in = 0; in < rows.inner; ++in)
        call.out().copy(at++, x, rows.at(o, index, in));
    }
  return llvm::Error::success();
}

// Updates are added in the order of the indices, each sum held in double (or wrapping).
llvm::Error evaluate(ir::ScatterAddOp op, Call &call) {
  const Tensor &x = call.in(0), &indices = call.in(1), &updates = call.in(2);
  Rows rows(x.dims(), op.getAxis());
  std::vector<double> reals;
  std::vector<uint64_t> integers;
  for (int64_t i = 0; i < x.count(); ++i) {
    reals.push_back(x.real(i));
    integers.push_back(x.isFloat() ? 0 : uint64_t(x.integer(i)));
  }
  for (int64_t o = 0, at = 0; o < rows.outer; ++o)
    for (int64_t i = 0; i < indices.count(); ++i)
      for (int64_t in = 0; in < rows.inner; ++in, ++at) {
        int64_t index = indices.integer(i);
        if (index < 0 || index >= rows.length)
          continue;
        auto target = size_t(rows.at(o, index, in));
        reals[target] += updates.real(at);
        integers[target] += x.isFloat() ? 0 : uint64_t(updates.integer(at));
      }
  for (int64_t i = 0; i < x.count(); ++i)
    if (x.isFloat())
      call.out().setReal(i, reals[size_t(i)]);
    else
      call.out().setInteger(i, int64_t(integers[size_t(i)]));
  return llvm::Error::success();
}

llvm::Error evaluate(ir::OneHotOp, Call &call) {
  int64_t depth = call.out().dims().back();
  for (int64_t i = 0; i < call.in(0).count(); ++i)
    if (int64_t index = call.in(0).integer(i); index >= 0 && index < depth)
      call.out().setInteger(i * depth + index, 1);
  return llvm::Error::success();
}

llvm::Error evaluate(ir::IotaOp op, Call &call) {
  forEachIndex(call.out().dims(), [&](const Dims &index, int64_t linear) {
    call.out().setInteger(linear, index[op.getAxis()]);
  });
  return llvm::Error::success();
}

} // namespace dlc::reference
