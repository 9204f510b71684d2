#include "codegen/reference/Evaluator.h"
#include "codegen/reference/Call.h"
#include "ir/support/Derivation.h"
#include "ir/support/ShapeMath.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/MathExtras.h"
#include <deque>

using namespace mlir;

namespace dlc::reference {

using EvaluateFn = llvm::Error (*)(Operation *, Call &);

static const llvm::StringMap<EvaluateFn> &dispatchTable() {
  static const llvm::StringMap<EvaluateFn> table = {
#define DLC_EVALUATOR_TABLE
#include "codegen/reference/Evaluator.inc"
  };
  return table;
}

static llvm::Error makeError(const Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

llvm::Error failure(const Call &call, const Twine &message) {
  return makeError(call.op->getName().getStringRef() + ": " + message);
}

llvm::Expected<DType> elementTypeOf(Type type) {
  Type element = getElementTypeOrSelf(type);
  if (element.isF32())
    return DType::F32;
  if (element.isF64())
    return DType::F64;
  if (element.isF16())
    return DType::F16;
  if (element.isBF16())
    return DType::BF16;
  if (element.isSignlessInteger(64))
    return DType::I64;
  if (element.isSignlessInteger(32))
    return DType::I32;
  if (element.isSignlessInteger(8))
    return DType::I8;
  if (element.isUnsignedInteger(8))
    return DType::U8;
  if (element.isSignlessInteger(1))
    return DType::I1;
  std::string text;
  llvm::raw_string_ostream(text) << element;
  return makeError("element type " + text + " is not one of dlc's");
}

static std::optional<int64_t> evaluateSize(ir::SizeAttr size, const Bindings &bindings) {
  return ir::sizeEvaluate(size, [&](StringRef name) -> std::optional<int64_t> {
    auto found = bindings.find(name.str());
    return found == bindings.end() ? std::nullopt : std::optional(found->second);
  });
}

static llvm::Expected<int64_t> boundSize(ir::SizeAttr size, const Bindings &bindings) {
  if (std::optional<int64_t> value = evaluateSize(size, bindings))
    return *value;
  return makeError("size " + ir::sizeToString(size) +
                   " has no value: a symbol is unbound, or the arithmetic overflows");
}

llvm::Expected<Dims> dimsOf(Type type, const Bindings &bindings) {
  if (!ir::isSizedTensor(type))
    return makeError("expected a tensor with known or symbolic sizes");
  Dims dims;
  for (ir::SizeAttr size : ir::shapeOf(type)) {
    llvm::Expected<int64_t> value = boundSize(size, bindings);
    if (!value)
      return value.takeError();
    if (*value < 0)
      return makeError("size " + ir::sizeToString(size) + " is " + Twine(*value));
    dims.push_back(*value);
  }
  return dims;
}

llvm::Expected<int64_t> sizeOf(const Call &call, ir::SizeAttr size) {
  return boundSize(size, call.bindings);
}

llvm::Expected<Dims> sizesOf(const Call &call, ir::DimsAttr dims) {
  Dims values;
  for (ir::SizeAttr size : dims.getSizes()) {
    llvm::Expected<int64_t> value = sizeOf(call, size);
    if (!value)
      return value.takeError();
    values.push_back(*value);
  }
  return values;
}

static llvm::Error checkSymbols(ModuleOp module, const Bindings &bindings) {
  auto symbols = module->getAttrOfType<ArrayAttr>("dlc.symbols");
  if (!symbols)
    return llvm::Error::success();
  for (auto symbol : symbols.getAsRange<ir::SymbolAttr>()) {
    auto found = bindings.find(symbol.getName().str());
    if (found == bindings.end())
      continue;
    int64_t value = found->second;
    if (value < symbol.getMin() || (symbol.getMax() && value > *symbol.getMax()))
      return makeError("symbol " + symbol.getName().getValue() + " = " + Twine(value) +
                       " is outside its declared range, " + Twine(symbol.getMin()) +
                       (symbol.getMax() ? " to " + std::to_string(*symbol.getMax()) : " or more"));
    if (value % symbol.getDivisor() != 0)
      return makeError("symbol " + symbol.getName().getValue() + " = " + Twine(value) +
                       " is not a multiple of " + Twine(symbol.getDivisor()));
  }
  return llvm::Error::success();
}

llvm::Error bindSymbols(ModuleOp module, TypeRange types, ArrayRef<const Tensor *> inputs,
                        Bindings &bindings) {
  for (auto [type, tensor] : llvm::zip_equal(types, inputs)) {
    ir::Shape shape = ir::shapeOf(type);
    if (tensor->rank() != int64_t(shape.size()))
      return makeError("an input has shape " + toString(tensor->dims()) + ", expected " +
                       ir::typeToString(type));
    for (auto [size, value] : llvm::zip_equal(shape, tensor->dims()))
      if (size.isSymbol())
        bindings.try_emplace(size.getSymbol().str(), value);
  }
  return checkSymbols(module, bindings);
}

Evaluator::Evaluator(ModuleOp module, EvaluatorOptions options)
    : root(module), options(std::move(options)) {}

namespace {

/// Evaluates the ops of one block; values live until the block ends.
class Frame {
public:
  Frame(Evaluator &evaluator, const Bindings &bindings)
      : evaluator(evaluator), bindings(bindings) {}

  llvm::Expected<std::vector<Tensor>> run(Block &block, ArrayRef<const Tensor *> arguments) {
    for (auto [argument, tensor] : llvm::zip(block.getArguments(), arguments))
      values[argument] = tensor;
    for (Operation &op : block.without_terminator())
      if (llvm::Error error = runOp(op))
        return error;
    std::vector<Tensor> results;
    for (Value operand : block.getTerminator()->getOperands()) {
      const Tensor *tensor = values.lookup(operand);
      if (!tensor)
        return makeError("a region yields a value from outside");
      results.push_back(*tensor);
    }
    return results;
  }

private:
  llvm::Error runOp(Operation &op) {
    llvm::SmallVector<const Tensor *, 4> operands;
    for (Value operand : op.getOperands()) {
      operands.push_back(values.lookup(operand));
      if (!operands.back())
        return makeError(op.getName().getStringRef() +
                         ": an operand was defined outside the region");
    }
    auto results = evaluator.runOp(&op, operands, bindings);
    if (!results)
      return results.takeError();
    if (evaluator.settings().observer)
      evaluator.settings().observer({&op, operands, *results});
    storage.push_back(std::move(*results));
    for (auto [result, tensor] : llvm::zip_equal(op.getResults(), storage.back()))
      values[result] = &tensor;
    return llvm::Error::success();
  }

  Evaluator &evaluator;
  const Bindings &bindings;
  llvm::DenseMap<Value, const Tensor *> values;
  std::deque<std::vector<Tensor>> storage; // a deque: tensors must stay where they are
};

} // namespace

static llvm::Error checkBytes(const Call &call, const Dims &dims) {
  int64_t bytes = 8;
  for (int64_t dim : dims)
    if (llvm::MulOverflow(bytes, std::max<int64_t>(dim, 1), bytes) ||
        bytes > call.evaluator.settings().maxBytes)
      return failure(call, "a result of shape " + toString(dims) + " is too large to evaluate");
  return llvm::Error::success();
}

static llvm::Error makeResults(Call &call) {
  for (Type type : call.op->getResultTypes()) {
    llvm::Expected<DType> element = elementTypeOf(type);
    if (!element)
      return element.takeError();
    llvm::Expected<Dims> dims = dimsOf(type, call.bindings);
    if (!dims)
      return failure(call, llvm::toString(dims.takeError()));
    if (llvm::Error error = checkBytes(call, *dims))
      return error;
    call.results.emplace_back(*element, *dims);
  }
  return llvm::Error::success();
}

llvm::Expected<std::vector<Tensor>>
Evaluator::runOp(Operation *op, ArrayRef<const Tensor *> operands, const Bindings &bindings) {
  auto evaluate = dispatchTable().find(op->getName().getStringRef());
  if (evaluate == dispatchTable().end())
    return makeError(op->getName().getStringRef() + " cannot be evaluated");
  Call call{*this, bindings, op, llvm::SmallVector<const Tensor *, 4>(operands), {}};
  if (llvm::Error error = makeResults(call))
    return error;
  if (llvm::Error error = evaluate->second(op, call))
    return error;
  return std::move(call.results);
}

llvm::Expected<std::vector<Tensor>>
Evaluator::runRegion(Region &region, ArrayRef<const Tensor *> arguments, const Bindings &bindings) {
  if (!region.hasOneBlock() || region.getNumArguments() != arguments.size())
    return makeError("a region must have one block with one argument per value");
  return Frame(*this, bindings).run(region.front(), arguments);
}

// A derived variable is made by its derivation entry from its sources; all others must be there.
llvm::Error Evaluator::ensureState(FlatSymbolRefAttr name, State &state, Bindings &bindings) {
  std::string key = name.getValue().str();
  if (state.count(key))
    return llvm::Error::success();
  auto variable = root.lookupSymbol<ir::VariableOp>(name.getValue());
  if (!variable || !variable.getSource())
    return makeError("variable \"" + key + "\" has no value");
  ir::EntryOp derivation = ir::derivationOf(variable);
  if (!derivation || derivation.getNumArguments() == 0)
    return makeError("variable \"" + key + "\": its derivation is no entry with arguments");
  std::vector<const Tensor *> arguments;
  for (FlatSymbolRefAttr source : ir::sourcesOf(variable)) {
    if (llvm::Error error = ensureState(source, state, bindings))
      return error;
    arguments.push_back(&state.at(source.getValue().str()));
  }
  llvm::Expected<std::vector<Tensor>> derived =
      runRegion(derivation.getBody(), arguments, bindings);
  if (!derived)
    return derived.takeError();
  if (derived->size() != 1)
    return makeError("variable \"" + key + "\": its derivation has " + Twine(derived->size()) +
                     " results");
  state.emplace(key, std::move(derived->front()));
  return llvm::Error::success();
}

llvm::Expected<std::vector<const Tensor *>> Evaluator::collectArguments(ir::EntryOp entry,
                                                                        const NamedTensors &inputs,
                                                                        State &state,
                                                                        Bindings &bindings) {
  std::vector<const Tensor *> arguments;
  for (unsigned i = 0; i < entry.getNumArguments(); ++i) {
    if (FlatSymbolRefAttr variable = entry.getArgState(i)) {
      if (llvm::Error error = ensureState(variable, state, bindings))
        return error;
      arguments.push_back(&state.at(variable.getValue().str()));
      continue;
    }
    StringRef name = entry.getArgName(i);
    auto found = llvm::find_if(inputs, [&](const auto &input) { return input.first == name; });
    if (found == inputs.end())
      return makeError("input \"" + name + "\" of entry \"" + entry.getSymName() + "\" is missing");
    arguments.push_back(&found->second);
  }
  return arguments;
}

static llvm::Error checkArguments(ir::EntryOp entry, ArrayRef<const Tensor *> arguments,
                                  const Bindings &bindings) {
  for (auto [i, tensor] : llvm::enumerate(arguments)) {
    Type type = entry.getArgumentTypes()[i];
    std::string what = entry.getArgState(i) ? "variable \"" + entry.getArgState(i).getValue().str()
                                            : "input \"" + entry.getArgName(i).str();
    llvm::Expected<DType> element = elementTypeOf(type);
    if (!element)
      return element.takeError();
    llvm::Expected<Dims> dims = dimsOf(type, bindings);
    if (!dims)
      return dims.takeError();
    if (*element != tensor->type() || *dims != tensor->dims())
      return makeError(what + "\": expected " + name(*element) + " " + toString(*dims) + ", got " +
                       name(tensor->type()) + " " + toString(tensor->dims()));
  }
  return llvm::Error::success();
}

// New values are stored after the whole entry ran, so that a swap is a swap. A derived variable
// that the entry does not refresh itself is dropped when a source of it changes, and so is what is
// derived from that: sources stand before what is made of them.
static void assignState(ModuleOp module, ir::EntryOp entry, std::vector<Tensor> &results,
                        State &state) {
  llvm::StringSet<> changed;
  for (unsigned i = 0; i < results.size(); ++i)
    if (FlatSymbolRefAttr variable = entry.getResultState(i))
      changed.insert(variable.getValue());
  for (auto variable : module.getOps<ir::VariableOp>())
    if (llvm::any_of(ir::sourcesOf(variable), [&](FlatSymbolRefAttr source) {
          return changed.contains(source.getValue());
        })) {
      changed.insert(variable.getSymName());
      state.erase(variable.getSymName().str());
    }
  for (auto [i, tensor] : llvm::enumerate(results))
    if (FlatSymbolRefAttr variable = entry.getResultState(i))
      state[variable.getValue().str()] = std::move(tensor);
}

llvm::Expected<NamedTensors> Evaluator::run(StringRef name, const NamedTensors &inputs,
                                            State &state, Bindings bindings) {
  auto entry = root.lookupSymbol<ir::EntryOp>(name);
  if (!entry)
    return makeError("there is no entry \"" + name + "\"");
  auto arguments = collectArguments(entry, inputs, state, bindings);
  if (!arguments)
    return arguments.takeError();
  if (llvm::Error error = bindSymbols(root, entry.getArgumentTypes(), *arguments, bindings))
    return error;
  if (llvm::Error error = checkArguments(entry, *arguments, bindings))
    return error;
  auto results = runRegion(entry.getBody(), *arguments, bindings);
  if (!results)
    return results.takeError();
  NamedTensors outputs;
  for (auto [i, tensor] : llvm::enumerate(*results))
    if (!entry.getResultState(i))
      outputs.emplace_back(entry.getResultName(i).str(), std::move(tensor));
  assignState(root, entry, *results, state);
  return outputs;
}

} // namespace dlc::reference
