// Ops that make elements from little: constants, sizes, positions, and elements picked by index.
#include "codegen/cpu/emit/ElementEmitter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;

namespace dlc::codegen::cpu {

// A table of constants becomes a global; equal tables share one, by the attribute's contents.
static Value tableAddress(KernelBuilder &k, ModuleOp module, DenseElementsAttr values) {
  Type element = values.getElementType();
  Type stored = element.isInteger(1) ? Type(k.i8()) : kernelElement(element);
  auto widened = DenseElementsAttr(values);
  SmallVector<Attribute> elements;
  for (Attribute a : values.getValues<Attribute>()) {
    if (auto integer = dyn_cast<IntegerAttr>(a))
      a = IntegerAttr::get(stored, integer.getValue().zextOrTrunc(stored.getIntOrFloatBitWidth()));
    elements.push_back(a);
  }
  auto flat = RankedTensorType::get({values.getNumElements()}, stored);
  widened = DenseElementsAttr::get(flat, elements);
  LLVM::GlobalOp table;
  unsigned count = 0;
  for (auto global : module.getOps<LLVM::GlobalOp>()) {
    count += global.getSymName().starts_with("dlc_table");
    if (global.getValueOrNull() == widened)
      table = global;
  }
  OpBuilder::InsertionGuard guard(k.builder());
  if (!table) {
    OpBuilder b = OpBuilder::atBlockBegin(module.getBody());
    table = LLVM::GlobalOp::create(b, k.loc(), LLVM::LLVMArrayType::get(stored, flat.getDimSize(0)),
                                   /*isConstant=*/true, LLVM::Linkage::Internal,
                                   "dlc_table" + std::to_string(count), widened,
                                   /*alignment=*/64);
  }
  return LLVM::AddressOfOp::create(k.builder(), k.loc(), k.pointerType(), table.getSymName());
}

FailureOr<Value> ElementEmitter::constant(ir::ConstantOp op) {
  auto values = dyn_cast<DenseElementsAttr>(op.getValue());
  if (!values)
    return op.emitOpError("in a kernel must hold its elements inline"), failure();
  Type element = kernelElement(values.getElementType());
  if (values.getNumElements() == 0)
    return k.zero(vectorOf(element));
  if (values.isSplat() || values.getNumElements() == 1) {
    Attribute value = *values.value_begin<Attribute>();
    if (auto integer = dyn_cast<IntegerAttr>(value))
      value = IntegerAttr::get(element, integer.getValue());
    return Value(arith::ConstantOp::create(
        k.builder(), k.loc(), DenseElementsAttr::get(vectorOf(element), value)));
  }
  return e.loadTable(op.getY(), tableAddress(k, e.moduleOp(), values), index);
}

FailureOr<Value> ElementEmitter::size(ir::SizeOp op) {
  Size product = 1;
  for (ir::SizeAttr size : op.getDims().getSizes())
    product = k.mul(product, e.sizeOf(size));
  return sizeAs(product, resultElement());
}

FailureOr<Value> ElementEmitter::iota(ir::IotaOp op) {
  ElementIndex parts = apart({static_cast<int64_t>(op.getAxis())});
  int64_t dim = 0;
  for (const Coordinate &c : parts.coordinates) {
    bool here = dim == static_cast<int64_t>(op.getAxis());
    if (here && resultElement().isInteger(32) && c.kind == Coordinate::Lanes)
      return k.sum(splat(k.convert(k.value(c.base), k.i32())), k.iota(e.lanes(), k.i32()));
    if (here)
      return emitCast(k.builder(), k.loc(), positions(c), k.i64(), resultElement());
    dim += c.dims;
  }
  llvm_unreachable("the axis has a coordinate");
}

FailureOr<Value> ElementEmitter::oneHot(ir::OneHotOp op) {
  int64_t last = rankOf(op.getY()) - 1;
  ElementIndex parts = apart({last});
  Value depth = positions(parts.coordinates.pop_back_val());
  FailureOr<Value> picked = e.at(op.getIndices(), parts);
  if (failed(picked))
    return failure();
  Value wanted = k.convert(*picked, k.i64());
  Value hit = arith::CmpIOp::create(k.builder(), k.loc(), arith::CmpIPredicate::eq, depth, wanted);
  return emitCast(k.builder(), k.loc(), hit, k.i1(), resultElement());
}

FailureOr<Value> ElementEmitter::gather(ir::GatherOp op) {
  int64_t axis = op.getAxis(), inserted = rankOf(op.getIndices());
  llvm::BitVector cuts(rankOf(op.getY()) + 1);
  cuts.set(axis);
  cuts.set(axis + inserted);
  ElementIndex parts = e.refine(index, e.extentsOf(op.getY()), cuts);
  SmallVector<Coordinate> before, after;
  ElementIndex picking{{}, index.mask};
  int64_t dim = 0;
  for (const Coordinate &c : parts.coordinates) {
    if (dim < axis)
      before.push_back(c);
    else if (dim < axis + inserted)
      picking.coordinates.push_back(c);
    else
      after.push_back(c);
    dim += c.dims;
  }
  Size extent = e.extentsOf(op.getX())[axis];
  bool uniform = llvm::all_of(picking.coordinates,
                              [](const Coordinate &c) { return c.kind == Coordinate::Uniform; });
  Coordinate place;
  if (uniform) {
    FailureOr<Size> position = e.positionAt(op.getIndices(), picking);
    if (failed(position))
      return failure();
    place = Coordinate::uniform(*position);
  } else {
    FailureOr<Value> positions = e.at(op.getIndices(), picking);
    if (failed(positions))
      return failure();
    place = Coordinate::positions(k.convert(*positions, k.i64()));
  }
  SmallVector<Coordinate> x(before);
  x.push_back(clamped(place, extent));
  x.append(after);
  if (extent.isConstant() && extent.constant() > 0)
    return e.at(op.getX(), at(x));
  // An empty axis has nothing to read: zeros.
  Value some = splat(k.less(0, extent));
  ElementIndex masked = at(x);
  masked.mask = both(index.mask, some);
  FailureOr<Value> value = e.at(op.getX(), masked);
  if (failed(value))
    return failure();
  return select(some, *value, k.zero(value->getType()));
}

// All updates are looked at, in order; kernels whose result it is write it out row by row instead.
FailureOr<Value> ElementEmitter::scatterAdd(ir::ScatterAddOp op) {
  int64_t axis = op.getAxis(), inserted = rankOf(op.getIndices());
  ElementIndex parts = apart({axis});
  SmallVector<Coordinate> before, after;
  Coordinate place;
  int64_t dim = 0;
  for (const Coordinate &c : parts.coordinates) {
    if (dim == axis)
      place = c;
    else
      (dim < axis ? before : after).push_back(c);
    dim += c.dims;
  }
  FailureOr<Value> start = e.at(op.getX(), index);
  if (failed(start))
    return failure();
  Value here = positions(place);
  Size count = 1;
  for (Size extent : e.extentsOf(op.getIndices()))
    count = k.mul(count, extent);
  bool failedInside = false;
  Value sum = e.forLoop(0, count, 1, ValueRange{*start}, [&](Value i, ValueRange carried) {
    SmallVector<Coordinate> update(before);
    ElementIndex which;
    if (inserted > 0) {
      which.coordinates.push_back(Coordinate::uniform(Size(i), inserted));
      update.push_back(which.coordinates.front());
    }
    update.append(after);
    FailureOr<Value> target = e.at(op.getIndices(), which), value = e.at(op.getUpdates(), at(update));
    if (failed(target) || failed(value)) {
      failedInside = true;
      return SmallVector<Value>(carried);
    }
    Value hit = arith::CmpIOp::create(k.builder(), k.loc(), arith::CmpIPredicate::eq, here,
                                      k.convert(*target, k.i64()));
    Value added = emitSum(carried[0], *value);
    return SmallVector<Value>{select(hit, added, carried[0])};
  })[0];
  if (failedInside)
    return failure();
  return sum;
}

// Sums of 16-bit floats are rounded after each addition, like dlc.add.
Value ElementEmitter::emitSum(Value x, Value y) {
  Type element = KernelBuilder::elementOf(x.getType());
  if (!element.isF16() && !element.isBF16())
    return k.sum(x, y);
  return k.convert(k.sum(k.convert(x, k.f32()), k.convert(y, k.f32())), element);
}

} // namespace dlc::codegen::cpu
