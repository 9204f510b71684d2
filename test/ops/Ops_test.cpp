// Every op's file under `dlc check`, in one process: clean it must pass, and with the op's value
// or gradient off by a factor of 1.001 it must fail. What the clean runs executed is held against
// the op list (coverage.json of dlc-tblgen): no op is tested by the name of a file alone.
#include "mlir/Parser/Parser.h"
#include "tools/check/Check.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
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
  bool isStructure;
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
    rows.push_back({row.getString("op")->str(), row.getString("gradient")->str(),
                    *row.getBoolean("structure")});
  }
  return rows;
}

std::string pathOf(const std::string &op) {
  return std::string(std::getenv("DLC_SOURCE_DIR")) + "/test/ops/" + op + ".mlir";
}

/// The options that the file's RUN line gives to `dlc check`.
CheckOptions optionsOf(const std::string &text) {
  CheckOptions options;
  SmallVector<StringRef> words;
  StringRef(text).split('\n').first.split(words, ' ');
  std::vector<std::string> bindings;
  for (size_t i = 0; i + 1 < words.size(); ++i)
    if (words[i] == "--bind")
      bindings.push_back(words[i + 1].str());
  options.gradients = llvm::is_contained(words, "--gradients");
  options.bindings = llvm::cantFail(parseBindings(bindings));
  return options;
}

class OpsTest : public testing::TestWithParam<OpRow> {
protected:
  OpsTest() { context.loadDialect<ir::DlcDialect>(); }

  CheckReport check(const std::string &scaleLowering, const std::string &scaleGradient) {
    std::string text = readFile(pathOf(GetParam().op));
    auto module = parseSourceString<ModuleOp>(text, ParserConfig(&context));
    if (!module) {
      CheckReport report;
      report.failures.push_back("the file is missing or does not parse");
      return report;
    }
    CheckOptions options = optionsOf(text);
    options.scaleLowering = scaleLowering;
    options.scaleGradient = scaleGradient;
    auto report = checkModule(*module, options);
    if (report)
      return std::move(*report);
    CheckReport failed;
    failed.failures.push_back(llvm::toString(report.takeError()));
    return failed;
  }

  // The CHECK lines of the file, which the lit run leaves to FileCheck.
  void expectStatedValues(const CheckReport &report) {
    SmallVector<StringRef> lines;
    std::string text = readFile(pathOf(GetParam().op));
    StringRef(text).split(lines, '\n');
    for (StringRef line : lines)
      if (line = line.trim(); line.consume_front("// CHECK: "))
        EXPECT_THAT(report.values, testing::HasSubstr(line.str() + "\n"));
  }

  MLIRContext context;
};

TEST_P(OpsTest, agrees_and_covers) {
  CheckReport report = check("", "");
  for (const std::string &failure : report.failures)
    ADD_FAILURE() << GetParam().op << ".mlir: " << failure;
  expectStatedValues(report);
  if (GetParam().isStructure)
    return;
  Coverage all;
  for (const auto &[key, coverage] : report.coverage)
    if (key.first == GetParam().op) {
      all.runs += coverage.runs;
      all.isSymbolic |= coverage.isSymbolic;
      all.hasGradient |= coverage.hasGradient;
    }
  EXPECT_GT(all.runs, 0) << GetParam().op << " was not executed by its own test";
  if (GetParam().gradient == "differentiable")
    EXPECT_TRUE(all.hasGradient) << "no gradient other than zero went through " << GetParam().op;
}

TEST_P(OpsTest, notices_a_wrong_value) {
  if (GetParam().isStructure)
    GTEST_SKIP() << "computes nothing";
  EXPECT_FALSE(check(GetParam().op, "").failures.empty());
}

TEST_P(OpsTest, notices_a_wrong_gradient) {
  if (GetParam().gradient != "differentiable")
    GTEST_SKIP() << "has no gradient";
  EXPECT_FALSE(check("", GetParam().op).failures.empty());
}

INSTANTIATE_TEST_SUITE_P(All, OpsTest, testing::ValuesIn(opList()),
                         [](const auto &info) { return info.param.op; });

} // namespace
