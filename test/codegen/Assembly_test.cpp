// The machine code of the kernels whose speed is promised or watched, and of every kernel of
// example networks and layers of an encoder, for three kinds of machines: nothing in an innermost
// loop touches the stack or does scalar arithmetic.
#include "test/codegen/AssemblyCheck.h"
#include "test/codegen/KernelRunner.h"
#include "tools/driver/BenchKernels.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"

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
  EXPECT_THAT(report.violations, ::testing::ElementsAre(::testing::HasSubstr("vfmadd231ss"),
                                                        ::testing::HasSubstr("%zmm0, 8(%rsp)")));
}

TEST(AssemblyCheck, LeavesLoopsThatCallToTheirCallees) {
  const char *calls = "f:\n"
                      ".LBB0_1:    # =>This Inner Loop Header: Depth=1\n"
                      "\tmovq\t%rsi, 16(%rsp)\n"
                      "# %bb.2:     #   in Loop: Header=BB0_1 Depth=1\n"
                      "\tcallq\t*%rax\n"
                      "\tjne\t.LBB0_1\n"
                      "g:\n"
                      ".LBB1_1:    # =>This Inner Loop Header: Depth=1\n"
                      "\tmovq\t%rsi, 24(%rsp)\n"
                      "\tjne\t.LBB1_1\n";
  AssemblyReport report = checkInnermostLoops(calls);
  EXPECT_EQ(report.innermostLoops, 1);
  EXPECT_THAT(report.violations, ::testing::ElementsAre(::testing::HasSubstr("24(%rsp)")));
}

TEST(AssemblyCheck, SeesThemOnAArch64) {
  const char *bad = "f:\n"
                    ".LBB0_1:    // =>This Loop Header: Depth=1\n"
                    "\tldr\tq0, [sp, #16]\n"
                    ".LBB0_2:    //   Parent Loop BB0_1 Depth=1\n"
                    "            // =>  This Inner Loop Header: Depth=2\n"
                    "\tfmadd\ts0, s1, s2, s0\n"
                    "\tfmla\tv0.4s, v1.4s, v2.s[0]\n"
                    "// %bb.3:     //   in Loop: Header=BB0_2 Depth=2\n"
                    "\tstr\tq0, [sp, #32]                  // 16-byte Spill\n"
                    "\tldr\tq1, [x1, #16]\n"
                    "\tb.ne\t.LBB0_2\n";
  AssemblyReport report = checkInnermostLoops(bad);
  EXPECT_EQ(report.innermostLoops, 1);
  EXPECT_THAT(report.violations, ::testing::ElementsAre(::testing::HasSubstr("fmadd"),
                                                        ::testing::HasSubstr("q0, [sp, #32]")));
}

class PromisedKernels : public ::testing::TestWithParam<const char *> {};

TEST_P(PromisedKernels, InnermostLoopsStayInRegisters) {
  CpuTarget target = targetNamed(GetParam());
  std::set<std::string> seen;
  for (dlc::driver::BenchKernel kernel : dlc::driver::promisedKernels(target)) {
    // Tiles chosen for few rows or channels, watched and not promised, may spill on sixteen
    // registers.
    bool stream = kernel.elements > 0 || kernel.limit != dlc::driver::Limit::Flops;
    if (kernel.floor == 0 && !stream && target.vectorRegisters < 32)
      continue;
    // Of the rows that differ in size alone one is enough.
    if (stream && !seen.insert(std::regex_replace(kernel.name, std::regex("\\d+"), "")).second)
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
                         ::testing::Values("x86-64-v3", "x86-64-v4", "znver4", "neon"));

struct Example {
  const char *model; // a .cpp file, without the ending
  const char *machine;
  const char *flags; // of dlc compile
};
std::ostream &operator<<(std::ostream &os, const Example &e) {
  return os << e.model << " for " << e.machine;
}

class ExampleNetworks : public ::testing::TestWithParam<Example> {};

// All entries, the step that trains among them, as the compiler writes them.
TEST_P(ExampleNetworks, EveryKernelStaysInRegisters) {
  const char *tools = std::getenv("DLC_BINARY_DIR"), *sources = std::getenv("DLC_SOURCE_DIR");
  if (!tools || !sources)
    GTEST_SKIP() << "run by ctest, which says where dlc is";
  llvm::SmallString<128> file;
  ASSERT_FALSE(llvm::sys::fs::createTemporaryFile("example", "s", file));
  llvm::FileRemover remover(file);
  std::string command = std::string(tools) + "/bin/dlc compile " + sources + "/" +
                        GetParam().model + ".cpp --emit=asm --no-cache " + GetParam().flags +
                        " -o " + file.c_str();
  ASSERT_EQ(std::system(command.c_str()), 0) << command;
  auto text = llvm::MemoryBuffer::getFile(file);
  ASSERT_TRUE(bool(text));
  AssemblyReport report = checkInnermostLoops((*text)->getBuffer().str());
  EXPECT_GE(report.innermostLoops, 80);
  // Host functions put arguments together on the stack.
  llvm::erase_if(report.violations, [](llvm::StringRef violation) {
    return violation.starts_with("dlc_host_");
  });
  EXPECT_THAT(report.violations, ::testing::IsEmpty());
}

std::vector<Example> examples() {
  const char *digits = "examples/digits_convnet", *fashion = "examples/fashion_mnist",
             *layer = "test/codegen/encoder_layer", *dropout = "test/codegen/encoder_dropout";
  std::vector<Example> all;
  for (const char *model : {digits, fashion, layer, dropout})
    all.push_back({model, "avx512", "--cpu=x86-64-v4"});
  for (const char *model : {digits, fashion, layer})
    all.push_back({model, "avx2", "--cpu=x86-64-v3"});
  for (const char *model : {digits, fashion, layer, dropout})
    all.push_back({model, "neon", "--target=aarch64-linux-gnu"});
  return all;
}

INSTANTIATE_TEST_SUITE_P(Examples, ExampleNetworks, ::testing::ValuesIn(examples()));

} // namespace
