// Rows of a tensor along an axis, for ops that work on one row at a time.
#pragma once
#include "codegen/reference/Tensor.h"

namespace dlc::reference {

/// The tensor seen as [outer, length, inner], the axis in the middle.
struct Rows {
  int64_t outer = 1, length, inner = 1;

  Rows(const Dims &dims, int64_t axis) : length(dims[size_t(axis)]) {
    for (size_t d = 0; d < dims.size(); ++d)
      if (int64_t(d) < axis)
        outer *= dims[d];
      else if (int64_t(d) > axis)
        inner *= dims[d];
  }

  int64_t at(int64_t o, int64_t i, int64_t in) const { return (o * length + i) * inner + in; }

  /// Calls `body(row number, indices of the row's elements)`.
  template <typename Body> void forEach(Body body) const {
    std::vector<int64_t> elements(size_t(length), 0);
    for (int64_t o = 0; o < outer; ++o)
      for (int64_t in = 0; in < inner; ++in) {
        for (int64_t i = 0; i < length; ++i)
          elements[size_t(i)] = at(o, i, in);
        body(o * inner + in, const_cast<const std::vector<int64_t> &>(elements));
      }
  }
};

} // namespace dlc::reference
