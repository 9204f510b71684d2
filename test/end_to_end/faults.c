/* A library to preload that lets the system calls behind a checkpoint fail, as a disk does.
 *
 *   DLC_FAULT=OPERATION:ACTION[:SKIP]   DLC_FAULT_FILE=TEXT (training.safetensors)
 *
 * Operations on files whose path contains TEXT: open (for writing), write, fsync, rename; and
 * syncdir, the fsync of any folder. The first SKIP matching calls pass; every later one meets the
 * action: an error (ENOSPC, EIO, EROFS, ENOENT), `short` (a write takes a third of its bytes),
 * `kill` (SIGKILL; a write takes half of its bytes before), or `stop` (the first of them waits for
 * SIGCONT, then all pass). With DLC_FAULT_COUNT=FILE, a letter is
 * appended to FILE for each fault; with DLC_FAULT_TRACE=FILE, the first letter of each operation in
 * the order of the calls, faults or not. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_FILES = 1024 };
static char watched[MAX_FILES]; /* by descriptor */

static long calls;

/* Appends |letter| to the file that |variable| names, if it is set. */
static void leaveMark(const char *variable, char letter) {
  static int (*realOpen)(const char *, int, ...);
  static ssize_t (*realWrite)(int, const void *, size_t);
  const char *path = getenv(variable);
  int file;
  if (!path)
    return;
  realOpen = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open");
  realWrite = (ssize_t(*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
  file = realOpen(path, O_WRONLY | O_CREAT | O_APPEND, 0666);
  if (file >= 0 && realWrite(file, &letter, 1) == 1)
    close(file);
}

/* The action for this call of |operation|; "" to let it pass. */
static const char *actionFor(const char *operation) {
  const char *fault = getenv("DLC_FAULT"), *action, *skip;
  size_t length = strlen(operation);
  leaveMark("DLC_FAULT_TRACE", operation[0]);
  if (!fault || strncmp(fault, operation, length) != 0 || fault[length] != ':')
    return "";
  action = fault + length + 1;
  skip = strchr(action, ':');
  return __sync_fetch_and_add(&calls, 1) < (skip ? atol(skip + 1) : 0) ? "" : action;
}

static int isAction(const char *action, const char *name) {
  size_t length = strlen(name);
  return strncmp(action, name, length) == 0 && (action[length] == 0 || action[length] == ':');
}

static int matches(const char *path) {
  const char *part = getenv("DLC_FAULT_FILE");
  return path && strstr(path, part ? part : "training.safetensors") != NULL;
}

static int errorOf(const char *action) {
  return isAction(action, "ENOSPC")   ? ENOSPC
         : isAction(action, "EIO")    ? EIO
         : isAction(action, "EROFS")  ? EROFS
         : isAction(action, "ENOENT") ? ENOENT
                                      : 0;
}

/* 0 to go on, -1 with errno to fail; a kill does not return. */
static int meet(const char *action) {
  static long stops;
  int error = errorOf(action);
  if (!*action || isAction(action, "short"))
    return 0;
  if (isAction(action, "stop")) {
    if (__sync_fetch_and_add(&stops, 1) == 0)
      raise(SIGSTOP);
    return 0;
  }
  leaveMark("DLC_FAULT_COUNT", 'x');
  if (!error)
    raise(SIGKILL);
  errno = error;
  return -1;
}

static int openAny(const char *name, const char *path, int flags, int mode) {
  int (*real)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, name);
  int ours = matches(path) && (flags & (O_WRONLY | O_RDWR)), file;
  if (ours && meet(actionFor("open")) != 0)
    return -1;
  file = real(path, flags, mode);
  if (file >= 0 && file < MAX_FILES)
    watched[file] = (char)ours;
  return file;
}

int open(const char *path, int flags, ...) {
  va_list arguments;
  int mode;
  va_start(arguments, flags);
  mode = flags & O_CREAT ? va_arg(arguments, int) : 0;
  va_end(arguments);
  return openAny("open", path, flags, mode);
}

int open64(const char *path, int flags, ...) {
  va_list arguments;
  int mode;
  va_start(arguments, flags);
  mode = flags & O_CREAT ? va_arg(arguments, int) : 0;
  va_end(arguments);
  return openAny("open64", path, flags, mode);
}

ssize_t write(int file, const void *data, size_t bytes) {
  ssize_t (*real)(int, const void *, size_t) =
      (ssize_t(*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
  const char *action = file >= 0 && file < MAX_FILES && watched[file] ? actionFor("write") : "";
  if (isAction(action, "short") && bytes > 1)
    bytes = (bytes + 2) / 3;
  if (isAction(action, "kill"))
    bytes = (size_t)real(file, data, bytes / 2);
  return meet(action) != 0 ? -1 : real(file, data, bytes);
}

int fsync(int file) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  struct stat info;
  int folder = fstat(file, &info) == 0 && S_ISDIR(info.st_mode);
  int ours = file >= 0 && file < MAX_FILES && watched[file];
  const char *action = folder ? actionFor("syncdir") : ours ? actionFor("fsync") : "";
  return meet(action) != 0 ? -1 : real(file);
}

int rename(const char *from, const char *to) {
  int (*real)(const char *, const char *) =
      (int (*)(const char *, const char *))dlsym(RTLD_NEXT, "rename");
  return matches(to) && meet(actionFor("rename")) != 0 ? -1 : real(from, to);
}
