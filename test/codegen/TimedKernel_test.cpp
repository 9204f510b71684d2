// When two schedules of a kernel are said to compute different things.
#include "tools/driver/TimedKernel.h"
#include <cmath>
#include <gtest/gtest.h>

using dlc::driver::differ;
using Numbers = dlc::driver::KernelBuffers::Numbers;

TEST(TimedKernel, RoundingIsNoDifference) {
  EXPECT_FALSE(differ({{1, -100, 0}}, {{1, -100.5, 0.5}}));
  EXPECT_FALSE(differ({{}, {0, 0}}, {{}, {0, -0.0}}));
}

TEST(TimedKernel, WhatIsLeftOutIs) {
  EXPECT_TRUE(differ({{1, -100, 0}}, {{1, -100, 2}}));
  EXPECT_TRUE(differ({{5}, {0, 0}}, {{5}, {0, 1e-30}}));
}

// A sum may overflow in one order only, but not often.
TEST(TimedKernel, NumbersThatAreNotFinite) {
  Numbers a{std::vector<double>(200, 1)}, b = a;
  a[0][3] = b[0][3] = std::nan("");
  EXPECT_FALSE(differ(a, b));
  b[0][4] = INFINITY;
  EXPECT_FALSE(differ(a, b));
  b[0][5] = b[0][6] = INFINITY;
  EXPECT_TRUE(differ(a, b));
}
