// Copying samples out of a column's source.
#ifndef DLC_RUNTIME_DATA_GATHER_H
#define DLC_RUNTIME_DATA_GATHER_H

#include "runtime/data/Convert.h"

namespace dlc::runtime::data {

inline int64_t sampleElements(const Column &column) {
  int64_t product = 1;
  for (int64_t dim : column.sampleDims)
    product *= dim;
  return product;
}

/// Writes the values of source row |row| as sample |place| of the dense array at |to|.
inline void gatherSample(const Column &column, int64_t row, int64_t place, void *to) {
  int64_t elements = sampleElements(column);
  auto from = static_cast<const char *>(column.source.data()) +
              row * elements * dtypeBytes(column.source.type());
  convert(from, column.source.type(),
          static_cast<char *>(to) + place * elements * dtypeBytes(column.type), column.type,
          elements, column.scale, column.offset);
}

} // namespace dlc::runtime::data

#endif
