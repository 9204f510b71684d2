// Where loaders read from: a file, plain or gzip, or a piece of memory.
//
// Every format in this room is read through `Reader`, so that three rules hold in one place: a file
// that ends early says what was being read, a count found in a header is compared with what the
// file could possibly hold *before* memory is taken for it, and each message starts with the name
// of the file.
#ifndef DLC_RUNTIME_DATA_READER_H
#define DLC_RUNTIME_DATA_READER_H

#include "absl/status/statusor.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace dlc::runtime::data {

/// Bytes that are read front to back. Not thread-safe.
class Reader {
public:
  explicit Reader(std::string name) : fileName(std::move(name)) {}
  virtual ~Reader() = default;

  /// What messages call this source: a path, or `path(member)` inside an archive.
  const std::string &name() const { return fileName; }

  /// No more bytes than this can ever come out. Exact for plain files; for gzip the compressed size
  /// times the most that deflate can gain (1,032).
  virtual uint64_t limit() const = 0;

  /// Reads exactly |bytes| into |to|. Fails when the source ends first; |what| names the part that
  /// was being read ("the IDX header").
  absl::Status read(void *to, uint64_t bytes, const std::string &what);

  /// Fails unless everything has been read. For gzip this also verifies the checksum.
  absl::Status expectEnd();

  /// The rest of the source.
  absl::StatusOr<std::string> readAll();

  /// An error of this source: "name: message".
  absl::Status error(const std::string &message) const;

  /// Reads up to |bytes| and returns how many came; fewer only at the end.
  virtual absl::StatusOr<uint64_t> readSome(void *to, uint64_t bytes) = 0;

private:
  std::string fileName;
};

/// Opens a regular file; one in gzip form is decompressed on the way.
absl::StatusOr<std::unique_ptr<Reader>> openFile(const std::string &path);

/// Reads |bytes|, which the reader takes over.
std::unique_ptr<Reader> openMemory(std::string name, std::string bytes);

/// The first bytes of |path|, decompressed, at most |count|: enough to tell a format.
absl::StatusOr<std::string> peekFile(const std::string &path, size_t count);

/// Whether |path| ends in |suffix|, in any case.
bool hasSuffix(const std::string &path, std::string_view suffix);

} // namespace dlc::runtime::data

#endif
