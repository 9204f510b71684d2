#include "passes/layout/PanelRule.h"
#include <gtest/gtest.h>

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
      {"many rows", {1024, 1024, false}, true},
      {"few rows are read in place", {512, 4096, false}, false},
      {"one more is not", {513, 4096, false}, true},
      {"one panel is the matrix itself", {4096, 64, false}, false},
      {"two panels are not", {4096, 65, false}, true},
      {"transposed would be packed in every call", {64, 128, true}, true},
      {"so few elements stay in L1", {63, 64, true}, false},
  };
  for (const Row &row : rows)
    EXPECT_EQ(panelsPay(row.use), row.pays) << row.what;
}

} // namespace
