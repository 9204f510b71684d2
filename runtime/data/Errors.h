// Between the Status of Abseil, used inside data and train, and the Result of the public headers.
#ifndef DLC_RUNTIME_DATA_ERRORS_H
#define DLC_RUNTIME_DATA_ERRORS_H

#include "absl/status/statusor.h"
#include "dlc/result.h"

namespace dlc::runtime::data {

/// The codes have the same numbers.
inline Error toError(const absl::Status &status) {
  return {static_cast<dlc_code>(status.code()), std::string(status.message())};
}

inline Outcome toOutcome(const absl::Status &status) {
  return status.ok() ? Outcome() : Outcome(toError(status));
}

template <typename T> Result<T> toResult(absl::StatusOr<T> value) {
  if (!value.ok())
    return toError(value.status());
  return std::move(*value);
}

} // namespace dlc::runtime::data

#endif
