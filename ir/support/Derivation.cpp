#include "ir/support/Derivation.h"

using namespace mlir;

namespace dlc::ir {

EntryOp derivationOf(VariableOp variable) {
  FlatSymbolRefAttr derivation = variable.getDerivationAttr();
  return derivation ? SymbolTable::lookupNearestSymbolFrom<EntryOp>(variable, derivation)
                    : EntryOp();
}

SmallVector<FlatSymbolRefAttr> sourcesOf(VariableOp variable) {
  EntryOp entry = derivationOf(variable);
  if (!entry)
    return {};
  return llvm::map_to_vector(llvm::seq<unsigned>(0, entry.getNumArguments()), [&](unsigned i) {
    FlatSymbolRefAttr state = entry.getArgState(i);
    return state ? state : variable.getSourceAttr();
  });
}

} // namespace dlc::ir
