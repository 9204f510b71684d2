#include "tools/check/Tolerance.h"
#include "tools/check/AttentionNoise.h"
#include <cmath>

using namespace mlir;
using namespace dlc::reference;

namespace dlc::check {

/// Derived variables are the passes' business: what is computed from them is compared.
static bool isDerived(ir::EntryOp entry, FlatSymbolRefAttr name) {
  auto variable = SymbolTable::lookupNearestSymbolFrom<ir::VariableOp>(entry, name);
  return variable && variable.getSource();
}

llvm::Expected<Results> runEntry(Evaluator &evaluator, ir::EntryOp entry, const EntryData &data,
                                 const Bindings &bindings) {
  State state = data.state;
  auto outputs = evaluator.run(entry.getSymName(), data.inputs, state, bindings);
  if (!outputs)
    return outputs.takeError();
  for (unsigned i = 0; i < entry.getResultTypes().size(); ++i)
    if (FlatSymbolRefAttr variable = entry.getResultState(i);
        variable && !isDerived(entry, variable))
      outputs->emplace_back(variable.getValue().str(), state.at(variable.getValue().str()));
  return outputs;
}

static llvm::Expected<ir::EntryOp> findEntry(ModuleOp module, StringRef name) {
  if (auto entry = module.lookupSymbol<ir::EntryOp>(name))
    return entry;
  return llvm::createStringError("there is no entry \"" + name + "\"");
}

llvm::Expected<Results> runEntry(ModuleOp module, StringRef name, const EntryData &data,
                                 const Bindings &bindings) {
  auto entry = findEntry(module, name);
  if (!entry)
    return entry.takeError();
  Evaluator evaluator(module);
  return runEntry(evaluator, *entry, data, bindings);
}

namespace {

/// How an op's results come to be off.
enum class Rounding {
  None,  ///< elements are moved, chosen or compared
  Exact, ///< correctly rounded
  Math,  ///< a few ulps
  Sum,   ///< a sum of products of elements, in any order
  Whole, ///< several steps inside; as sensitive as the operands make it
};

Rounding roundingOf(Operation *op) {
  if (isa<ir::AddOp, ir::SubOp, ir::MulOp, ir::DivOp, ir::SqrtOp, ir::ReciprocalOp, ir::RemOp,
          ir::CastOp, ir::SizeOp, ir::IotaOp, ir::ConstantOp>(op))
    return Rounding::Exact;
  if (isa<ir::NegOp, ir::AbsOp, ir::SignOp, ir::ReluOp, ir::FloorOp, ir::CeilOp, ir::RoundOp,
          ir::MaxOp, ir::MinOp, ir::CompareOp, ir::SelectOp, ir::AndOp, ir::OrOp, ir::XorOp,
          ir::NotOp, ir::StopGradientOp, ir::ReduceMaxOp, ir::ReduceMinOp, ir::ArgmaxOp,
          ir::ArgminOp, ir::MaxPoolOp, ir::MaxPoolWinnersOp, ir::OneHotOp, ir::RandomUniformOp,
          ir::RandomBernoulliOp, ir::RandomFoldOp>(op))
    return Rounding::None;
  if (isa<ir::ProdOp, ir::RandomNormalOp>(op))
    return Rounding::Whole;
  switch (cast<ir::Fusible>(op).getFusionKind()) {
  case ir::FusionKind::Pointwise:
    return isa<ir::PowOp>(op) || op->getNumOperands() == 1 ? Rounding::Math : Rounding::Whole;
  case ir::FusionKind::Reduce:
  case ir::FusionKind::Contraction:
  case ir::FusionKind::Convolution:
  case ir::FusionKind::Window:
  case ir::FusionKind::Scatter:
    return Rounding::Sum;
  case ir::FusionKind::Composite:
  case ir::FusionKind::Attention:
    return Rounding::Whole;
  default:
    return Rounding::None;
  }
}

double ulpOf(double value, DType type) {
  double smallest = type == DType::F64    ? 5e-324
                    : type == DType::F16  ? 0x1p-24
                    : type == DType::BF16 ? 0x1p-133
                                          : 0x1p-149;
  if (value == 0 || !std::isfinite(value))
    return smallest;
  return std::max(std::ldexp(epsilonOf(type), std::ilogb(value)), smallest);
}

/// The number of terms in each sum of the op.
double termCount(const Executed &executed) {
  if (auto contract = dyn_cast<ir::ContractOp>(executed.op)) {
    double count = 1;
    for (int64_t dim : contract.getAReduce())
      count *= double(executed.operands[0]->dim(size_t(dim)));
    return count;
  }
  if (auto window = executed.op->getAttrOfType<DenseI64ArrayAttr>("window")) {
    double count = 1;
    for (int64_t size : window.asArrayRef())
      count *= double(size);
    return count;
  }
  if (isa<ir::WinogradFilterOp>(executed.op))
    return 9;
  int64_t most = 1;
  for (const Tensor *operand : executed.operands)
    most = std::max(most, operand->count());
  return double(most) / std::max<double>(1, double(executed.results[0].count()));
}

/// The additions to one result of the op, each of which may be off by half of the spacing of
/// subnormal numbers.
double stepCount(const Executed &executed) {
  auto last = [&](size_t operand) {
    const Tensor &tensor = *executed.operands[operand];
    return double(tensor.count()) / double(std::max<int64_t>(tensor.dims().back(), 1));
  };
  if (isa<ir::ConvOp>(executed.op)) // a filter is [window.., channels in / groups, channels out]
    return last(1);
  if (isa<ir::ConvInputGradOp>(executed.op))
    return double(executed.operands[1]->count()) /
           double(std::max<int64_t>(executed.results[0].dims().back(), 1));
  if (isa<ir::ConvFilterGradOp>(executed.op)) // pixels of dy
    return last(1);
  return termCount(executed);
}

/// Planes of a transformed filter, row-major 4x4: whether number 2 of one dimension alone, whose
/// terms have both signs; and the plane of the same terms with one sign.
bool mixesSigns(int64_t plane) { return (plane / 4 == 2) != (plane % 4 == 2); }
int64_t planeOfMagnitudes(int64_t plane) {
  int64_t row = plane / 4, column = plane % 4;
  return 4 * (row == 2 ? 1 : row) + (column == 2 ? 1 : column);
}

/// Pushes every result of every op by the op's bound, up or down at random. Of one op `alone` every
/// second probe pushes the other way, so that each result is seen on both sides of what follows.
class Pusher {
public:
  Pusher(Evaluator *const &evaluator, const Bindings &bindings, bool alone, uint64_t probe)
      : evaluator(evaluator), bindings(bindings), alone(alone), opposite(alone && probe % 2 == 0),
        probe(probe), random(alone ? (probe + 1) / 2 : probe) {}

  void operator()(const Executed &executed) {
    Rounding rounding = roundingOf(executed.op);
    if (rounding == Rounding::None || (rounding == Rounding::Exact && alone))
      return;
    if (cast<ir::Fusible>(executed.op).getFusionKind() == ir::FusionKind::Attention)
      return disturbAttention(executed, probe);
    if (rounding == Rounding::Sum)
      blurOverflow(executed);
    if (rounding == Rounding::Sum || rounding == Rounding::Whole)
      return pushByOperands(executed, rounding);
    for (Tensor &result : executed.results)
      if (result.isFloat())
        for (int64_t i = 0; i < result.count(); ++i)
          push(result, i, ulps(rounding, result.type()) * ulpOf(result.real(i), result.type()));
  }

private:
  // Math is 2 ulps in f32 and 4 in f64; half an ulp more for the oracle's own rounding.
  double ulps(Rounding rounding, DType type) {
    if (rounding == Rounding::Exact)
      return 1;
    return type == DType::F32 ? 2.5 : type == DType::F64 ? 4.5 : 1;
  }

  // The angle of Box-Muller is rounded to the element type before its sine is taken: 2 pi * 2^-24
  // times a radius of up to 5.8.
  static double wholeUlps(Operation *op) { return isa<ir::RandomNormalOp>(op) ? 24 : 4; }

  void push(Tensor &tensor, int64_t i, double amount) {
    tensor.setReal(i, tensor.real(i) + (bool(random() % 2) != opposite ? amount : -amount));
  }

  // Where the finite terms' magnitudes sum up to infinity, partial sums may overflow either way
  // and the result depends on their order: it is made something that compares with nothing.
  void blurOverflow(const Executed &executed) {
    std::vector<Tensor> finite;
    for (const Tensor *operand : executed.operands) {
      finite.push_back(*operand);
      for (int64_t i = 0; operand->isFloat() && i < operand->count(); ++i) {
        double value = std::fabs(operand->real(i));
        finite.back().setReal(i, std::isfinite(value) ? value : 1);
      }
    }
    auto sums = rerun(executed, finite);
    for (auto [result, sum] : llvm::zip(executed.results, sums))
      for (int64_t i = 0; result.isFloat() && i < result.count(); ++i)
        if (std::isinf(sum.real(i)))
          result.setReal(i, std::isnan(result.real(i)) ? 0 : std::nan(""));
  }

  std::vector<Tensor> rerun(const Executed &executed, const std::vector<Tensor> &operands) {
    std::vector<const Tensor *> pointers;
    for (const Tensor &tensor : operands)
      pointers.push_back(&tensor);
    auto results = evaluator->runOp(executed.op, pointers, bindings);
    if (results)
      return std::move(*results);
    llvm::consumeError(results.takeError());
    return {};
  }

  void pushByOperands(const Executed &executed, Rounding rounding) {
    std::vector<Tensor> changed;
    for (const Tensor *operand : executed.operands)
      changed.push_back(changedOperand(*operand, rounding));
    if (isa<ir::WinogradConvOp>(executed.op))
      alignSigns(changed[1]);
    std::vector<Tensor> other = rerun(executed, changed);
    if (isa<ir::WinogradFilterOp>(executed.op))
      takeMagnitudes(other.front());
    double factor = 4 * std::sqrt(std::max(1.0, termCount(executed)));
    for (auto [result, reference] : llvm::zip(executed.results, other)) {
      if (!result.isFloat())
        continue;
      double epsilon = epsilonOf(result.type() == DType::F64 ? DType::F64 : DType::F32);
      for (int64_t i = 0; i < result.count(); ++i) {
        double scale = rounding == Rounding::Sum ? factor * epsilon * reference.real(i)
                                                 : std::fabs(reference.real(i) - result.real(i)) +
                                                       wholeUlps(executed.op) * epsilon *
                                                           std::max(1.0, std::fabs(result.real(i)));
        // Below the smallest normal number every step of a sum may be off by half of the spacing.
        if (rounding == Rounding::Sum)
          scale += std::max(1.0, stepCount(executed) / 2) * ulpOf(0, result.type());
        bool narrow = result.type() == DType::F16 || result.type() == DType::BF16;
        push(result, i, scale + (narrow ? ulpOf(result.real(i), result.type()) : 0));
      }
    }
  }

  // The filter is found by differences of planes: those to be subtracted are made negative.
  static void alignSigns(Tensor &panels) {
    int64_t plane = panels.count() / ir::kWinogradSums;
    for (int64_t i = 0; i < panels.count(); ++i)
      if (mixesSigns(i / plane))
        panels.setReal(i, -panels.real(i));
  }

  // Of a filter that is positive, planes that add up all of its terms are sum|terms| of those that
  // subtract some.
  static void takeMagnitudes(Tensor &panels) {
    int64_t plane = panels.count() / ir::kWinogradSums;
    for (int64_t i = 0; i < panels.count(); ++i)
      panels.setReal(i, panels.real(planeOfMagnitudes(i / plane) * plane + i % plane));
  }

  // For sums the magnitudes, so that the op gives sum|terms|; else the operands off by 4 ulps.
  Tensor changedOperand(const Tensor &operand, Rounding rounding) {
    Tensor changed = operand;
    for (int64_t i = 0; i < operand.count() && operand.isFloat(); ++i)
      if (rounding == Rounding::Sum)
        changed.setReal(i, std::fabs(operand.real(i)));
      else
        push(changed, i, 4 * ulpOf(operand.real(i), operand.type()));
    return changed;
  }

  Evaluator *const &evaluator;
  const Bindings &bindings;
  bool alone, opposite;
  uint64_t probe;
  std::mt19937_64 random;
};

/// Whether at most one op of the program rounds: then its bound is the program's.
bool roundsOnce(ModuleOp module, ir::EntryOp entry) {
  int count = 0;
  bool loops = false;
  auto visit = [&](Operation *op) {
    if (!isa<ir::Fusible>(op) || isa<ir::EntryOp, ir::ReturnOp, ir::YieldOp, ir::ConstantOp>(op))
      return;
    loops |= isa<ir::ScanOp, ir::WhileOp>(op);
    count += roundingOf(op) != Rounding::None;
  };
  entry.walk(visit);
  module.walk([&](ir::KernelFuncOp kernel) { kernel.walk(visit); });
  return count <= 1 && !loops;
}

std::string describe(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.9g", value);
  return text;
}

bool sameClass(double a, double b) {
  if (std::isnan(a) || std::isnan(b))
    return std::isnan(a) && std::isnan(b);
  return !(std::isinf(a) || std::isinf(b)) || a == b;
}

constexpr size_t kProbes = 3;      // runs that are pushed
constexpr size_t kMostProbes = 12; // where an element is outside of those

/// The bound for element i, or none when pushing flipped it.
std::optional<double> boundFor(const Tensor &exact, const std::vector<Results> &pushed,
                               size_t which, int64_t i, double factor) {
  double bound = 0;
  for (const Results &run : pushed) {
    double value = run[which].second.real(i);
    if (!sameClass(value, exact.real(i)))
      return std::nullopt;
    if (std::isfinite(value))
      bound = std::max(bound, std::fabs(value - exact.real(i)));
  }
  // Pushes may cancel: results of several ops get 4 ulps at least.
  double least = factor > 1 && exact.isFloat() ? 4 * ulpOf(exact.real(i), exact.type()) : 0;
  return std::max(factor * bound, least);
}

} // namespace

llvm::Expected<Oracle> Oracle::run(ModuleOp module, StringRef name, const EntryData &data,
                                   const Bindings &bindings,
                                   std::function<void(const Executed &)> observer) {
  auto entry = findEntry(module, name);
  if (!entry)
    return entry.takeError();
  Oracle oracle;
  bool alone = roundsOnce(module, *entry);
  oracle.factor = alone ? 1 : 2;
  Evaluator evaluator(module, {.observer = std::move(observer)});
  auto exact = runEntry(evaluator, *entry, data, bindings);
  if (!exact)
    return exact.takeError();
  oracle.exact = std::move(*exact);
  oracle.push = [module, entry = *entry, &data, bindings, alone](uint64_t probe) {
    Evaluator *self = nullptr;
    Pusher pusher(self, bindings, alone, probe);
    Evaluator pushing(module, {.observer = [&](const Executed &e) { pusher(e); }});
    self = &pushing;
    return runEntry(pushing, entry, data, bindings);
  };
  if (llvm::Error error = oracle.pushUpTo(kProbes))
    return std::move(error);
  return oracle;
}

llvm::Error Oracle::pushUpTo(size_t probes) {
  while (pushed.size() < probes) {
    llvm::Expected<Results> results = push(pushed.size() + 1);
    if (!results)
      return results.takeError();
    pushed.push_back(std::move(*results));
  }
  return llvm::Error::success();
}

std::string Oracle::compare(const Results &got) {
  std::string found = mismatch(got);
  if (found.empty() || factor == 1)
    return found;
  if (llvm::Error error = pushUpTo(kMostProbes))
    return "the evaluator: " + llvm::toString(std::move(error));
  return mismatch(got);
}

std::string Oracle::mismatch(const Results &got) const {
  if (got.size() != exact.size())
    return "expected " + std::to_string(exact.size()) + " results, got " +
           std::to_string(got.size());
  for (size_t r = 0; r < exact.size(); ++r) {
    const Tensor &want = exact[r].second;
    auto found = llvm::find_if(got, [&](const auto &one) { return one.first == exact[r].first; });
    if (found == got.end())
      return "result \"" + exact[r].first + "\" is missing";
    const Tensor &have = found->second;
    if (have.type() != want.type() || have.dims() != want.dims())
      return "result \"" + exact[r].first + "\": expected " + name(want.type()) +
             toString(want.dims()) + ", got " + name(have.type()) + toString(have.dims());
    for (int64_t i = 0; i < want.count(); ++i) {
      std::optional<double> bound = boundFor(want, pushed, r, i, factor);
      if (!bound || (*bound > 0 && !want.isFloat()))
        continue;
      double a = want.real(i), b = have.real(i);
      // Passes may give a sum that cancels the other zero; an op alone may not.
      bool close = a == b ? *bound > 0 || factor > 1 || std::signbit(a) == std::signbit(b)
                          : sameClass(a, b) && (std::isnan(a) || std::fabs(a - b) <= *bound);
      if (!want.isFloat())
        close = want.integer(i) == have.integer(i);
      if (!close)
        return "result \"" + exact[r].first + "\"[" + std::to_string(i) + "]: expected " +
               describe(a) + ", got " + describe(b) + ", bound " + describe(*bound);
    }
  }
  return "";
}

} // namespace dlc::check
