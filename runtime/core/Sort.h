// Sorting numbers without allocation: the C library's qsort may allocate for long inputs.
#ifndef DLC_RUNTIME_CORE_SORT_H
#define DLC_RUNTIME_CORE_SORT_H

#include <cstdint>

namespace dlc::runtime::core {

// Sorts |order| so that |before(a, b)| holds along it: a Shell sort, about n^1.3 comparisons. Not
// stable; give |before| a last word on equals where that matters.
template <typename Before> void sortBy(uint32_t *order, uint32_t count, Before before) {
  for (uint32_t gap = count / 2; gap > 0; gap = gap == 2 ? 1 : uint32_t(uint64_t(gap) * 5 / 11))
    for (uint32_t i = gap; i < count; ++i) {
      uint32_t moving = order[i], at = i;
      for (; at >= gap && before(moving, order[at - gap]); at -= gap)
        order[at] = order[at - gap];
      order[at] = moving;
    }
}

} // namespace dlc::runtime::core

#endif
