// Writes safetensors files so that a reader finds the old file or the new one, never a part.
#include "runtime/core/Shape.h"
#include "runtime/core/Weights.h"

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace dlc::runtime::core {
namespace {

// A growing text; remembers that memory ran out instead of saying so at every step.
class Buffer {
public:
  void add(const char *text) {
    for (; *text; ++text)
      put(*text);
  }
  void addNumber(int64_t value) {
    char digits[24];
    snprintf(digits, sizeof digits, "%lld", static_cast<long long>(value));
    add(digits);
  }
  // A JSON string; control characters are escaped, other bytes are UTF-8 already.
  void addString(const char *text) {
    put('"');
    for (; *text; ++text) {
      char escaped[8] = {*text};
      if (*text == '"' || *text == '\\')
        snprintf(escaped, sizeof escaped, "\\%c", *text);
      else if (static_cast<unsigned char>(*text) < 0x20)
        snprintf(escaped, sizeof escaped, "\\u%04x", unsigned(*text));
      add(escaped);
    }
    put('"');
  }
  void put(char c) { failed |= !text.append(c); }

  Array<char> text;
  bool failed = false;
};

void addTensor(Buffer &header, const TensorEntry &tensor, int64_t offset) {
  header.addString(tensor.name);
  header.add(":{\"dtype\":");
  header.addString(safetensorsName(tensor.dtype));
  header.add(",\"shape\":[");
  for (uint32_t i = 0; i < tensor.rank; ++i) {
    header.add(i ? "," : "");
    header.addNumber(tensor.dims[i]);
  }
  header.add("],\"data_offsets\":[");
  header.addNumber(offset);
  header.put(',');
  header.addNumber(offset + tensor.bytes);
  header.add("]}");
}

void addMetadata(Buffer &header, const dlc_metadata *metadata, size_t count) {
  header.add("\"__metadata__\":{");
  for (size_t i = 0; i < count; ++i) {
    header.add(i ? "," : "");
    header.addString(metadata[i].key);
    header.put(':');
    header.addString(metadata[i].value);
  }
  header.put('}');
}

// Makes the rename itself durable. False, with errno, when the disk failed.
bool syncFolder(const char *path) {
  const char *slash = strrchr(path, '/');
  char folder[4096] = ".";
  size_t length = slash ? size_t(slash - path) + (slash == path) : 1;
  if (length >= sizeof folder)
    return true;
  if (slash)
    memcpy(folder, path, length);
  folder[length] = 0;
  int file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0)
    return true; // a folder that may be written but not read: the file itself is safe on disk
  // Some file systems cannot sync a folder, and say EINVAL.
  bool synced = fsync(file) == 0 || (errno != EIO && errno != ENOSPC && errno != EDQUOT);
  int error = errno;
  close(file);
  errno = error;
  return synced;
}

std::atomic<unsigned> temporaryNumber{0};

} // namespace

WeightWriter::~WeightWriter() {
  if (file < 0)
    return;
  close(file);
  unlink(temporary.data());
}

Status WeightWriter::failure(const char *what) {
  return fail(DLC_UNAVAILABLE, "%s: %s: %s", path.data(), what, strerror(errno));
}

Status WeightWriter::begin(const char *to, const TensorEntry *tensors, size_t count,
                           const dlc_metadata *metadata, size_t metadataCount) {
  Buffer header;
  header.put('{');
  if (metadataCount)
    addMetadata(header, metadata, metadataCount);
  int64_t offset = 0;
  for (size_t i = 0; i < count; ++i) {
    header.add(i || metadataCount ? "," : "");
    addTensor(header, tensors[i], offset);
    offset += tensors[i].bytes;
  }
  header.put('}');
  while (header.text.size() % 8 != 0 && !header.failed)
    header.put(' '); // keeps the data aligned in the file
  size_t length = strlen(to);
  if (header.failed || !path.allocate(length + 1) || !temporary.allocate(length + 48))
    return outOfMemory(int64_t(length));
  memcpy(path.data(), to, length + 1);
  // A name that is taken was left by a killed process of the same number, as containers have them.
  for (int tries = 0; file < 0 && tries < 100 && (tries == 0 || errno == EEXIST); ++tries) {
    snprintf(temporary.data(), temporary.size(), "%s.%d-%u.tmp", to, int(getpid()),
             temporaryNumber.fetch_add(1));
    file = open(temporary.data(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  }
  if (file < 0)
    return failure("cannot be written");
  uint64_t headerBytes = header.text.size();
  DLC_TRY(write(&headerBytes, sizeof headerBytes));
  return write(header.text.data(), header.text.size());
}

Status WeightWriter::write(const void *data, size_t bytes) {
  auto *from = static_cast<const char *>(data);
  while (bytes > 0) {
    ssize_t written = ::write(file, from, bytes);
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0)
      return failure("cannot be written");
    from += written;
    bytes -= size_t(written);
  }
  return Status();
}

Status WeightWriter::finish() {
  if (fsync(file) != 0)
    return failure("cannot be written to disk");
  if (rename(temporary.data(), path.data()) != 0)
    return failure("cannot be put in place");
  close(file);
  file = -1; // nothing left to undo
  if (!syncFolder(path.data()))
    return failure("is written, but a power failure may undo it: its folder");
  return Status();
}

static Status describeTensor(const char *path, const dlc_named_tensor &tensor,
                             TensorEntry &entry) {
  if (tensor.dtype >= DLC_DTYPE_COUNT || tensor.rank > DLC_MAX_RANK)
    return fail(DLC_INVALID_ARGUMENT, "%s: tensor \"%s\": type %u of rank %u does not exist", path,
                tensor.name, tensor.dtype, tensor.rank);
  entry.name = tensor.name;
  entry.dtype = tensor.dtype;
  entry.rank = tensor.rank;
  for (uint32_t i = 0; i < tensor.rank; ++i)
    entry.dims[i] = tensor.dims[i];
  return tensorBytes(tensor.dtype, tensor.dims, tensor.rank, tensor.name, &entry.bytes);
}

Status writeWeights(const char *path, const dlc_named_tensor *tensors, size_t count,
                    const dlc_metadata *metadata, size_t metadataCount) {
  Array<TensorEntry> entries;
  if (!entries.allocate(count))
    return outOfMemory(int64_t(count * sizeof(TensorEntry)));
  for (size_t i = 0; i < count; ++i)
    DLC_TRY(describeTensor(path, tensors[i], entries[i]));
  WeightWriter writer;
  DLC_TRY(writer.begin(path, entries.data(), count, metadata, metadataCount));
  for (size_t i = 0; i < count; ++i)
    DLC_TRY(writer.write(tensors[i].data, size_t(entries[i].bytes)));
  return writer.finish();
}

} // namespace dlc::runtime::core
