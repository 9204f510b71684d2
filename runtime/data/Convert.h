// Elements from one type to another, with an optional scale and offset.
#ifndef DLC_RUNTIME_DATA_CONVERT_H
#define DLC_RUNTIME_DATA_CONVERT_H

#include "dlc/data.h"

namespace dlc::runtime::data {

/// Writes value = element * scale + offset for |count| elements; the ranges may not overlap.
///
/// Computed in f64 (integer to integer without scale: in i64) and rounded once. Float to integer
/// truncates toward zero, saturates and makes 0 of NaN, as dlc.cast does. Allocates nothing.
void convert(const void *from, DType fromType, void *to, DType toType, int64_t count,
             double scale = 1, double offset = 0);

/// The first element that would change its value on the way to |toType|, or -1. Rounding between
/// floats does not count; fractions, NaN and values outside an integer type's range do.
int64_t findLossy(const void *from, DType fromType, int64_t count, DType toType);

/// One element as f64.
double elementAsDouble(const void *from, DType type, int64_t index);

bool isInteger(DType type); ///< i1 counts as one
bool isFloat(DType type);

/// Bytes of an array of this type and shape, or -1 when a dimension is negative or int64 overflows.
int64_t checkedBytes(DType type, const std::vector<int64_t> &dims);
/// The product, or -1 in the same cases.
int64_t checkedElements(const std::vector<int64_t> &dims);

} // namespace dlc::runtime::data

#endif
