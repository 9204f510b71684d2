// The general product of two tensors, summed in double (integers: wrapping) in index order.
#include "codegen/reference/Call.h"

using namespace mlir;

namespace dlc::reference {

namespace {
/// Sizes of a group of dimensions, and their distances in each operand.
struct Group {
  Dims sizes, aStrides, bStrides;
};
} // namespace

static Group makeGroup(const Tensor *a, ArrayRef<int64_t> aDims, const Tensor *b,
                       ArrayRef<int64_t> bDims) {
  Group group;
  size_t count = std::max(aDims.size(), bDims.size());
  Dims aAll = a ? stridesOf(a->dims()) : Dims(), bAll = b ? stridesOf(b->dims()) : Dims();
  for (size_t i = 0; i < count; ++i) {
    group.sizes.push_back(a ? a->dim(size_t(aDims[i])) : b->dim(size_t(bDims[i])));
    group.aStrides.push_back(a ? aAll[size_t(aDims[i])] : 0);
    group.bStrides.push_back(b ? bAll[size_t(bDims[i])] : 0);
  }
  return group;
}

/// Calls `visit(i, offset in a, offset in b)` for each index of the group in row-major order.
template <typename Visit> static void forEach(const Group &group, Visit visit) {
  forEachIndex(group.sizes, [&](const Dims &index, int64_t linear) {
    visit(linear, offsetOf(index, group.aStrides), offsetOf(index, group.bStrides));
  });
}

static void sumOfProducts(const Tensor &a, const Tensor &b, Tensor &y, const Group &reduce,
                          int64_t at, int64_t aBase, int64_t bBase) {
  double real = 0;
  uint64_t integer = 0;
  forEach(reduce, [&](int64_t, int64_t aStep, int64_t bStep) {
    if (a.isFloat())
      real += a.real(aBase + aStep) * b.real(bBase + bStep);
    else
      integer += uint64_t(a.integer(aBase + aStep)) * uint64_t(b.integer(bBase + bStep));
  });
  if (a.isFloat())
    y.setReal(at, real);
  else
    y.setInteger(at, int64_t(integer));
}

llvm::Error evaluate(ir::ContractOp op, Call &call) {
  const Tensor &a = call.in(0), &b = call.in(1);
  Group batch = makeGroup(&a, op.getABatch(), &b, op.getBBatch());
  Group aFree = makeGroup(&a, op.getAFree(), nullptr, {});
  Group bFree = makeGroup(nullptr, {}, &b, op.getBFree());
  Group reduce = makeGroup(&a, op.getAReduce(), &b, op.getBReduce());
  int64_t at = 0;
  forEach(batch, [&](int64_t, int64_t aBatch, int64_t bBatch) {
    forEach(aFree, [&](int64_t, int64_t aOffset, int64_t) {
      forEach(bFree, [&](int64_t, int64_t, int64_t bOffset) {
        sumOfProducts(a, b, call.out(), reduce, at++, aBatch + aOffset, bBatch + bOffset);
      });
    });
  });
  return llvm::Error::success();
}

} // namespace dlc::reference
