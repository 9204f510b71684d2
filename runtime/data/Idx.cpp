// IDX, the format of MNIST and its kin: two zero bytes, a type, the number of dimensions, the
// dimensions as big-endian u32, then the elements, big-endian and row-major.
#include "runtime/data/Convert.h"
#include "runtime/data/Loaders.h"

#include "absl/strings/str_cat.h"

namespace dlc::runtime::data {
namespace {

struct IdxType {
  int code;
  int64_t bytes;
  DType type; // what the elements become
};

constexpr IdxType idxTypes[] = {{0x08, 1, DType::U8},  {0x09, 1, DType::I8},
                                {0x0B, 2, DType::I32}, {0x0C, 4, DType::I32},
                                {0x0D, 4, DType::F32}, {0x0E, 8, DType::F64}};
constexpr int maxRank = 8;

// i16 has no type of its own here: widen in place, from the back.
void widenShorts(void *elements, int64_t count) {
  auto wide = static_cast<int32_t *>(elements);
  auto narrow = static_cast<const int16_t *>(elements);
  for (int64_t i = count - 1; i >= 0; --i)
    wide[i] = narrow[i];
}

} // namespace

absl::StatusOr<Array> loadIdx(const std::string &path) {
  absl::StatusOr<std::unique_ptr<Reader>> opened = openFile(path);
  if (!opened.ok())
    return opened.status();
  Reader &reader = **opened;
  uint8_t magic[4];
  if (absl::Status status = reader.read(magic, 4, "the IDX header"); !status.ok())
    return status;
  const IdxType *type = nullptr;
  for (const IdxType &candidate : idxTypes)
    if (candidate.code == magic[2])
      type = &candidate;
  if (magic[0] != 0 || magic[1] != 0 || !type)
    return reader.error(absl::StrCat(
        "expected an IDX header (0, 0, an element type from 8 to 14, the number of dimensions), "
        "got the bytes ",
        magic[0], ", ", magic[1], ", ", magic[2], ", ", magic[3]));
  if (magic[3] < 1 || magic[3] > maxRank)
    return reader.error(absl::StrCat("expected 1 to ", maxRank, " dimensions, got ", magic[3]));

  std::vector<int64_t> dims;
  for (int i = 0; i < magic[3]; ++i) {
    uint8_t b[4];
    if (absl::Status status = reader.read(b, 4, "the IDX dimensions"); !status.ok())
      return status;
    dims.push_back((int64_t{b[0]} << 24) | (b[1] << 16) | (b[2] << 8) | b[3]);
  }
  absl::StatusOr<Array> array = allocateFor(reader, type->type, dims, type->bytes);
  if (!array.ok())
    return array;
  int64_t count = array->elements();
  void *elements = array->mutableData();
  std::string what = absl::StrCat("the elements of ", describeShape(type->type, dims));
  if (absl::Status status = reader.read(elements, count * type->bytes, what); !status.ok())
    return status;
  if (absl::Status status = reader.expectEnd(); !status.ok())
    return status;
  swapBytes(elements, count, type->bytes);
  if (type->code == 0x0B)
    widenShorts(elements, count);
  return array;
}

} // namespace dlc::runtime::data
