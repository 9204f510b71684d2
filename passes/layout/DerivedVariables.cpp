#include "passes/layout/DerivedVariables.h"
#include "ir/support/Derivation.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::passes {

EntryVariables::EntryVariables(EntryOp entry) : entry(entry) {
  for (BlockArgument argument : entry.getBody().getArguments())
    if (FlatSymbolRefAttr state = entry.getArgState(argument.getArgNumber()))
      arguments[state.getValue()] = argument;
  for (unsigned result : llvm::seq<unsigned>(0, entry.getNumResults()))
    if (FlatSymbolRefAttr state = entry.getResultState(result))
      assigned.insert(state.getValue());
}

Value EntryVariables::argumentOf(StringRef variable, RankedTensorType type, Location loc) {
  if (BlockArgument known = argumentFor(variable))
    return known;
  MLIRContext *context = entry.getContext();
  unsigned number = entry.getNumArguments();
  auto attributes = DictionaryAttr::get(
      context, NamedAttribute(kStateAttr, FlatSymbolRefAttr::get(context, variable)));
  if (failed(entry.insertArgument(number, type, attributes, loc)))
    llvm_unreachable("the type of a variable is a tensor");
  return arguments[variable] = entry.getArgument(number);
}

void EntryVariables::eraseArgumentFor(StringRef variable) {
  if (failed(entry.eraseArgument(argumentFor(variable).getArgNumber())))
    llvm_unreachable("the argument has no uses");
  arguments.erase(variable);
}

std::vector<EntryVariables> entriesOf(ModuleOp module) {
  std::vector<EntryVariables> entries;
  for (auto entry : module.getOps<EntryOp>())
    entries.emplace_back(entry);
  return entries;
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

bool eraseUnread(std::vector<EntryVariables> &entries, VariableOp variable) {
  StringRef name = variable.getSymName();
  auto reads = [&](const EntryVariables &entry) { return bool(entry.argumentFor(name)); };
  for (EntryVariables &entry : llvm::make_filter_range(entries, reads))
    if (!entry.argumentFor(name).use_empty())
      return false;
  for (EntryVariables &entry : llvm::make_filter_range(entries, reads))
    entry.eraseArgumentFor(name);
  if (EntryOp derivation = derivationOf(variable)) {
    llvm::erase_if(entries,
                   [&](const EntryVariables &entry) { return entry.getEntry() == derivation; });
    derivation.erase();
  }
  variable.erase();
  return true;
}

} // namespace dlc::passes
