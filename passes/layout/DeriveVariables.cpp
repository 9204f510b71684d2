// Computes what follows from unchanged variables alone once for all calls, in derived variables.
//
//   dlc.entry @predict(%x, %W, %s) {         dlc.variable @W.derived derived from @W
//     %V = dlc.mul %W, broadcast(%s)             by @W.derived.derive
//     dlc.conv %x, %V                 ==>    dlc.entry private @W.derived.derive(%W, %s) { ... }
//   }                                        dlc.entry @predict(%x, %W, %s, %V) {
//                                              dlc.conv %x, %V
//                                            }
//
// So are filters with the factors of a batch normalisation (dlc-fold-batch-norm), the per channel
// constants of one that stands alone, several matrices side by side, and the casts of mixed
// precision. The runtime computes a derived variable before the next run that reads it once one of
// its sources has got a new value; who trains the sources pays nothing.
//
// The transform of a filter (dlc-winograd) is larger than the filter and a variable all the same.
// Taken else is the largest expression that is fixed for the entry (FixedValues), holds some arithmetic,
// and has no more elements than the variables behind it: what repeats a vector stays where it is
// read. Equal expressions of several entries are one variable. What an entry returns stays in it.
//
// Runs after dlc-recompute, behind which equal values are not merged any more, and before
// dlc-layout-variables, which gives derived variables panels like any weight.
// Tested by test/passes/layout/derive_variables.mlir.
#include "mlir/IR/IRMapping.h"
#include "passes/Passes.h"
#include "passes/layout/FixedValues.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::passes {

#define GEN_PASS_DEF_DERIVEVARIABLES
#include "passes/Passes.h.inc"

namespace {

int64_t elementsOf(Type type) { return cast<RankedTensorType>(type).getNumElements(); }

/// Views and constants alone are no work; they stay with who reads them.
bool holdsWork(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op)
    return false;
  auto fusible = cast<Fusible>(op);
  return isa<ConcatOp, WinogradFilterOp>(op) || fusible.getFusionKind() == FusionKind::Pointwise ||
         llvm::any_of(op->getOperands(), holdsWork);
}

/// Copies the ops behind `value`, as far as the mapping does not know them.
Value cloneInto(OpBuilder &builder, IRMapping &mapping, Value value) {
  if (Value known = mapping.lookupOrNull(value))
    return known;
  Operation *op = value.getDefiningOp();
  for (Value operand : op->getOperands())
    cloneInto(builder, mapping, operand);
  builder.clone(*op, mapping);
  return mapping.lookup(value);
}

class Deriver {
public:
  explicit Deriver(ModuleOp module) : module(module) {
    for (auto variable : module.getOps<VariableOp>()) {
      last = variable;
      taken.insert(variable.getSymName());
    }
  }

  void run(EntryOp entry) {
    FixedValues fixed(module, entry);
    EntryVariables variables(entry);
    llvm::SmallSetVector<Value, 8> roots;
    for (Operation &op : entry.getBody().front().without_terminator())
      if (op.getNumResults() == 0 || !fixed.isFixed(op.getResult(0)))
        for (Value operand : op.getOperands())
          collect(fixed, operand, roots);
    for (Value root : roots) {
      Value derived = variables.argumentOf(nameOf(fixed, variables, root),
                                           cast<RankedTensorType>(root.getType()), root.getLoc());
      root.replaceUsesWithIf(derived, [](OpOperand &use) {
        return !use.getOwner()->hasTrait<OpTrait::IsTerminator>();
      });
    }
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(entry.getBody().front())))
      if (isOpTriviallyDead(&op))
        op.erase();
  }

private:
  /// The largest values behind `value`, itself first, that deserve a variable.
  void collect(FixedValues &fixed, Value value, llvm::SmallSetVector<Value, 8> &roots) {
    if (!fixed.isFixed(value) || !holdsWork(value))
      return;
    SmallVector<VariableOp> behind = fixed.variablesBehind(value);
    if (value.getDefiningOp<WinogradFilterOp>() && !behind.empty()) {
      roots.insert(value);
      return;
    }
    int64_t elements = 0;
    for (VariableOp variable : behind)
      elements += elementsOf(variable.getType());
    if (elementsOf(value.getType()) <= elements) {
      roots.insert(value);
      return;
    }
    for (Value operand : value.getDefiningOp()->getOperands())
      collect(fixed, operand, roots);
  }

  /// What is computed, in words that are equal for equal expressions.
  static void describe(FixedValues &fixed, Value value, llvm::raw_ostream &os) {
    if (VariableOp variable = fixed.variableOf(value)) {
      os << '@' << variable.getSymName();
      return;
    }
    Operation *op = value.getDefiningOp();
    os << op->getName() << op->getDiscardableAttrDictionary() << op->getPropertiesAsAttribute()
       << value.getType() << '(';
    for (Value operand : op->getOperands()) {
      describe(fixed, operand, os);
      os << ',';
    }
    os << ')';
  }

  /// The variable that holds `root`; declared when it is new.
  StringRef nameOf(FixedValues &fixed, const EntryVariables &variables, Value root) {
    std::string text;
    llvm::raw_string_ostream os(text);
    describe(fixed, root, os);
    std::string &name = names[text];
    if (name.empty())
      name = declare(fixed, variables, root);
    return name;
  }

  /// A kernel of its own makes the transform, of a variable; which may be derived, too.
  std::string declareFilter(FixedValues &fixed, const EntryVariables &variables,
                            WinogradFilterOp filter) {
    VariableOp source = fixed.variableOf(filter.getFilter());
    if (!source)
      source = module.lookupSymbol<VariableOp>(nameOf(fixed, variables, filter.getFilter()));
    Derivation derivation;
    derivation.source = source;
    derivation.arguments = {source};
    derivation.type = filter.getType();
    derivation.name = (source.getSymName() + ".winograd").str();
    derivation.entry = derivation.name + ".transform";
    derivation.what = "panels";
    taken.insert(derivation.name);
    last = declareDerived(module, last, derivation, [&](OpBuilder &builder, ValueRange arguments) {
      return WinogradFilterOp::create(builder, filter.getLoc(), filter.getType(), arguments[0]);
    });
    return derivation.name;
  }

  std::string declare(FixedValues &fixed, const EntryVariables &variables, Value root) {
    if (auto filter = root.getDefiningOp<WinogradFilterOp>())
      return declareFilter(fixed, variables, filter);
    Derivation derivation;
    derivation.arguments = fixed.variablesBehind(root);
    derivation.type = cast<RankedTensorType>(root.getType());
    // It is another form of the largest, and of the first of equal ones.
    derivation.source = *llvm::max_element(derivation.arguments, [](VariableOp a, VariableOp b) {
      return elementsOf(a.getType()) < elementsOf(b.getType());
    });
    auto cast = root.getDefiningOp<CastOp>();
    bool onlyCast = cast && !cast.getX().getDefiningOp();
    std::string stem = (derivation.source.getSymName() + ".").str();
    if (onlyCast)
      llvm::raw_string_ostream(stem) << derivation.type.getElementType();
    else
      stem += "derived";
    derivation.name = stem;
    for (int number = 2; !taken.insert(derivation.name).second; ++number)
      derivation.name = stem + "." + std::to_string(number);
    derivation.entry = derivation.name + (onlyCast ? ".cast" : ".derive");
    derivation.what = onlyCast ? "cast" : "derived";
    last = declareDerived(module, last, derivation, [&](OpBuilder &builder, ValueRange arguments) {
      IRMapping mapping;
      for (auto [variable, argument] : llvm::zip(derivation.arguments, arguments))
        mapping.map(variables.argumentFor(variable.getSymName()), argument);
      return cloneInto(builder, mapping, root);
    });
    return derivation.name;
  }

  ModuleOp module;
  Operation *last = nullptr; ///< variable: what is derived stands behind its sources
  llvm::StringSet<> taken;
  llvm::StringMap<std::string> names; ///< of expressions
};

struct DeriveVariables : impl::DeriveVariablesBase<DeriveVariables> {
  void runOnOperation() override {
    Deriver deriver(getOperation());
    for (auto entry : llvm::to_vector(getOperation().getOps<EntryOp>()))
      if (!entry.isPrivate())
        deriver.run(entry);
  }
};

} // namespace
} // namespace dlc::passes
