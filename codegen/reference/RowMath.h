// Numbers of one row of logits that softmax and the losses share.
#pragma once
#include "codegen/reference/Tensor.h"
#include <cmath>
#include <limits>

namespace dlc::reference {

/// log(sum(exp(x))) in two parts, largest + logSum: added up, a large first part would swallow the
/// second.
struct LogSumExp {
  double largest, logSum;
};

/// Both parts are NaN when an element is NaN; -infinity and 0 for no elements.
inline LogSumExp logSumExp(const Tensor &x, const std::vector<int64_t> &elements) {
  double largest = -std::numeric_limits<double>::infinity();
  for (int64_t element : elements) {
    if (std::isnan(x.real(element)))
      return {x.real(element), x.real(element)};
    largest = std::max(largest, x.real(element));
  }
  if (elements.empty())
    return {largest, 0};
  double sum = 0;
  for (int64_t element : elements)
    sum += std::exp(x.real(element) - largest);
  return {largest, std::log(sum)};
}

} // namespace dlc::reference
