// TensorBoard's event files: a TFRecord per event.
//
//   u64 length, u32 masked crc32c of it, the serialized event, u32 masked crc32c of that
#ifndef DLC_RUNTIME_TRAIN_EVENTFILE_H
#define DLC_RUNTIME_TRAIN_EVENTFILE_H

#include "absl/status/statusor.h"

#include <fstream>
#include <string>
#include <vector>

namespace dlc::proto {
class Event;
class Histogram;
} // namespace dlc::proto

namespace dlc::runtime::train {

/// Appends events to a file of its own in |folder|, which is made if need be.
class EventFile {
public:
  absl::Status open(const std::string &folder);
  bool isOpen() const { return file.is_open(); }

  absl::Status writeScalar(const std::string &tag, int64_t step, double value);
  absl::Status writeHistogram(const std::string &tag, int64_t step,
                              const std::vector<double> &values);

private:
  absl::Status write(proto::Event &event);

  std::string path;
  std::ofstream file;
};

/// 30 buckets of equal width from the least to the largest finite value.
void fillHistogram(const std::vector<double> &values, proto::Histogram &histogram);

uint32_t crc32c(const char *data, size_t bytes);
/// As TFRecord stores it, so that a checksum of checksummed data is no fixed point.
uint32_t maskedCrc32c(const char *data, size_t bytes);

/// The serialized events of a file, checksums verified: for tests and tools.
absl::StatusOr<std::vector<std::string>> readRecords(const std::string &path);

} // namespace dlc::runtime::train

#endif
