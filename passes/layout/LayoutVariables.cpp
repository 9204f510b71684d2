// Gives weights that contractions read a second, derived form: panels.
//
//   dlc.variable @W weight : K x N           dlc.variable @W weight : K x N
//                                            dlc.variable @W.panels derived : P x K x 64
//                                                from @W by @W.panels.pack
//                                            dlc.entry private @W.panels.pack(%W)
//   dlc.entry @predict(%x, %W) {      ==>    dlc.entry @predict(%x, %W, %P) {
//     dlc.contract %x, %W                      %B = unpack %P
//   }                                          dlc.contract %x, %B
//   dlc.entry @train_step(...)               }
//       -> (@W) {                            dlc.entry @train_step(...) -> (@W, @W.panels) {
//     dlc.return %W2                           %P2 = pack %W2
//   }                                          dlc.return %W2, %P2
//
// An entry that does not change a weight would otherwise pack or walk its rows anew in every call
// (three layers of 1024 x 1024: 0.86 of the time at batch 1, 0.83 at 64 and 128). Whoever assigns
// the source refreshes the panels in the same call; the runtime does so by the private entry when a
// value is set or loaded. A training step gains as much as any reader and pays for the refresh (of
// these layers: 1.09 of the time at batch 32, 1.04 at 128), so it reads panels where another entry
// wants them, but is no reason to have them. The row-major form stays the variable: files and
// optimizers see no panels.
//
// Legal for any variable of two static sizes; pays by PanelRule. Reads of transposed matrices have
// panels of their own, @W.transposed_panels.
//
// Runs after dlc-recompute and before dlc-form-kernels, which keeps unpackings inside contractions.
// Tested by test/passes/layout/layout_variables.mlir.
#include "ir/support/Panels.h"
#include "ir/support/ShapeMath.h"
#include "passes/Passes.h"
#include "passes/layout/PanelRule.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::passes {

#define GEN_PASS_DEF_LAYOUTVARIABLES
#include "passes/Passes.h.inc"

namespace {

/// The value that the entry returns for the variable, or null.
OpOperand *assignedTo(EntryOp entry, StringRef variable) {
  for (OpOperand &operand : entry.getBody().front().getTerminator()->getOpOperands()) {
    FlatSymbolRefAttr state = entry.getResultState(operand.getOperandNumber());
    if (state && state.getValue() == variable)
      return &operand;
  }
  return nullptr;
}

std::optional<BlockArgument> argumentFor(EntryOp entry, StringRef variable) {
  for (BlockArgument argument : entry.getBody().getArguments()) {
    FlatSymbolRefAttr state = entry.getArgState(argument.getArgNumber());
    if (state && state.getValue() == variable)
      return argument;
  }
  return std::nullopt;
}

/// How a contraction reads `matrix`, if as a B of one reduced and one free dimension.
std::optional<PanelUse> useBy(ContractOp contract, Value matrix) {
  if (contract.getB() != matrix || contract.getA() == matrix || !contract.getBBatch().empty() ||
      contract.getBReduce().size() != 1)
    return std::nullopt;
  auto type = cast<RankedTensorType>(matrix.getType());
  PanelUse use;
  use.transposed = contract.getBReduce().front() == 1;
  use.k = type.getDimSize(use.transposed);
  use.n = type.getDimSize(!use.transposed);
  return use;
}

/// The contractions of the entry that read the variable in this form and profit from panels.
SmallVector<ContractOp> readersOf(EntryOp entry, StringRef variable, bool transposed) {
  SmallVector<ContractOp> readers;
  std::optional<BlockArgument> argument = argumentFor(entry, variable);
  if (!argument)
    return readers;
  for (Operation *user : argument->getUsers())
    if (auto contract = dyn_cast<ContractOp>(user)) {
      std::optional<PanelUse> use = useBy(contract, *argument);
      if (use && use->transposed == transposed && panelsPay(*use))
        readers.push_back(contract);
    }
  return readers;
}

class PanelMaker {
public:
  PanelMaker(ModuleOp module, VariableOp source, bool transposed)
      : module(module), source(source), transposed(transposed),
        matrix(cast<RankedTensorType>(source.getType())),
        name((source.getSymName() + (transposed ? ".transposed_panels" : ".panels")).str()) {}

  bool areWanted() {
    return llvm::any_of(module.getOps<EntryOp>(), [&](EntryOp entry) {
      return !assignedTo(entry, source.getSymName()) &&
             !readersOf(entry, source.getSymName(), transposed).empty();
    });
  }

  void run(Operation *after) {
    SmallVector<EntryOp> entries(module.getOps<EntryOp>());
    for (EntryOp entry : entries) {
      SmallVector<ContractOp> readers = readersOf(entry, source.getSymName(), transposed);
      if (!readers.empty())
        readPanels(entry, readers);
      if (OpOperand *value = assignedTo(entry, source.getSymName()))
        refresh(entry, value->get());
    }
    declare(after);
  }

private:
  FlatSymbolRefAttr symbol() { return FlatSymbolRefAttr::get(module.getContext(), name); }

  void readPanels(EntryOp entry, ArrayRef<ContractOp> readers) {
    MLIRContext *context = module.getContext();
    unsigned number = entry.getNumArguments();
    auto attributes = DictionaryAttr::get(context, NamedAttribute(kStateAttr, symbol()));
    if (failed(entry.insertArgument(number, panelsType(matrix, transposed), attributes,
                                    source.getLoc())))
      llvm_unreachable("the type of panels is a tensor");
    Value panels = entry.getArgument(number);
    for (ContractOp contract : readers) {
      OpBuilder builder(contract);
      Value unpacked =
          buildUnpacking(builder, contract.getLoc(), panels, matrix.getDimSize(!transposed));
      contract.getBMutable().assign(unpacked);
      contract.setBReduce({0});
    }
  }

  void refresh(EntryOp entry, Value value) {
    MLIRContext *context = module.getContext();
    Operation *ret = entry.getBody().front().getTerminator();
    OpBuilder builder(ret);
    Value panels = buildPacking(builder, source.getLoc(), value, transposed);
    unsigned number = entry.getNumResults();
    auto attributes = DictionaryAttr::get(context, NamedAttribute(kStateAttr, symbol()));
    if (failed(entry.insertResult(number, panels.getType(), attributes)))
      llvm_unreachable("the type of panels is a tensor");
    ret->insertOperands(number, panels);
  }

  void declare(Operation *after) {
    OpBuilder builder(module.getContext());
    builder.setInsertionPointAfter(after);
    std::string derivation = name + ".pack";
    RankedTensorType panels = panelsType(matrix, transposed);
    auto variable =
        VariableOp::create(builder, source.getLoc(), name, VariableRole::derived, panels);
    variable.setSource(source.getSymName());
    variable.setDerivation(derivation);
    builder.setInsertionPointToEnd(module.getBody());
    auto type = builder.getFunctionType({matrix}, {panels});
    auto entry = EntryOp::create(builder, source.getLoc(), derivation, type);
    entry.setPrivate();
    entry.setArg(0, "source");
    entry.setResult(0, "panels");
    builder.setInsertionPointToEnd(&entry.getBody().front());
    Value packed = buildPacking(builder, source.getLoc(), entry.getArgument(0), transposed);
    ReturnOp::create(builder, source.getLoc(), packed);
  }

  ModuleOp module;
  VariableOp source;
  bool transposed;
  RankedTensorType matrix;
  std::string name;
};

/// Of two static sizes, and of a type whose contractions have emitters for panels.
bool mayHavePanels(VariableOp variable) {
  auto type = cast<RankedTensorType>(variable.getType());
  return variable.getRole() == VariableRole::weight && type.getRank() == 2 &&
         type.hasStaticShape() && isa<FloatType>(type.getElementType());
}

struct LayoutVariables : impl::LayoutVariablesBase<LayoutVariables> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    SmallVector<VariableOp> variables(module.getOps<VariableOp>());
    for (VariableOp variable : variables) {
      if (!mayHavePanels(variable))
        continue;
      for (bool transposed : {false, true}) {
        PanelMaker panels(module, variable, transposed);
        if (panels.areWanted())
          panels.run(/*after=*/variables.back());
      }
    }
  }
};

} // namespace
} // namespace dlc::passes
