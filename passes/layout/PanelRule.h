// When a matrix that contractions or convolutions read deserves panels beside its own form. Pure,
// tested as a table by test/passes/layout/PanelRule_test.cpp.
#pragma once
#include <cstdint>

namespace dlc::passes {

/// An op that reads a tensor as `count` matrices B of `k` rows and `n` columns. How many rows A has
/// does not matter: panels gain at one as at hundreds.
struct PanelUse {
  int64_t k = 0, n = 0, count = 1;
  int64_t width = 64;       ///< columns of a panel
  bool transposed = false;  ///< columns do not lie side by side
  bool convolution = false; ///< the tensor is a filter
  bool pairs = false;       ///< read in pairs of rows
  bool inLoop = false;      ///< read in each iteration of a loop that does not change it
};

/// Whether the op's kernel would otherwise pack the matrix itself, into scratch, in every call.
bool packsInEveryCall(const PanelUse &use);

/// Whether reading panels pays for keeping them: memory as large as the matrix, and one packing of
/// every new value that is read.
bool panelsPay(const PanelUse &use);

} // namespace dlc::passes
