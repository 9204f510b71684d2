#include "tools/driver/TimedKernel.h"
#include "codegen/MemoryLimit.h"
#include "codegen/cpu/RandomStreams.h"
#include "ir/support/KernelCost.h"
#include "ir/support/ShapeMath.h"
#include <algorithm>
#include <cmath>
#include <cstring>
#include <ctime>

using namespace mlir;
using namespace dlc::ir;

namespace dlc::driver {
namespace {

constexpr double kLeastSeconds = 3e-3; // of one measurement
constexpr int kMostRepeats = 10000;
constexpr double kLargestError = 0x1p-6; // half a step of bf16 twice over, and sums of such

/// Numbers in (-1/2, 1/2) for floats, below 10 for integers, 0 and 1 for predicates.
void fill(void *data, Type element, int64_t count) {
  uint32_t state = 1;
  unsigned bits = element.getIntOrFloatBitWidth();
  for (int64_t i = 0; i < count; ++i) {
    state = state * 1664525u + 1013904223u;
    float number = float(int32_t(state >> 8) - (1 << 23)) * 0x1p-24f;
    uint32_t word;
    std::memcpy(&word, &number, sizeof(word));
    if (element.isF32())
      static_cast<float *>(data)[i] = number;
    else if (element.isF64())
      static_cast<double *>(data)[i] = number;
    else if (element.isBF16())
      static_cast<uint16_t *>(data)[i] = uint16_t(word >> 16);
    else if (element.isF16()) // 1/4 and a bit
      static_cast<uint16_t *>(data)[i] = uint16_t(0x3400 | (state >> 22));
    else if (bits == 32)
      static_cast<int32_t *>(data)[i] = int32_t((state >> 16) % 10);
    else if (bits == 64)
      static_cast<int64_t *>(data)[i] = (state >> 16) % 10;
    else
      static_cast<uint8_t *>(data)[i] = (state >> 16) % 2;
  }
}

double numberAt(const void *data, Type element, int64_t i) {
  auto at = [&](auto example) { return double(static_cast<const decltype(example) *>(data)[i]); };
  if (element.isF64())
    return at(double());
  if (element.isF32())
    return at(float());
  if (auto narrow = dyn_cast<FloatType>(element)) {
    llvm::APInt word(16, static_cast<const uint16_t *>(data)[i]);
    llvm::APFloat value(narrow.getFloatSemantics(), word);
    bool exact;
    value.convert(llvm::APFloat::IEEEdouble(), llvm::APFloat::rmNearestTiesToEven, &exact);
    return value.convertToDouble();
  }
  unsigned bits = element.getIntOrFloatBitWidth();
  return bits == 64 ? at(int64_t()) : bits == 32 ? at(int32_t()) : at(int8_t());
}

double secondsOf(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return double(now.tv_sec) + double(now.tv_nsec) * 1e-9;
}

} // namespace

llvm::Expected<std::unique_ptr<KernelBuffers>> KernelBuffers::make(KernelFuncOp func,
                                                                   const SizeValues &known) {
  std::unique_ptr<KernelBuffers> buffers(new KernelBuffers);
  auto value = [&](StringRef name) -> std::optional<int64_t> {
    auto found = known.find(name.str());
    return found == known.end() ? std::nullopt : std::optional(found->second);
  };
  for (Attribute symbol : func.getSymbols()) {
    auto name = cast<StringAttr>(symbol).getValue();
    if (!value(name))
      return llvm::createStringError("no size is known for the symbol \"" + name + "\"");
    buffers->sizes.push_back(*value(name));
  }
  llvm::append_range(buffers->sizes, codegen::cpu::randomStreams(func));
  Block &body = func.getBody().front();
  for (Type type :
       llvm::concat<const Type>(body.getArgumentTypes(), body.getTerminator()->getOperandTypes())) {
    std::optional<int64_t> count = sizeEvaluate(elementCount(type), value);
    std::optional<int64_t> bytes = sizeEvaluate(storedBytesOf(type), value);
    void *data = count && bytes ? runtime::core::allocateTensors(*bytes + 64) : nullptr;
    if (!data)
      return llvm::createStringError("out of memory");
    Type element = cast<ShapedType>(type).getElementType();
    fill(data, element, *count);
    buffers->pointers.push_back(data);
    if (buffers->pointers.size() > body.getNumArguments())
      buffers->resultBuffers.push_back({element, *count, data});
  }
  return buffers;
}

KernelBuffers::Numbers KernelBuffers::results() const {
  Numbers numbers;
  for (const Result &result : resultBuffers) {
    std::vector<double> &tensor = numbers.emplace_back(result.count);
    for (int64_t i = 0; i < result.count; ++i)
      tensor[i] = numberAt(result.data, result.element, i);
  }
  return numbers;
}

bool differ(const KernelBuffers::Numbers &a, const KernelBuffers::Numbers &b) {
  for (auto [x, y] : llvm::zip_equal(a, b)) {
    double largest = 0;
    for (double number : x)
      if (std::isfinite(number))
        largest = std::max(largest, std::fabs(number));
    size_t apart = 0, torn = 0;
    for (auto [p, q] : llvm::zip_equal(x, y)) {
      torn += std::isfinite(p) != std::isfinite(q);
      apart += std::isfinite(p) && std::isfinite(q) && std::fabs(p - q) > kLargestError * largest;
    }
    if (apart > 0 || torn * 100 > x.size())
      return true;
  }
  return false;
}

KernelBuffers::~KernelBuffers() {
  for (void *pointer : pointers)
    runtime::core::freeTensors(pointer);
}

llvm::Expected<std::unique_ptr<TimedKernel>>
TimedKernel::compile(KernelFuncOp func, const codegen::cpu::CpuTarget &target,
                     KernelBuffers &buffers) {
  auto compiled = codegen::KernelCompiler(target).compile(codegen::makeRequest(func, {}));
  if (!compiled)
    return compiled.takeError();
  auto code = codegen::cpu::LoadedObject::load(compiled->object);
  if (!code)
    return code.takeError();
  std::unique_ptr<TimedKernel> kernel(new TimedKernel(std::move(*code), buffers));
  auto value = [&](int64_t symbol) { return std::optional(kernel->sizes[symbol]); };
  for (const codegen::TablePhase &phase : compiled->table.phases) {
    auto function = kernel->code.find(phase.function);
    if (!function)
      return function.takeError();
    std::optional<int64_t> tiles = codegen::evaluateCode(phase.tiles, value);
    std::optional<int64_t> grain = codegen::evaluateCode(phase.grain, value);
    if (!tiles || !grain)
      return llvm::createStringError("its tiles cannot be told for these sizes");
    kernel->phases.push_back(
        {reinterpret_cast<dlc_phase_fn>(*function), *tiles, std::max<int64_t>(*grain, 1)});
  }
  int64_t scratch = codegen::evaluateCode(compiled->table.scratch, value).value_or(-1);
  if (scratch > 0)
    kernel->scratch = runtime::core::allocateTensors(scratch);
  if (scratch < 0 || (scratch > 0 && !kernel->scratch))
    return llvm::createStringError("out of memory");
  kernel->pointers.push_back(kernel->scratch);
  kernel->pointers.push_back(nullptr);
  return kernel;
}

TimedKernel::~TimedKernel() { runtime::core::freeTensors(scratch); }

void TimedKernel::run(dlc_pool &pool) {
  for (const Phase &phase : phases)
    if (phase.tiles > 0)
      pool.launchTiles(
          {phase.function, pointers.data(), 0, sizes.data(), phase.tiles, phase.grain, nullptr});
}

double TimedKernel::seconds(dlc_pool &pool, int runs) {
  clockid_t clock = pool.threads == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC;
  double start = secondsOf(clock);
  for (int i = 0; i < runs; ++i)
    run(pool);
  return (secondsOf(clock) - start) / runs;
}

double TimedKernel::time(dlc_pool &pool) {
  if (!repeats) {
    run(pool); // memory is touched for the first time
    double once = std::max(seconds(pool, 1), 1e-8);
    repeats = int(std::clamp(kLeastSeconds / once, 1.0, double(kMostRepeats)));
  }
  return seconds(pool, repeats);
}

} // namespace dlc::driver
