// Schedules are changed as text, the form in which people change them: so a parameter that is added
// to one is searched once it stands in the table below, and is left alone until then.
#include "tools/driver/ScheduleNeighbours.h"
#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace dlc::driver {
namespace {

/// How a parameter is changed: by these values, or without any, to half and twice of what it is.
struct Parameter {
  const char *schedule, *name;
  std::vector<const char *> values = {};
};

std::vector<Parameter> parameters() {
  return {{"gemm", "row_tiles"},
          {"gemm", "split", {"m", "n", "by_size"}},
          {"gemm", "a", {"direct", "pack"}},
          {"gemm", "b", {"direct", "pack"}},
          {"gemm", "reduce_block", {"0", "256", "512", "1024"}},
          {"gemm", "lanes", {"columns", "reduction"}},
          {"gemv", "b", {"direct", "pack"}},
          {"conv", "row_tiles"},
          {"conv", "filter", {"direct", "pack"}},
          {"conv", "pixels", {"flat", "lines"}},
          {"conv", "lanes", {"columns", "reduction"}},
          {"conv_filter_grad", "row_tiles"},
          {"conv_filter_grad", "pixel_block", {"0", "256", "1024", "4096"}},
          {"conv_filter_grad", "dy", {"direct", "pack"}},
          {"conv_filter_grad", "parts", {"1", "2", "4", "8"}},
          {"winograd", "pixel_tiles"},
          {"winograd", "channel_block"},
          {"winograd", "column_tiles", {"1", "2", "4"}},
          {"depthwise", "row_block"},
          {"depthwise", "vectors"},
          {"depthwise", "channels", {"inside", "outside"}},
          {"depthwise", "tap_rows", {"1", "2", "3"}},
          {"depthwise", "row_turn", {"0", "2", "4", "8"}},
          {"attention", "queries"},
          {"attention", "keys"},
          {"stream", "tile_bytes"},
          {"stream", "map_unroll"},
          {"stream", "reduce_unroll"},
          {"stream", "chunk_rows"},
          {"stream", "chunk_elements"},
          {"stream", "column_vectors"}};
}

/// `#dlc.gemm<tile = [6, 64], row_tiles = 16>` as its name and its fields.
struct Text {
  std::string name;
  std::vector<std::pair<std::string, std::string>> fields;

  explicit Text(Attribute schedule) {
    std::string whole;
    llvm::raw_string_ostream(whole) << schedule;
    llvm::StringRef text = whole;
    text.consume_front("#dlc.");
    auto [front, body] = text.split('<');
    name = front.str();
    body.consume_back(">");
    while (!body.empty()) {
      auto [field, rest] = body.split(" = ");
      size_t end = rest.find(", ", rest.starts_with("[") ? rest.find(']') : 0);
      fields.emplace_back(field.trim().str(), rest.take_front(end).str());
      body = end == llvm::StringRef::npos ? "" : rest.drop_front(end + 2);
    }
  }

  /// Adds a field that has its default value.
  std::string &operator[](llvm::StringRef field) {
    for (auto &[known, value] : fields)
      if (known == field)
        return value;
    return fields.emplace_back(field.str(), "").second;
  }

  /// Null when the dialect does not know such a schedule.
  Attribute parse(MLIRContext *context) const {
    std::string text = "#dlc." + name + "<";
    for (const auto &[field, value] : fields)
      text += (text.back() == '<' ? "" : ", ") + field + " = " + value;
    ScopedDiagnosticHandler silent(context, [](Diagnostic &) { return success(); });
    return parseAttribute(text + ">", context);
  }
};

/// [rows, columns] and, where given, a depth, which stays.
std::vector<std::string> tilesNear(llvm::StringRef tile, int64_t lanes) {
  llvm::SmallVector<llvm::StringRef, 3> parts;
  tile.trim("[]").split(parts, ", ");
  int64_t rows = 0, columns = 0;
  if (parts.size() < 2 || parts[0].getAsInteger(10, rows) || parts[1].getAsInteger(10, columns))
    return {};
  std::vector<std::string> near;
  for (auto [r, c] : std::initializer_list<std::pair<int64_t, int64_t>>{{rows + 1, columns},
                                                                        {rows - 1, columns},
                                                                        {rows + 2, columns},
                                                                        {rows - 2, columns},
                                                                        {rows, columns + lanes},
                                                                        {rows, columns - lanes},
                                                                        {rows, columns + 1},
                                                                        {rows, columns - 1},
                                                                        {rows * 2, columns / 2},
                                                                        {rows / 2, columns * 2},
                                                                        {rows, columns * 2},
                                                                        {rows, columns / 2}})
    if (r > 0 && c > 0) {
      near.push_back(("[" + llvm::Twine(r) + ", " + llvm::Twine(c)).str());
      for (llvm::StringRef part : llvm::ArrayRef(parts).drop_front(2))
        near.back() += ", " + part.str();
      near.back() += "]";
    }
  return near;
}

std::vector<std::string> scaled(llvm::StringRef value) {
  int64_t number = 0;
  if (value.getAsInteger(10, number) || number <= 0)
    return {};
  std::vector<std::string> result{std::to_string(number * 2)};
  if (number > 1)
    result.push_back(std::to_string(number / 2));
  return result;
}

} // namespace

std::vector<Attribute> neighboursOf(Attribute schedule, int64_t lanes) {
  std::vector<Attribute> found;
  Text text(schedule);
  auto add = [&](llvm::StringRef field, const std::string &value) {
    Text changed = text;
    changed[field] = value;
    Attribute attribute = changed.parse(schedule.getContext());
    if (attribute && attribute != schedule && !llvm::is_contained(found, attribute))
      found.push_back(attribute);
  };
  for (const auto &[field, value] : text.fields)
    if (field == "tile")
      for (const std::string &tile : tilesNear(value, lanes))
        add(field, tile);
  for (const Parameter &parameter : parameters()) {
    if (text.name != parameter.schedule)
      continue;
    for (const char *value : parameter.values)
      add(parameter.name, value);
    if (parameter.values.empty())
      for (const std::string &value : scaled(Text(text)[parameter.name]))
        add(parameter.name, value);
  }
  return found;
}

} // namespace dlc::driver
