// KernelBuilder from writing IR to running it: arithmetic that folds, loops, memory, masks.
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "test/codegen/KernelRunner.h"

using namespace dlc::codegen::cpu;
using namespace dlc::codegen::cpu::testing;
using mlir::Value;

namespace {

TEST(KernelBuilder, FoldsConstantSizes) {
  KernelRunner runner;
  emitPhase(runner.module, runner.loc(), runner.target, {"f", 0, 1, {}},
            [](KernelBuilder &k, const PhaseArguments &phase) {
              Size n = phase.sizes[0];
              EXPECT_TRUE(k.add(3, 4).is(7));
              EXPECT_TRUE(k.ceilDiv(65, 16).is(5));
              EXPECT_TRUE(k.floorDiv(-1, 2).is(-1));
              EXPECT_TRUE(k.mul(n, 0).is(0));
              EXPECT_EQ(k.add(n, 0).value(), phase.sizes[0]);
              EXPECT_EQ(k.mul(1, n).value(), phase.sizes[0]);
              EXPECT_TRUE(Size(k.value(12)).is(12));
            });
}

TEST(KernelBuilder, RunsLoopWithMaskedTail) {
  KernelRunner runner;
  emitPhase(runner.module, runner.loc(), runner.target, {"twice", 2, 1, {}},
            [](KernelBuilder &k, const PhaseArguments &phase) {
              auto type = k.vectorType(k.f32(), 16);
              k.forLoop(phase.begin, phase.end, 1, [&](Value tile) {
                Size at = k.mul(tile, 16);
                Value mask = k.laneMask(k.sub(phase.sizes[0], at), 16);
                Value x = k.maskedLoad(type, phase.pointers[0], at, mask);
                k.maskedStore(k.sum(x, x), phase.pointers[1], at, mask);
              });
            });
  runner.load();
  Buffer<float> x(37), y(37);
  for (int i = 0; i < 37; ++i)
    x[i] = i;
  void *pointers[] = {x.data(), y.data()};
  int64_t sizes[] = {37};
  runner.find("twice")(pointers, sizes, 0, 3);
  for (int i = 0; i < 37; ++i)
    EXPECT_EQ(y[i], 2.0f * i);
  EXPECT_TRUE(y.guardIntact());
}

TEST(KernelBuilder, SumsThroughCarriedValuesAndGathers) {
  KernelRunner runner;
  // out[0] = sum of every third element of x, eight lanes at a time; out[1] = floor(-n / 4).
  emitPhase(runner.module, runner.loc(), runner.target, {"sum", 2, 1, {}},
            [](KernelBuilder &k, const PhaseArguments &phase) {
              auto type = k.vectorType(k.f64(), 8);
              auto sums = k.forLoop(
                  0, phase.sizes[0], 8, {k.zero(type)}, [&](Value i, mlir::ValueRange carried) {
                    Value x = k.stridedLoad(type, phase.pointers[0], k.mul(i, 3), 3,
                                            k.laneMask(k.sub(phase.sizes[0], i), 8));
                    return llvm::SmallVector<Value>{k.sum(carried[0], x)};
                  });
              k.store(k.horizontalSum(sums[0]), phase.pointers[1], 0);
              Size down = k.floorDiv(k.sub(0, phase.sizes[0]), 4);
              k.store(k.convert(k.value(down), k.f64()), phase.pointers[1], 1);
            });
  runner.load();
  Buffer<double> x(60), out(2);
  double expected = 0;
  for (int i = 0; i < 60; ++i) {
    x[i] = i * 0.5;
    expected += i % 3 == 0 ? x[i] : 0;
  }
  void *pointers[] = {x.data(), out.data()};
  int64_t sizes[] = {20 - 1};
  runner.find("sum")(pointers, sizes, 0, 1);
  EXPECT_DOUBLE_EQ(out[0], expected - 57 * 0.5);
  EXPECT_EQ(out[1], -5.0);
}

TEST(KernelBuilder, StoresBooleansAsBytes) {
  KernelRunner runner;
  emitPhase(runner.module, runner.loc(), runner.target, {"not", 2, 0, {}},
            [](KernelBuilder &k, const PhaseArguments &phase) {
              auto type = k.vectorType(k.i1(), 16);
              Value x = k.load(type, phase.pointers[0], 0);
              Value one = k.intConstant(type, 1);
              Value y = mlir::arith::XOrIOp::create(k.builder(), k.loc(), x, one);
              k.store(y, phase.pointers[1], 0);
            });
  runner.load();
  Buffer<uint8_t> x(16), y(16);
  for (int i = 0; i < 16; ++i)
    x[i] = i % 3 == 0;
  void *pointers[] = {x.data(), y.data()};
  runner.find("not")(pointers, nullptr, 0, 1);
  for (int i = 0; i < 16; ++i)
    EXPECT_EQ(y[i], i % 3 != 0);
}

TEST(EmitObject, SameModuleGivesSameBytes) {
  llvm::SmallVector<char, 0> objects[2];
  for (auto &object : objects) {
    KernelRunner runner("x86-64-v4");
    emitPhase(runner.module, runner.loc(), runner.target, {"f", 1, 0, {}},
              [](KernelBuilder &k, const PhaseArguments &phase) {
                k.store(k.zero(k.vectorType(k.f32(), 16)), phase.pointers[0], 0);
              });
    object = runner.compile();
  }
  EXPECT_EQ(objects[0], objects[1]);
  EXPECT_GT(objects[0].size(), 100u);
}

TEST(Target, DescribesProcessorsByName) {
  struct {
    const char *name;
    int64_t bits, registers;
    bool fma;
  } const table[] = {{"x86-64-v2", 128, 16, false}, {"x86-64-v3", 256, 16, true},
                     {"x86-64-v4", 512, 32, true},  {"znver4", 512, 32, true},
                     {"skylake", 256, 16, true},    {"neon", 128, 32, true}};
  for (const auto &row : table) {
    CpuTarget target = targetNamed(row.name);
    EXPECT_EQ(target.vectorBits, row.bits) << row.name;
    EXPECT_EQ(target.vectorRegisters, row.registers) << row.name;
    EXPECT_EQ(target.fusedMultiplyAdd, row.fma) << row.name;
  }
  EXPECT_TRUE(targetNamed("znver4").dotBf16);
  EXPECT_EQ(targetNamed("x86-64-v4").isa,
            uint64_t(kIsaSse42 | kIsaAvx | kIsaAvx2 | kIsaFma | kIsaF16c | kIsaAvx512));
}

TEST(Target, RefusesUnknownName) {
  auto target = cpuTargetByName("pentium9000");
  ASSERT_FALSE(static_cast<bool>(target));
  EXPECT_THAT(llvm::toString(target.takeError()),
              ::testing::HasSubstr("unknown processor \"pentium9000\""));
}

} // namespace
