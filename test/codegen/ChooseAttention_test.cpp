// Schedules of attention: tiles that cut panels, and narrow ones along the diagonal.
#include "codegen/cpu/choose/Attention.h"
#include "ir/support/Panels.h"
#include "test/codegen/KernelRunner.h"

using namespace dlc::codegen::cpu;
using namespace dlc::codegen::cpu::testing;
using namespace dlc::ir;

namespace {

TEST(ChooseAttention, TilesCutPanels) {
  for (const char *cpu : {"x86-64-v2", "x86-64-v3", "x86-64-v4", "neon"})
    for (bool gradient : {false, true})
      for (int64_t bits : {32, 64}) {
        CpuTarget target = targetNamed(cpu);
        AttentionLoops given;
        given.gradient = gradient;
        given.accumulatorBits = bits;
        AttentionSchedule chosen = chooseAttention(given, target);
        EXPECT_EQ(kPanelWidth % (chosen.vectors * target.lanes(bits)), 0) << cpu;
        EXPECT_LE((chosen.rows + 1) * chosen.vectors + 1, target.vectorRegisters) << cpu;
        EXPECT_EQ(chosen.keys % kPanelWidth, 0);
      }
}

// Tiles along the diagonal are narrow where they are many of all.
TEST(ChooseAttention, FewCausalKeys) {
  AttentionLoops given;
  given.keys = 256;
  for (bool causal : {false, true}) {
    given.causal = causal;
    AttentionSchedule chosen = chooseAttention(given, targetNamed("x86-64-v4"));
    EXPECT_EQ(chosen.vectors, causal ? 1 : 4);
    EXPECT_EQ(chosen.keys, 256);
  }
  given.keys = 2048;
  EXPECT_EQ(chooseAttention(given, targetNamed("x86-64-v4")).vectors, 4);
}

} // namespace
