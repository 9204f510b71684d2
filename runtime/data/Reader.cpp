// zlib's gz functions read plain and gzip files alike and notice a cut or altered gzip stream.
#include "runtime/data/Reader.h"

#include "absl/strings/str_cat.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <sys/stat.h>
#include <vector>
#include <zlib.h>

namespace dlc::runtime::data {
namespace {

// Deflate's best case: 258 bytes from a 2-bit code, plus the stream's own frame.
constexpr uint64_t maxDeflateGain = 1032;

class FileReader : public Reader {
public:
  FileReader(const std::string &path, gzFile file, uint64_t size)
      : Reader(path), file(file), bytesMax(gzdirect(file) ? size : size * maxDeflateGain) {}
  ~FileReader() override { gzclose_r(file); }

  uint64_t limit() const override { return bytesMax; }

  absl::StatusOr<uint64_t> readSome(void *to, uint64_t bytes) override {
    uint64_t done = 0;
    while (done < bytes) {
      // gzread takes and returns an int.
      auto chunk = static_cast<unsigned>(std::min<uint64_t>(bytes - done, 1u << 30));
      int got = gzread(file, static_cast<char *>(to) + done, chunk);
      if (got < 0 || (got == 0 && failed()))
        return error(absl::StrCat("the gzip stream is damaged or cut short (", reason(), ")"));
      if (got == 0)
        break;
      done += static_cast<uint64_t>(got);
    }
    return done;
  }

private:
  bool failed() {
    int code = Z_OK;
    gzerror(file, &code);
    return code != Z_OK && code != Z_STREAM_END;
  }
  // zlib begins its text with the path, which the message already holds.
  std::string reason() {
    int code = Z_OK;
    std::string text = gzerror(file, &code);
    size_t colon = text.rfind(": ");
    return colon == std::string::npos ? text : text.substr(colon + 2);
  }

  gzFile file;
  uint64_t bytesMax;
};

class MemoryReader : public Reader {
public:
  MemoryReader(std::string name, std::string bytes)
      : Reader(std::move(name)), content(std::move(bytes)) {}

  uint64_t limit() const override { return content.size(); }

  absl::StatusOr<uint64_t> readSome(void *to, uint64_t bytes) override {
    uint64_t count = std::min<uint64_t>(bytes, content.size() - position);
    if (count > 0)
      std::memcpy(to, content.data() + position, count);
    position += count;
    return count;
  }

private:
  std::string content;
  uint64_t position = 0;
};

} // namespace

absl::Status Reader::error(const std::string &message) const {
  return absl::InvalidArgumentError(absl::StrCat(fileName, ": ", message));
}

absl::Status Reader::read(void *to, uint64_t bytes, const std::string &what) {
  absl::StatusOr<uint64_t> got = readSome(to, bytes);
  if (!got.ok())
    return got.status();
  if (*got < bytes)
    return error(
        absl::StrCat("the file ends inside ", what, ": expected ", bytes, " bytes, got ", *got));
  return absl::OkStatus();
}

absl::Status Reader::expectEnd() {
  char extra = 0;
  absl::StatusOr<uint64_t> got = readSome(&extra, 1);
  if (!got.ok())
    return got.status();
  if (*got != 0)
    return error("expected the end of the file after the data, got more bytes");
  return absl::OkStatus();
}

absl::StatusOr<std::string> Reader::readAll() {
  std::string all;
  std::vector<char> chunk(std::clamp<uint64_t>(limit(), 1 << 12, 1 << 18));
  while (true) {
    absl::StatusOr<uint64_t> got = readSome(chunk.data(), chunk.size());
    if (!got.ok())
      return got.status();
    all.append(chunk.data(), *got);
    if (*got < chunk.size())
      return all;
  }
}

absl::StatusOr<std::unique_ptr<Reader>> openFile(const std::string &path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0)
    return absl::NotFoundError(absl::StrCat(path, ": cannot open: ", std::strerror(errno)));
  if (!S_ISREG(info.st_mode))
    return absl::InvalidArgumentError(absl::StrCat(path, ": expected a file, got a ",
                                                   S_ISDIR(info.st_mode) ? "folder" : "device"));
  gzFile file = gzopen(path.c_str(), "rb");
  if (!file)
    return absl::NotFoundError(absl::StrCat(path, ": cannot open: ", std::strerror(errno)));
  // Large reads for large files; a small one shall not cost the clearing of large buffers.
  gzbuffer(file, static_cast<unsigned>(std::clamp<off_t>(info.st_size, 1 << 12, 1 << 18)));
  return std::make_unique<FileReader>(path, file, static_cast<uint64_t>(info.st_size));
}

std::unique_ptr<Reader> openMemory(std::string name, std::string bytes) {
  return std::make_unique<MemoryReader>(std::move(name), std::move(bytes));
}

absl::StatusOr<std::string> peekFile(const std::string &path, size_t count) {
  absl::StatusOr<std::unique_ptr<Reader>> reader = openFile(path);
  if (!reader.ok())
    return reader.status();
  std::string head(count, '\0');
  absl::StatusOr<uint64_t> got = (*reader)->readSome(head.data(), count);
  if (!got.ok())
    return got.status();
  head.resize(*got);
  return head;
}

bool hasSuffix(const std::string &path, std::string_view suffix) {
  return path.size() >= suffix.size() &&
         std::equal(suffix.rbegin(), suffix.rend(), path.rbegin(), [](char a, char b) {
           return std::tolower(static_cast<unsigned char>(a)) ==
                  std::tolower(static_cast<unsigned char>(b));
         });
}

} // namespace dlc::runtime::data
