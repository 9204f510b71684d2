#include "passes/layout/DerivedVariables.h"
#include "ir/support/Derivation.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::passes {

bool assigns(EntryOp entry, StringRef variable) {
  return llvm::any_of(llvm::seq<unsigned>(0, entry.getNumResults()), [&](unsigned result) {
    FlatSymbolRefAttr state = entry.getResultState(result);
    return state && state.getValue() == variable;
  });
}

std::optional<BlockArgument> argumentFor(EntryOp entry, StringRef variable) {
  for (BlockArgument argument : entry.getBody().getArguments()) {
    FlatSymbolRefAttr state = entry.getArgState(argument.getArgNumber());
    if (state && state.getValue() == variable)
      return argument;
  }
  return std::nullopt;
}

Value argumentOf(EntryOp entry, StringRef variable, RankedTensorType type, Location loc) {
  if (auto argument = argumentFor(entry, variable))
    return *argument;
  MLIRContext *context = entry.getContext();
  unsigned number = entry.getNumArguments();
  auto attributes = DictionaryAttr::get(
      context, NamedAttribute(kStateAttr, FlatSymbolRefAttr::get(context, variable)));
  if (failed(entry.insertArgument(number, type, attributes, loc)))
    llvm_unreachable("the type of a variable is a tensor");
  return entry.getArgument(number);
}

bool canDerive(Operation *op) {
  if (op->getNumResults() != 1 || op->getNumRegions() != 0 || isa<SeamOp>(op))
    return false;
  // The values of a large one would be written once more.
  constexpr int64_t kSmall = 16;
  if (auto constant = dyn_cast<ConstantOp>(op))
    return cast<RankedTensorType>(constant.getType()).getNumElements() <= kSmall;
  if (isa<BroadcastOp, ReshapeOp, TransposeOp, SliceOp, PadOp, ConcatOp, ReverseOp>(op))
    return true;
  auto fusible = dyn_cast<Fusible>(op);
  return fusible && fusible.getFusionKind() == FusionKind::Pointwise;
}

bool isStreamed(EntryOp derivation) {
  return derivation && derivation.isPrivate() &&
         llvm::all_of(derivation.getBody().front().without_terminator(),
                      [](Operation &op) { return canDerive(&op); });
}

VariableOp declareDerived(ModuleOp module, Operation *after, Derivation derivation,
                          llvm::function_ref<Value(OpBuilder &, ValueRange)> build) {
  OpBuilder builder(module.getContext());
  Location loc = derivation.source.getLoc();
  builder.setInsertionPointAfter(after);
  auto variable =
      VariableOp::create(builder, loc, derivation.name, VariableRole::derived, derivation.type);
  variable.setSource(derivation.source.getSymName());
  variable.setDerivation(derivation.entry);
  builder.setInsertionPointToEnd(module.getBody());
  SmallVector<Type> types;
  for (VariableOp argument : derivation.arguments)
    types.push_back(argument.getType());
  auto entry = EntryOp::create(builder, loc, derivation.entry,
                               builder.getFunctionType(types, {derivation.type}));
  entry.setPrivate();
  if (types.size() == 1)
    entry.setArg(0, "source");
  else
    for (unsigned i = 0; i < types.size(); ++i)
      entry.setArg(i, FlatSymbolRefAttr::get(derivation.arguments[i].getSymNameAttr()));
  entry.setResult(0, derivation.what);
  builder.setInsertionPointToEnd(&entry.getBody().front());
  ReturnOp::create(builder, loc, build(builder, entry.getArguments()));
  return variable;
}

bool eraseUnread(ModuleOp module, VariableOp variable) {
  SmallVector<std::pair<EntryOp, BlockArgument>> arguments;
  for (auto entry : module.getOps<EntryOp>())
    if (auto argument = argumentFor(entry, variable.getSymName())) {
      if (!argument->use_empty())
        return false;
      arguments.push_back({entry, *argument});
    }
  for (auto [entry, argument] : arguments)
    if (failed(entry.eraseArgument(argument.getArgNumber())))
      llvm_unreachable("the argument has no uses");
  if (EntryOp derivation = derivationOf(variable))
    derivation.erase();
  variable.erase();
  return true;
}

} // namespace dlc::passes
