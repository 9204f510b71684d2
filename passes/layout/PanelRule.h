// When a matrix that contractions read deserves panels beside its row-major form. Pure, tested as a
// table by test/passes/layout/PanelRule_test.cpp.
#pragma once
#include <cstdint>
#include <optional>

namespace dlc::passes {

/// A contraction that reads a variable as its B of `k` rows and `n` columns; `m` is the number of
/// rows of A, empty when a symbol decides it.
struct PanelUse {
  std::optional<int64_t> m;
  int64_t k = 0, n = 0;
  bool transposed = false; ///< the variable is [n, k]
};

/// Whether reading panels pays for keeping them: memory as large as the matrix, and the packing of
/// every new value.
bool panelsPay(const PanelUse &use);

} // namespace dlc::passes
