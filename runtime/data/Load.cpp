// From a data specification to arrays and data sets: the public loading functions.
#include "runtime/data/Columns.h"
#include "runtime/data/Convert.h"
#include "runtime/data/DataSpec.h"
#include "runtime/data/Errors.h"
#include "runtime/data/Loaders.h"

#include "absl/strings/str_cat.h"

#include <cstring>

namespace dlc::runtime {
namespace data {
namespace {

absl::Status invalid(const std::string &message) { return absl::InvalidArgumentError(message); }

const SpecOption *findOption(const SpecInput &input, const char *key) {
  for (const SpecOption &option : input.options)
    if (option.key == key)
      return &option;
  return nullptr;
}

// The chosen elements of each flattened row.
absl::StatusOr<Array> pickColumns(const std::string &file, const Array &array,
                                  const std::string &selection) {
  int64_t rows = array.rank() > 0 ? array.dims()[0] : 0;
  int64_t width = rows > 0 ? array.elements() / rows : 0;
  absl::StatusOr<std::vector<int64_t>> columns = selectColumns(file, selection, {}, width);
  if (!columns.ok())
    return columns.status();
  std::vector<int64_t> dims = {rows};
  if (!isSingleColumn(selection))
    dims.push_back(static_cast<int64_t>(columns->size()));
  Array picked = Array::allocate(array.type(), dims);
  if (!picked)
    return absl::ResourceExhaustedError(absl::StrCat(file, ": not enough memory"));
  int64_t bytes = dtypeBytes(array.type());
  auto to = static_cast<char *>(picked.mutableData());
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t column : *columns) {
      std::memcpy(to, array.as<char>() + (row * width + column) * bytes, bytes);
      to += bytes;
    }
  return picked;
}

// Rows [n, ...] as overlapping runs [count, length, ...]. The last possible row is kept back, so
// that runs moved by one (shift) are as many.
absl::StatusOr<Array> slideWindow(const SpecInput &input, const Array &array,
                                  const SpecOption &window) {
  absl::StatusOr<std::pair<int64_t, int64_t>> sizes = parsePair(window, 0);
  if (!sizes.ok())
    return sizes.status();
  auto [length, stride] = *sizes;
  stride = stride == 0 ? length : stride;
  int64_t shift = 0;
  if (const SpecOption *option = findOption(input, "shift")) {
    if (option->value != "0" && option->value != "1")
      return invalid(
          absl::StrCat("data option 'shift': expected 0 or 1, got '", option->value, "'"));
    shift = option->value == "1";
  }
  int64_t rows = array.rank() > 0 ? array.dims()[0] : 0;
  if (length < 1 || length >= rows)
    return invalid(absl::StrCat(input.file, ": window=", window.value,
                                ": expected a length from 1 to ", rows - 1, ", got ", length));
  std::vector<int64_t> dims = array.dims();
  dims[0] = (rows - 1 - length) / stride + 1;
  dims.insert(dims.begin() + 1, length);
  Array windows = Array::allocate(array.type(), dims);
  if (!windows)
    return absl::ResourceExhaustedError(
        absl::StrCat(input.file, ": not enough memory for ", describeShape(array.type(), dims)));
  int64_t rowBytes = array.bytes() / rows;
  for (int64_t i = 0; i < dims[0]; ++i)
    std::memcpy(static_cast<char *>(windows.mutableData()) + i * length * rowBytes,
                array.as<char>() + (i * stride + shift) * rowBytes, length * rowBytes);
  return windows;
}

absl::StatusOr<Array> loadCsvInput(const SpecInput &input) {
  CsvOptions options;
  options.type = input.type;
  options.labels = findOption(input, "labels");
  if (!input.selects.empty())
    options.columns = input.selects[0];
  if (const SpecOption *header = findOption(input, "header")) {
    if (header->value != "yes" && header->value != "no")
      return invalid(
          absl::StrCat("data option 'header': expected yes or no, got '", header->value, "'"));
    options.header = header->value == "yes";
  }
  return loadCsv(input.file, options);
}

// What the file holds, after the choice of members and columns.
absl::StatusOr<Array> loadSelected(const SpecInput &input) {
  absl::StatusOr<Format> format = detectFormat(input.file);
  if (!format.ok())
    return format.status();
  size_t allowed = *format == Format::Npz ? 2 : 1;
  if (input.selects.size() > allowed)
    return invalid(absl::StrCat(input.file, ": expected at most ", allowed,
                                " selections, got another: '", input.selects.back(), "'"));
  if (*format != Format::Csv && (findOption(input, "labels") || findOption(input, "header")))
    return invalid(absl::StrCat(input.file, ": the options labels and header are for CSV files"));
  absl::StatusOr<Array> array;
  std::vector<std::string> selects = input.selects;
  switch (*format) {
  case Format::Csv: return loadCsvInput(input);
  case Format::Idx: array = loadIdx(input.file); break;
  case Format::Npy: array = loadNpy(input.file); break;
  case Format::Text: array = loadText(input.file); break;
  case Format::Npz:
    array = loadNpzMember(input.file, selects.empty() ? "" : selects[0]);
    if (!selects.empty())
      selects.erase(selects.begin());
    break;
  }
  if (!array.ok() || selects.empty())
    return array;
  return pickColumns(input.file, *array, selects[0]);
}

absl::StatusOr<Array> checkedConversion(const SpecInput &input, const Array &array, DType type) {
  int64_t lossy = findLossy(array.data(), array.type(), array.elements(), type);
  if (lossy >= 0)
    return invalid(absl::StrCat(input.file, ": element ", lossy, " is ",
                                elementAsDouble(array.data(), array.type(), lossy), ", no ",
                                dtypeName(type)));
  Array converted = array.converted(type);
  if (!converted)
    return absl::ResourceExhaustedError(absl::StrCat(input.file, ": not enough memory"));
  return converted;
}

absl::StatusOr<Array> oneHot(const SpecInput &input, const Array &array, const SpecOption &option) {
  absl::StatusOr<std::pair<int64_t, int64_t>> classes = parsePair(option, 0);
  if (!classes.ok())
    return classes.status();
  Result<Array> rows = toCategorical(array, classes->first);
  if (!rows.ok())
    return invalid(absl::StrCat(input.file, ": ", rows.message()));
  return std::move(*rows);
}

absl::StatusOr<Array> loadInputArray(const SpecInput &input) {
  absl::StatusOr<Array> array = loadSelected(input);
  if (!array.ok())
    return array;
  bool scaled = input.scale != 1 || input.offset != 0;
  if (scaled && input.type && isInteger(*input.type))
    return invalid(absl::StrCat(input.file,
                                ": scaled values are fractions; expected a float type, "
                                "got ",
                                dtypeName(*input.type)));
  if (input.type)
    array = checkedConversion(input, *array, *input.type);
  if (const SpecOption *option = findOption(input, "window"); option && array.ok())
    array = slideWindow(input, *array, *option);
  if (const SpecOption *option = findOption(input, "onehot"); option && array.ok())
    array = oneHot(input, *array, *option);
  return array;
}

absl::StatusOr<Dataset> applyRows(Dataset dataset, const std::vector<SpecOption> &options) {
  for (const SpecOption &option : options) {
    bool every = option.key == "every", except = option.key == "except";
    if (!every && !except && option.key != "skip" && option.key != "take")
      continue;
    absl::StatusOr<std::pair<int64_t, int64_t>> pair = parsePair(option, 0);
    if (!pair.ok())
      return pair.status();
    auto [number, remainder] = *pair;
    if ((every || except) && (number < 1 || remainder >= number))
      return invalid(absl::StrCat("data option '", option.key,
                                  "': expected N or N/R with R below N, "
                                  "got '",
                                  option.value, "'"));
    dataset = every                  ? dataset.every(number, remainder)
              : except               ? dataset.except(number, remainder)
              : option.key == "skip" ? dataset.skip(number)
                                     : dataset.take(number);
  }
  return dataset;
}

// One input as a data set of one column, its own row options applied to a copy.
absl::StatusOr<Array> loadInput(const SpecInput &input) {
  absl::StatusOr<Array> array = loadInputArray(input);
  if (!array.ok() || input.options.empty())
    return array;
  Result<Dataset> whole = Dataset::fromArrays({{input.name, *array}});
  if (!whole.ok())
    return invalid(absl::StrCat(input.file, ": ", whole.message()));
  absl::StatusOr<Dataset> chosen = applyRows(*whole, input.options);
  if (!chosen.ok())
    return chosen.status();
  if (chosen->size() == whole->size())
    return array;
  Result<Array> values = chosen->values(input.name);
  if (!values.ok())
    return absl::ResourceExhaustedError(values.message());
  return std::move(*values);
}

absl::Status checkGlobalOptions(const std::vector<SpecOption> &options) {
  for (const SpecOption &option : options)
    if (option.key != "every" && option.key != "except" && option.key != "skip" &&
        option.key != "take")
      return invalid(absl::StrCat("data option '", option.key,
                                  "' belongs to one input; expected every=, except=, skip= or "
                                  "take= for all"));
  return absl::OkStatus();
}

absl::StatusOr<Dataset> loadSpec(const DataSpec &spec) {
  if (absl::Status status = checkGlobalOptions(spec.options); !status.ok())
    return status;
  std::vector<NamedArray> arrays;
  for (const SpecInput &input : spec.inputs) {
    absl::StatusOr<Array> array = loadInput(input);
    if (!array.ok())
      return array.status();
    arrays.push_back({input.name, *array});
  }
  Result<Dataset> dataset = Dataset::fromArrays(arrays);
  if (!dataset.ok())
    return invalid(dataset.message());
  for (const SpecInput &input : spec.inputs)
    if (input.scale != 1 || input.offset != 0)
      dataset = dataset->scaled(input.name, input.scale, input.offset);
  return applyRows(*dataset, spec.options);
}

} // namespace
} // namespace data

Result<Dataset> loadDataset(const std::string &specification) {
  absl::StatusOr<data::DataSpec> spec = data::parseDataSpec(specification);
  return spec.ok() ? data::toResult(data::loadSpec(*spec)) : data::toError(spec.status());
}

Result<Array> loadArray(const std::string &fileAndSelect) {
  absl::StatusOr<data::SpecInput> input = data::parseFileSpec(fileAndSelect);
  if (!input.ok())
    return data::toError(input.status());
  input->name = "array";
  // Without options or arithmetic the array may be a scalar, which no data set holds.
  if (input->options.empty() && input->scale == 1 && input->offset == 0)
    return data::toResult(data::loadInputArray(*input));
  absl::StatusOr<Dataset> dataset = data::loadSpec({{*input}, {}});
  return dataset.ok() ? dataset->values("array") : data::toError(dataset.status());
}

Result<std::vector<NamedArray>> loadNpz(const std::string &path) {
  return data::toResult(data::loadNpzMembers(path));
}

} // namespace dlc::runtime
