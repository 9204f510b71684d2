// Runs a kernel's body twice, compiled and by the evaluator, on random operands.
#pragma once
#include "codegen/cpu/choose/Stream.h"
#include "codegen/cpu/emit/Kernel.h"
#include "codegen/lower/ExpandMath.h"
#include "codegen/reference/Evaluator.h"
#include "ir/Ops.h"
#include "ir/symbols/SizeExpr.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "test/codegen/KernelRunner.h"
#include <cmath>
#include <cstring>
#include <random>
#include <regex>
#include <sstream>

namespace dlc::codegen::cpu::testing {

using reference::Bindings;
using reference::DType;
using reference::Tensor;

/// Spells types out: "f32[B, 4]" stands for tensor<?x4xf32, #dlc.dims<[B, 4]>>, "i64[]" for
/// tensor<i64>.
inline std::string spellTypes(const std::string &text) {
  static const std::regex shorthand(R"(\b(bf16|f16|f32|f64|ui8|i8|i32|i64|i1)\[([^\]]*)\])");
  std::string out;
  auto at = text.begin();
  for (std::sregex_iterator it(text.begin(), text.end(), shorthand), end; it != end; ++it) {
    std::string dims = (*it)[2], spelt = "tensor<";
    bool open = false;
    std::istringstream sizes(dims);
    for (std::string size; std::getline(sizes, size, ',');) {
      size.erase(0, size.find_first_not_of(' '));
      bool number = size.find_first_not_of("0123456789") == std::string::npos;
      open |= !number;
      spelt += (number ? size : "?") + "x";
    }
    spelt += (*it)[1].str() + (open ? ", #dlc.dims<[" + dims + "]>" : "") + ">";
    out.append(at, (*it)[0].first).append(spelt);
    at = (*it)[0].second;
  }
  return out.append(at, text.end());
}

struct StreamCase {
  std::string name;
  std::string symbols;   // as in IR text: "\"B\", \"C\""
  std::string arguments; // "%x: tensor<4xf32>, ...", types as spellTypes takes them
  std::string body;      // ops and `dlc.yield`, the same
  std::vector<Bindings> bindings{{}};
  double tolerance = 2e-6; // relative, of the largest magnitude in the result
  bool specials = true;    // sprinkle NaN, infinities and zeros
  std::vector<std::pair<unsigned, unsigned>> shared = {}; // see StreamKernel
  std::string schedules = {}; // as in IR text: emitted by emitKernel, whatever its root
};

inline std::ostream &operator<<(std::ostream &os, const StreamCase &c) { return os << c.name; }

class StreamRunner {
public:
  explicit StreamRunner(const StreamCase &test, llvm::StringRef cpu = "native")
      : test(test), target(targetNamed(cpu)) {
    mlir::DialectRegistry registry;
    registerKernelDialects(registry);
    registry.insert<ir::DlcDialect>();
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
    context.disableMultithreading();
    std::string schedules = test.schedules.empty() ? "" : " schedules [" + test.schedules + "]";
    std::string text = "dlc.kernel_func @k pointwise symbols [" + test.symbols + "]" + schedules +
                       " {\n^bb0(" + spellTypes(test.arguments) + "):\n" + spellTypes(test.body) +
                       "\n}\n";
    source = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    EXPECT_TRUE(source) << text;
    code = mlir::ModuleOp::create(mlir::UnknownLoc::get(&context));
  }

  mlir::Block &body() {
    return (*source->getOps<ir::KernelFuncOp>().begin()).getBody().front();
  }

  bool emit(std::optional<StreamSchedule> schedule = std::nullopt) {
    StreamKernel kernel;
    kernel.name = "k";
    kernel.body = &body();
    auto func = *source->getOps<ir::KernelFuncOp>().begin();
    for (mlir::Attribute symbol : func.getSymbols())
      kernel.symbols.push_back(mlir::cast<mlir::StringAttr>(symbol).getValue().str());
    symbols.assign(kernel.symbols.begin(), kernel.symbols.end());
    for (auto pair : test.shared) {
      EXPECT_TRUE(mayShareBuffer(body(), pair.first, pair.second)) << test.name;
      kernel.shared.push_back(pair);
    }
    if (test.schedules.empty()) {
      auto emitted = emitStreamKernel(*code, kernel,
                                      schedule ? *schedule : chooseStream(body(), target), target);
      if (mlir::failed(emitted))
        return false;
      info = *emitted;
    } else {
      auto emitted = emitKernel(*code, func, "k", kernel.shared, target);
      if (mlir::failed(emitted))
        return false;
      info = emitted->info;
    }
    if (mlir::failed(mlir::verify(*code))) {
      code->dump();
      return false;
    }
    return mlir::succeeded(expandMath(*code, mathOptions(target))) && mlir::succeeded(lowerToLlvm(*code, target));
  }

  std::string assembly() {
    auto text = emitCode(*code, target, EmitKind::Assembly);
    return text ? std::string(text->begin(), text->end()) : llvm::toString(text.takeError());
  }

  bool load() {
    auto bytes = emitCode(*code, target);
    if (!bytes) {
      ADD_FAILURE() << llvm::toString(bytes.takeError());
      return false;
    }
    auto object = LoadedObject::load(*bytes);
    if (!object) {
      ADD_FAILURE() << llvm::toString(object.takeError());
      return false;
    }
    loaded.emplace(std::move(*object));
    return true;
  }

  int64_t evaluate(ir::SizeAttr size, const Bindings &bindings) {
    auto value = ir::sizeEvaluate(size, [&](llvm::StringRef name) -> std::optional<int64_t> {
      auto found = bindings.find(name.str());
      return found == bindings.end() ? std::nullopt : std::optional(found->second);
    });
    EXPECT_TRUE(value.has_value()) << test.name;
    return value.value_or(0);
  }

  std::vector<Tensor> operands(const Bindings &bindings, uint64_t seed) {
    std::mt19937_64 random(seed);
    std::vector<Tensor> out;
    for (mlir::BlockArgument argument : body().getArguments()) {
      auto type = mlir::cast<mlir::RankedTensorType>(argument.getType());
      auto dims = reference::dimsOf(type, bindings);
      auto element = reference::elementTypeOf(type.getElementType());
      EXPECT_TRUE(!!dims && !!element);
      Tensor t(*element, *dims);
      for (int64_t i = 0; i < t.count(); ++i)
        fill(t, i, random);
      out.push_back(std::move(t));
    }
    return out;
  }

  // Runs all phases. |split|: each tile by a call of its own, the last one first.
  std::vector<Tensor> run(const std::vector<Tensor> &operands, const Bindings &bindings,
                          bool split) {
    std::vector<Buffer<char>> memory;
    std::vector<void *> pointers;
    for (const Tensor &t : operands) {
      memory.emplace_back(t.byteSize());
      if (t.byteSize()) // an empty tensor has no memory
        std::memcpy(memory.back().data(), t.data(), t.byteSize());
      pointers.push_back(memory.back().data());
    }
    std::vector<Tensor> results;
    for (auto [i, value] : llvm::enumerate(body().getTerminator()->getOperands())) {
      auto type = mlir::cast<mlir::RankedTensorType>(value.getType());
      auto dims = reference::dimsOf(type, bindings);
      auto element = reference::elementTypeOf(type.getElementType());
      results.emplace_back(*element, *dims);
      auto pair = llvm::find_if(test.shared, [number = i](auto p) { return p.first == number; });
      if (pair != test.shared.end()) {
        pointers.push_back(pointers[pair->second]);
        continue;
      }
      memory.emplace_back(results.back().byteSize());
      pointers.push_back(memory.back().data());
    }
    int64_t scratch = evaluate(info.scratchBytes, bindings);
    memory.emplace_back(scratch);
    pointers.push_back(memory.back().data());
    std::vector<int64_t> sizes;
    for (const std::string &symbol : symbols)
      sizes.push_back(bindings.at(symbol));
    for (const KernelPhase &phase : info.phases) {
      auto address = loaded->find(phase.function);
      if (!address) {
        ADD_FAILURE() << llvm::toString(address.takeError());
        return results;
      }
      auto function = reinterpret_cast<PhaseFunction>(*address);
      int64_t tiles = evaluate(phase.tiles, bindings);
      if (!split)
        function(pointers.data(), sizes.data(), 0, tiles);
      for (int64_t tile = tiles; split && tile-- > 0;)
        function(pointers.data(), sizes.data(), tile, tile + 1);
    }
    for (auto [i, result] : llvm::enumerate(results))
      if (result.byteSize())
        std::memcpy(result.data(), pointers[operands.size() + i], result.byteSize());
    for (const Buffer<char> &buffer : memory)
      EXPECT_TRUE(buffer.guardIntact()) << test.name << ": stored past the end";
    return results;
  }

  std::vector<Tensor> evaluate(const std::vector<Tensor> &operands, const Bindings &bindings) {
    std::vector<const Tensor *> arguments;
    for (const Tensor &t : operands)
      arguments.push_back(&t);
    reference::Evaluator evaluator(*source);
    auto func = *source->getOps<ir::KernelFuncOp>().begin();
    auto results = evaluator.runRegion(func.getBody(), arguments, bindings);
    if (!results) {
      ADD_FAILURE() << llvm::toString(results.takeError());
      return {};
    }
    return std::move(*results);
  }

  void check() {
    ASSERT_TRUE(emit()) << test.name;
    ASSERT_TRUE(load()) << test.name;
    uint64_t seed = 1;
    for (const Bindings &bindings : test.bindings) {
      std::string where = test.name;
      for (auto &[name, value] : bindings)
        where += " " + name + "=" + std::to_string(value);
      std::vector<Tensor> in = operands(bindings, seed++);
      std::vector<Tensor> expected = evaluate(in, bindings);
      std::vector<Tensor> got = run(in, bindings, false), again = run(in, bindings, true);
      ASSERT_EQ(expected.size(), got.size());
      for (size_t r = 0; r < got.size(); ++r) {
        compare(got[r], expected[r], where + " result " + std::to_string(r));
        EXPECT_TRUE(got[r].byteSize() == 0 ||
                    std::memcmp(got[r].data(), again[r].data(), got[r].byteSize()) == 0)
            << where << ": depends on how tiles are shared out";
      }
    }
  }

  StreamCase test; // by value: a test may hand over a temporary
  CpuTarget target;
  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> source, code;
  KernelInfo info;
  std::vector<std::string> symbols;
  std::optional<LoadedObject> loaded;

private:
  void fill(Tensor &t, int64_t i, std::mt19937_64 &random) {
    if (!t.isFloat()) {
      int64_t range = t.type() == DType::I1 ? 2 : 17;
      t.setInteger(i, static_cast<int64_t>(random() % range) - (t.type() == DType::I1 ? 0 : 4));
      return;
    }
    std::normal_distribution<double> normal(0, 2);
    double value = normal(random);
    if (test.specials && random() % 23 == 0) {
      const double special[] = {NAN, INFINITY, -INFINITY, 0.0, -0.0, 1e30, -1e-30};
      value = special[random() % 7];
    }
    t.setReal(i, value);
  }

  void compare(const Tensor &got, const Tensor &expected, const std::string &where) {
    ASSERT_EQ(got.count(), expected.count()) << where;
    double scale = 0;
    for (int64_t i = 0; got.isFloat() && i < got.count(); ++i)
      if (std::isfinite(expected.real(i)) && std::abs(expected.real(i)) < 1e25)
        scale = std::max(scale, std::abs(expected.real(i)));
    int wrong = 0;
    for (int64_t i = 0; i < got.count() && wrong < 5; ++i) {
      bool same;
      if (!got.isFloat()) {
        same = got.integer(i) == expected.integer(i);
      } else {
        double g = got.real(i), e = expected.real(i);
        double slack = test.tolerance * std::max(scale, std::abs(e));
        same = std::isnan(e) ? std::isnan(g) : g == e || std::abs(g - e) <= slack;
      }
      if (same)
        continue;
      ++wrong;
      ADD_FAILURE() << where << " [" << i << " of " << got.count() << "]: "
                    << (got.isFloat() ? got.real(i) : static_cast<double>(got.integer(i)))
                    << " instead of "
                    << (got.isFloat() ? expected.real(i)
                                      : static_cast<double>(expected.integer(i)));
    }
  }
};

} // namespace dlc::codegen::cpu::testing
