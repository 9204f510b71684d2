// The machine code of the kernels whose speed is promised: nothing in an innermost loop touches the
// stack or does scalar arithmetic.
#include "test/codegen/AssemblyCheck.h"
#include "test/codegen/KernelRunner.h"
#include "tools/driver/BenchKernels.h"

using namespace dlc::codegen::cpu;
using namespace dlc::codegen::cpu::testing;

namespace {

TEST(AssemblyCheck, SeesSpillsAndScalars) {
  const char *bad = "f:\n"
                    ".LBB0_1:    # =>This Loop Header: Depth=1\n"
                    "\tvmovups\t64(%rsp), %zmm0\n"
                    ".LBB0_2:    #   Parent Loop BB0_1 Depth=1\n"
                    "            # =>  This Inner Loop Header: Depth=2\n"
                    "\tvfmadd231ss\t%xmm0, %xmm1, %xmm2\n"
                    "# %bb.3:     #   in Loop: Header=BB0_2 Depth=2\n"
                    "\tvmovups\t%zmm0, 8(%rsp)\n"
                    "\tjne\t.LBB0_2\n"
                    "# %bb.4:     #   in Loop: Header=BB0_1 Depth=1\n"
                    "\tjne\t.LBB0_1\n";
  AssemblyReport report = checkInnermostLoops(bad);
  EXPECT_EQ(report.innermostLoops, 1);
  // The first spill is in the outer loop, where it costs nothing.
  EXPECT_THAT(report.violations,
              ::testing::ElementsAre(::testing::HasSubstr("vfmadd231ss"),
                                     ::testing::HasSubstr("%zmm0, 8(%rsp)")));
}

class PromisedKernels : public ::testing::TestWithParam<const char *> {};

TEST_P(PromisedKernels, InnermostLoopsStayInRegisters) {
  CpuTarget target = targetNamed(GetParam());
  for (dlc::driver::BenchKernel kernel : dlc::driver::promisedKernels(target)) {
    // Sixteen registers hold the promised tiles, but not the constants of exp or erf.
    bool tile = kernel.floor > 0 && kernel.limit == dlc::driver::Limit::Flops;
    if (!tile && target.vectorRegisters < 32)
      continue;
    std::unique_ptr<mlir::MLIRContext> context = dlc::driver::kernelContext();
    mlir::OwningOpRef<mlir::ModuleOp> module =
        mlir::ModuleOp::create(mlir::UnknownLoc::get(context.get()));
    ASSERT_TRUE(dlc::driver::emitBenchKernel(kernel, *module, target)) << kernel.name;
    auto text = emitCode(*module, target, EmitKind::Assembly);
    ASSERT_TRUE(bool(text)) << kernel.name;
    AssemblyReport report = checkInnermostLoops(std::string(text->begin(), text->end()));
    EXPECT_GT(report.innermostLoops, 0) << kernel.name;
    EXPECT_THAT(report.violations, ::testing::IsEmpty()) << kernel.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Targets, PromisedKernels,
                         ::testing::Values("x86-64-v3", "x86-64-v4", "znver4"));

} // namespace
