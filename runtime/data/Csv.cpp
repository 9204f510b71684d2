// CSV: lines of fields, told apart by the separator that the first line uses.
//
// Two walks over the text: the first counts lines and checks that all have the same number of
// fields, the second parses the selected fields. Nothing is allocated per line.
#include "runtime/data/Columns.h"
#include "runtime/data/Convert.h"
#include "runtime/data/Loaders.h"

#include "absl/strings/str_cat.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <string_view>

namespace dlc::runtime::data {
namespace {

// Walks over fields. A field in double quotes may hold separators, line ends and doubled quotes.
class Cursor {
public:
  Cursor(std::string_view text, char separator) : text(text), separator(separator) {}

  // Goes to the next line that is not blank; false at the end of the text. Call it only when the
  // fields of the line before have all been taken.
  bool nextLine() {
    while (at < text.size() && (text[at] == '\n' || text[at] == '\r'))
      lineNumber += text[at++] == '\n';
    more = at < text.size();
    return more;
  }

  // The next field of this line; false when it has no more.
  bool nextField(std::string_view &field) {
    if (!more)
      return false;
    field = at < text.size() && text[at] == '"' ? quoted() : plain();
    more = at < text.size() && text[at] == separator;
    at += more;
    return true;
  }

  int64_t line() const { return lineNumber; }
  // The line of a quote that no other one closes; 0 when there was none.
  int64_t openQuote() const { return openQuoteLine; }

private:
  std::string_view plain() {
    size_t end = at;
    while (end < text.size() && text[end] != separator && text[end] != '\n' && text[end] != '\r')
      ++end;
    std::string_view field = text.substr(at, end - at);
    at = end;
    while (!field.empty() && field.front() == ' ')
      field.remove_prefix(1);
    while (!field.empty() && field.back() == ' ')
      field.remove_suffix(1);
    return field;
  }

  std::string_view quoted() {
    size_t begin = ++at;
    int64_t firstLine = lineNumber;
    bool doubled = false;
    while (at < text.size() && (text[at] != '"' || text.substr(at, 2) == "\"\"")) {
      lineNumber += text[at] == '\n';
      doubled |= text[at] == '"';
      at += text[at] == '"' ? 2 : 1;
    }
    if (at >= text.size())
      openQuoteLine = firstLine;
    at = std::min(at, text.size());
    std::string_view field = text.substr(begin, at - begin);
    while (at < text.size() && text[at] != separator && text[at] != '\n')
      ++at; // the closing quote, and a carriage return behind it
    return doubled ? undouble(field) : field;
  }

  std::string_view undouble(std::string_view field) {
    scratch.clear();
    for (size_t i = 0; i < field.size(); i += field[i] == '"' ? 2 : 1)
      scratch += field[i];
    return scratch;
  }

  std::string_view text;
  char separator;
  size_t at = 0;
  int64_t lineNumber = 1, openQuoteLine = 0;
  bool more = false;
  std::string scratch;
};

bool parseNumber(std::string_view field, double &value) {
  if (!field.empty() && field.front() == '+') // from_chars takes no plus sign
    field.remove_prefix(1);
  auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  return error == std::errc() && end == field.data() + field.size() && !field.empty();
}

char guessSeparator(std::string_view text) {
  std::string_view line = text.substr(0, text.find('\n'));
  for (char candidate : {',', ';', '\t'})
    if (line.find(candidate) != std::string_view::npos)
      return candidate;
  return ',';
}

struct Table {
  const std::string &name;
  std::string_view text;
  char separator = ',';
  bool hasHeader = false;
  std::vector<std::string> header;
  int64_t rows = 0, columns = 0;

  absl::Status error(const std::string &message) const {
    return absl::InvalidArgumentError(absl::StrCat(name, ": ", message));
  }
  // A cursor before the first line of data.
  Cursor begin() const {
    Cursor cursor(text, separator);
    std::string_view field;
    if (hasHeader && cursor.nextLine())
      while (cursor.nextField(field)) {
      }
    return cursor;
  }
};

// Reads the first line and counts the others.
absl::Status scan(Table &table, std::optional<bool> header) {
  Cursor cursor(table.text, table.separator);
  std::string_view field;
  bool numbers = false;
  if (!cursor.nextLine())
    return table.error("expected lines of fields, got an empty file");
  while (cursor.nextField(field)) {
    double value = 0;
    numbers |= parseNumber(field, value);
    table.header.emplace_back(field);
  }
  table.columns = static_cast<int64_t>(table.header.size());
  table.hasHeader = header.value_or(!numbers);
  table.rows = table.hasHeader ? 0 : 1;
  if (!table.hasHeader)
    table.header.clear();
  while (cursor.nextLine()) {
    int64_t line = cursor.line(), fields = 0;
    while (cursor.nextField(field))
      ++fields;
    if (cursor.openQuote())
      break;
    if (fields != table.columns)
      return table.error(absl::StrCat("line ", line, ": expected ", table.columns,
                                      " fields as in the first line, got ", fields));
    ++table.rows;
  }
  if (int64_t line = cursor.openQuote())
    return table.error(absl::StrCat("line ", line, ": a field begins with \" and has no \" at its "
                                    "end"));
  return absl::OkStatus();
}

// Calls use(row, place in |columns|, field, line) for the selected fields, row by row.
template <typename Use>
absl::Status forEachField(const Table &table, const std::vector<int64_t> &columns, Use use) {
  std::vector<std::vector<int64_t>> places(table.columns); // a column may be chosen twice
  for (size_t i = 0; i < columns.size(); ++i)
    places[columns[i]].push_back(static_cast<int64_t>(i));
  Cursor cursor = table.begin();
  for (int64_t row = 0; cursor.nextLine(); ++row) {
    std::string_view field;
    int64_t line = cursor.line();
    for (int64_t column = 0; cursor.nextField(field); ++column)
      for (int64_t place : places[column])
        if (absl::Status status = use(row, place, field, line); !status.ok())
          return status;
  }
  return absl::OkStatus();
}

// The narrowest type that keeps integers exact; f32 as soon as one value is no integer.
DType narrowestType(const Array &values) {
  double low = 0, high = 0;
  const double *v = values.as<double>();
  for (int64_t i = 0, count = values.elements(); i < count; ++i) {
    if (!(v[i] == std::floor(v[i])) || std::fabs(v[i]) > 0x1p53)
      return DType::F32;
    low = std::min(low, v[i]);
    high = std::max(high, v[i]);
  }
  if (low >= 0 && high <= 255)
    return DType::U8;
  return low >= -0x1p31 && high < 0x1p31 ? DType::I32 : DType::I64;
}

std::vector<int64_t> resultDims(const Table &table, const std::vector<int64_t> &columns,
                                const CsvOptions &options) {
  if (isSingleColumn(options.columns))
    return {table.rows};
  return {table.rows, static_cast<int64_t>(columns.size())};
}

absl::StatusOr<Array> parseNumbers(const Table &table, const std::vector<int64_t> &columns,
                                   const CsvOptions &options) {
  Array values = Array::allocate(DType::F64, resultDims(table, columns, options));
  if (!values)
    return absl::ResourceExhaustedError(absl::StrCat(table.name, ": not enough memory"));
  auto target = static_cast<double *>(values.mutableData());
  auto width = static_cast<int64_t>(columns.size());
  absl::Status status = forEachField(
      table, columns, [&](int64_t row, int64_t place, std::string_view field, int64_t line) {
        if (parseNumber(field, target[row * width + place]))
          return absl::OkStatus();
        std::string hint = row == 0 && !table.hasHeader ? "; is it a header? (?header=yes)" : "";
        return table.error(absl::StrCat("line ", line, ", column ", columns[place],
                                        ": expected a number, got '", std::string(field), "'",
                                        hint));
      });
  if (!status.ok())
    return status;
  DType type = options.type.value_or(narrowestType(values));
  int64_t lossy = findLossy(target, DType::F64, values.elements(), type);
  if (lossy >= 0)
    return table.error(absl::StrCat("row ", lossy / width, ", column ", columns[lossy % width],
                                    ": ", target[lossy], " is no ", dtypeName(type)));
  return values.converted(type);
}

absl::StatusOr<Array> parseLabels(const Table &table, const std::vector<int64_t> &columns,
                                  const CsvOptions &options) {
  if (columns.size() != 1)
    return table.error(absl::StrCat("labels need one column, got ", columns.size()));
  std::map<std::string, int32_t, std::less<>> classes;
  absl::Status status =
      forEachField(table, columns, [&](int64_t, int64_t, std::string_view field, int64_t) {
        classes.emplace(field, 0);
        return absl::OkStatus();
      });
  int32_t next = 0;
  for (auto &[label, number] : classes)
    number = next++;
  Array numbers = Array::allocate(DType::I32, {table.rows});
  if (!numbers)
    return absl::ResourceExhaustedError(absl::StrCat(table.name, ": not enough memory"));
  status.Update(
      forEachField(table, columns, [&](int64_t row, int64_t, std::string_view field, int64_t) {
        static_cast<int32_t *>(numbers.mutableData())[row] = classes.find(field)->second;
        return absl::OkStatus();
      }));
  if (!status.ok())
    return status;
  return numbers.converted(options.type.value_or(DType::I32));
}

} // namespace

absl::StatusOr<Array> parseCsv(const std::string &name, const std::string &text,
                               const CsvOptions &options) {
  Table table{name, text, guessSeparator(text), false, {}, 0, 0};
  if (absl::Status status = scan(table, options.header); !status.ok())
    return status;
  absl::StatusOr<std::vector<int64_t>> columns =
      selectColumns(name, options.columns, table.header, table.columns);
  if (!columns.ok())
    return columns.status();
  return options.labels ? parseLabels(table, *columns, options)
                        : parseNumbers(table, *columns, options);
}

absl::StatusOr<Array> loadCsv(const std::string &path, const CsvOptions &options) {
  absl::StatusOr<std::unique_ptr<Reader>> reader = openFile(path);
  if (!reader.ok())
    return reader.status();
  absl::StatusOr<std::string> text = (*reader)->readAll();
  return text.ok() ? parseCsv(path, *text, options) : text.status();
}

} // namespace dlc::runtime::data
