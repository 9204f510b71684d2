// One function per file format. All of them check every count against the size of the file before
// taking memory, and fail with one line: the file, what was expected, what was found.
#ifndef DLC_RUNTIME_DATA_LOADERS_H
#define DLC_RUNTIME_DATA_LOADERS_H

#include "dlc/data.h"
#include "runtime/data/Reader.h"

#include <optional>

namespace dlc::runtime::data {

enum class Format { Idx, Npy, Npz, Csv, Text };

/// Tells the format by content, else by suffix.
absl::StatusOr<Format> detectFormat(const std::string &path);

/// IDX, the format of MNIST: u8, i8, i16 (becomes i32), i32, f32 or f64 in up to 8 dimensions.
absl::StatusOr<Array> loadIdx(const std::string &path);

/// NPY, versions 1 to 3. Fortran order becomes row-major; integers without a type here widen to the
/// next one (u16, i16 to i32; u32, u64 to i64).
absl::StatusOr<Array> readNpy(Reader &reader);
absl::StatusOr<Array> loadNpy(const std::string &path);

/// The bytes of a file, u8[bytes].
absl::StatusOr<Array> loadText(const std::string &path);

struct CsvOptions {
  /// "0-63", "0-3/7", "age/income"; empty for all columns.
  std::string columns;
  /// Of the result. Without: u8, i32, i64 if every value is an integer that fits, else f32.
  std::optional<DType> type;
  /// Whether the first line names the columns. Without: if no field in it is a number.
  std::optional<bool> header;
  /// The one selected column holds text; its distinct values, sorted, become 0, 1, 2...
  bool labels = false;
};

/// Lines of numbers separated by commas, semicolons or tabs (told from the first line); quoted
/// fields; LF or CRLF. Yields [rows] when |options.columns| is a single column, else [rows,
/// columns].
absl::StatusOr<Array> loadCsv(const std::string &path, const CsvOptions &options);
absl::StatusOr<Array> parseCsv(const std::string &name, const std::string &text,
                               const CsvOptions &options);

/// The members of a ZIP archive of NPY files, without ".npy" in their names.
absl::StatusOr<std::vector<NamedArray>> loadNpzMembers(const std::string &path);
/// One of them; an empty |member| means the only one.
absl::StatusOr<Array> loadNpzMember(const std::string &path, const std::string &member);

/// An array for |reader| to fill: refuses sizes that overflow, exceed the reader's limit, or exceed
/// memory, before taking any. |what| names the array in the message.
absl::StatusOr<Array> allocateFor(const Reader &reader, DType type, std::vector<int64_t> dims,
                                  int64_t fileBytesPerElement);

/// Reverses the bytes of |count| elements of |width| bytes.
void swapBytes(void *elements, int64_t count, int64_t width);

} // namespace dlc::runtime::data

#endif
