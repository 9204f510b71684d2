#include "codegen/cpu/RandomStreams.h"
#include "codegen/cpu/emit/Kernel.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::codegen::cpu {
namespace {

/// The attribute of an op that draws from a stream; null for any other op.
IntegerAttr streamOf(Operation *op) {
  bool draws = isa<RandomUniformOp, RandomNormalOp, RandomBernoulliOp>(op);
  return draws ? op->getAttrOfType<IntegerAttr>("stream") : IntegerAttr();
}

} // namespace

SmallVector<int64_t> randomStreams(KernelFuncOp func) {
  llvm::SetVector<int64_t> streams;
  if (!heavyRoot(func))
    for (Operation &op : func.getBody().front())
      if (IntegerAttr stream = streamOf(&op))
        streams.insert(stream.getInt());
  return llvm::to_vector(streams);
}

void takeStreamsAsSizes(KernelFuncOp func) {
  SmallVector<int64_t> streams = randomStreams(func);
  if (streams.empty())
    return;
  SmallVector<Attribute> symbols = llvm::to_vector(func.getSymbols());
  Builder b(func.getContext());
  for (size_t i = 0; i < streams.size(); ++i)
    symbols.push_back(b.getStringAttr(streamSymbol(i)));
  func.setSymbolsAttr(b.getArrayAttr(symbols));
  for (Operation &op : func.getBody().front())
    if (IntegerAttr stream = streamOf(&op))
      op.setAttr("stream",
                 b.getI64IntegerAttr(llvm::find(streams, stream.getInt()) - streams.begin()));
}

std::string streamSymbol(int64_t number) { return "stream " + std::to_string(number); }

} // namespace dlc::codegen::cpu
