#include "tools/check/RandomGraph.h"
#include <numeric>

using namespace mlir;

namespace dlc::check {

static ModuleOp makeModule(MLIRContext *context) {
  OpBuilder b(context);
  auto module = ModuleOp::create(b.getUnknownLoc());
  auto symbol = [&](StringRef name) -> Attribute {
    return ir::SymbolAttr::get(context, b.getStringAttr(name), /*min=*/0, std::nullopt, 1);
  };
  module->setAttr("dlc.symbols", b.getArrayAttr({symbol("B"), symbol("T")}));
  return module;
}

RandomGraph::RandomGraph(MLIRContext *context, uint64_t seed)
    : random(seed), module(makeModule(context)), b(context) {
  b.setInsertionPointToEnd(module->getBody());
  entry = ir::EntryOp::create(b, loc(), "main", b.getFunctionType({}, {}));
  b.setInsertionPointToStart(&entry.getBody().front());
}

ir::SizeAttr RandomGraph::size() {
  switch (below(6)) {
  case 0:
  case 1:
    return ir::sizeSymbol(b.getContext(), "B");
  case 2:
    return ir::sizeSymbol(b.getContext(), "T");
  default:
    return constant(1 + below(4));
  }
}

Type RandomGraph::floatElement() {
  return chance(85) ? Type(b.getF32Type()) : Type(b.getF64Type());
}

Type RandomGraph::numberElement() {
  if (chance(80))
    return floatElement();
  return chance(50) ? b.getI32Type() : b.getI64Type();
}

RankedTensorType RandomGraph::type(ArrayRef<ir::SizeAttr> shape, Type element) {
  return ir::tensorType(b.getContext(), shape, element);
}

RankedTensorType RandomGraph::randomType(Type element, int64_t minRank, int64_t maxRank) {
  ir::Shape shape;
  for (int64_t i = 0, rank = minRank + below(maxRank - minRank + 1); i < rank; ++i)
    shape.push_back(size());
  return type(shape, element);
}

Value RandomGraph::input(RankedTensorType type, std::optional<std::pair<double, double>> range) {
  ranges.push_back(range ? Attribute(b.getArrayAttr(
                               {b.getF64FloatAttr(range->first), b.getF64FloatAttr(range->second)}))
                         : Attribute());
  Value argument = entry.getBody().addArgument(type, loc());
  add(argument);
  return argument;
}

Value RandomGraph::value(RankedTensorType type) {
  SmallVector<Value> fitting;
  for (Value one : pool)
    if (one.getType() == type)
      fitting.push_back(one);
  if (!fitting.empty() && chance(80))
    return fitting[size_t(below(int64_t(fitting.size())))];
  if (ranges.size() < 8 || type.getElementType().isInteger(1))
    return input(type);
  return ir::buildSplat(b, loc(), type, double(below(5)) - 1.5);
}

Value RandomGraph::anyOf(llvm::function_ref<bool(RankedTensorType)> accept, Type element,
                         int64_t minRank) {
  SmallVector<Value> fitting;
  for (Value one : pool)
    if (auto type = cast<RankedTensorType>(one.getType());
        type.getRank() >= minRank && type.getRank() <= 4 && accept(type))
      fitting.push_back(one);
  if (fitting.empty() || (ranges.size() < 6 && chance(15)))
    return input(randomType(element, std::max<int64_t>(minRank, 1)));
  // The later half is preferred: graphs get depth.
  int64_t count = int64_t(fitting.size()), first = chance(60) ? count / 2 : 0;
  return fitting[size_t(first + below(count - first))];
}

Value RandomGraph::anyFloat(int64_t minRank) {
  return anyOf([](RankedTensorType type) { return isa<FloatType>(type.getElementType()); },
               floatElement(), minRank);
}

Value RandomGraph::anyNumber(int64_t minRank) {
  return anyOf([](RankedTensorType type) { return !type.getElementType().isInteger(1); },
               numberElement(), minRank);
}

Value RandomGraph::positive(Value x) {
  Value half = ir::buildSplat(b, loc(), cast<RankedTensorType>(x.getType()), 0.5);
  Value magnitude = ir::AbsOp::create(b, loc(), x);
  return ir::AddOp::create(b, loc(), magnitude, half);
}

Value RandomGraph::bounded(Value x) { return ir::TanhOp::create(b, loc(), x); }

SmallVector<Value> RandomGraph::unusedValues() {
  SmallVector<Value> unused;
  for (Value one : pool)
    if (one.use_empty() && one.getDefiningOp())
      unused.push_back(one);
  return unused;
}

// The loss is the sum of all f32 outputs; targets are one to three f32 inputs.
SmallVector<Value> RandomGraph::addGradients(ArrayRef<Value> outputs) {
  Value loss;
  for (Value output : outputs) {
    auto type = cast<RankedTensorType>(output.getType());
    if (!type.getElementType().isF32())
      continue;
    Value sum = ir::SumOp::create(b, loc(), bounded(output),
                                  llvm::to_vector(llvm::seq<int64_t>(0, type.getRank())));
    loss = loss ? Value(ir::AddOp::create(b, loc(), loss, sum)) : sum;
  }
  SmallVector<Value> watches;
  for (auto [i, argument] : llvm::enumerate(entry.getBody().getArguments())) {
    if (!loss || watches.size() == 3 || !getElementTypeOrSelf(argument.getType()).isF32())
      continue;
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(&entry.getBody().front());
    auto watch = ir::WatchOp::create(b, loc(), argument.getType(), int64_t(i), argument);
    argument.replaceAllUsesExcept(watch, watch);
    watches.push_back(watch);
    targets.push_back(unsigned(i));
  }
  if (watches.empty())
    return {};
  auto gradient = ir::GradientOp::create(b, loc(), ValueRange(watches).getTypes(), loss, watches,
                                         /*allow_unused=*/true);
  return llvm::to_vector_of<Value>(gradient.getResults());
}

OwningOpRef<ModuleOp> RandomGraph::finish(int opCount) {
  int total = 0;
  for (const OpMaker &maker : opMakers())
    total += maker.weight;
  for (int i = 0; i < opCount; ++i) {
    int64_t at = below(total);
    for (const OpMaker &maker : opMakers())
      if ((at -= maker.weight) < 0) {
        maker.make(*this);
        break;
      }
  }
  SmallVector<Value> outputs = unusedValues();
  if (outputs.empty())
    outputs.push_back(anyFloat());
  size_t updateCount = 0;
  if (chance(50)) {
    SmallVector<Value> gradients = addGradients(outputs);
    llvm::append_range(outputs, gradients);
    if (chance(50)) {
      SmallVector<Value> updates = addUpdates(gradients);
      updateCount = updates.size();
      llvm::append_range(outputs, updates);
    }
  }
  ir::ReturnOp::create(b, loc(), outputs);
  setSignature(outputs, updateCount);
  return std::move(module);
}

// A step of gradient descent: the targets become variables.
SmallVector<Value> RandomGraph::addUpdates(ArrayRef<Value> gradients) {
  SmallVector<Value> updates;
  for (auto [target, gradient] : llvm::zip(targets, gradients)) {
    auto type = cast<RankedTensorType>(gradient.getType());
    Value step = ir::MulOp::create(b, loc(), gradient, ir::buildSplat(b, loc(), type, 0.25));
    updates.push_back(ir::SubOp::create(b, loc(), entry.getBody().getArgument(target), step));
  }
  return updates;
}

// The last `updateCount` outputs are new values of the variables.
void RandomGraph::setSignature(ArrayRef<Value> outputs, size_t updateCount) {
  entry.setFunctionTypeAttr(TypeAttr::get(
      b.getFunctionType(entry.getBody().getArgumentTypes(), ValueRange(outputs).getTypes())));
  for (auto [i, range] : llvm::enumerate(ranges)) {
    entry.setArg(unsigned(i), "in" + std::to_string(i));
    if (range)
      entry.setArgAttr(unsigned(i), "dlc.range", range);
  }
  for (unsigned i = 0; i < outputs.size(); ++i)
    entry.setResult(i, "out" + std::to_string(i));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(entry);
  for (size_t u = 0; u < updateCount; ++u) {
    std::string name = "w" + std::to_string(u);
    auto type = cast<RankedTensorType>(outputs[outputs.size() - updateCount + u].getType());
    ir::VariableOp::create(b, loc(), name, ir::VariableRole::weight, type);
    auto variable = FlatSymbolRefAttr::get(b.getContext(), name);
    unsigned result = unsigned(outputs.size() - updateCount + u);
    entry.removeArgAttr(targets[u], "dlc.name");
    entry.setArg(targets[u], variable);
    entry.removeResultAttr(result, b.getStringAttr("dlc.name"));
    entry.setResult(result, variable);
  }
}

OwningOpRef<ModuleOp> makeRandomGraph(MLIRContext *context, uint64_t seed) {
  RandomGraph graph(context, seed);
  return graph.finish(4 + int(graph.below(9)));
}

} // namespace dlc::check
