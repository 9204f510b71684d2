// NPY, NumPy's file for one array: "\x93NUMPY", a version, the length of a header, the header (a
// Python dictionary with `descr`, `fortran_order` and `shape`), then the elements.
#include "runtime/data/Convert.h"
#include "runtime/data/Loaders.h"

#include "absl/strings/str_cat.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string_view>

namespace dlc::runtime::data {
namespace {

// A type in the file, and the one that its elements take here.
struct NpyType {
  const char *code; // kind and bytes, as in '<f4'
  int64_t bytes;
  DType type;
};

constexpr NpyType npyTypes[] = {
    {"f4", 4, DType::F32}, {"f8", 8, DType::F64}, {"f2", 2, DType::F16}, {"i8", 8, DType::I64},
    {"i4", 4, DType::I32}, {"i1", 1, DType::I8},  {"u1", 1, DType::U8},  {"b1", 1, DType::I1},
    {"i2", 2, DType::I32}, {"u2", 2, DType::I32}, {"u4", 4, DType::I64}, {"u8", 8, DType::I64}};

struct NpyHeader {
  const NpyType *type = nullptr;
  bool bigEndian = false;
  bool fortran = false;
  std::vector<int64_t> dims;
};

// What stands behind 'key': in the dictionary, without leading spaces; empty when absent.
std::string_view findValue(std::string_view header, const char *key) {
  for (char quote : {'\'', '"'}) {
    size_t at = header.find(absl::StrCat(std::string(1, quote), key, std::string(1, quote)));
    if (at == std::string_view::npos)
      continue;
    header.remove_prefix(std::min(header.size(), at + std::strlen(key) + 2));
    size_t value = header.find_first_not_of(" \t:");
    return value == std::string_view::npos ? std::string_view() : header.substr(value);
  }
  return {};
}

bool parseShape(std::string_view text, std::vector<int64_t> &dims) {
  if (text.empty() || text[0] != '(')
    return false;
  text.remove_prefix(1);
  while (true) {
    while (!text.empty() && (text[0] == ' ' || text[0] == ','))
      text.remove_prefix(1);
    if (text.empty())
      return false;
    if (text[0] == ')')
      return true;
    int64_t dim = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), dim);
    if (error != std::errc() || dim < 0)
      return false;
    text.remove_prefix(end - text.data());
    if (!text.empty() && text[0] == 'L') // Python 2 wrote long integers so
      text.remove_prefix(1);
    dims.push_back(dim);
  }
}

absl::StatusOr<NpyHeader> parseHeader(const Reader &reader, std::string_view text) {
  NpyHeader header;
  std::string_view descr = findValue(text, "descr"), order = findValue(text, "fortran_order");
  if (descr.size() < 2 || (descr[0] != '\'' && descr[0] != '"'))
    return reader.error(
        "the NPY header has no simple 'descr' (structured types are not supported)");
  std::string_view code = descr.substr(1, descr.find(descr[0], 1) - 1);
  std::string shown(code);
  if (!code.empty() && (code[0] == '<' || code[0] == '>' || code[0] == '|' || code[0] == '=')) {
    header.bigEndian = code[0] == '>';
    code.remove_prefix(1);
  }
  for (const NpyType &candidate : npyTypes)
    if (code == candidate.code)
      header.type = &candidate;
  if (!header.type)
    return reader.error(absl::StrCat("expected numbers (f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8 b1), got "
                                     "elements of type '",
                                     shown, "'"));
  if (order.substr(0, 4) != "True" && order.substr(0, 5) != "False")
    return reader.error("the NPY header has no 'fortran_order'");
  header.fortran = order.substr(0, 4) == "True";
  if (!parseShape(findValue(text, "shape"), header.dims))
    return reader.error("the NPY header has no readable 'shape'");
  return header;
}

absl::StatusOr<NpyHeader> readHeader(Reader &reader) {
  uint8_t head[8];
  if (absl::Status status = reader.read(head, 8, "the NPY magic"); !status.ok())
    return status;
  if (std::memcmp(head, "\x93NUMPY", 6) != 0)
    return reader.error("expected an NPY file (\\x93NUMPY), got other bytes");
  if (head[6] < 1 || head[6] > 3)
    return reader.error(absl::StrCat("expected NPY version 1, 2 or 3, got ", head[6]));
  uint8_t length[4] = {};
  if (absl::Status s = reader.read(length, head[6] == 1 ? 2 : 4, "the NPY header length"); !s.ok())
    return s;
  uint64_t size = length[0] | (length[1] << 8) | (length[2] << 16) | (uint64_t{length[3]} << 24);
  if (size > std::min<uint64_t>(reader.limit(), 1 << 20))
    return reader.error(absl::StrCat("an NPY header of ", size,
                                     " bytes is longer than the file or "
                                     "than 1 MiB"));
  std::string text(size, '\0');
  if (absl::Status status = reader.read(text.data(), size, "the NPY header"); !status.ok())
    return status;
  return parseHeader(reader, text);
}

template <typename From, typename To> void widen(void *elements, int64_t count) {
  for (int64_t i = count - 1; i >= 0; --i) { // from the back: in place, never over what is unread
    From value;
    std::memcpy(&value, static_cast<const char *>(elements) + i * sizeof(From), sizeof(From));
    static_cast<To *>(elements)[i] = static_cast<To>(value);
  }
}

// Integers of widths that have no type here, to the next type that holds them all.
absl::Status widenIntegers(const Reader &reader, std::string_view code, Array &array) {
  int64_t count = array.elements();
  void *elements = array.mutableData();
  if (code == "i2")
    widen<int16_t, int32_t>(elements, count);
  else if (code == "u2")
    widen<uint16_t, int32_t>(elements, count);
  else if (code == "u4")
    widen<uint32_t, int64_t>(elements, count);
  else if (code == "u8")
    for (int64_t i = 0; i < count; ++i)
      if (static_cast<int64_t *>(elements)[i] < 0)
        return reader.error(absl::StrCat("element ", i, " of type u8 does not fit into i64"));
  return absl::OkStatus();
}

// Column-major elements into row-major order.
Array transposeFortran(const Array &source) {
  Array result = Array::allocate(source.type(), source.dims());
  if (!result)
    return result;
  int64_t width = dtypeBytes(source.type()), rank = source.rank();
  std::vector<int64_t> index(rank, 0), stride(rank, 1);
  for (int64_t d = 1; d < rank; ++d)
    stride[d] = stride[d - 1] * source.dims()[d - 1];
  auto from = static_cast<const char *>(source.data());
  auto to = static_cast<char *>(result.mutableData());
  for (int64_t i = 0, count = source.elements(); i < count; ++i) {
    int64_t at = 0;
    for (int64_t d = 0; d < rank; ++d)
      at += index[d] * stride[d];
    std::memcpy(to + i * width, from + at * width, width);
    for (int64_t d = rank - 1; d >= 0 && ++index[d] == source.dims()[d]; --d)
      index[d] = 0;
  }
  return result;
}

} // namespace

absl::StatusOr<Array> readNpy(Reader &reader) {
  absl::StatusOr<NpyHeader> header = readHeader(reader);
  if (!header.ok())
    return header.status();
  const NpyType &type = *header->type;
  absl::StatusOr<Array> array = allocateFor(reader, type.type, header->dims, type.bytes);
  if (!array.ok())
    return array;
  int64_t count = array->elements();
  std::string what = absl::StrCat("the elements of ", describeShape(type.type, header->dims));
  if (absl::Status s = reader.read(array->mutableData(), count * type.bytes, what); !s.ok())
    return s;
  if (absl::Status status = reader.expectEnd(); !status.ok())
    return status;
  if (header->bigEndian)
    swapBytes(array->mutableData(), count, type.bytes);
  if (absl::Status status = widenIntegers(reader, type.code, *array); !status.ok())
    return status;
  if (type.type == DType::I1) // any other byte than 0 counts as true
    for (int64_t i = 0; i < count; ++i)
      static_cast<uint8_t *>(array->mutableData())[i] = array->as<uint8_t>()[i] != 0;
  if (header->fortran && array->rank() > 1) {
    Array ordered = transposeFortran(*array);
    if (!ordered)
      return absl::ResourceExhaustedError(absl::StrCat(reader.name(), ": not enough memory"));
    return ordered;
  }
  return array;
}

absl::StatusOr<Array> loadNpy(const std::string &path) {
  absl::StatusOr<std::unique_ptr<Reader>> reader = openFile(path);
  return reader.ok() ? readNpy(**reader) : reader.status();
}

} // namespace dlc::runtime::data
