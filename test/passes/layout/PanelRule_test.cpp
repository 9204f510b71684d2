#include "passes/layout/PanelRule.h"
#include <gtest/gtest.h>

using dlc::passes::packsInEveryCall;
using dlc::passes::panelsPay;
using dlc::passes::PanelUse;

namespace {

struct Row {
  const char *what;
  PanelUse use;
  bool pays;
};

TEST(PanelRule, as_a_table) {
  const Row rows[] = {
      {"many rows", {.k = 1024, .n = 1024}, true},
      {"few rows are read in place", {.k = 512, .n = 4096}, false},
      {"one more is not", {.k = 513, .n = 4096}, true},
      {"one panel is the matrix itself", {.k = 4096, .n = 64}, false},
      {"two panels are not", {.k = 4096, .n = 65}, true},
      {"of narrow panels it would be four", {.k = 4096, .n = 64, .width = 16}, true},
      {"one narrow panel is the matrix itself", {.k = 4096, .n = 16, .width = 16}, false},
      {"transposed would be packed in every call", {.k = 64, .n = 128, .transposed = true}, true},
      {"so few elements stay in L1", {.k = 63, .n = 64, .transposed = true}, false},
      {"but a loop would pack them in every iteration",
       {.k = 63, .n = 64, .transposed = true, .inLoop = true},
       true},
      {"a loop reads few rows in place, too", {.k = 512, .n = 4096, .inLoop = true}, false},
      {"pairs would be interleaved in every call", {.k = 64, .n = 64, .pairs = true}, true},
      {"so few pairs, too, but in L1", {.k = 62, .n = 64, .pairs = true}, false},
      {"groups count together", {.k = 63, .n = 64, .count = 2, .transposed = true}, true},
      {"a wide filter, however few its rows", {.k = 64, .n = 128, .convolution = true}, true},
      {"a filter of one panel lies as it should", {.k = 4096, .n = 64, .convolution = true}, false},
      {"but not for the gradient by the input",
       {.k = 4096, .n = 64, .transposed = true, .convolution = true},
       true},
      {"unless its lanes run along the reduction",
       {.k = 4096, .n = 4, .transposed = true, .convolution = true},
       false},
      {"groups of a filter lie apart", {.k = 288, .n = 32, .count = 8, .convolution = true}, true},
      {"narrow ones would be padding", {.k = 288, .n = 8, .count = 8, .convolution = true}, false},
  };
  for (const Row &row : rows)
    EXPECT_EQ(panelsPay(row.use), row.pays) << row.what;
}

TEST(PanelRule, kernels_pack_what_they_cannot_read_in_place) {
  EXPECT_FALSE(packsInEveryCall({.k = 4096, .n = 4096}));
  EXPECT_TRUE(packsInEveryCall({.k = 4, .n = 4, .transposed = true}));
  EXPECT_TRUE(packsInEveryCall({.k = 4, .n = 65, .convolution = true}));
  EXPECT_FALSE(packsInEveryCall({.k = 4, .n = 64, .convolution = true}));
  EXPECT_FALSE(packsInEveryCall({.k = 4, .n = 4, .transposed = true, .convolution = true}));
  EXPECT_TRUE(packsInEveryCall({.k = 4, .n = 16, .count = 2, .convolution = true}));
}

} // namespace
