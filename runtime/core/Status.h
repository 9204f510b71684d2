// The outcome of a call inside the core, and the memory rules that go with it.
//
// A Status is a dlc_status pointer with an owner: null means success. It is made by fail() with a
// printf format and travels up by DLC_TRY; the C API hands it out by release(). When there is no
// memory for a message, a constant status says so, hence making one never fails.
#ifndef DLC_RUNTIME_CORE_STATUS_H
#define DLC_RUNTIME_CORE_STATUS_H

#include "dlc/runtime.h"

#include <cstdarg>
#include <cstdint>

namespace dlc::runtime::core {

class [[nodiscard]] Status {
public:
  Status() = default;
  explicit Status(dlc_status *status) : status(status) {}
  Status(Status &&other) noexcept : status(other.release()) {}
  Status &operator=(Status &&other) noexcept {
    dlc_status *mine = status;
    status = other.status;
    other.status = mine;
    return *this;
  }
  ~Status() { dlc_status_free(status); }

  bool ok() const { return !status; }
  dlc_code code() const { return dlc_status_code(status); }
  const char *message() const { return dlc_status_message(status); }
  dlc_status *release() {
    dlc_status *mine = status;
    status = nullptr;
    return mine;
  }

private:
  dlc_status *status = nullptr;
};

// A failure with a message of at most 1,023 bytes.
[[gnu::format(printf, 2, 3)]] Status fail(dlc_code code, const char *format, ...);

Status outOfMemory(int64_t bytes);

// Text of bounded length, for the parts of messages: what does not fit is cut.
class Text {
public:
  [[gnu::format(printf, 2, 3)]] void add(const char *format, ...);
  const char *str() const { return text; }

private:
  char text[512] = "";
  unsigned used = 0;
};

#define DLC_TRY(call)                                                                              \
  do {                                                                                             \
    if (::dlc::runtime::core::Status status_ = (call); !status_.ok())                              \
      return status_;                                                                              \
  } while (false)

} // namespace dlc::runtime::core

#endif
