// Random graphs compiled to native code and run, against the evaluator. Fewer than through the
// passes alone: each costs a compile. Any number by hand: DLC_RANDOM_NATIVE=5000 DLC_RANDOM_SEED=7.
#include "tools/check/Bisect.h"
#include "tools/check/CompiledRunner.h"
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

TEST(RandomNative, agrees_with_the_evaluator) {
  MLIRContext context;
  context.loadDialect<ir::DlcDialect>();
  NativeCompiler compiler = makeNativeCompiler();
  int64_t count = setting("DLC_RANDOM_NATIVE", 300), first = setting("DLC_RANDOM_SEED", 1);
  int64_t wrong = 0;
  for (int64_t seed = first; seed < first + count && wrong < 5; ++seed) {
    OwningOpRef<ModuleOp> module = makeRandomGraph(&context, uint64_t(seed));
    reference::Bindings bindings{{"B", 1 + seed % 4}, {"T", seed % 7 == 0 ? 0 : 1 + seed % 3}};
    std::string mistake = findNativeMistake(*module, compiler, bindings, uint64_t(seed));
    if (mistake.empty())
      continue;
    ++wrong;
    ADD_FAILURE() << "seed " << seed << ": " << mistake;
  }
}

} // namespace
