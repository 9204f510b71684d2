// When a matrix that contractions read deserves panels beside its row-major form. Pure, tested as a
// table by test/passes/layout/PanelRule_test.cpp.
#pragma once
#include <cstdint>

namespace dlc::passes {

/// A contraction that reads a variable as its B of `k` rows and `n` columns. How many rows A has
/// does not matter: panels gain at one as at hundreds.
struct PanelUse {
  int64_t k = 0, n = 0;
  bool transposed = false; ///< the variable is [n, k]
};

/// Whether reading panels pays for keeping them: memory as large as the matrix, and the packing of
/// every new value.
bool panelsPay(const PanelUse &use);

} // namespace dlc::passes
