// Ops that move elements, and the sources of constants and sizes.
#include "codegen/reference/Call.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;

namespace dlc::reference {

llvm::Error evaluate(ir::ReshapeOp, Call &call) {
  if (call.in(0).count() != call.out().count())
    return failure(call, toString(call.in(0).dims()) + " and " + toString(call.out().dims()) +
                             " have different numbers of elements");
  call.out() = call.in(0).reshaped(call.out().dims());
  return llvm::Error::success();
}

llvm::Error evaluate(ir::TransposeOp op, Call &call) {
  Dims strides = stridesOf(call.in(0).dims()), permuted;
  for (int64_t from : op.getPermutation())
    permuted.push_back(strides[size_t(from)]);
  forEachIndex(call.out().dims(), [&](const Dims &index, int64_t linear) {
    call.out().copy(linear, call.in(0), offsetOf(index, permuted));
  });
  return llvm::Error::success();
}

llvm::Error evaluate(ir::BroadcastOp op, Call &call) {
  Dims own = stridesOf(call.in(0).dims()), strides(size_t(call.out().rank()), 0);
  for (auto [i, dim] : llvm::enumerate(op.getDims())) {
    if (call.in(0).dim(i) != call.out().dim(size_t(dim)))
      return failure(call, "dimension " + Twine(i) + " has " + Twine(call.in(0).dim(i)) +
                               " elements, the result " + Twine(call.out().dim(size_t(dim))));
    strides[size_t(dim)] = own[i];
  }
  forEachIndex(call.out().dims(), [&](const Dims &index, int64_t linear) {
    call.out().copy(linear, call.in(0), offsetOf(index, strides));
  });
  return llvm::Error::success();
}

// Copies result element i from x at sum(start + i * step) along each dimension.
static void copyWindow(const Tensor &x, Tensor &y, const Dims &starts, ArrayRef<int64_t> steps) {
  Dims strides = stridesOf(x.dims());
  int64_t base = offsetOf(starts, strides);
  for (size_t d = 0; d < strides.size(); ++d)
    strides[d] *= steps[d];
  forEachIndex(y.dims(), [&](const Dims &index, int64_t linear) {
    y.copy(linear, x, base + offsetOf(index, strides));
  });
}

llvm::Error evaluate(ir::SliceOp op, Call &call) {
  llvm::Expected<Dims> starts = sizesOf(call, op.getStarts());
  if (!starts)
    return starts.takeError();
  llvm::Expected<Dims> limits = sizesOf(call, op.getLimits());
  if (!limits)
    return limits.takeError();
  for (size_t d = 0; d < starts->size(); ++d)
    if ((*starts)[d] < 0 || (*starts)[d] > (*limits)[d] || (*limits)[d] > call.in(0).dim(d))
      return failure(call, "range [" + Twine((*starts)[d]) + ", " + Twine((*limits)[d]) +
                               ") of dimension " + Twine(d) + " does not fit into " +
                               Twine(call.in(0).dim(d)) + " elements");
  copyWindow(call.in(0), call.out(), *starts, op.getStrides());
  return llvm::Error::success();
}

// The starts that scalar operands give, clamped so that `part` stays within `whole`.
static llvm::Expected<Dims> clampedStarts(Call &call, size_t firstIndex, const Dims &whole,
                                          const Dims &part) {
  Dims starts;
  for (size_t d = 0; d < whole.size(); ++d) {
    if (part[d] > whole[d])
      return failure(call, "a part of " + Twine(part[d]) + " elements does not fit into " +
                               Twine(whole[d]));
    starts.push_back(
        std::clamp<int64_t>(call.in(firstIndex + d).integer(0), 0, whole[d] - part[d]));
  }
  return starts;
}

llvm::Error evaluate(ir::DynamicSliceOp, Call &call) {
  auto starts = clampedStarts(call, 1, call.in(0).dims(), call.out().dims());
  if (!starts)
    return starts.takeError();
  copyWindow(call.in(0), call.out(), *starts, Dims(starts->size(), 1));
  return llvm::Error::success();
}

llvm::Error evaluate(ir::DynamicUpdateSliceOp, Call &call) {
  auto starts = clampedStarts(call, 2, call.in(0).dims(), call.in(1).dims());
  if (!starts)
    return starts.takeError();
  call.out() = call.in(0);
  Dims strides = stridesOf(call.out().dims());
  int64_t base = offsetOf(*starts, strides);
  forEachIndex(call.in(1).dims(), [&](const Dims &index, int64_t linear) {
    call.out().copy(base + offsetOf(index, strides), call.in(1), linear);
  });
  return llvm::Error::success();
}

llvm::Error evaluate(ir::PadOp op, Call &call) {
  llvm::Expected<Dims> low = sizesOf(call, op.getLow());
  if (!low)
    return low.takeError();
  for (int64_t amount : *low)
    if (amount < 0)
      return failure(call, "padding " + Twine(amount) + " is negative");
  for (int64_t i = 0; i < call.out().count(); ++i)
    call.out().copy(i, call.in(1), 0);
  Dims strides = stridesOf(call.out().dims());
  forEachIndex(call.in(0).dims(), [&](const Dims &index, int64_t linear) {
    int64_t offset = 0;
    for (size_t d = 0; d < index.size(); ++d)
      offset += ((*low)[d] + index[d] * (op.getInterior()[d] + 1)) * strides[d];
    call.out().copy(offset, call.in(0), linear);
  });
  return llvm::Error::success();
}

llvm::Error evaluate(ir::ConcatOp op, Call &call) {
  Dims strides = stridesOf(call.out().dims());
  int64_t done = 0;
  for (const Tensor *input : call.operands) {
    forEachIndex(input->dims(), [&](const Dims &index, int64_t linear) {
      call.out().copy(offsetOf(index, strides) + done * strides[op.getAxis()], *input, linear);
    });
    done += input->dim(op.getAxis());
  }
  return llvm::Error::success();
}

llvm::Error evaluate(ir::ReverseOp op, Call &call) {
  const Tensor &x = call.in(0);
  Dims strides = stridesOf(x.dims());
  forEachIndex(x.dims(), [&](const Dims &index, int64_t linear) {
    Dims from = index;
    for (int64_t axis : op.getAxes())
      from[size_t(axis)] = x.dim(size_t(axis)) - 1 - from[size_t(axis)];
    call.out().copy(linear, x, offsetOf(from, strides));
  });
  return llvm::Error::success();
}

static llvm::Error fillFromElements(DenseElementsAttr value, Tensor &y) {
  int64_t i = 0;
  if (isa<FloatType>(value.getElementType()))
    for (llvm::APFloat element : value.getValues<llvm::APFloat>()) {
      bool losesInfo = false;
      element.convert(llvm::APFloat::IEEEdouble(), llvm::APFloat::rmNearestTiesToEven, &losesInfo);
      y.setReal(i++, element.convertToDouble());
    }
  else
    for (const llvm::APInt &element : value.getValues<llvm::APInt>())
      y.setInteger(i++, y.type() == DType::U8 || y.type() == DType::I1
                            ? int64_t(element.getZExtValue())
                            : element.getSExtValue());
  return llvm::Error::success();
}

llvm::Error evaluate(ir::ConstantOp op, Call &call) {
  if (auto dense = dyn_cast<DenseElementsAttr>(op.getValue()))
    return fillFromElements(dense, call.out());
  auto resource = dyn_cast<DenseResourceElementsAttr>(op.getValue());
  AsmResourceBlob *blob = resource ? resource.getRawHandle().getBlob() : nullptr;
  if (!blob || int64_t(blob->getData().size()) != call.out().byteSize())
    return failure(call, "the constant's bytes are not there");
  llvm::copy(blob->getData(), call.out().data());
  return llvm::Error::success();
}

llvm::Error evaluate(ir::SizeOp op, Call &call) {
  llvm::Expected<Dims> sizes = sizesOf(call, op.getDims());
  if (!sizes)
    return sizes.takeError();
  int64_t product = 1;
  for (int64_t size : *sizes)
    if (llvm::MulOverflow(product, size, product))
      return failure(call, "the product of the sizes overflows");
  call.out().setInteger(0, product);
  return llvm::Error::success();
}

} // namespace dlc::reference
