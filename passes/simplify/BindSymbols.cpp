// Replaces size symbols by constants, everywhere at once.
//
//   bindings=B=128:   tensor<?x784xf32, #dlc.dims<[B, 784]>>   ==>   tensor<128x784xf32>
//
// What is known statically gives shorter code and exact choices of schedules, for one size only.
// The value must be one that the symbol admits (minimum, maximum, divisor). The symbol is taken
// off the module's list: callers no longer bind it.
//
// Runs first. Tested by test/passes/simplify/bind_symbols.mlir.
#include "ir/Ops.h"
#include "ir/support/ShapeMath.h"
#include "passes/Passes.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::passes {

#define GEN_PASS_DEF_BINDSYMBOLS
#include "passes/Passes.h.inc"

namespace {

struct BindSymbols : impl::BindSymbolsBase<BindSymbols> {
  using BindSymbolsBase::BindSymbolsBase;

  void runOnOperation() override {
    llvm::StringMap<int64_t> values;
    for (const std::string &binding : bindings)
      if (failed(parseBinding(binding, values)))
        return signalPassFailure();
    if (failed(removeFromList(values)))
      return signalPassFailure();
    MLIRContext *context = &getContext();
    auto bound = [&](StringRef name) {
      auto found = values.find(name);
      return found == values.end() ? SizeAttr() : sizeConstant(context, found->second);
    };
    AttrTypeReplacer replacer;
    replacer.addReplacement([&](SizeAttr size) -> std::pair<Attribute, WalkResult> {
      return {sizeSubstitute(size, bound), WalkResult::skip()};
    });
    replacer.addReplacement([&](RankedTensorType type) -> std::pair<Type, WalkResult> {
      if (!isa_and_nonnull<DimsAttr>(type.getEncoding()))
        return {type, WalkResult::skip()};
      Shape shape;
      for (SizeAttr size : shapeOf(type))
        shape.push_back(sizeSubstitute(size, bound));
      return {tensorType(context, shape, type.getElementType()), WalkResult::skip()};
    });
    replacer.recursivelyReplaceElementsIn(getOperation(), /*replaceAttrs=*/true,
                                          /*replaceLocs=*/false, /*replaceTypes=*/true);
  }

private:
  LogicalResult parseBinding(StringRef binding, llvm::StringMap<int64_t> &values) {
    auto [name, text] = binding.split('=');
    int64_t value = 0;
    if (name.empty() || text.getAsInteger(10, value) || value < 0)
      return getOperation().emitError("binding \"")
             << binding << "\" is not of the form SYMBOL=SIZE, such as B=128";
    values[name] = value;
    return success();
  }

  LogicalResult removeFromList(const llvm::StringMap<int64_t> &values) {
    auto list = getOperation()->getAttrOfType<ArrayAttr>("dlc.symbols");
    if (!list)
      return success();
    SmallVector<Attribute> kept;
    for (auto symbol : list.getAsRange<SymbolAttr>()) {
      auto found = values.find(symbol.getName().getValue());
      if (found == values.end()) {
        kept.push_back(symbol);
        continue;
      }
      int64_t value = found->second;
      if (value < symbol.getMin() || value > symbol.getMax().value_or(value) ||
          value % symbol.getDivisor())
        return getOperation().emitError("cannot bind ")
               << symbol.getName() << " to " << value << ", which " << symbol
               << " does not admit";
    }
    getOperation()->setAttr("dlc.symbols", ArrayAttr::get(&getContext(), kept));
    return success();
  }
};

} // namespace
} // namespace dlc::passes
