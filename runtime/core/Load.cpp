// From the bytes of a .dlca file to an artifact.
//
// The bytes are read once, checked whole, the program table included, and copied to an anonymous
// memory file; that is what the system's loader maps. So what runs is exactly what was checked, a
// file that is replaced later changes nothing, and two artifacts never meet under one path: the
// loader identifies libraries by name before it looks at files, and would hand out the old one. For
// the same reason the memory file stays open as long as the artifact: its number is its name.
#include "runtime/core/Artifact.h"
#include "runtime/core/Elf.h"
#include "runtime/core/Isa.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace dlc::runtime::core {

static Status writeAll(int file, const char *data, size_t bytes, const char *name) {
  while (bytes > 0) {
    ssize_t written = write(file, data, bytes);
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0)
      return fail(DLC_UNAVAILABLE, "%s: cannot be copied to memory: %s", name, strerror(errno));
    data += written;
    bytes -= size_t(written);
  }
  return Status();
}

// Maps the image behind |file| and finds its table.
static Status mapImage(int file, const char *name, void **library, const dlc_program **program) {
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", file);
  void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!handle)
    return fail(DLC_UNIMPLEMENTED, "%s: cannot be loaded: %s", name, dlerror());
  auto query = reinterpret_cast<dlc_query_fn>(dlsym(handle, DLC_QUERY_SYMBOL));
  if (!query) {
    dlclose(handle);
    return fail(DLC_INVALID_ARGUMENT, "%s: not a dlc artifact: it does not export %s", name,
                DLC_QUERY_SYMBOL);
  }
  *library = handle;
  *program = query();
  return Status();
}

// The table begins with its size, its version and its magic number; one of them stands in an image.
Status checkTable(const Unfolded &image, const char *name, const char *variant) {
  const dlc_program *table = nullptr;
  for (uint64_t at = 0; at + sizeof(dlc_program) <= image.bytes; at += 8) {
    auto *here = reinterpret_cast<const dlc_program *>(image.memory + at);
    if (here->magic != DLC_PROGRAM_MAGIC)
      continue;
    if (table)
      return fail(DLC_INVALID_ARGUMENT, "%s: not a dlc artifact: it has two program tables", name);
    table = here;
  }
  auto base = reinterpret_cast<uintptr_t>(image.memory);
  DLC_TRY(validate(table, name, {base, base + uintptr_t(image.bytes),
                                 base + uintptr_t(image.codeBegin),
                                 base + uintptr_t(image.codeEnd)}));
  uint32_t index;
  return pickVariant(*table, name, variant, &index);
}

Status openImage(const void *data, size_t bytes, const char *name,
                 const dlc_open_options *options, dlc_artifact **out) {
  {
    Unfolded image;
    DLC_TRY(checkImage(data, bytes, name, image));
    DLC_TRY(checkTable(image, name, options ? options->variant : nullptr));
  }
  int file = memfd_create("dlc-artifact", MFD_CLOEXEC);
  if (file < 0)
    return fail(DLC_UNAVAILABLE, "%s: no memory file could be made: %s", name, strerror(errno));
  void *library = nullptr;
  const dlc_program *program = nullptr;
  Status status = writeAll(file, static_cast<const char *>(data), bytes, name);
  if (status.ok())
    status = mapImage(file, name, &library, &program);
  if (status.ok())
    status = openTable(program, name, options, out);
  if (!status.ok()) {
    if (library)
      dlclose(library);
    close(file);
    return status;
  }
  (*out)->library = library;
  (*out)->file = file;
  return status;
}

// Reads a regular file whole.
static Status readFile(const char *path, Array<char> &content) {
  int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0)
    return fail(errno == ENOENT ? DLC_NOT_FOUND : DLC_UNAVAILABLE, "%s: cannot be opened: %s",
                path, strerror(errno));
  struct stat info;
  Status status;
  if (fstat(file, &info) != 0 || !S_ISREG(info.st_mode))
    status = fail(DLC_INVALID_ARGUMENT, "%s: not a regular file", path);
  else if (!content.allocate(size_t(info.st_size)))
    status = outOfMemory(info.st_size);
  size_t done = 0;
  while (status.ok() && done < content.size()) {
    ssize_t got = read(file, content.data() + done, content.size() - done);
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      status = fail(DLC_UNAVAILABLE, "%s: cannot be read: %s", path,
                    got < 0 ? strerror(errno) : "it shrank meanwhile");
    else
      done += size_t(got);
  }
  close(file);
  return status;
}

Status openFile(const char *path, const dlc_open_options *options, dlc_artifact **out) {
  Array<char> content;
  DLC_TRY(readFile(path, content));
  return openImage(content.data(), content.size(), path, options, out);
}

} // namespace dlc::runtime::core
