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
// A weight that is read through a cast, as in mixed precision, is kept in that type, too, for entries
// that do not change it:
//
//   %B = cast %W : f32 -> bf16       ==>     dlc.variable @W.bf16 derived from @W by @W.bf16.cast
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
// Runs after dlc-recompute and before dlc-form-kernels, which keeps unpackings inside the kernels
// of their readers. Tested by test/passes/layout/layout_variables.mlir and pack_before_loops.mlir.
#include "passes/Passes.h"
#include "passes/layout/MatrixReads.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::passes {

#define GEN_PASS_DEF_LAYOUTVARIABLES
#include "passes/Passes.h.inc"

namespace {

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

//===- Panels that outlive a call -----------------------------------------------------------===//

/// The derived variables of one variable.
class FormMaker {
public:
  FormMaker(ModuleOp module, VariableOp source)
      : module(module), source(source), type(cast<RankedTensorType>(source.getType())) {}

  /// Those that have a derived variable.
  ArrayRef<PanelForm> getForms() const { return forms; }

  void run(Operation *after) {
    for (EntryOp entry : llvm::to_vector(module.getOps<EntryOp>())) {
      // An entry that assigns the weight would read panels once before they are stale again.
      std::optional<BlockArgument> argument = argumentFor(entry, source.getSymName());
      if (!argument || assigns(entry, source.getSymName()))
        continue;
      for (const MatrixRead &read : matrixReads(*argument))
        if (panelsPay(read.use))
          passes::readPanels(*argument, panelsIn(entry, read.form, after), read.form);
      for (Operation *user : llvm::to_vector(argument->getUsers()))
        if (auto cast = dyn_cast<CastOp>(user)) {
          cast.replaceAllUsesWith(castIn(entry, cast.getType(), after));
          cast.erase();
        }
    }
  }

private:
  /// The entry's argument for the panels of this form; declares them when they are new.
  Value panelsIn(EntryOp entry, const PanelForm &form, Operation *after) {
    auto known = llvm::find(forms, form);
    if (known == forms.end()) {
      forms.push_back(form);
      names.push_back(nameFor(form));
      declare(names.back(), names.back() + ".pack", "panels",
              panelsType(form, type.getElementType()), after,
              [&](OpBuilder &builder, Value value) {
                return buildPacking(builder, source.getLoc(), value, form);
              });
      known = std::prev(forms.end());
    }
    return argumentOf(entry, names[known - forms.begin()],
                      panelsType(form, type.getElementType()));
  }

  /// The entry's argument for the variable in the elements of `result`.
  Value castIn(EntryOp entry, RankedTensorType result, Operation *after) {
    std::string name = source.getSymName().str();
    llvm::raw_string_ostream(name) << '.' << result.getElementType();
    if (!llvm::is_contained(casts, result)) {
      casts.push_back(result);
      declare(name, name + ".cast", "cast", result, after, [&](OpBuilder &builder, Value value) {
        return CastOp::create(builder, source.getLoc(), value, result.getElementType());
      });
    }
    return argumentOf(entry, name, result);
  }

  /// The entry's argument for a derived variable; added when there is none.
  Value argumentOf(EntryOp entry, StringRef name, RankedTensorType derived) {
    if (auto argument = argumentFor(entry, name))
      return *argument;
    MLIRContext *context = module.getContext();
    unsigned number = entry.getNumArguments();
    auto attributes = DictionaryAttr::get(
        context, NamedAttribute(kStateAttr, FlatSymbolRefAttr::get(context, name)));
    if (failed(entry.insertArgument(number, derived, attributes, source.getLoc())))
      llvm_unreachable("the type of a variable is a tensor");
    return entry.getArgument(number);
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

  /// A derived variable, and the private entry that makes it of the source.
  void declare(StringRef name, StringRef derivation, StringRef result, RankedTensorType derived,
               Operation *after, llvm::function_ref<Value(OpBuilder &, Value)> derive) {
    OpBuilder builder(module.getContext());
    builder.setInsertionPointAfter(after);
    auto variable =
        VariableOp::create(builder, source.getLoc(), name, VariableRole::derived, derived);
    variable.setSource(source.getSymName());
    variable.setDerivation(derivation);
    builder.setInsertionPointToEnd(module.getBody());
    auto entry = EntryOp::create(builder, source.getLoc(), derivation,
                                 builder.getFunctionType({type}, {derived}));
    entry.setPrivate();
    entry.setArg(0, "source");
    entry.setResult(0, result);
    builder.setInsertionPointToEnd(&entry.getBody().front());
    ReturnOp::create(builder, source.getLoc(), derive(builder, entry.getArgument(0)));
  }

  ModuleOp module;
  VariableOp source;
  RankedTensorType type;
  SmallVector<PanelForm> forms;
  SmallVector<std::string> names; ///< of the derived variables, one per form
  SmallVector<RankedTensorType> casts; ///< that have a derived variable
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

void packOnce(Value value, ArrayRef<PanelForm> known) {
  SmallVector<MatrixRead> reads = matrixReads(value);
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
void packOnce(Block &block) {
  SmallVector<Value> values(block.getArguments());
  SmallVector<Operation *> ops;
  for (Operation &op : block) {
    llvm::append_range(values, op.getResults());
    ops.push_back(&op);
  }
  for (Value value : values)
    packOnce(value, {});
  for (Operation *op : ops)
    if (isa<ScanOp, WhileOp, IfOp>(op))
      for (Region &region : op->getRegions())
        packOnce(region.front());
}

struct LayoutVariables : impl::LayoutVariablesBase<LayoutVariables> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    SmallVector<VariableOp> variables(module.getOps<VariableOp>());
    for (VariableOp variable : variables) {
      if (variable.getRole() != VariableRole::weight)
        continue;
      FormMaker maker(module, variable);
      maker.run(/*after=*/variables.back());
      for (auto entry : module.getOps<EntryOp>())
        if (auto argument = argumentFor(entry, variable.getSymName()))
          packOnce(*argument, maker.getForms());
    }
    for (auto entry : module.getOps<EntryOp>())
      if (!entry.isPrivate())
        packOnce(entry.getBody().front());
  }
};

} // namespace
} // namespace dlc::passes
