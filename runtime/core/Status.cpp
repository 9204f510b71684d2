#include "runtime/core/Status.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

using namespace dlc::runtime::core;

struct dlc_status {
  dlc_code code;
  char message[1]; // and as many more as the text needs
};

static dlc_status noMemoryForMessage = {DLC_RESOURCE_EXHAUSTED, ""};

Status dlc::runtime::core::fail(dlc_code code, const char *format, ...) {
  char text[1024];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  size_t length = strlen(text);
  auto *status = static_cast<dlc_status *>(malloc(sizeof(dlc_status) + length));
  if (!status)
    return Status(&noMemoryForMessage);
  status->code = code;
  memcpy(status->message, text, length + 1);
  return Status(status);
}

Status dlc::runtime::core::outOfMemory(int64_t bytes) {
  return fail(DLC_RESOURCE_EXHAUSTED, "out of memory: %lld bytes could not be allocated",
              static_cast<long long>(bytes));
}

void Text::add(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(text + used, sizeof text - used, format, arguments);
  va_end(arguments);
  if (length > 0)
    used = used + unsigned(length) < sizeof text ? used + unsigned(length) : sizeof text - 1;
}

dlc_code dlc_status_code(const dlc_status *status) { return status ? status->code : DLC_OK; }

const char *dlc_status_message(const dlc_status *status) {
  if (status == &noMemoryForMessage)
    return "out of memory";
  return status ? status->message : "";
}

void dlc_status_free(dlc_status *status) {
  if (status != &noMemoryForMessage)
    free(status);
}
