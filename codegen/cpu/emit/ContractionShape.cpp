// From dimension lists to the strides that the emitter walks.
#include "codegen/cpu/emit/Contraction.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace dlc::codegen::cpu;

static SmallVector<Size> rowMajorStrides(KernelBuilder &k, ArrayRef<Size> extents) {
  SmallVector<Size> strides(extents.size());
  Size stride = 1;
  for (size_t d = extents.size(); d-- > 0;) {
    strides[d] = stride;
    stride = k.mul(stride, extents[d]);
  }
  return strides;
}

namespace {

// A dimension with the axes that it came from; -1 where the operand lacks it.
struct Axes {
  int64_t a, b;
};

// Neighbours in every operand that has them walk like one longer dimension.
bool continues(const Axes &outer, const Axes &inner) {
  return (outer.a < 0 || inner.a == outer.a + 1) && (outer.b < 0 || inner.b == outer.b + 1);
}

class ShapeBuilder {
public:
  ShapeBuilder(KernelBuilder &k, ArrayRef<Size> a, ArrayRef<Size> b)
      : k(k), a(a), b(b), aStrides(rowMajorStrides(k, a)), bStrides(rowMajorStrides(k, b)) {}

  SmallVector<ContractionDim> merge(ArrayRef<Axes> axes) {
    SmallVector<ContractionDim> dims;
    for (size_t i = 0; i < axes.size(); ++i) {
      ContractionDim dim{axes[i].a >= 0 ? a[axes[i].a] : b[axes[i].b],
                         axes[i].a >= 0 ? aStrides[axes[i].a] : Size(0),
                         axes[i].b >= 0 ? bStrides[axes[i].b] : Size(0)};
      if (i > 0 && continues(axes[i - 1], axes[i])) {
        dim.extent = k.mul(dims.back().extent, dim.extent);
        dims.back() = dim;
      } else {
        dims.push_back(dim);
      }
    }
    return dims;
  }

private:
  KernelBuilder &k;
  ArrayRef<Size> a, b;
  SmallVector<Size> aStrides, bStrides;
};

} // namespace

ContractionShape dlc::codegen::cpu::contractionShape(KernelBuilder &k, Type input, Type accumulator,
                                                     ArrayRef<Size> a, ArrayRef<Size> b,
                                                     ArrayRef<int64_t> aBatch,
                                                     ArrayRef<int64_t> bBatch,
                                                     ArrayRef<int64_t> aReduce,
                                                     ArrayRef<int64_t> bReduce) {
  SmallVector<Axes> batch, m, n, reduce;
  for (auto [x, y] : llvm::zip(aBatch, bBatch))
    batch.push_back({x, y});
  for (auto [x, y] : llvm::zip(aReduce, bReduce))
    reduce.push_back({x, y});
  // In B's order: panels of a variable must not depend on the operand that it meets.
  llvm::sort(reduce, [](const Axes &x, const Axes &y) { return x.b < y.b; });
  for (int64_t axis = 0, rank = a.size(); axis < rank; ++axis)
    if (!llvm::is_contained(aBatch, axis) && !llvm::is_contained(aReduce, axis))
      m.push_back({axis, -1});
  for (int64_t axis = 0, rank = b.size(); axis < rank; ++axis)
    if (!llvm::is_contained(bBatch, axis) && !llvm::is_contained(bReduce, axis))
      n.push_back({-1, axis});

  ShapeBuilder builder(k, a, b);
  return {builder.merge(batch), builder.merge(m), builder.merge(n), builder.merge(reduce), input,
          accumulator};
}
