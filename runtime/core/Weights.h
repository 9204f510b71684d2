// safetensors files: a strict, bounded reader and an atomic writer.
//
//   u64 header bytes | header: {"name":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},...,
//                               "__metadata__":{"key":"value"}} | data
//
// The reader accepts what the format says and no more: the header must be an object of that form,
// names must differ, offsets must match type and shape, and the ranges must fill the data section
// without gap or overlap. No size in the file is trusted before it was compared with the file's.
#ifndef DLC_RUNTIME_CORE_WEIGHTS_H
#define DLC_RUNTIME_CORE_WEIGHTS_H

#include "runtime/core/Memory.h"
#include "runtime/core/Status.h"

namespace dlc::runtime::core {

struct TensorEntry {
  const char *name;
  uint32_t dtype, rank;
  int64_t dims[DLC_MAX_RANK];
  int64_t offset, bytes; // in the data section
};

struct MetadataEntry {
  const char *key, *value;
};

} // namespace dlc::runtime::core

struct dlc_weights {
  using Status = dlc::runtime::core::Status;

  ~dlc_weights();
  Status openFile(const char *path);
  Status openMemory(const void *data, size_t bytes, const char *name);

  const char *name() const { return path.data(); }
  uint32_t count() const { return uint32_t(tensors.size()); }
  const dlc::runtime::core::TensorEntry &tensor(uint32_t i) const { return tensors[i]; }
  uint32_t find(const char *name) const; // DLC_NONE when absent
  uint32_t metadataCount() const { return uint32_t(metadata.size()); }
  const dlc::runtime::core::MetadataEntry &metadataAt(uint32_t i) const { return metadata[i]; }
  // Copies tensor |i| whole to |data|.
  Status read(uint32_t i, void *data) const;

private:
  Status open(uint64_t bytes);
  Status readBytes(uint64_t offset, void *data, size_t bytes) const;
  Status checkRanges(uint64_t dataBytes);

  dlc::runtime::core::Array<char> path;
  dlc::runtime::core::Array<char> header; // strings are unescaped in place; entries point into it
  dlc::runtime::core::Array<dlc::runtime::core::TensorEntry> tensors;
  dlc::runtime::core::Array<dlc::runtime::core::MetadataEntry> metadata;
  int file = -1;
  const char *memory = nullptr;
  uint64_t dataStart = 0;
};

namespace dlc::runtime::core {

// The scanner of a header: fills |tensors| and |metadata| with entries that point into |text|,
// which it unescapes in place. |text| need not end with NUL but has room for one. |name| stands in
// messages.
Status parseWeightHeader(char *text, size_t bytes, const char *name, Array<TensorEntry> &tensors,
                         Array<MetadataEntry> &metadata);

// The format's word for an element type, "F32", and back; DLC_DTYPE_COUNT when there is none.
const char *safetensorsName(uint32_t dtype);
uint32_t dtypeOfSafetensors(const char *name);

// Writes a whole file, atomically.
Status writeWeights(const char *path, const dlc_named_tensor *tensors, size_t count,
                    const dlc_metadata *metadata, size_t metadataCount);

// Writes one file, tensor after tensor; the file appears under its name in finish(), whole and on
// disk, or not at all.
class WeightWriter {
public:
  WeightWriter() = default;
  ~WeightWriter();
  WeightWriter(const WeightWriter &) = delete;
  WeightWriter &operator=(const WeightWriter &) = delete;

  // Writes the header; the offsets of |tensors| are ignored.
  Status begin(const char *path, const TensorEntry *tensors, size_t count,
               const dlc_metadata *metadata, size_t metadataCount);
  // Appends the data of the next tensor.
  Status write(const void *data, size_t bytes);
  Status finish();

private:
  Status failure(const char *what);

  Array<char> path, temporary;
  int file = -1;
};

} // namespace dlc::runtime::core

#endif
