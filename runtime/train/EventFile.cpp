#include "runtime/train/EventFile.h"
#include "runtime/train/events.pb.h"

#include "absl/strings/str_cat.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <limits>
#include <unistd.h>

namespace dlc::runtime::train {
namespace {

// The Castagnoli polynomial, bits reversed.
constexpr std::array<uint32_t, 256> makeTable() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit)
      crc = (crc >> 1) ^ (crc & 1 ? 0x82f63b78u : 0);
    table[i] = crc;
  }
  return table;
}
constexpr std::array<uint32_t, 256> crcTable = makeTable();

constexpr int histogramBuckets = 30;

double secondsSince1970() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

} // namespace

uint32_t crc32c(const char *data, size_t bytes) {
  uint32_t crc = ~0u;
  for (size_t i = 0; i < bytes; ++i)
    crc = crcTable[(crc ^ static_cast<uint8_t>(data[i])) & 255] ^ (crc >> 8);
  return ~crc;
}

uint32_t maskedCrc32c(const char *data, size_t bytes) {
  uint32_t crc = crc32c(data, bytes);
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
}

absl::Status EventFile::open(const std::string &folder) {
  std::error_code ignored; // shows when the file is opened
  std::filesystem::create_directories(folder, ignored);
  char host[256] = "localhost";
  gethostname(host, sizeof host - 1);
  static std::atomic<int> serial{0}; // two files of one process and second
  path = absl::StrCat(folder, "/events.out.tfevents.", static_cast<int64_t>(secondsSince1970()),
                      ".", host, ".", getpid(), ".", serial++, ".v2");
  file.open(path, std::ios::binary | std::ios::trunc);
  proto::Event version;
  version.set_file_version("brain.Event:2");
  return write(version);
}

absl::Status EventFile::write(proto::Event &event) {
  event.set_wall_time(secondsSince1970());
  std::string record = event.SerializeAsString();
  // TFRecord is little-endian, as is every machine that dlc runs on.
  uint64_t length = record.size();
  char header[12], footer[4];
  std::memcpy(header, &length, 8);
  uint32_t headerCrc = maskedCrc32c(header, 8), recordCrc = maskedCrc32c(record.data(), length);
  std::memcpy(header + 8, &headerCrc, 4);
  std::memcpy(footer, &recordCrc, 4);
  file.write(header, sizeof header);
  file.write(record.data(), static_cast<std::streamsize>(length));
  file.write(footer, sizeof footer);
  file.flush();
  if (!file.good())
    return absl::UnavailableError(absl::StrCat(path, ": cannot write: ", std::strerror(errno)));
  return absl::OkStatus();
}

absl::Status EventFile::writeScalar(const std::string &tag, int64_t step, double value) {
  proto::Event event;
  event.set_step(step);
  proto::SummaryValue *summary = event.mutable_summary()->add_value();
  summary->set_tag(tag);
  summary->set_simple_value(static_cast<float>(value));
  return write(event);
}

absl::Status EventFile::writeHistogram(const std::string &tag, int64_t step,
                                       const std::vector<double> &values) {
  proto::Event event;
  event.set_step(step);
  proto::SummaryValue *summary = event.mutable_summary()->add_value();
  summary->set_tag(tag);
  fillHistogram(values, *summary->mutable_histo());
  return write(event);
}

void fillHistogram(const std::vector<double> &values, proto::Histogram &histogram) {
  double low = std::numeric_limits<double>::infinity(), high = -low, sum = 0, squares = 0;
  int64_t count = 0;
  for (double value : values) {
    if (!std::isfinite(value))
      continue;
    low = std::min(low, value);
    high = std::max(high, value);
    sum += value;
    squares += value * value;
    ++count;
  }
  if (count == 0)
    low = high = 0;
  histogram.set_min(low);
  histogram.set_max(high);
  histogram.set_num(static_cast<double>(count));
  histogram.set_sum(sum);
  histogram.set_sum_squares(squares);
  double width = (high - low) / histogramBuckets;
  std::vector<double> buckets(histogramBuckets, 0);
  for (double value : values)
    if (std::isfinite(value)) {
      int place = width > 0 ? static_cast<int>((value - low) / width) : 0;
      buckets[std::clamp(place, 0, histogramBuckets - 1)] += 1;
    }
  for (int i = 0; i < histogramBuckets; ++i) {
    histogram.add_bucket_limit(i + 1 == histogramBuckets ? high : low + width * (i + 1));
    histogram.add_bucket(buckets[i]);
  }
}

absl::StatusOr<std::vector<std::string>> readRecords(const std::string &path) {
  std::ifstream in(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  std::vector<std::string> records;
  for (size_t at = 0; at < text.size();) {
    uint64_t length = 0;
    uint32_t headerCrc = 0, recordCrc = 0;
    if (text.size() - at >= 16) {
      std::memcpy(&length, &text[at], 8);
      std::memcpy(&headerCrc, &text[at + 8], 4);
    }
    if (text.size() - at < 16 || length > text.size() - at - 16)
      return absl::DataLossError(
          absl::StrCat(path, ": the file ends inside record ", records.size()));
    std::memcpy(&recordCrc, &text[at + 12 + length], 4);
    if (headerCrc != maskedCrc32c(&text[at], 8) ||
        recordCrc != maskedCrc32c(&text[at + 12], length))
      return absl::DataLossError(
          absl::StrCat(path, ": the checksum of record ", records.size(), " is wrong"));
    records.push_back(text.substr(at + 12, length));
    at += 16 + length;
  }
  return records;
}

} // namespace dlc::runtime::train
