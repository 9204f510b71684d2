// Telling formats apart, and what their loaders share.
#include "runtime/data/Convert.h"
#include "runtime/data/Loaders.h"

#include "absl/strings/str_cat.h"

#include <algorithm>

namespace dlc::runtime::data {

absl::StatusOr<Format> detectFormat(const std::string &path) {
  // Suffixes decide for text, which has no magic number; CSV may begin with any character.
  for (const char *suffix : {".csv", ".tsv", ".csv.gz", ".tsv.gz"})
    if (hasSuffix(path, suffix))
      return Format::Csv;
  if (hasSuffix(path, ".txt") || hasSuffix(path, ".txt.gz"))
    return Format::Text;
  absl::StatusOr<std::string> head = peekFile(path, 6);
  if (!head.ok())
    return head.status();
  if (head->substr(0, 6) == "\x93NUMPY")
    return Format::Npy;
  if (head->substr(0, 4) == "PK\x03\x04" || head->substr(0, 4) == "PK\x05\x06")
    return Format::Npz;
  if (head->size() >= 4 && (*head)[0] == 0 && (*head)[1] == 0 && (*head)[2] >= 8 &&
      (*head)[2] <= 14 && (*head)[3] >= 1)
    return Format::Idx;
  return absl::InvalidArgumentError(absl::StrCat(
      path, ": unknown format; expected IDX, NPY or NPZ content, or a name in .csv, .tsv or .txt "
            "(each also with .gz)"));
}

absl::StatusOr<Array> allocateFor(const Reader &reader, DType type, std::vector<int64_t> dims,
                                  int64_t fileBytesPerElement) {
  std::string shape = describeShape(type, dims);
  int64_t elements = checkedElements(dims);
  if (elements < 0 || checkedBytes(type, dims) < 0)
    return reader.error(absl::StrCat("the size of ", shape, " overflows 64 bits"));
  if (static_cast<uint64_t>(elements) > reader.limit() / fileBytesPerElement)
    return reader.error(absl::StrCat(
        "the header announces ", shape, ", ", elements, " elements of ", fileBytesPerElement,
        " bytes, but the file can hold at most ", reader.limit(), " bytes"));
  Array array = Array::allocate(type, std::move(dims));
  if (!array)
    return absl::ResourceExhaustedError(
        absl::StrCat(reader.name(), ": not enough memory for ", shape));
  return array;
}

void swapBytes(void *elements, int64_t count, int64_t width) {
  auto bytes = static_cast<char *>(elements);
  for (int64_t i = 0; i < count && width > 1; ++i)
    std::reverse(bytes + i * width, bytes + (i + 1) * width);
}

absl::StatusOr<Array> loadText(const std::string &path) {
  absl::StatusOr<std::unique_ptr<Reader>> reader = openFile(path);
  if (!reader.ok())
    return reader.status();
  absl::StatusOr<std::string> text = (*reader)->readAll();
  if (!text.ok())
    return text.status();
  auto size = static_cast<int64_t>(text->size());
  absl::StatusOr<Array> array = allocateFor(**reader, DType::U8, {size}, 1);
  if (array.ok())
    std::copy(text->begin(), text->end(), static_cast<char *>(array->mutableData()));
  return array;
}

} // namespace dlc::runtime::data
