#include "tools/check/Gradients.h"
#include "ir/support/ShapeMath.h"
#include "mlir/IR/AttrTypeSubElements.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Pass/PassManager.h"
#include "passes/Passes.h"
#include "tools/check/Tolerance.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace mlir;
using namespace dlc::reference;

namespace dlc::check {

static llvm::Error makeError(const Twine &message) { return llvm::createStringError(message); }

static Attribute constantInDouble(DenseElementsAttr value) {
  Type f64 = Float64Type::get(value.getContext());
  return cast<DenseElementsAttr>(value).mapValues(f64, [](const llvm::APFloat &element) {
    llvm::APFloat wide = element;
    bool losesInfo = false;
    wide.convert(llvm::APFloat::IEEEdouble(), llvm::APFloat::rmNearestTiesToEven, &losesInfo);
    return wide.bitcastToAPInt();
  });
}

OwningOpRef<ModuleOp> inDouble(ModuleOp module) {
  OwningOpRef<ModuleOp> copy = module.clone();
  AttrTypeReplacer replacer;
  replacer.addReplacement(
      [](FloatType type) -> Type { return Float64Type::get(type.getContext()); });
  replacer.addReplacement([](DenseElementsAttr value) -> std::pair<Attribute, WalkResult> {
    bool isFloat = isa<FloatType>(value.getElementType());
    return {isFloat ? constantInDouble(value) : value, WalkResult::skip()};
  });
  replacer.addReplacement([](FloatAttr value) -> std::pair<Attribute, WalkResult> {
    return {value, WalkResult::skip()};
  });
  replacer.recursivelyReplaceElementsIn(*copy, /*replaceAttrs=*/true, /*replaceLocs=*/false,
                                        /*replaceTypes=*/true);
  return copy;
}

llvm::Error differentiate(ModuleOp module) {
  std::string message;
  ScopedDiagnosticHandler handler(module.getContext(), [&](Diagnostic &diagnostic) {
    if (message.empty() && diagnostic.getSeverity() == DiagnosticSeverity::Error)
      message = diagnostic.str();
    return success();
  });
  PassManager manager(module.getContext());
  manager.addPass(passes::createDifferentiate());
  if (failed(manager.run(module)))
    return makeError("cannot differentiate: " + message);
  return llvm::Error::success();
}

static bool isFloatTensor(Type type) { return isa<FloatType>(getElementTypeOrSelf(type)); }

// loss = sum over the float results of sum(result * weight).
static Value buildLoss(OpBuilder &b, Location loc, ValueRange results, ArrayRef<Value> weights) {
  Value loss;
  size_t next = 0;
  for (Value result : results) {
    if (!isFloatTensor(result.getType()))
      continue;
    Value product = ir::MulOp::create(b, loc, result, weights[next++]);
    int64_t rank = cast<RankedTensorType>(product.getType()).getRank();
    Value sum = ir::SumOp::create(b, loc, product, llvm::to_vector(llvm::seq<int64_t>(0, rank)));
    loss = loss ? Value(ir::AddOp::create(b, loc, loss, sum)) : sum;
  }
  return loss;
}

// Inserts a watch after each float argument, so that it can be a target.
static SmallVector<Value> watchArguments(OpBuilder &b, ir::EntryOp entry, unsigned count,
                                         IRMapping &mapping, Block &from) {
  SmallVector<Value> targets;
  for (unsigned i = 0; i < count; ++i) {
    Value argument = entry.getBody().getArgument(i);
    if (isFloatTensor(argument.getType())) {
      argument = ir::WatchOp::create(b, entry.getLoc(), argument.getType(), 1000 + i, argument);
      targets.push_back(argument);
    }
    mapping.map(from.getArgument(i), argument);
  }
  return targets;
}

llvm::Expected<ir::EntryOp> addGradientEntry(ModuleOp module, ir::EntryOp entry) {
  SmallVector<Type> inputs = llvm::to_vector(entry.getArgumentTypes()), weights, targets;
  llvm::copy_if(entry.getResultTypes(), std::back_inserter(weights), isFloatTensor);
  llvm::copy_if(inputs, std::back_inserter(targets), isFloatTensor);
  if (weights.empty() || targets.empty())
    return makeError("nothing to differentiate");
  unsigned count = inputs.size();
  llvm::append_range(inputs, weights);
  OpBuilder b(module.getContext());
  b.setInsertionPointToEnd(module.getBody());
  auto added = ir::EntryOp::create(b, entry.getLoc(), (entry.getSymName() + ".gradient").str(),
                                   b.getFunctionType(inputs, targets));
  for (unsigned i = 0; i < count; ++i)
    if (FlatSymbolRefAttr variable = entry.getArgState(i))
      added.setArg(i, variable);
    else
      added.setArg(i, entry.getArgName(i));
  for (unsigned i = count; i < inputs.size(); ++i)
    added.setArg(i, "weight." + std::to_string(i - count));
  b.setInsertionPointToStart(&added.getBody().front());
  IRMapping mapping;
  Block &from = entry.getBody().front();
  SmallVector<Value> watched = watchArguments(b, added, count, mapping, from);
  for (Operation &op : from.without_terminator())
    b.clone(op, mapping);
  SmallVector<Value> results;
  for (Value result : from.getTerminator()->getOperands())
    results.push_back(mapping.lookup(result));
  SmallVector<Value> weightArguments(added.getBody().getArguments().drop_front(count));
  Value loss = buildLoss(b, entry.getLoc(), results, weightArguments);
  auto gradient = ir::GradientOp::create(b, entry.getLoc(), TypeRange(targets), loss, watched,
                                         /*allow_unused=*/true);
  ir::ReturnOp::create(b, entry.getLoc(), gradient.getResults());
  for (unsigned i = 0; i < targets.size(); ++i)
    added.setResult(i, "gradient." + std::to_string(i));
  return added;
}

namespace {

/// The sum of weighted outputs as a function of the inputs.
class WeightedSum {
public:
  WeightedSum(ModuleOp module, StringRef entry, const EntryData &weights, const Bindings &bindings)
      : module(module), entry(entry), weights(weights), bindings(bindings) {}

  llvm::Expected<double> operator()(const EntryData &data) const {
    auto results = runEntry(module, entry, data, bindings);
    if (!results)
      return results.takeError();
    double sum = 0;
    size_t next = 0;
    for (auto &[name, tensor] : *results) {
      if (!tensor.isFloat())
        continue;
      const Tensor &weight = weights.inputs[next++].second;
      for (int64_t i = 0; i < tensor.count(); ++i)
        sum += tensor.real(i) * weight.real(i);
    }
    return sum;
  }

  /// Central difference by element `i` of `tensor`, which is part of `data`.
  llvm::Expected<double> difference(const EntryData &data, Tensor &tensor, int64_t i,
                                    double step) const {
    double value = tensor.real(i);
    tensor.setReal(i, value + step);
    auto above = (*this)(data);
    tensor.setReal(i, value - step);
    auto below = (*this)(data);
    tensor.setReal(i, value);
    if (!above || !below)
      return llvm::joinErrors(above.takeError(), below.takeError());
    return (*above - *below) / (2 * step);
  }

private:
  ModuleOp module;
  StringRef entry;
  const EntryData &weights;
  const Bindings &bindings;
};

/// The entry in f64, ready to be run and to be differentiated.
struct Prepared {
  OwningOpRef<ModuleOp> plain, gradient;
};

} // namespace

static void keepOnly(ModuleOp module, StringRef entry) {
  for (auto other : llvm::make_early_inc_range(module.getOps<ir::EntryOp>()))
    if (other.getSymName() != entry)
      other.erase();
}

static llvm::Expected<Prepared> prepare(ModuleOp module, StringRef name,
                                        llvm::function_ref<void(ModuleOp)> mutate) {
  Prepared prepared{inDouble(module), {}};
  keepOnly(*prepared.plain, name);
  prepared.gradient = prepared.plain->clone();
  if (llvm::Error error = differentiate(*prepared.plain))
    return error;
  if (mutate)
    mutate(*prepared.gradient);
  auto added =
      addGradientEntry(*prepared.gradient, prepared.gradient->lookupSymbol<ir::EntryOp>(name));
  if (!added)
    return added.takeError();
  std::string gradientName = (*added).getSymName().str();
  keepOnly(*prepared.gradient, gradientName);
  if (llvm::Error error = differentiate(*prepared.gradient))
    return error;
  return prepared;
}

// The float tensors of an entry's arguments, in the order of the arguments.
static SmallVector<Tensor *> floatArguments(ir::EntryOp entry, EntryData &data) {
  SmallVector<Tensor *> tensors;
  size_t nextInput = 0;
  for (unsigned i = 0; i < entry.getNumArguments(); ++i) {
    FlatSymbolRefAttr variable = entry.getArgState(i);
    Tensor *tensor =
        variable ? &data.state.at(variable.getValue().str()) : &data.inputs[nextInput++].second;
    if (tensor->isFloat())
      tensors.push_back(tensor);
  }
  return tensors;
}

// A difference over a step has an error of about step^2 and, from the digits that the two sums
// share, one of about 2e-16 * sum / step. Where a large sum leaves too few digits, a longer step
// has more.
static constexpr double kSteps[] = {1e-5, 1e-4, 1e-3};

static llvm::Error compareElement(const WeightedSum &sum, const EntryData &data, Tensor &argument,
                                  int64_t i, double analytic, size_t which, double scale,
                                  GradientReport &report) {
  double unit = std::max(1.0, std::fabs(argument.real(i)));
  double tolerance = 1e-6 * std::max(1.0, scale);
  ++report.compared;
  report.nonzero += analytic != 0;
  llvm::Expected<double> narrow = 0;
  for (double step : kSteps) {
    narrow = sum.difference(data, argument, i, step * unit / 2);
    if (!narrow)
      return narrow.takeError();
    if (std::fabs(*narrow - analytic) <= tolerance)
      return llvm::Error::success();
  }
  narrow = sum.difference(data, argument, i, kSteps[0] * unit / 2);
  if (!narrow)
    return narrow.takeError();
  llvm::Expected<double> wide = sum.difference(data, argument, i, kSteps[0] * unit);
  if (!wide)
    return wide.takeError();
  // A kink, or a sum that is NaN anyway (the mean of an empty batch): there is no derivative.
  if (std::isnan(*narrow) || std::fabs(*wide - *narrow) > tolerance / 4) {
    ++report.kinks;
    return llvm::Error::success();
  }
  if (report.failure.empty())
    report.failure = llvm::formatv("gradient.{0}[{1}]: analytic {2:e9}, by differences {3:e9}",
                                   which, i, analytic, *narrow);
  return llvm::Error::success();
}

llvm::Expected<GradientReport> checkGradients(ModuleOp module, StringRef name,
                                              const Bindings &bindings, uint64_t seed,
                                              llvm::function_ref<void(ModuleOp)> mutate) {
  auto prepared = prepare(module, name, mutate);
  if (!prepared)
    return prepared.takeError();
  std::string gradientName = (name + ".gradient").str();
  auto plain = prepared->plain->lookupSymbol<ir::EntryOp>(name);
  auto gradient = prepared->gradient->lookupSymbol<ir::EntryOp>(gradientName);
  auto data = drawInputs(plain, bindings, InputKind::Smooth, seed);
  if (!data)
    return data.takeError();
  auto all = drawInputs(gradient, bindings, InputKind::Smooth, seed);
  if (!all)
    return all.takeError();
  EntryData weights;
  for (auto &[input, tensor] : all->inputs)
    if (StringRef(input).starts_with("weight."))
      weights.inputs.emplace_back(input, tensor);
  EntryData withWeights = *data;
  llvm::append_range(withWeights.inputs, weights.inputs);
  auto analytic = runEntry(*prepared->gradient, gradientName, withWeights, bindings);
  if (!analytic)
    return analytic.takeError();
  GradientReport report;
  WeightedSum sum(*prepared->plain, name, weights, bindings);
  SmallVector<Tensor *> arguments = floatArguments(plain, *data);
  for (auto [which, argument] : llvm::enumerate(arguments)) {
    const Tensor &derivative = (*analytic)[which].second;
    double scale = 0;
    for (int64_t i = 0; i < derivative.count(); ++i)
      scale = std::max(scale, std::fabs(derivative.real(i)));
    // A stride that visits at most 48 elements, from everywhere in the tensor.
    int64_t stride = std::max<int64_t>(1, argument->count() / 48);
    for (int64_t i = 0; i < argument->count(); i += stride)
      if (llvm::Error error =
              compareElement(sum, *data, *argument, i, derivative.real(i), which, scale, report))
        return error;
  }
  return report;
}

} // namespace dlc::check
