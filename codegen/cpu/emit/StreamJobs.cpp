// What all jobs share, and which code a job is.
#include "codegen/cpu/emit/StreamJobs.h"
#include "codegen/lower/EmptyAsm.h"
#include "ir/symbols/SizeExpr.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;

namespace dlc::codegen::cpu {

using ir::SizeAttr;

//===----------------------------------------------------------------------===//
// Shared
//===----------------------------------------------------------------------===//

SmallVector<DimGroup> groupDims(int64_t begin, int64_t end, const llvm::BitVector &cuts) {
  SmallVector<DimGroup> groups;
  for (int64_t d = begin; d < end; ++d) {
    if (groups.empty() || cuts.test(d))
      groups.push_back({d, 0});
    ++groups.back().count;
  }
  return groups;
}

SizeAttr sizeOfGroup(ArrayRef<SizeAttr> shape, DimGroup group) {
  SizeAttr product = shape[group.first];
  for (int64_t d = group.first + 1; d < group.first + group.count; ++d)
    product = ir::sizeMul(product, shape[d]);
  return product;
}

SizeAttr sizeOfGroups(MLIRContext *context, ArrayRef<SizeAttr> shape, ArrayRef<DimGroup> groups) {
  SizeAttr product = ir::sizeConstant(context, 1);
  for (DimGroup group : groups)
    product = ir::sizeMul(product, sizeOfGroup(shape, group));
  return product;
}

void JobEmitter::begin(int64_t lanes) {
  const StreamKernel &kernel = context.kernel;
  elements = std::make_unique<Elements>(k, context.module, kernel.symbols, arguments.sizes, lanes);
  elements->setReduceUnroll(context.schedule.reduceUnroll);
  firstLane = k.laneMask(k.min(k.sub(Size(arguments.end), Size(arguments.begin)), 1), lanes);
  for (BlockArgument argument : kernel.body->getArguments())
    elements->bindMemory(argument, arguments.pointers[argument.getArgNumber()]);
  for (auto &[value, where] : context.plan.memory)
    if (where.second <= phase)
      elements->bindMemory(value, pointerTo(where.first));
}

Value JobEmitter::scratchAt(SizeAttr offset) {
  return k.address(k.i8(), arguments.pointers.back(), e().sizeOf(offset));
}

Value JobEmitter::pointerTo(const StreamBuffer &buffer) {
  if (buffer.result < 0)
    return scratchAt(buffer.offset);
  return arguments.pointers[context.kernel.body->getNumArguments() + buffer.result];
}

Value JobEmitter::memoryOf(Value tensor) {
  if (auto argument = dyn_cast<BlockArgument>(tensor))
    return arguments.pointers[argument.getArgNumber()];
  return pointerTo(context.plan.memory.find(tensor)->second.first);
}

bool JobEmitter::goesAround(const StreamStore &store) {
  int64_t least = context.schedule.storeAround, result = store.buffer.result;
  SizeAttr count = ir::elementCount(store.value.getType());
  Type element = ElementEmitter::elementOf(store.value);
  bool shared = llvm::any_of(context.kernel.shared, [&](auto p) { return p.first == result; });
  return least > 0 && result >= 0 && !shared && count.isConstant() && !element.isInteger(1) &&
         count.getValue() * KernelBuilder::storedBytes(element) >= least;
}

void JobEmitter::walkAround(ArrayRef<Value> pointers, Size begin, Size end,
                            function_ref<void(Size, Size, bool)> walk) {
  if (pointers.empty())
    return walk(begin, end, false);
  Value aligned;
  for (Value pointer : pointers)
    aligned = aligned ? k.both(aligned, k.isAligned(pointer)) : k.isAligned(pointer);
  walk(begin, k.select(aligned, end, begin), true);
  k.fenceNonTemporal();
  walk(k.select(aligned, end, begin), end, false);
}

static int64_t computeBytes(Type element) {
  return element.isF16() || element.isBF16() ? 4 : KernelBuilder::storedBytes(element);
}

// The widest float decides; integers beside floats take several registers where they are wider.
int64_t JobEmitter::lanesFor(ArrayRef<Value> values, SizeAttr inner) {
  llvm::SetVector<Value> cone;
  for (Value v : values)
    collectCone(v, [&](Value x) { return isMemory(x); }, cone);
  int64_t floats = 0, integers = 1;
  for (Value v : cone) {
    Type element = ElementEmitter::elementOf(v);
    int64_t &bytes = isa<FloatType>(element) ? floats : integers;
    bytes = std::max(bytes, computeBytes(element));
  }
  int64_t lanes = k.target().lanes(8 * (floats ? floats : integers));
  if (inner && inner.isConstant())
    while (lanes > 4 && lanes / 2 >= inner.getValue())
      lanes /= 2;
  return lanes;
}

Value JobEmitter::at(Value tensor, const ElementIndex &index) {
  FailureOr<Value> value = e().at(tensor, index);
  if (succeeded(value))
    return *value;
  failedOnce = true;
  return k.zero(k.vectorType(kernelElement(ElementEmitter::elementOf(tensor)), e().lanes()));
}

SmallVector<Coordinate> JobEmitter::spread(Size index, ArrayRef<SizeAttr> shape,
                                           ArrayRef<DimGroup> groups) {
  SmallVector<Size> extents;
  for (DimGroup group : groups)
    extents.push_back(e().sizeOf(sizeOfGroup(shape, group)));
  SmallVector<Coordinate> coordinates;
  for (auto [group, position] : llvm::zip(groups, k.delinearize(index, extents)))
    coordinates.push_back(Coordinate::uniform(position, group.count));
  return coordinates;
}

// LLVM must not know that one lane is wanted: it would compute all that led to the value in scalar
// registers, in the loop over rows. An empty asm hides it where the value is one whole register;
// elsewhere a mask that leaves lane 0 does.
void JobEmitter::storeScalar(Value value, Value pointer, Size index) {
  auto type = cast<VectorType>(value.getType());
  int64_t bits = type.getElementTypeBitWidth();
  bool whole = bits * type.getNumElements() == k.target().vectorBits && bits >= 32;
  if (!whole || !StringRef(k.target().triple).starts_with("x86_64"))
    return k.maskedStore(value, pointer, index, firstLane);
  Value hidden = throughEmptyAsm(k.builder(), k.loc(), value,
                                 k.target().isa & kIsaAvx512 ? "=v,0" : "=x,0");
  k.store(k.extract(hidden, 0), pointer, index);
}

//===----------------------------------------------------------------------===//
// All kinds
//===----------------------------------------------------------------------===//

SizeAttr mapTiles(const StreamContext &context, const StreamJob &job, int64_t phase);
SizeAttr chunkTiles(const StreamContext &context, const StreamJob &job, int64_t phase);
SizeAttr combineTiles(const StreamContext &context, const StreamJob &job);
SizeAttr scatterTiles(const StreamContext &context, const StreamJob &job);
SizeAttr sortedScatterTiles(const StreamContext &context, const StreamJob &job);
SizeAttr updateTiles(const StreamContext &context, const StreamJob &job);

SizeAttr tilesOf(const StreamContext &context, const StreamJob &job, int64_t phase) {
  if (std::optional<TransposeLoops> loops = TransposeLoops::match(context, job, phase))
    return loops->tiles();
  if (std::optional<MaxPoolLoops> loops = MaxPoolLoops::match(context, job, phase))
    return loops->tiles();
  if (std::optional<PoolGradLoops> loops = PoolGradLoops::match(context, job, phase))
    return loops->tiles();
  if (std::optional<ColumnLoops> loops = ColumnLoops::match(context, job, phase))
    return loops->tiles();
  switch (job.kind) {
  case StreamJob::Map:
    return mapTiles(context, job, phase);
  case StreamJob::Partial:
    return chunkTiles(context, job, phase);
  case StreamJob::Combine:
    return combineTiles(context, job);
  case StreamJob::Scatter:
    return scatterTiles(context, job);
  case StreamJob::Sort:
    return ir::sizeConstant(context.kernel.body->getTerminator()->getContext(), 1);
  case StreamJob::SortedScatter:
    return sortedScatterTiles(context, job);
  case StreamJob::Update:
    return updateTiles(context, job);
  }
  llvm_unreachable("all kinds are handled");
}

LogicalResult emitJob(const StreamContext &context, const StreamJob &job, int64_t phase,
                      KernelBuilder &k, const PhaseArguments &arguments, Size begin, Size end) {
  JobEmitter emitter(context, job, phase, k, arguments);
  switch (job.kind) {
  case StreamJob::Map:
    if (std::optional<TransposeLoops> loops = TransposeLoops::match(context, job, phase))
      emitter.emitTranspose(*loops, begin, end);
    else if (std::optional<MaxPoolLoops> pools = MaxPoolLoops::match(context, job, phase))
      emitter.emitMaxPool(*pools, begin, end);
    else if (std::optional<PoolGradLoops> pools = PoolGradLoops::match(context, job, phase))
      emitter.emitPoolGrad(*pools, begin, end);
    else if (std::optional<ColumnLoops> columns = ColumnLoops::match(context, job, phase))
      emitter.emitColumns(*columns, begin, end);
    else
      emitter.emitMap(begin, end);
    break;
  case StreamJob::Partial:
    emitter.emitPartial(begin, end);
    break;
  case StreamJob::Combine:
    emitter.emitCombine(begin, end);
    break;
  case StreamJob::Scatter:
    emitter.emitScatter(begin, end);
    break;
  case StreamJob::Sort:
    emitter.emitSort(begin, end);
    break;
  case StreamJob::SortedScatter:
    emitter.emitSortedScatter(begin, end);
    break;
  case StreamJob::Update:
    emitter.emitUpdate(begin, end);
    break;
  }
  return failure(emitter.failedOnce);
}

} // namespace dlc::codegen::cpu
