#include "passes/layout/FixedValues.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::passes {
namespace {

bool isStatic(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && tensor.hasStaticShape() && tensor.getNumElements() > 0;
}

} // namespace

FixedValues::FixedValues(ModuleOp module, EntryOp entry) : entry(entry) {
  for (auto variable : module.getOps<VariableOp>()) {
    VariableRole role = variable.getRole();
    if ((role == VariableRole::weight || role == VariableRole::statistic) &&
        isStatic(variable.getType()))
      variables[variable.getSymName()] = variable;
  }
  for (unsigned result : llvm::seq<unsigned>(0, entry.getNumResults()))
    if (FlatSymbolRefAttr state = entry.getResultState(result))
      variables.erase(state.getValue());
}

VariableOp FixedValues::variableOf(Value value) {
  auto argument = dyn_cast<BlockArgument>(value);
  if (!argument || argument.getOwner() != &entry.getBody().front())
    return {};
  FlatSymbolRefAttr state = entry.getArgState(argument.getArgNumber());
  return state ? variables.lookup(state.getValue()) : VariableOp();
}

bool FixedValues::isFixed(Value value) {
  auto found = known.find(value);
  if (found != known.end())
    return found->second;
  bool fixed = decide(value);
  known[value] = fixed;
  return fixed;
}

bool FixedValues::decide(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op)
    return bool(variableOf(value));
  return isStatic(value.getType()) && (canDerive(op) || isa<WinogradFilterOp>(op)) &&
         llvm::all_of(op->getOperands(), [&](Value operand) { return isFixed(operand); });
}

SmallVector<VariableOp> FixedValues::variablesBehind(Value value) {
  llvm::SmallSetVector<Operation *, 4> found;
  llvm::SmallPtrSet<Operation *, 16> visited;
  auto visit = [&](auto &self, Value value) -> void {
    if (VariableOp variable = variableOf(value))
      found.insert(variable);
    Operation *op = value.getDefiningOp();
    if (op && visited.insert(op).second)
      for (Value operand : op->getOperands())
        self(self, operand);
  };
  visit(visit, value);
  return llvm::map_to_vector(found, [](Operation *op) { return cast<VariableOp>(op); });
}

} // namespace dlc::passes
