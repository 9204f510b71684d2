// The part of Elements that knows ops: one function per family, each answering for one op at one
// index by asking for the operands' elements. Internal to codegen/cpu/emit.
#pragma once
#include "codegen/cpu/emit/Elements.h"
#include "codegen/lower/Pointwise.h"
#include "ir/Ops.h"
#include "ir/support/ShapeMath.h"

namespace dlc::codegen::cpu {

// A sum that takes one element of each row: of select(iota == place, x, 0) along the iota's axis.
// That is how a cross entropy asks for the logit of its label.
struct RowPick {
  mlir::Value x, place; // place: the position along the axis, one for each row
  int64_t axis;
};
std::optional<RowPick> matchRowPick(mlir::Operation *reduction);

struct ElementEmitter {
  Elements &e;
  KernelBuilder &k;
  mlir::Operation *op;
  const ElementIndex &index;

  ElementEmitter(Elements &elements, mlir::Operation *op, const ElementIndex &index)
      : e(elements), k(elements.kernel()), op(op), index(index) {}

  // The element of |result| of the op.
  mlir::FailureOr<mlir::Value> emit();
  // A pointwise op of numbers that all lanes have, in a few of them.
  mlir::FailureOr<mlir::Value> emitNarrow(llvm::ArrayRef<mlir::Value> operands);

  // ElementViews.cpp: ops whose result elements are operand elements.
  mlir::FailureOr<mlir::Value> broadcast(ir::BroadcastOp op);
  mlir::FailureOr<mlir::Value> reshape(ir::ReshapeOp op);
  mlir::FailureOr<mlir::Value> transpose(ir::TransposeOp op);
  mlir::FailureOr<mlir::Value> slice(ir::SliceOp op);
  mlir::FailureOr<mlir::Value> dynamicSlice(ir::DynamicSliceOp op);
  mlir::FailureOr<mlir::Value> dynamicUpdate(ir::DynamicUpdateSliceOp op);
  mlir::FailureOr<mlir::Value> pad(ir::PadOp op);
  mlir::FailureOr<mlir::Value> concat(ir::ConcatOp op);
  mlir::FailureOr<mlir::Value> reverse(ir::ReverseOp op);

  // ElementSources.cpp: constants, sizes, positions, random numbers, elements picked by index.
  mlir::FailureOr<mlir::Value> constant(ir::ConstantOp op);
  mlir::FailureOr<mlir::Value> size(ir::SizeOp op);
  mlir::FailureOr<mlir::Value> iota(ir::IotaOp op);
  mlir::FailureOr<mlir::Value> oneHot(ir::OneHotOp op);
  mlir::FailureOr<mlir::Value> gather(ir::GatherOp op);
  mlir::FailureOr<mlir::Value> scatterAdd(ir::ScatterAddOp op);
  mlir::FailureOr<mlir::Value> random();
  mlir::FailureOr<mlir::Value> randomFold(ir::RandomFoldOp op);

  // ElementReductions.cpp, ElementWindows.cpp.
  mlir::FailureOr<mlir::Value> reduce();
  mlir::FailureOr<mlir::Value> pick(const RowPick &pick);
  mlir::FailureOr<mlir::Value> maxPool();
  mlir::FailureOr<mlir::Value> avgPool(ir::AvgPoolOp op);
  mlir::FailureOr<mlir::Value> maxPoolScatter(ir::MaxPoolScatterOp op);
  mlir::FailureOr<mlir::Value> maxPoolGrad(ir::MaxPoolGradOp op);
  mlir::FailureOr<mlir::Value> avgPoolGrad(ir::AvgPoolGradOp op);

  // ---- Shared by them.
  mlir::VectorType vectorOf(mlir::Type element) {
    return k.vectorType(kernelElement(element), e.lanes());
  }
  mlir::Type resultElement() { return elementOf(op->getResult(0)); }
  static mlir::Type elementOf(mlir::Value tensor) {
    return mlir::cast<mlir::RankedTensorType>(tensor.getType()).getElementType();
  }
  static int64_t rankOf(mlir::Value tensor) {
    return mlir::cast<mlir::RankedTensorType>(tensor.getType()).getRank();
  }
  // |index| split so that dimension d of the result is apart from its neighbours, for all |dims|.
  ElementIndex apart(llvm::ArrayRef<int64_t> dims);
  ElementIndex allApart();
  ElementIndex at(llvm::ArrayRef<Coordinate> coordinates) {
    return {llvm::SmallVector<Coordinate, 4>(coordinates), index.mask};
  }

  // Arithmetic on coordinates; the kind stays, unless stated.
  Coordinate shifted(Coordinate c, Size offset);
  Coordinate scaled(Coordinate c, Size factor); // consecutive ones become positions
  Coordinate mirrored(Coordinate c, Size extent); // extent - 1 - c
  Coordinate quotient(Coordinate c, Size divisor);
  Coordinate remainder(Coordinate c, Size divisor);
  Coordinate clamped(Coordinate c, Size extent); // into [0, extent)
  mlir::Value positions(const Coordinate &c); // vector<lanes x i64>
  // Lanes with low <= c < high, as a mask; null when that is certain.
  mlir::Value within(const Coordinate &c, Size low, Size high);
  mlir::Value both(mlir::Value mask, mlir::Value other); // null masks are full
  mlir::Value select(mlir::Value mask, mlir::Value yes, mlir::Value no); // null mask: yes
  mlir::Value splat(mlir::Value scalar) { return k.splat(scalar, e.lanes()); }
  mlir::Value emitSum(mlir::Value x, mlir::Value y); // as dlc.add rounds
  // The value of a size in a float or integer element type, in all lanes.
  mlir::Value sizeAs(Size size, mlir::Type element);
};

} // namespace dlc::codegen::cpu
