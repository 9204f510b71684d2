// What calls of the data and training libraries return: a value, or why there is none.
//
//   Result<Dataset> data = loadDataset("x=train.csv:0-3");
//   if (!data.ok())
//     return fail(data.message());
//   use(*data);
//
// Nothing here throws. Codes are those of the C API (dlc_code); messages are one line: lower case,
// no full stop, the thing by name, what was expected and what was found.
#ifndef DLC_RESULT_H
#define DLC_RESULT_H

#include "dlc/runtime.h"

#include <optional>
#include <string>
#include <utility>

namespace dlc::runtime {

/// Why a call failed.
struct Error {
  dlc_code code = DLC_INVALID_ARGUMENT;
  std::string message;
};

/// Success, or an Error. Must be looked at.
class [[nodiscard]] Outcome {
public:
  Outcome() = default;
  Outcome(Error error) : failure(std::move(error)) {}

  bool ok() const { return !failure; }
  dlc_code code() const { return failure ? failure->code : DLC_OK; }
  /// "" on success.
  const std::string &message() const {
    static const std::string none;
    return failure ? failure->message : none;
  }
  /// Only of a failure.
  const Error &error() const { return *failure; }

private:
  std::optional<Error> failure;
};

/// A T, or an Error. Must be looked at; dereference it only when ok().
template <typename T> class [[nodiscard]] Result {
public:
  Result(T value) : content(std::move(value)) {}
  Result(Error error) : outcome(std::move(error)) {}

  bool ok() const { return outcome.ok(); }
  dlc_code code() const { return outcome.code(); }
  const std::string &message() const { return outcome.message(); }
  const Error &error() const { return outcome.error(); }

  T &operator*() { return *content; }
  const T &operator*() const { return *content; }
  T *operator->() { return &*content; }
  const T *operator->() const { return &*content; }

private:
  std::optional<T> content;
  Outcome outcome;
};

} // namespace dlc::runtime

#endif
