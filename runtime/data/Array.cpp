// Arrays: shared, aligned elements with a type and a shape.
#include "dlc/data.h"
#include "runtime/data/Convert.h"

#include <cstdlib>
#include <cstring>

namespace dlc::runtime {

Array Array::allocate(DType type, std::vector<int64_t> dims) {
  Array array;
  int64_t bytes = data::checkedBytes(type, dims);
  if (bytes < 0 || bytes > INT64_MAX - 64)
    return array;
  // aligned_alloc wants a multiple of the alignment; an array of no elements still has an address.
  size_t rounded = (static_cast<size_t>(bytes) + 64) / 64 * 64;
  void *memory = std::aligned_alloc(64, rounded);
  if (!memory)
    return array;
  std::memset(memory, 0, rounded);
  array.owner = std::shared_ptr<void>(memory, std::free);
  array.start = memory;
  array.elementType = type;
  array.shape = std::move(dims);
  return array;
}

Array Array::view(DType type, std::vector<int64_t> dims, const void *elements) {
  Array array;
  array.start = elements;
  array.elementType = type;
  array.shape = std::move(dims);
  return array;
}

int64_t Array::elements() const {
  int64_t product = 1;
  for (int64_t dim : shape)
    product *= dim;
  return product;
}

int64_t Array::bytes() const { return elements() * dtypeBytes(elementType); }

Array Array::reshaped(std::vector<int64_t> dims) const {
  if (!start || data::checkedElements(dims) != elements())
    return Array();
  Array array = *this;
  array.shape = std::move(dims);
  return array;
}

Array Array::converted(DType type) const {
  if (type == elementType || !start)
    return *this;
  Array array = allocate(type, shape);
  if (array)
    data::convert(start, elementType, array.mutableData(), type, elements());
  return array;
}

std::string describeShape(DType type, const std::vector<int64_t> &dims) {
  std::string text = std::string(dtypeName(type)) + "[";
  for (size_t i = 0; i < dims.size(); ++i) {
    if (i > 0)
      text += ',';
    text += dims[i] < 0 ? "?" : std::to_string(dims[i]);
  }
  return text + "]";
}

} // namespace dlc::runtime
