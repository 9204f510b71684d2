#include "runtime/core/Weights.h"

#include "runtime/abi/program.h"
#include "runtime/core/Sort.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace dlc::runtime::core;

// Far above any real header (a tensor takes about 100 bytes of it), far below a harmful size.
static constexpr uint64_t maxHeader = 100 << 20;

static const char *const dtypeNames[DLC_DTYPE_COUNT] = {"F32", "F64", "F16", "BF16", "I64",
                                                        "I32", "I8",  "U8",  "BOOL"};

const char *dlc::runtime::core::safetensorsName(uint32_t dtype) { return dtypeNames[dtype]; }

uint32_t dlc::runtime::core::dtypeOfSafetensors(const char *name) {
  uint32_t dtype = 0;
  while (dtype < DLC_DTYPE_COUNT && strcmp(dtypeNames[dtype], name) != 0)
    ++dtype;
  return dtype;
}

dlc_weights::~dlc_weights() {
  if (file >= 0)
    close(file);
}

static bool copyString(Array<char> &to, const char *from) {
  size_t bytes = strlen(from) + 1;
  if (!to.allocate(bytes))
    return false;
  memcpy(to.data(), from, bytes);
  return true;
}

Status dlc_weights::openFile(const char *name) {
  if (!copyString(path, name))
    return outOfMemory(int64_t(strlen(name)));
  file = ::open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0)
    return fail(errno == ENOENT ? DLC_NOT_FOUND : DLC_UNAVAILABLE, "%s: cannot be opened: %s",
                name, strerror(errno));
  struct stat info;
  if (fstat(file, &info) != 0 || !S_ISREG(info.st_mode))
    return fail(DLC_INVALID_ARGUMENT, "%s: not a regular file", name);
  return open(uint64_t(info.st_size));
}

Status dlc_weights::openMemory(const void *data, size_t bytes, const char *name) {
  if (!copyString(path, name))
    return outOfMemory(int64_t(strlen(name)));
  memory = static_cast<const char *>(data);
  return open(bytes);
}

Status dlc_weights::open(uint64_t bytes) {
  uint64_t headerBytes = 0;
  if (bytes < sizeof headerBytes)
    return fail(DLC_DATA_LOSS, "%s: no safetensors file: %llu bytes are too few for its header",
                name(), static_cast<unsigned long long>(bytes));
  DLC_TRY(readBytes(0, &headerBytes, sizeof headerBytes));
  if (headerBytes > maxHeader || headerBytes > bytes - sizeof headerBytes)
    return fail(DLC_DATA_LOSS,
                "%s: no safetensors file, or truncated: a header of %llu bytes in a file of %llu",
                name(), static_cast<unsigned long long>(headerBytes),
                static_cast<unsigned long long>(bytes));
  if (!header.allocate(headerBytes + 1))
    return outOfMemory(int64_t(headerBytes));
  DLC_TRY(readBytes(sizeof headerBytes, header.data(), headerBytes));
  DLC_TRY(parseWeightHeader(header.data(), headerBytes, name(), tensors, metadata));
  dataStart = sizeof headerBytes + headerBytes;
  return checkRanges(bytes - dataStart);
}

// The ranges must be a permutation of a partition of the data section: each tensor begins where
// another one ends. Summing shows gaps; a second tensor at one offset shows as a missing start.
Status dlc_weights::checkRanges(uint64_t dataBytes) {
  Array<uint32_t> order;
  if (!order.allocate(count()))
    return outOfMemory(count());
  for (uint32_t i = 0; i < count(); ++i)
    order[i] = i;
  sortBy(order.data(), count(), [&](uint32_t a, uint32_t b) {
    if (tensors[a].offset != tensors[b].offset)
      return tensors[a].offset < tensors[b].offset;
    return tensors[a].bytes != tensors[b].bytes ? tensors[a].bytes < tensors[b].bytes : a < b;
  });
  int64_t end = 0;
  for (uint32_t i : order) {
    if (tensors[i].offset != end)
      return fail(DLC_DATA_LOSS, "%s: tensor \"%s\" begins at byte %lld of the data, expected %lld",
                  name(), tensors[i].name, static_cast<long long>(tensors[i].offset),
                  static_cast<long long>(end));
    end += tensors[i].bytes;
  }
  if (uint64_t(end) != dataBytes)
    return fail(DLC_DATA_LOSS, "%s: truncated or damaged: %lld bytes of tensors, %llu in the file",
                name(), static_cast<long long>(end), static_cast<unsigned long long>(dataBytes));
  return Status();
}

uint32_t dlc_weights::find(const char *wanted) const {
  for (uint32_t i = 0; i < count(); ++i)
    if (strcmp(tensors[i].name, wanted) == 0)
      return i;
  return DLC_NONE;
}

Status dlc_weights::read(uint32_t i, void *data) const {
  return readBytes(dataStart + uint64_t(tensors[i].offset), data, size_t(tensors[i].bytes));
}

Status dlc_weights::readBytes(uint64_t offset, void *data, size_t bytes) const {
  if (memory) {
    copyBytes(data, memory + offset, bytes);
    return Status();
  }
  auto *to = static_cast<char *>(data);
  while (bytes > 0) {
    ssize_t got = pread(file, to, bytes, off_t(offset));
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      return fail(DLC_UNAVAILABLE, "%s: cannot be read: %s", name(),
                  got < 0 ? strerror(errno) : "it shrank meanwhile");
    to += got;
    offset += uint64_t(got);
    bytes -= size_t(got);
  }
  return Status();
}
