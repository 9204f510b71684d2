// Every op's own file must notice that op being made wrong: compiled code whose op gives 1.001
// times its value, at the op of the model and at the op that kernels are made of, and gradients off
// by the same factor. The evaluator stays right throughout.
//
// lit_ops shows that the unspoiled files pass, and what they executed is meta_op_coverage's to
// judge. To be quick, an entry at a time is compiled, under the last sizes of the file's RUN line,
// until one notices.
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "passes/Pipelines.h"
#include "tools/check/Check.h"
#include "tools/check/CompiledRunner.h"
#include "tools/check/Mutate.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include <cstdlib>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace mlir;
using namespace dlc;
using namespace dlc::check;

namespace {

std::string readFile(const std::string &path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  return buffer ? (*buffer)->getBuffer().str() : "";
}

struct OpRow {
  std::string op, gradient;
};

void PrintTo(const OpRow &row, std::ostream *os) { *os << row.op; }

std::vector<OpRow> opList() {
  const char *build = std::getenv("DLC_BINARY_DIR");
  std::string path = std::string(build ? build : ".") + "/tools/dlc-tblgen/coverage.json";
  auto json = llvm::json::parse(readFile(path));
  std::vector<OpRow> rows;
  if (!json)
    return llvm::consumeError(json.takeError()), rows;
  for (const llvm::json::Value &value : *json->getAsArray()) {
    const llvm::json::Object &row = *value.getAsObject();
    rows.push_back({row.getString("op")->str(), row.getString("gradient")->str()});
  }
  return rows;
}

/// The last sizes that the file's RUN line gives to `dlc check`.
reference::Bindings lastBindings(const std::string &text) {
  SmallVector<StringRef> words;
  StringRef(text).split('\n').first.split(words, ' ');
  std::vector<std::string> bindings;
  for (size_t i = 0; i + 1 < words.size(); ++i)
    if (words[i] == "--bind")
      bindings.push_back(words[i + 1].str());
  return llvm::cantFail(parseBindings(bindings)).back();
}

bool holds(ModuleOp module, StringRef op) {
  return module
      .walk([&](Operation *here) {
        return here->getName().getStringRef() == "dlc." + op.str() ? WalkResult::interrupt()
                                                                   : WalkResult::advance();
      })
      .wasInterrupted();
}

llvm::Error runPasses(ModuleOp module, function_ref<void(PassManager &)> addPasses) {
  PassManager manager(module.getContext());
  addPasses(manager);
  if (failed(manager.run(module)))
    return llvm::createStringError("a pass failed");
  return llvm::Error::success();
}

class OpsTest : public testing::TestWithParam<OpRow> {
protected:
  void SetUp() override {
    context.loadDialect<ir::DlcDialect>();
    std::string text =
        readFile(std::string(std::getenv("DLC_SOURCE_DIR")) + "/test/ops/" + op() + ".mlir");
    module = parseSourceString<ModuleOp>(text, ParserConfig(&context));
    ASSERT_TRUE(module) << "the file is missing or does not parse";
    options.bindings = {lastBindings(text)};
  }

  const std::string &op() { return GetParam().op; }

  /// The module with one of its entries. Private ones derive variables and stay.
  OwningOpRef<ModuleOp> withEntry(StringRef name) {
    OwningOpRef<ModuleOp> one = module->clone();
    for (auto entry : llvm::make_early_inc_range(one->getOps<ir::EntryOp>()))
      if (entry.getSymName() != name && !entry.isPrivate())
        entry.erase();
    return one;
  }

  /// The first failure that begins with `road`, of any entry that `applies` to.
  std::string firstFailure(StringRef road, function_ref<bool(ModuleOp)> applies) {
    for (auto entry : module->getOps<ir::EntryOp>()) {
      OwningOpRef<ModuleOp> one = withEntry(entry.getSymName());
      if (entry.isPrivate() || !applies(*one))
        continue;
      ++tried;
      auto report = checkModule(*one, options);
      if (!report) {
        ADD_FAILURE() << entry.getSymName().str() << ": " << llvm::toString(report.takeError());
        return "";
      }
      for (const std::string &failure : report->failures)
        if (StringRef(failure).contains(road))
          return failure;
    }
    return "";
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
  CheckOptions options;
  int tried = 0;
};

TEST_P(OpsTest, notices_a_wrong_lowering) {
  options.native = makeNativeCompiler();
  options.changeNative = [&](ModuleOp compiled) {
    return runPasses(compiled,
                     [&](PassManager &manager) { manager.addPass(createTestScaleLowering(op())); });
  };
  EXPECT_NE(firstFailure(": native: result", [&](ModuleOp one) { return holds(one, op()); }), "");
}

// Composites and markers are gone by then, and so is what folds.
TEST_P(OpsTest, notices_a_wrong_kernel) {
  auto prepare = [&](ModuleOp one) {
    return runPasses(one, [](PassManager &manager) { passes::buildGraphPipeline(manager); });
  };
  options.native = makeNativeCompiler();
  options.changeNative = [&](ModuleOp compiled) {
    if (llvm::Error error = prepare(compiled))
      return error;
    return runPasses(compiled,
                     [&](PassManager &manager) { manager.addPass(createTestScaleLowering(op())); });
  };
  std::string failure = firstFailure(": native: result", [&](ModuleOp one) {
    OwningOpRef<ModuleOp> lowered = one.clone();
    return holds(one, op()) && !llvm::errorToBool(prepare(*lowered)) && holds(*lowered, op());
  });
  if (!tried)
    GTEST_SKIP() << "no kernel is made of it";
  EXPECT_NE(failure, "");
}

TEST_P(OpsTest, notices_a_wrong_gradient) {
  if (GetParam().gradient != "differentiable")
    GTEST_SKIP() << "has no gradient";
  options.gradients = true;
  options.changeDifferentiated = [&](ModuleOp differentiated) {
    llvm::cantFail(runPasses(differentiated, [&](PassManager &manager) {
      manager.addPass(createTestScaleGradient(op()));
    }));
  };
  EXPECT_NE(firstFailure(": gradient.", [&](ModuleOp one) { return holds(one, op()); }), "");
}

INSTANTIATE_TEST_SUITE_P(All, OpsTest, testing::ValuesIn(opList()),
                         [](const auto &info) { return info.param.op; });

} // namespace
