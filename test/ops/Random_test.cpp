// Random graphs through the whole pipeline and the evaluator, in process. Every op and every kind
// of fused kernel must have come up at least 50 times, so that "no mismatch" says something.
// Any number and seed by hand: DLC_RANDOM_GRAPHS=100000 DLC_RANDOM_SEED=7; DLC_RANDOM_PRINT=1
// prints each graph.
#include "mlir/IR/Verifier.h"
#include "passes/Pipelines.h"
#include "tools/check/Bisect.h"
#include "tools/check/RandomGraph.h"
#include <cstdlib>
#include <gtest/gtest.h>

using namespace mlir;
using namespace dlc;
using namespace dlc::check;

namespace {

int64_t setting(const char *name, int64_t fallback) {
  const char *text = std::getenv(name);
  return text ? std::atoll(text) : fallback;
}

void compile(OpPassManager &manager) { passes::buildCompilePipeline(manager); }

/// "contract, epilogue" and the like: the kernel's root and what was fused before and after it.
std::string patternOf(ir::KernelRoot root, Region &body) {
  bool rootSeen = false, before = false, after = false;
  int roots = 0;
  for (Operation &op : body.front().without_terminator()) {
    ir::FusionKind kind = cast<ir::Fusible>(&op).getFusionKind();
    bool isRoot = kind == ir::FusionKind::Reduce || kind == ir::FusionKind::Contraction ||
                  kind == ir::FusionKind::Convolution || kind == ir::FusionKind::Window ||
                  kind == ir::FusionKind::Scatter;
    roots += isRoot;
    rootSeen |= isRoot;
    (rootSeen ? after : before) |= kind == ir::FusionKind::Pointwise;
  }
  std::string pattern = ir::stringifyKernelRoot(root).str();
  if (root == ir::KernelRoot::pointwise)
    return pattern + (before ? ", chain" : ", moves");
  if (roots > 1)
    return pattern + ", several";
  return pattern + (before ? ", prologue" : "") + (after ? ", epilogue" : "");
}

class RandomTest : public testing::Test {
protected:
  RandomTest() { context.loadDialect<ir::DlcDialect>(); }

  void countFusions(ModuleOp module) {
    module.walk(
        [&](ir::KernelFuncOp kernel) { ++fusions[patternOf(kernel.getRoot(), kernel.getBody())]; });
  }

  MLIRContext context;
  std::map<std::string, int64_t> ops, fusions;
};

TEST_F(RandomTest, passes_keep_meaning) {
  int64_t count = setting("DLC_RANDOM_GRAPHS", 20000), first = setting("DLC_RANDOM_SEED", 1);
  int64_t wrong = 0;
  context.disableMultithreading();
  for (int64_t seed = first; seed < first + count && wrong < 5; ++seed) {
    OwningOpRef<ModuleOp> module = makeRandomGraph(&context, uint64_t(seed));
    ASSERT_TRUE(succeeded(verify(*module))) << "seed " << seed;
    if (std::getenv("DLC_RANDOM_PRINT"))
      module->print(llvm::errs());
    module->walk([&](Operation *op) { ++ops[op->getName().stripDialect().str()]; });
    reference::Bindings bindings{{"B", 1 + seed % 4}, {"T", seed % 7 == 0 ? 0 : 1 + seed % 3}};
    std::string mistake = findMistake(*module, compile, bindings, uint64_t(seed),
                                      [&](ModuleOp passed) { countFusions(passed); });
    if (mistake.empty())
      continue;
    ++wrong;
    ADD_FAILURE() << "seed " << seed << ": " << mistake;
  }
  if (wrong || count < 20000)
    return;
  for (const OpMaker &maker : opMakers())
    EXPECT_GE(ops[maker.name], 50) << maker.name;
  std::map<std::string, int64_t> roots;
  for (const auto &[pattern, times] : fusions) {
    EXPECT_GE(times, 50) << pattern;
    roots[StringRef(pattern).split(',').first.str()] += times;
  }
  for (uint32_t root = 0; root <= ir::getMaxEnumValForKernelRoot(); ++root)
    EXPECT_GE(roots[ir::stringifyKernelRoot(ir::KernelRoot(root)).str()], 50);
  for (const auto &[op, times] : ops)
    std::cout << "op " << op << " " << times << "\n";
  for (const auto &[pattern, times] : fusions)
    std::cout << "fusion " << pattern << " " << times << "\n";
}

} // namespace
