// NPY files, version 1.0, little-endian and row-major.
#include "dlc/data.h"
#include "runtime/data/Convert.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <unistd.h>

namespace dlc::runtime {
namespace {

const char *npyType(DType type) {
  switch (type) {
  case DType::F32: return "<f4";
  case DType::F64: return "<f8";
  case DType::F16: return "<f2";
  case DType::I64: return "<i8";
  case DType::I32: return "<i4";
  case DType::I8: return "|i1";
  case DType::U8: return "|u1";
  case DType::I1: return "|b1";
  case DType::BF16: break; // written as f32
  }
  return "<f4";
}

std::string npyHeader(const Array &array) {
  std::string shape = absl::StrJoin(array.dims(), ", ");
  if (array.rank() == 1)
    shape += ","; // Python's way to tell (3,) from (3)
  std::string text = absl::StrCat("{'descr': '", npyType(array.type()),
                                  "', 'fortran_order': False, 'shape': (", shape, "), }");
  // The data begin at a multiple of 64 bytes; a line feed ends the padding.
  size_t total = (10 + text.size() + 1 + 63) / 64 * 64;
  text.append(total - 10 - text.size() - 1, ' ');
  text += '\n';
  std::string header("\x93NUMPY\x01\x00", 8);
  header += static_cast<char>(text.size() & 255);
  header += static_cast<char>(text.size() >> 8);
  return header + text;
}

Error failed(const std::string &path) {
  return {DLC_UNAVAILABLE, absl::StrCat(path, ": cannot write: ", std::strerror(errno))};
}

} // namespace

Outcome writeNpy(const std::string &path, const Array &given) {
  Array array = given.type() == DType::BF16 ? given.converted(DType::F32) : given;
  std::string header = npyHeader(array);
  // A reader sees the old file or the whole new one.
  std::string temporary = absl::StrCat(path, ".", getpid(), ".tmp");
  FILE *file = std::fopen(temporary.c_str(), "wb");
  if (!file)
    return failed(path);
  auto bytes = static_cast<size_t>(array.bytes());
  bool good = std::fwrite(header.data(), 1, header.size(), file) == header.size() &&
              std::fwrite(array.data(), 1, bytes, file) == bytes;
  good &= std::fclose(file) == 0;
  if (good && std::rename(temporary.c_str(), path.c_str()) == 0)
    return {};
  Error error = failed(path);
  std::remove(temporary.c_str());
  return error;
}

Result<Array> toCategorical(const Array &labels, int64_t classes) {
  int64_t count = labels.elements();
  int64_t lossy = data::findLossy(labels.data(), labels.type(), count, DType::I64);
  Array numbers = labels.converted(DType::I64);
  if (lossy >= 0)
    return Error{DLC_INVALID_ARGUMENT,
                 absl::StrCat("label ", lossy, " is ",
                              data::elementAsDouble(labels.data(), labels.type(), lossy),
                              "; expected an integer")};
  const int64_t *label = numbers.as<int64_t>();
  int64_t limit = classes;
  if (limit == 0)
    for (int64_t i = 0; i < count; ++i)
      limit = std::max(limit, label[i] < INT64_MAX ? label[i] + 1 : label[i]);
  for (int64_t i = 0; i < count; ++i)
    if (label[i] < 0 || label[i] >= limit)
      return Error{DLC_INVALID_ARGUMENT, absl::StrCat("label ", i, " is ", label[i],
                                                      "; expected a number in [0, ", limit, ")")};
  std::vector<int64_t> dims = labels.dims();
  // Labels of shape (n, 1) are n labels, as in Keras.
  if (dims.size() > 1 && dims.back() == 1)
    dims.pop_back();
  dims.push_back(limit);
  Array rows = Array::allocate(DType::F32, dims);
  if (!rows)
    return Error{DLC_RESOURCE_EXHAUSTED,
                 absl::StrCat("not enough memory for ", describeShape(DType::F32, dims))};
  for (int64_t i = 0; i < count; ++i)
    static_cast<float *>(rows.mutableData())[i * limit + label[i]] = 1;
  return rows;
}

} // namespace dlc::runtime
