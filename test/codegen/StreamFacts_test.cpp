// Which reductions over leading dimensions are taken chunk by chunk, in the pass that walks the rows.
#include "codegen/cpu/emit/StreamPlan.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include "tools/driver/KernelBench.h"
#include <gtest/gtest.h>

using namespace dlc::codegen::cpu;

namespace {

// What isChunked says of the sum over the rows of `body`'s %z, a tensor of so many rows.
bool chunked(const std::string &rows, const std::string &body) {
  std::unique_ptr<mlir::MLIRContext> context = dlc::driver::kernelContext();
  context->loadDialect<mlir::func::FuncDialect>();
  std::string text = "!t = tensor<" + rows + "x768xf32>\n!r = tensor<" + rows +
                     "xf32>\nfunc.func @f(%x: !t) -> tensor<768xf32> {\n" + body +
                     "%s = dlc.sum %z over [0] : !t -> tensor<768xf32>\n"
                     "return %s : tensor<768xf32>\n}";
  auto module = mlir::parseSourceString<mlir::ModuleOp>(text, context.get());
  EXPECT_TRUE(module) << text;
  bool result = false;
  if (module)
    module->walk([&](dlc::ir::SumOp sum) {
      if (sum.getAxes()[0] == 0)
        result = isChunked(sum);
    });
  return result;
}

const char *const kPlain = "%z = dlc.neg %x : !t\n";
const char *const kOfRows = "%m = dlc.sum %x over [1] : !t -> !r\n"
                            "%b = dlc.broadcast %m to [0] : !r -> !t\n"
                            "%z = dlc.sub %x, %b : !t\n";

TEST(StreamFacts, few_rows_are_summed_down_each_column) {
  EXPECT_FALSE(chunked("64", kPlain));
  EXPECT_TRUE(chunked("65", kPlain));
}

// Each column would fold all rows anew: 187 us for 64 x 768 instead of 16.
TEST(StreamFacts, not_where_elements_need_what_rows_fold_to) {
  EXPECT_TRUE(chunked("64", kOfRows));
  EXPECT_TRUE(chunked("2", kOfRows));
}

} // namespace
