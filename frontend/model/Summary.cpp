// The table of layers. Columns are as wide as their text asks: nothing is cut off.
#include "ModelState.h"
#include <set>

namespace dlc {

using namespace detail;

namespace {

struct Table {
  std::vector<std::string> header;
  std::vector<size_t> widths; ///< with one blank on each side
  std::vector<std::vector<std::string>> rows;
  size_t rightAligned = 2; ///< index of the column of numbers
};

std::string withCommas(int64_t number) {
  std::string text = std::to_string(number);
  for (size_t i = text.size(); i > 3; i -= 3)
    text.insert(i - 3, ",");
  return text;
}

// "364.54 KB".
std::string memory(int64_t bytes) {
  const char *const units[] = {"B", "KB", "MB", "GB", "TB"};
  double value = static_cast<double>(bytes);
  size_t unit = 0;
  for (; value >= 1024 && unit < 4; ++unit)
    value /= 1024;
  char text[64];
  std::snprintf(text, sizeof text, "%.2f %s", value, units[unit]);
  return text;
}

std::vector<std::string> linesOf(const std::string &cell) {
  std::vector<std::string> lines;
  size_t start = 0;
  for (size_t end; (end = cell.find('\n', start)) != std::string::npos; start = end + 1)
    lines.push_back(cell.substr(start, end - start));
  lines.push_back(cell.substr(start));
  return lines;
}

std::string repeat(const char *text, size_t count) {
  std::string result;
  while (count--)
    result += text;
  return result;
}

// One border: left end, line, joint, right end.
std::string border(const Table &table, const char *left, const char *line, const char *joint,
                   const char *right) {
  std::string text = left;
  for (size_t i = 0; i < table.widths.size(); ++i)
    text += (i ? joint : "") + repeat(line, table.widths[i]);
  return text + right + "\n";
}

std::string row(const Table &table, const std::vector<std::string> &cells, const char *bar) {
  std::vector<std::vector<std::string>> lines;
  size_t height = 1;
  for (const std::string &cell : cells) {
    lines.push_back(linesOf(cell));
    height = std::max(height, lines.back().size());
  }
  std::string text;
  for (size_t i = 0; i < height; ++i) {
    text += bar;
    for (size_t column = 0; column < cells.size(); ++column) {
      std::string cell = i < lines[column].size() ? lines[column][i] : "";
      std::string fill(table.widths[column] - cell.size() - 2, ' ');
      text += " " + (column == table.rightAligned ? fill + cell : cell + fill) + " " + bar;
    }
    text += "\n";
  }
  return text;
}

std::string render(Table table) {
  for (const auto &cells : table.rows)
    for (size_t i = 0; i < cells.size(); ++i)
      for (const std::string &line : linesOf(cells[i]))
        table.widths[i] = std::max(table.widths[i], line.size() + 2);
  std::string text = border(table, "┏", "━", "┳", "┓") + row(table, table.header, "┃") +
                     border(table, "┡", "━", "╇", "┩");
  for (size_t i = 0; i < table.rows.size(); ++i)
    text += (i ? border(table, "├", "─", "┼", "┤") : "") + row(table, table.rows[i], "│");
  return text + border(table, "└", "─", "┴", "┘");
}

std::string outputShapes(const Node &node) {
  std::string text;
  for (const Value &output : node.outputs)
    text += (text.empty() ? "" : "\n") + (output.ok() ? str(output.shape()) : "?");
  return text;
}

void addCalls(const ModelState &model, bool connected, Table &table) {
  EntryState &entry = model.home();
  Names names = namesOf(model);
  auto sourceName = [&](const Value &value) {
    for (size_t i = 0; i < model.inputs.size(); ++i)
      if (model.inputs[i].sameAs(value))
        return names.inputs[i];
    return entry.producer(value).name;
  };
  if (model.kind != "Sequential")
    for (size_t i = 0; i < model.inputs.size(); ++i) {
      table.rows.push_back(
          {names.inputs[i] + " (InputLayer)", str(model.inputs[i].shape()), "0"});
      if (connected)
        table.rows.back().push_back("-");
    }
  std::set<const LayerState *> seen;
  for (const auto &node : model.calls) {
    std::string sources;
    for (const Value &input : node->inputs)
      sources += (sources.empty() ? "" : "\n") + sourceName(input);
    bool first = seen.insert(node->layer.get()).second;
    table.rows.push_back({node->layer->name + " (" + node->layer->kind + ")", outputShapes(*node),
                          first ? withCommas(node->layer->parameters(false)) : "shared"});
    if (connected)
      table.rows.back().push_back(sources);
  }
}

} // namespace

std::string Model::summary() const {
  const ModelState &self = model();
  bool connected = !self.isChain();
  Table table{{"Layer (type)", "Output Shape", "Param #"}, {33, 24, 15}, {}};
  if (connected) {
    table.header.push_back("Connected to");
    table.widths = {21, 19, 12, 19};
  }
  addCalls(self, connected, table);
  for (const auto &layer : self.sequence)
    table.rows.push_back({layer->name + " (" + layer->kind + ")", "?",
                          layer->weights.empty() ? "0 (unbuilt)"
                                                 : withCommas(layer->parameters(false))});
  int64_t total = self.parameters(false), trained = self.parameters(true);
  auto line = [](const char *what, int64_t count) {
    return std::string(" ") + what + " params: " + withCommas(count) + " (" + memory(count * 4) +
           ")\n";
  };
  return "Model: \"" + self.name + "\"\n" + render(table) + line("Total", total) +
         line("Trainable", trained) + line("Non-trainable", total - trained);
}

} // namespace dlc
