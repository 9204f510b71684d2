// Gives weights that contractions and convolutions read a second, derived form: panels, or
// elements of another type.
//
//   dlc.variable @W weight : K x N           dlc.variable @W weight : K x N
//                                            dlc.variable @W.panels derived : P x K x 64
//                                                from @W by @W.panels.pack
//                                            dlc.entry private @W.panels.pack(%W)
//   dlc.entry @predict(%x, %W) {      ==>    dlc.entry @predict(%x, %W, %P) {
//     dlc.contract %x, %W                      %B = unpack %P
//   }                                          dlc.contract %x, %B
//   dlc.entry @train_step(...)               }
//       -> (@W) { ... }                      dlc.entry @train_step(...) -> (@W) { ... }
//
// An entry that does not change a weight would otherwise pack it, or walk its rows, anew in every
// call. Nobody refreshes panels when the weight is assigned: the runtime does so by the private
// entry, before the next run that reads them. So a step that trains the weight pays nothing for
// the panels of predictions, however many steps lie between two of them, and does not read them
// either: it would have them packed in every call, which its kernels do themselves, and only where
// that pays. The row-major form stays the variable: files and optimizers see no panels. What was
// measured stands in docs/decisions.md.
//
// A derived variable (dlc-derive-variables: a filter with the factors of a normalisation, a matrix
// cast to bf16) has panels like a weight, made of its sources in one step; when nobody reads its
// row-major form any more, that is gone.
//
// What a loop reads and does not change is packed once before it,
//
//   scan invariants(%W) {                    %P = pack %W
//     contract %h, %W                 ==>    scan invariants(%W, %P) {
//   }                                          contract %h, unpack %P
//                                            }
//
// where no derived variable holds the panels already, and so is what several kernels of a step
// would each pack for themselves. What one kernel of a step would pack is packed before it, too,
// where predictions read such panels: then both dispatch the same kernel, which is compiled once.
//
// Legal for any weight of static sizes; pays by PanelRule, decided over all entries of the module.
// It is one decision for all targets, since panels are equally wide on all of them. Each form that
// is read (transposed, for the gradient by a convolution's input) has panels of its own.
//
// Runs after dlc-derive-variables and before dlc-form-kernels, which keeps unpackings inside the
// kernels of their readers. Tested by test/passes/layout/layout_variables.mlir and
// pack_before_loops.mlir.
#include "ir/support/Derivation.h"
#include "mlir/IR/IRMapping.h"
#include "passes/Passes.h"
#include "passes/layout/DerivedVariables.h"
#include "passes/layout/MatrixReads.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::passes {

#define GEN_PASS_DEF_LAYOUTVARIABLES
#include "passes/Passes.h.inc"

namespace {

//===- Panels that outlive a call -----------------------------------------------------------===//

/// The derived variables of one variable.
class FormMaker {
public:
  FormMaker(ModuleOp module, std::vector<EntryVariables> &entries, VariableOp source, int64_t width)
      : module(module), entries(entries), source(source), width(width),
        type(cast<RankedTensorType>(source.getType())) {}

  /// Those that have a derived variable.
  ArrayRef<PanelForm> getForms() const { return forms; }

  void run(Operation *after) {
    for (EntryVariables &entry : entries) {
      // An entry that assigns the weight would read panels once before they are stale again.
      BlockArgument argument = entry.argumentFor(source.getSymName());
      if (!argument || entry.getEntry().isPrivate() || entry.assigns(source.getSymName()))
        continue;
      for (const MatrixRead &read : matrixReads(argument, width))
        if (panelsPay(read.use))
          passes::readPanels(argument, panelsIn(entry, read.form, after), read.form);
    }
  }

private:
  /// The entry's argument for the panels of this form; declares them when they are new.
  Value panelsIn(EntryVariables &entry, const PanelForm &form, Operation *after) {
    RankedTensorType panels = panelsType(form, type.getElementType());
    auto known = llvm::find(forms, form);
    if (known == forms.end()) {
      forms.push_back(form);
      names.push_back(nameFor(form));
      declare(names.back(), panels, form, after);
      known = std::prev(forms.end());
    }
    return entry.argumentOf(names[known - forms.begin()], panels, source.getLoc());
  }

  /// Equal names mean equal layouts in any module with the variable, given equal types.
  std::string nameFor(const PanelForm &form) {
    std::string name = (source.getSymName() + (form.isRowMajor() ? "" : ".transposed")).str();
    name += form.isRowMajor() ? ".panels" : "_panels";
    if (form.outer > 0)
      name += ".by";
    for (int64_t dim : ArrayRef(form.permutation).take_front(form.outer))
      name += "_" + std::to_string(dim);
    return llvm::is_contained(names, name) ? name + "." + std::to_string(form.rows()) : name;
  }

  void declare(StringRef name, RankedTensorType panels, const PanelForm &form, Operation *after) {
    Derivation derivation;
    derivation.name = name;
    derivation.entry = (name + ".pack").str();
    derivation.what = "panels";
    derivation.type = panels;
    derivation.source = source;
    derivation.arguments = {source};
    EntryOp made = derivationOf(source);
    if (made) {
      auto named = [&](FlatSymbolRefAttr name) { return module.lookupSymbol<VariableOp>(name); };
      derivation.source = named(source.getSourceAttr());
      derivation.arguments = llvm::map_to_vector(sourcesOf(source), named);
    }
    declareDerived(module, after, derivation, [&](OpBuilder &builder, ValueRange arguments) {
      if (!made)
        return buildPacking(builder, source.getLoc(), arguments.front(), form);
      return packDerived(builder, made, arguments, form);
    });
  }

  /// The panels of what the entry derives. They are no packing, whose kernel copies a matrix in
  /// memory, but views of what is computed here.
  Value packDerived(OpBuilder &builder, EntryOp made, ValueRange arguments, const PanelForm &form) {
    IRMapping mapping;
    mapping.map(made.getArguments(), arguments);
    Block &body = made.getBody().front();
    for (Operation &op : body.without_terminator())
      builder.clone(op, mapping);
    Value tensor = mapping.lookup(body.getTerminator()->getOperand(0));
    Operation *before = &builder.getBlock()->back();
    Value packed = buildPacking(builder, source.getLoc(), tensor, form);
    for (Operation *op = before->getNextNode(); op; op = op->getNextNode())
      op->removeAttr(kPanelsAttr);
    return packed;
  }

  ModuleOp module;
  std::vector<EntryVariables> &entries;
  VariableOp source;
  int64_t width; ///< of panels
  RankedTensorType type;
  SmallVector<PanelForm> forms;
  SmallVector<std::string> names; ///< of the derived variables, one per form
};

//===- Panels for the length of a call ------------------------------------------------------===//

/// Whether one packing in front of the reads of this form is no more work than what they do, and
/// saves some. `known`: forms that other entries read panels of.
bool packsOften(ArrayRef<MatrixRead> reads, const PanelForm &form, ArrayRef<PanelForm> known) {
  unsigned calls = llvm::is_contained(known, form);
  for (const MatrixRead &read : reads) {
    if (read.form != form || !panelsPay(read.use))
      continue;
    if (read.use.inLoop)
      return true;
    calls += packsInEveryCall(read.use);
  }
  return calls > 1;
}

void packOnce(Value value, ArrayRef<PanelForm> known, int64_t width) {
  SmallVector<MatrixRead> reads = matrixReads(value, width);
  while (!reads.empty()) {
    PanelForm form = reads.front().form;
    if (packsOften(reads, form, known)) {
      Operation *first = nullptr;
      for (const MatrixRead &read : reads)
        if (read.form == form && (!first || read.user->isBeforeInBlock(first)))
          first = read.user;
      OpBuilder builder(first);
      Value panels = buildPacking(builder, reads.front().reader->getLoc(), value, form);
      readPanels(value, panels, form);
    }
    llvm::erase_if(reads, [&](const MatrixRead &read) { return read.form == form; });
  }
}

/// Outer blocks first: what an outer loop can pack is no business of an inner one.
void packOnce(Block &block, int64_t width) {
  SmallVector<Value> values(block.getArguments());
  SmallVector<Operation *> ops;
  for (Operation &op : block) {
    llvm::append_range(values, op.getResults());
    ops.push_back(&op);
  }
  for (Value value : values)
    packOnce(value, {}, width);
  for (Operation *op : ops)
    if (isa<ScanOp, WhileOp, IfOp>(op))
      for (Region &region : op->getRegions())
        packOnce(region.front(), width);
}

struct LayoutVariables : impl::LayoutVariablesBase<LayoutVariables> {
  using LayoutVariablesBase::LayoutVariablesBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    if (panelWidth != kPanelWidth && panelWidth != kNarrowPanelWidth) {
      module.emitError() << "panel-width is " << int64_t(panelWidth) << ", expected " << kPanelWidth
                         << " or " << kNarrowPanelWidth;
      return signalPassFailure();
    }
    SmallVector<VariableOp> variables(module.getOps<VariableOp>());
    std::vector<EntryVariables> entries = entriesOf(module);
    for (VariableOp variable : variables) {
      bool derived = variable.getRole() == VariableRole::derived;
      if (derived ? !isStreamed(derivationOf(variable))
                  : variable.getRole() != VariableRole::weight)
        continue;
      FormMaker maker(module, entries, variable, panelWidth);
      maker.run(/*after=*/variables.back());
      for (const EntryVariables &entry : entries)
        if (BlockArgument argument = entry.argumentFor(variable.getSymName());
            argument && !entry.getEntry().isPrivate())
          packOnce(argument, maker.getForms(), panelWidth);
      if (derived && !maker.getForms().empty())
        eraseUnread(entries, variable);
    }
    for (auto entry : module.getOps<EntryOp>())
      if (!entry.isPrivate())
        packOnce(entry.getBody().front(), panelWidth);
  }
};

} // namespace
} // namespace dlc::passes
