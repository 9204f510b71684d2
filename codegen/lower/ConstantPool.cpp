// The table is written down as variable, and its address passes through launder.invariant.group:
// both keep LLVM from knowing what stands there. Neither leaves an instruction behind.
#include "codegen/lower/ConstantPool.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "llvm/ADT/bit.h"

using namespace mlir;

namespace dlc::codegen {

static constexpr StringLiteral kTable = "dlc_math_constants";

Value ConstantPool::open(OpBuilder &b, Location loc) {
  ++formulas;
  Type pointer = LLVM::LLVMPointerType::get(b.getContext());
  Value address = LLVM::AddressOfOp::create(b, loc, pointer, kTable);
  return LLVM::LaunderInvariantGroupOp::create(b, loc, pointer, address);
}

Value ConstantPool::load(OpBuilder &b, Location loc, Value base, VectorType type,
                         const llvm::APInt &bits) {
  unsigned width = bits.getBitWidth();
  auto [entry, isNew] = places.try_emplace({formulas, width, bits.getZExtValue()}, places.size());
  if (isNew)
    for (unsigned i = 0; i < kBytes / 4; ++i)
      words.push_back(uint32_t(bits.getZExtValue() >> (width == 64 && i % 2 ? 32 : 0)));
  return read(b, loc, base, type, entry->second);
}

Value ConstantPool::loadTable(OpBuilder &b, Location loc, Value base, VectorType type,
                              unsigned number, ArrayRef<float> values) {
  auto [entry, isNew] = places.try_emplace({formulas, 0, number}, places.size());
  if (isNew) {
    for (float value : values)
      words.push_back(llvm::bit_cast<uint32_t>(value));
    words.resize(places.size() * kBytes / sizeof(uint32_t));
  }
  return read(b, loc, base, type, entry->second);
}

Value ConstantPool::read(OpBuilder &b, Location loc, Value base, VectorType type, int64_t entry) {
  Value address = LLVM::GEPOp::create(b, loc, base.getType(), b.getI8Type(), base,
                                      ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(entry * kBytes)});
  return LLVM::LoadOp::create(b, loc, type, address, kBytes);
}

void ConstantPool::finish(ModuleOp module) {
  if (!formulas)
    return;
  if (words.empty())
    words.push_back(0);
  OpBuilder b = OpBuilder::atBlockBegin(module.getBody());
  Type word = b.getI32Type();
  auto values = DenseElementsAttr::get(
      RankedTensorType::get({static_cast<int64_t>(words.size())}, word), ArrayRef<uint32_t>(words));
  LLVM::GlobalOp::create(b, module.getLoc(), LLVM::LLVMArrayType::get(word, words.size()),
                         /*isConstant=*/false, LLVM::Linkage::Internal, kTable, values,
                         /*alignment=*/kBytes);
}

} // namespace dlc::codegen
