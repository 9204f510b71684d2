// Where a value is emitted and remembered, memory, loops, and coordinates. The ops themselves are in
// ElementEmitter's files.
#include "codegen/cpu/emit/Elements.h"
#include "codegen/cpu/RandomStreams.h"
#include "codegen/cpu/emit/ElementEmitter.h"
#include "codegen/lower/SizeCode.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;

namespace dlc::codegen::cpu {

// A block that is being written, and what is known in it.
struct Elements::Scope {
  Block *block;
  std::map<Key, Value> values;
};

struct Elements::Stage {
  Value tensor;
  Value row;                          // the row's first element
  SmallVector<Coordinate> coordinates; // of the row
  bool touched = false;               // a loop over the row stores it
  bool written = false;               // such a loop has ended
};

Elements::Elements(KernelBuilder &k, ModuleOp module, ArrayRef<std::string> symbols,
                   ValueRange sizes, int64_t lanes)
    : k(k), module(module), symbols(symbols), symbolValues(sizes), width(lanes) {
  scopes.push_back(std::make_unique<Scope>(Scope{k.builder().getInsertionBlock(), {}}));
}

Elements::~Elements() = default;

//===----------------------------------------------------------------------===//
// Sizes
//===----------------------------------------------------------------------===//

Size Elements::sizeOf(ir::SizeAttr size) {
  if (size.isConstant())
    return size.getValue();
  auto [entry, isNew] = knownSizes.try_emplace(size);
  if (isNew) {
    OpBuilder::InsertionGuard guard(k.builder());
    k.builder().setInsertionPointToEnd(scopes.front()->block);
    Value value = emitSize(k.builder(), k.loc(), size, [&](StringRef name) {
      auto found = llvm::find(symbols, name);
      assert(found != symbols.end() && "a size symbol that the kernel does not list");
      return symbolValues[found - symbols.begin()];
    });
    entry->second = value;
  }
  return entry->second;
}

Value Elements::streamNumber(int64_t number) {
  auto found = llvm::find(symbols, streamSymbol(number));
  return found == symbols.end() ? Value() : symbolValues[found - symbols.begin()];
}

SmallVector<Size> Elements::extentsOf(Value tensor) {
  SmallVector<Size> extents;
  for (ir::SizeAttr size : ir::shapeOf(tensor))
    extents.push_back(sizeOf(size));
  return extents;
}

//===----------------------------------------------------------------------===//
// Asking
//===----------------------------------------------------------------------===//

static void appendSize(std::vector<intptr_t> &key, const Size &size) {
  key.push_back(reinterpret_cast<intptr_t>(size.isConstant() ? nullptr
                                                             : size.value().getAsOpaquePointer()));
  key.push_back(size.isConstant() ? size.constant() : 0);
}

Elements::Key Elements::keyOf(Value tensor, const ElementIndex &index) const {
  Key key{reinterpret_cast<intptr_t>(tensor.getAsOpaquePointer()),
          reinterpret_cast<intptr_t>(index.mask ? index.mask.getAsOpaquePointer() : nullptr)};
  for (const Coordinate &c : index.coordinates) {
    key.push_back(c.kind * 64 + c.dims);
    if (c.kind == Coordinate::Vector)
      key.push_back(reinterpret_cast<intptr_t>(c.vector.getAsOpaquePointer()));
    else
      appendSize(key, c.base);
  }
  return key;
}

size_t Elements::depthOf(Value value) const {
  for (size_t depth = 0; depth < scopes.size(); ++depth)
    if (scopes[depth]->block == value.getParentBlock())
      return depth;
  return 0; // from around the outermost scope
}

// Constants have no place of their own: they can be made anywhere.
static bool isConstantLike(Value value) {
  Operation *op = value.getDefiningOp();
  return op && op->hasTrait<OpTrait::ConstantLike>();
}

size_t Elements::depthOf(const ElementIndex &index) const {
  size_t depth = 0;
  auto include = [&](Value v) {
    if (v && !isConstantLike(v))
      depth = std::max(depth, depthOf(v));
  };
  include(index.mask);
  for (const Coordinate &c : index.coordinates)
    include(c.kind == Coordinate::Vector ? c.vector
            : c.base.isConstant()        ? Value()
                                         : c.base.value());
  return depth;
}

void Elements::bindMemory(Value tensor, Value pointer) { memory[tensor] = pointer; }

void Elements::remember(Value tensor, const ElementIndex &index, Value value) {
  scopes[depthOf(index)]->values[keyOf(tensor, index)] = value;
}

void Elements::bindValue(Value tensor, const ElementIndex &index, Value value) {
  scopes.back()->values[keyOf(tensor, index)] = value;
}

static bool isUniform(const ElementIndex &index) {
  return llvm::all_of(index.coordinates,
                      [](const Coordinate &c) { return c.kind == Coordinate::Uniform; });
}

FailureOr<Value> Elements::at(Value tensor, const ElementIndex &asked) {
  ElementIndex index = asked;
  if (isUniform(index))
    index.mask = {}; // the same in all lanes: nothing to mask, and known further out
  size_t depth = depthOf(index);
  Key key = keyOf(tensor, index);
  // A fragment's value is bound where it was made, which may be further in than its index.
  for (size_t d = scopes.size(); d-- > 0;) {
    auto found = scopes[d]->values.find(key);
    if (found != scopes[d]->values.end())
      return found->second;
  }
  OpBuilder::InsertionGuard guard(k.builder());
  k.builder().setInsertionPointToEnd(scopes[depth]->block);
  FailureOr<Value> value;
  if (Value staged = lookupStage(tensor, index)) {
    value = staged;
  } else if (auto found = memory.find(tensor); found != memory.end()) {
    value = loadMemory(tensor, found->second, index);
  } else if (Operation *op = tensor.getDefiningOp()) {
    value = ElementEmitter(*this, op, index).emit();
    if (succeeded(value))
      storeStage(tensor, index, *value);
  } else {
    failedOnce = true;
    return emitError(tensor.getLoc(), "operand of a kernel is bound to nothing"), failure();
  }
  if (failed(value)) {
    failedOnce = true;
    return failure();
  }
  scopes[depth]->values[key] = *value;
  return value;
}

FailureOr<Value> Elements::scalarAt(Value tensor, const ElementIndex &index) {
  FailureOr<Value> value = at(tensor, index);
  if (failed(value))
    return failure();
  return k.extract(*value, 0);
}

FailureOr<Size> Elements::positionAt(Value tensor, const ElementIndex &index) {
  OpBuilder::InsertionGuard guard(k.builder());
  k.builder().setInsertionPointToEnd(scopes[depthOf(index)]->block);
  FailureOr<Value> scalar = scalarAt(tensor, index);
  if (failed(scalar))
    return failure();
  return Size(k.convert(*scalar, k.i64()));
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

Value Elements::loadMemory(Value tensor, Value pointer, const ElementIndex &index) {
  SmallVector<Size> extents = extentsOf(tensor);
  Type element = kernelElement(ElementEmitter::elementOf(tensor));
  VectorType type = k.vectorType(element, width);
  Size offset = 0, stride = 1, laneStride = 0;
  Value offsets;
  size_t dim = extents.size();
  for (const Coordinate &c : llvm::reverse(index.coordinates)) {
    if (c.kind == Coordinate::Vector) {
      Value part = c.vector;
      if (!stride.is(1))
        part = k.product(part, k.splat(k.value(stride), width));
      offsets = offsets ? k.sum(offsets, part) : part;
    } else {
      offset = k.add(offset, k.mul(c.base, stride));
      if (c.kind == Coordinate::Lanes)
        laneStride = k.add(laneStride, stride);
    }
    for (unsigned d = 0; d < c.dims; ++d)
      stride = k.mul(stride, extents[--dim]);
  }
  if (offsets) {
    if (!laneStride.is(0))
      offsets = k.sum(offsets, k.product(k.iota(width, k.i64()),
                                         k.splat(k.value(laneStride), width)));
    return k.gather(type, k.address(element, pointer, offset), offsets, index.mask);
  }
  if (laneStride.is(0))
    return k.splat(k.load(element, pointer, offset), width);
  return k.stridedLoad(type, pointer, offset, laneStride, index.mask);
}

//===----------------------------------------------------------------------===//
// Staging
//===----------------------------------------------------------------------===//

void Elements::stage(Value tensor, Value row, ArrayRef<Coordinate> coordinates) {
  stages.push_back({tensor, row, SmallVector<Coordinate>(coordinates)});
}

static bool same(const Coordinate &a, const Coordinate &b) {
  if (a.kind != b.kind || a.dims != b.dims || a.base.isConstant() != b.base.isConstant())
    return false;
  return a.base.isConstant() ? a.base.constant() == b.base.constant()
                             : a.base.value() == b.base.value();
}

// The column coordinate if |index| is consecutive columns of the stage's row.
static const Coordinate *columnsOf(ArrayRef<Coordinate> row, const ElementIndex &index) {
  if (index.coordinates.size() != row.size() + 1)
    return nullptr;
  for (auto [a, b] : llvm::zip(row, index.coordinates))
    if (!same(a, b))
      return nullptr;
  const Coordinate &last = index.coordinates.back();
  return last.kind == Coordinate::Lanes ? &last : nullptr;
}

Value Elements::lookupStage(Value tensor, const ElementIndex &index) {
  for (Stage &stage : stages)
    if (stage.tensor == tensor && stage.written)
      if (const Coordinate *columns = columnsOf(stage.coordinates, index))
        return k.maskedLoad(k.vectorType(kernelElement(ElementEmitter::elementOf(tensor)), width),
                            stage.row, columns->base, index.mask);
  return {};
}

void Elements::storeStage(Value tensor, const ElementIndex &index, Value value) {
  for (Stage &stage : stages)
    if (stage.tensor == tensor && !stage.written)
      if (const Coordinate *columns = columnsOf(stage.coordinates, index)) {
        k.maskedStore(value, stage.row, columns->base, index.mask);
        stage.touched = true;
      }
}

void Elements::unstageAll() {
  stages.clear();
  expectedRows.clear();
}

void Elements::expectRow(Value tensor, Value pointer, Size elements) {
  expectedRows.push_back({kernelElement(ElementEmitter::elementOf(tensor)), pointer, elements});
  passesDone = 0;
}

void Elements::prefetchRows(Size column) {
  if (passesDone != 1)
    return;
  for (const ExpectedRow &row : expectedRows)
    prefetch(row.element, row.pointer, k.add(row.start, column));
}

void Elements::prefetch(Type element, Value pointer, Size at) {
  LLVM::Prefetch::create(k.builder(), k.loc(), k.address(element, pointer, at), /*rw=*/0,
                         /*hint=*/3, /*cache=*/1);
}

void Elements::finishPass() {
  ++passesDone;
  for (Stage &stage : stages)
    stage.written |= stage.touched;
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

SmallVector<Value> Elements::forLoop(Size begin, Size end, Size step, ValueRange initial,
                                     KernelBuilder::LoopBody body) {
  return k.forLoop(begin, end, step, initial, [&](Value iv, ValueRange carried) {
    scopes.push_back(std::make_unique<Scope>(Scope{k.builder().getInsertionBlock(), {}}));
    SmallVector<Value> next = body(iv, carried);
    scopes.pop_back();
    return next;
  });
}

void Elements::forLoop(Size begin, Size end, Size step, function_ref<void(Value)> body) {
  forLoop(begin, end, step, ValueRange(), [&](Value iv, ValueRange) {
    body(iv);
    return SmallVector<Value>();
  });
}

SmallVector<Value> Elements::vectorLoop(Size begin, Size end, int64_t unroll, ValueRange initial,
                                        VectorBody body) {
  int64_t step = unroll * width;
  Size count = k.sub(end, begin);
  Size fullEnd = k.add(begin, k.mul(k.div(k.max(count, 0), step), step));
  SmallVector<Value> carried =
      forLoop(begin, fullEnd, step, initial, [&](Value i, ValueRange state) {
        SmallVector<Value> next(state);
        auto outer = onlyStep;
        onlyStep = Size(i).isConstant() && unroll > 1 ? std::optional(Size(i).constant())
                                                      : std::nullopt;
        for (int64_t j = 0; j < unroll; ++j) {
          Size first = k.add(i, j * width);
          if (!first.isConstant())
            stepVectors[first.value()] = {Size(i), j};
          prefetchRows(first);
          next = body(first, Value(), j, next);
        }
        onlyStep = outer;
        // What the step's vectors shared is not known behind it.
        stepValues.clear();
        return next;
      });
  auto outer = onlyStep;
  onlyStep = std::nullopt;
  carried = forLoop(fullEnd, end, width, carried, [&](Value i, ValueRange state) {
    return body(i, k.laneMask(k.sub(end, i), width), 0, state);
  });
  onlyStep = outer;
  return carried;
}

// row * width with a width that is a multiple of 4.
static bool matchRow(Value v, Value &row, int64_t &width) {
  auto product = v.getDefiningOp<arith::MulIOp>();
  if (!product)
    return false;
  for (auto [x, y] : {std::pair(product.getLhs(), product.getRhs()),
                      std::pair(product.getRhs(), product.getLhs())})
    if (Size size(y); size.isConstant() && size.constant() % 4 == 0) {
      row = x;
      width = size.constant();
      return true;
    }
  return false;
}

// Recognises the first position of a vector of vectorLoop, and one with a row's offset added. The
// product that is the offset is made anew for every vector: rows are told apart by its factors.
std::optional<Elements::StepVector> Elements::stepOf(Size first) const {
  if (first.isConstant())
    return std::nullopt;
  if (auto found = stepVectors.find(first.value()); found != stepVectors.end()) {
    Size base = found->second.first;
    return StepVector{base, 0, found->second.second,
                      {base.value().getAsOpaquePointer(), nullptr, 0}};
  }
  Value row;
  int64_t width = 0;
  auto inOnlyStep = [&](int64_t column, Value offset) {
    return StepVector{*onlyStep, Size(offset), (column - *onlyStep) / this->width,
                      {nullptr, row.getAsOpaquePointer(), width}};
  };
  if (onlyStep && matchRow(first.value(), row, width))
    return inOnlyStep(0, first.value());
  auto sum = first.value().getDefiningOp<arith::AddIOp>();
  if (!sum || !matchRow(sum.getRhs(), row, width))
    return std::nullopt;
  if (Size column(sum.getLhs()); onlyStep && column.isConstant())
    return inOnlyStep(column.constant(), sum.getRhs());
  auto found = stepVectors.find(sum.getLhs());
  if (found == stepVectors.end())
    return std::nullopt;
  Size base = found->second.first;
  return StepVector{base, Size(sum.getRhs()), found->second.second,
                    {base.value().getAsOpaquePointer(), row.getAsOpaquePointer(), width}};
}

void Elements::setReductionGroups(ArrayRef<SmallVector<Operation *>> groups) {
  reductionGroup.clear();
  for (const SmallVector<Operation *> &group : groups)
    for (Operation *op : group)
      reductionGroup[op] = group;
}

SmallVector<Operation *> Elements::groupOf(Operation *op) const {
  auto found = reductionGroup.find(op);
  return found == reductionGroup.end() ? SmallVector<Operation *>{op} : found->second;
}

//===----------------------------------------------------------------------===//
// Coordinates
//===----------------------------------------------------------------------===//

// Splits a coordinate of |dims| dimensions after the first |at| of them.
static std::pair<Coordinate, Coordinate> splitAt(ElementEmitter &m, KernelBuilder &k,
                                                 Coordinate c, ArrayRef<Size> extents,
                                                 unsigned at) {
  Size inner = 1, outer = 1;
  for (unsigned d = at; d < c.dims; ++d)
    inner = k.mul(inner, extents[d]);
  for (unsigned d = 0; d < at; ++d)
    outer = k.mul(outer, extents[d]);
  Coordinate high, low;
  if (inner.is(1)) {
    high = c;
    low = Coordinate::uniform(0);
  } else if (outer.is(1)) {
    high = Coordinate::uniform(0);
    low = c;
  } else {
    high = m.quotient(c, inner);
    low = m.remainder(c, inner);
  }
  low.dims = c.dims - at;
  high.dims = at;
  return {high, low};
}

ElementIndex Elements::refine(const ElementIndex &index, ArrayRef<Size> extents,
                              const llvm::BitVector &cuts) {
  ElementEmitter m(*this, nullptr, index);
  ElementIndex out{{}, index.mask};
  unsigned dim = 0;
  for (Coordinate c : index.coordinates) {
    unsigned end = dim + c.dims;
    for (unsigned d = dim + 1; d < end; ++d) {
      if (!cuts.test(d))
        continue;
      auto [high, low] = splitAt(m, k, c, extents.slice(dim, c.dims), d - dim);
      out.coordinates.push_back(high);
      c = low;
      dim = d;
    }
    out.coordinates.push_back(c);
    dim = end;
  }
  return out;
}

Coordinate Elements::linear(const ElementIndex &index, ArrayRef<Size> extents) {
  if (index.coordinates.size() == 1)
    return index.coordinates.front();
  ElementEmitter m(*this, nullptr, index);
  Coordinate sum = Coordinate::uniform(0);
  size_t dim = extents.size();
  Size stride = 1;
  for (const Coordinate &part : llvm::reverse(index.coordinates)) {
    Coordinate c = m.scaled(part, stride);
    if (c.kind == Coordinate::Uniform)
      sum = m.shifted(sum, c.base);
    else if (sum.kind == Coordinate::Uniform)
      sum = m.shifted(c, sum.base);
    else
      sum = Coordinate::positions(k.sum(m.positions(sum), m.positions(c)));
    for (unsigned d = 0; d < part.dims; ++d)
      stride = k.mul(stride, extents[--dim]);
  }
  sum.dims = extents.size();
  return sum;
}

} // namespace dlc::codegen::cpu
