// The memory half of KernelBuilder, and the frame of a phase function.
#include "codegen/cpu/KernelBuilder.h"
#include "codegen/lower/EmptyAsm.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace dlc::codegen::cpu;

// i1 lives in memory as a byte. 16-bit floats are moved as integers: where the processor has no
// registers for them, LLVM would split masked vectors into scalars and convert each by a library
// call.
static Type storedElement(OpBuilder &b, Type element) {
  if (element == b.getI1Type())
    return b.getI8Type();
  return element.isF16() || element.isBF16() ? b.getIntegerType(16) : element;
}

static Type storedType(OpBuilder &b, Type type) {
  Type stored = storedElement(b, KernelBuilder::elementOf(type));
  if (auto vector = dyn_cast<VectorType>(type))
    return vector.clone(stored);
  return stored;
}

static Value fromStored(OpBuilder &b, Location loc, Value stored, Type type) {
  if (stored.getType() == type)
    return stored;
  if (isa<FloatType>(KernelBuilder::elementOf(type)))
    return arith::BitcastOp::create(b, loc, type, stored);
  Value zero = arith::ConstantOp::create(b, loc, b.getZeroAttr(stored.getType()));
  return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, stored, zero);
}

static Value toStored(OpBuilder &b, Location loc, Value value) {
  Type type = storedType(b, value.getType());
  if (type == value.getType())
    return value;
  if (isa<FloatType>(KernelBuilder::elementOf(value.getType())))
    return arith::BitcastOp::create(b, loc, type, value);
  return arith::ExtUIOp::create(b, loc, type, value);
}

Value KernelBuilder::address(Type element, Value pointer, Size index) {
  if (index.is(0))
    return pointer;
  Type stored = storedType(b, element);
  // Not "inbounds": a convolution's row may start before its image, where padding would be.
  return LLVM::GEPOp::create(b, where, pointerType(), stored, pointer,
                             ArrayRef<LLVM::GEPArg>{value(index)});
}

Value KernelBuilder::pointerSlot(Value array, Size index) {
  return LLVM::GEPOp::create(b, where, pointerType(), pointerType(), array,
                             ArrayRef<LLVM::GEPArg>{value(index)});
}

Value KernelBuilder::load(Type type, Value pointer, Size index) {
  Type element = elementOf(type);
  Value stored = LLVM::LoadOp::create(b, where, storedType(b, type),
                                      address(element, pointer, index), storedBytes(element));
  return fromStored(b, where, stored, type);
}

void KernelBuilder::store(Value value, Value pointer, Size index) {
  Type element = elementOf(value.getType());
  LLVM::StoreOp::create(b, where, toStored(b, where, value), address(element, pointer, index),
                        storedBytes(element));
}

void KernelBuilder::storeNonTemporal(Value vector, Value pointer, Size index) {
  Type element = elementOf(vector.getType());
  LLVM::StoreOp::create(b, where, toStored(b, where, vector), address(element, pointer, index),
                        storedBytes(element) * lanesOf(vector.getType()), /*isVolatile=*/false,
                        /*isNonTemporal=*/true);
}

void KernelBuilder::fenceNonTemporal() {
  if (cpu.isa & kIsaSse42)
    LLVM::CallIntrinsicOp::create(b, where, b.getStringAttr("llvm.x86.sse.sfence"), ValueRange());
  else
    LLVM::FenceOp::create(b, where, LLVM::AtomicOrdering::seq_cst);
}

Value KernelBuilder::isAligned(Value pointer) {
  Value address = LLVM::PtrToIntOp::create(b, where, i64(), pointer);
  Value low = arith::AndIOp::create(b, where, address, value(63));
  return equal(Size(low), 0);
}

Value KernelBuilder::maskedLoad(VectorType type, Value pointer, Size index, Value mask) {
  if (!mask)
    return load(type, pointer, index);
  Type element = type.getElementType();
  Type stored = storedType(b, type);
  Value loaded = LLVM::MaskedLoadOp::create(b, where, stored, address(element, pointer, index),
                                            mask, zero(stored), storedBytes(element));
  return fromStored(b, where, loaded, type);
}

// Bytes through an empty asm. LLVM 22 joins their truncation with a masked store, and where the mask
// is a constant of one lane stores that lane as wide as it was before: four bytes for one.
static Value hiddenBytes(OpBuilder &b, Location loc, Value bytes, const CpuTarget &cpu) {
  auto type = dyn_cast<VectorType>(bytes.getType());
  if (!type || !type.getElementType().isInteger(8) || !StringRef(cpu.triple).starts_with("x86_64"))
    return bytes;
  int64_t bits = 8 * type.getNumElements();
  Type held = bits <= 64 ? Type(b.getIntegerType(bits)) : Type(type);
  Value whole = bits <= 64 ? Value(LLVM::BitcastOp::create(b, loc, held, bytes)) : bytes;
  StringRef constraints = bits <= 64 ? "=r,0" : cpu.isa & kIsaAvx512 ? "=v,0" : "=x,0";
  Value hidden = dlc::codegen::throughEmptyAsm(b, loc, whole, constraints);
  return bits <= 64 ? Value(LLVM::BitcastOp::create(b, loc, type, hidden)) : hidden;
}

void KernelBuilder::maskedStore(Value vector, Value pointer, Size index, Value mask) {
  if (!mask)
    return store(vector, pointer, index);
  Type element = elementOf(vector.getType());
  Value stored = hiddenBytes(b, where, toStored(b, where, vector), cpu);
  LLVM::MaskedStoreOp::create(b, where, stored, address(element, pointer, index), mask,
                              storedBytes(element));
}

Value KernelBuilder::gather(VectorType type, Value pointer, Value indices, Value mask) {
  Type stored = storedType(b, type);
  int64_t lanes = type.getNumElements();
  Type pointers = VectorType::get({lanes}, pointerType());
  Value addresses = LLVM::GEPOp::create(b, where, pointers, elementOf(stored), pointer,
                                        ArrayRef<LLVM::GEPArg>{indices});
  if (!mask)
    mask = intConstant(vectorType(i1(), lanes), 1);
  Value loaded =
      LLVM::masked_gather::create(b, where, stored, addresses, mask, ValueRange{zero(stored)},
                                  storedBytes(type.getElementType()));
  return fromStored(b, where, loaded, type);
}

Value KernelBuilder::stridedLoad(VectorType type, Value pointer, Size index, Size stride,
                                 Value mask) {
  if (stride.is(1))
    return maskedLoad(type, pointer, index, mask);
  int64_t lanes = type.getNumElements();
  Value offsets = product(iota(lanes, i64()), splat(value(stride), lanes));
  return gather(type, address(type.getElementType(), pointer, index), offsets, mask);
}

Value KernelBuilder::zeroPage() {
  constexpr StringLiteral kName = "dlc_zeros";
  auto module = entry->getParentOp()->getParentOfType<ModuleOp>();
  auto global = module.lookupSymbol<LLVM::GlobalOp>(kName);
  if (!global) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(module.getBody());
    auto type = LLVM::LLVMArrayType::get(i8(), kZeroBytes);
    global = LLVM::GlobalOp::create(b, where, type, /*isConstant=*/true, LLVM::Linkage::Internal,
                                    kName, Attribute(), 64);
    b.createBlock(&global.getInitializerRegion());
    LLVM::ReturnOp::create(b, where, LLVM::ZeroOp::create(b, where, type)->getResults());
  }
  return LLVM::AddressOfOp::create(b, where, global);
}

// In the entry block: an alloca inside a loop would grow the stack each time round.
Value KernelBuilder::stackBuffer(int64_t bytes) {
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(entry);
  Value count = arith::ConstantOp::create(b, where, b.getI64IntegerAttr(bytes));
  Value memory = LLVM::AllocaOp::create(b, where, pointerType(), i8(), count, 64);
  // Through an empty asm, so that the buffer is addressed by a register of its own: in the machine
  // code whatever goes through the stack pointer is then a spill, and tests can forbid it.
  return throughEmptyAsm(b, where, memory);
}

// ---- Phases

namespace {

// Inner function: pointers, sizes, begin and end as plain arguments.
LLVM::LLVMFuncOp createBody(OpBuilder &b, Location loc, const PhaseSignature &signature) {
  Type pointer = LLVM::LLVMPointerType::get(b.getContext());
  SmallVector<Type> arguments(signature.pointers, pointer);
  arguments.append(signature.sizes + 2, b.getI64Type());
  auto type = LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(b.getContext()), arguments);
  return LLVM::LLVMFuncOp::create(b, loc, signature.name + ".body", type, LLVM::Linkage::Internal);
}

// Leaves the inner function the pointers that its body uses. A job of a long list needs a few of a
// thousand, and each would cost its load, its part in what every access does not alias, and this
// for every job.
llvm::BitVector dropUnusedPointers(OpBuilder &b, const PhaseSignature &signature,
                                   LLVM::LLVMFuncOp inner) {
  Block &body = inner.getBody().front();
  llvm::BitVector unused(body.getNumArguments());
  SmallVector<DictionaryAttr> attributes;
  for (BlockArgument argument : body.getArguments()) {
    unsigned i = argument.getArgNumber();
    bool isPointer = i < signature.pointers;
    unused[i] = isPointer && argument.use_empty();
    if (unused[i])
      continue;
    // No alignment is promised: inputs and outputs of an entry are the caller's memory.
    NamedAttrList list;
    if (isPointer && !llvm::is_contained(signature.mayAlias, i))
      list.set(LLVM::LLVMDialect::getNoAliasAttrName(), b.getUnitAttr());
    attributes.push_back(list.getDictionary(b.getContext()));
  }
  body.eraseArguments(unused);
  auto type = LLVM::LLVMFunctionType::get(inner.getFunctionType().getReturnType(),
                                          llvm::to_vector(body.getArgumentTypes()));
  inner.setFunctionType(type);
  inner.setAllArgAttrs(attributes);
  return unused;
}

// Outer function: unpacks the argument arrays and calls the inner one.
void createEntry(OpBuilder &b, Location loc, const CpuTarget &target,
                 const PhaseSignature &signature, LLVM::LLVMFuncOp inner,
                 const llvm::BitVector &unused) {
  Type pointer = LLVM::LLVMPointerType::get(b.getContext());
  Type i64 = b.getI64Type();
  auto type = LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(b.getContext()),
                                          {pointer, pointer, i64, i64});
  auto entry = LLVM::LLVMFuncOp::create(b, loc, signature.name, type);
  Block *block = entry.addEntryBlock(b);
  b.setInsertionPointToStart(block);
  auto unpack = [&](Value array, Type element, unsigned i) -> Value {
    Value slot = LLVM::GEPOp::create(b, loc, pointer, element, array,
                                     ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(i)});
    int64_t alignment = element == pointer ? target.pointerBytes : 8;
    return LLVM::LoadOp::create(b, loc, element, slot, alignment, /*isVolatile=*/false,
                                /*isNonTemporal=*/false, /*isInvariant=*/true);
  };
  SmallVector<Value> arguments;
  for (unsigned i = 0; i < signature.pointers; ++i)
    if (!unused[i])
      arguments.push_back(unpack(block->getArgument(0), pointer, i));
  for (unsigned i = 0; i < signature.sizes; ++i)
    arguments.push_back(unpack(block->getArgument(1), i64, i));
  arguments.push_back(block->getArgument(2));
  arguments.push_back(block->getArgument(3));
  LLVM::CallOp::create(b, loc, inner, arguments);
  LLVM::ReturnOp::create(b, loc, ValueRange());
}

} // namespace

void dlc::codegen::cpu::emitPhase(
    ModuleOp module, Location loc, const CpuTarget &target, const PhaseSignature &signature,
    function_ref<void(KernelBuilder &, const PhaseArguments &)> body) {
  OpBuilder b(module.getContext());
  b.setInsertionPointToEnd(module.getBody());
  LLVM::LLVMFuncOp inner = createBody(b, loc, signature);
  Block *block = inner.addEntryBlock(b);
  b.setInsertionPointToStart(block);
  PhaseArguments arguments;
  auto all = block->getArguments();
  for (unsigned i = 0; i < signature.pointers; ++i)
    arguments.pointers.push_back(all[i]);
  for (unsigned i = 0; i < signature.sizes; ++i)
    arguments.sizes.push_back(all[signature.pointers + i]);
  arguments.begin = all[signature.pointers + signature.sizes];
  arguments.end = all[signature.pointers + signature.sizes + 1];
  KernelBuilder k(b, loc, target);
  body(k, arguments);
  LLVM::ReturnOp::create(b, loc, ValueRange());
  llvm::BitVector unused = dropUnusedPointers(b, signature, inner);
  b.setInsertionPointToEnd(module.getBody());
  createEntry(b, loc, target, signature, inner, unused);
}
