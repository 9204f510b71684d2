// How an entry is called, as a number and as text: what the number depends on, what it does not,
// and what a program is told that was built for another model.
#include "TableBuilder.h"
#include "Toy.h"

#include "dlc/runtime.hpp"
#include "runtime/abi/dtype.h"
#include "runtime/abi/layout.h"

#include <algorithm>
#include <functional>
#include <gtest/gtest.h>
#include <set>
#include <string>

using namespace dlc::runtime;
using namespace dlc::test;

namespace {

struct Port {
  const char *name;
  uint32_t dtype;
  std::vector<Code> dims;
};

// What the table under test says; each test changes a part.
struct Model {
  const char *entry = "train";
  std::vector<Port> inputs = {{"x", DLC_F32, {symbol(0), constant(4)}},
                              {"y", DLC_I32, {symbol(0)}}};
  std::vector<Port> outputs = {{"loss", DLC_F32, {}}};
  std::vector<uint32_t> reads = {0}, writes;
  const char *symbolName = "B";
  int64_t min = 1, max = INT64_MAX, divisor = 1;
  // What no caller of the entry sees.
  const char *program = "model", *variable = "w";
  bool otherEntry = false, otherSymbol = false;
};

void addPorts(TableBuilder &table, dlc_ref &field, const std::vector<Port> &ports) {
  dlc_port *made = table.array<dlc_port>(field, uint32_t(ports.size()));
  for (size_t i = 0; i < ports.size(); ++i)
    table.port(made[i], ports[i].name, ports[i].dtype, ports[i].dims);
}

void addNumbers(TableBuilder &table, dlc_ref &field, const std::vector<uint32_t> &numbers) {
  std::copy(numbers.begin(), numbers.end(), table.array<uint32_t>(field, uint32_t(numbers.size())));
}

// Symbols in ports are number 0; with another symbol before them they are number 1.
std::vector<Port> shifted(std::vector<Port> ports) {
  for (Port &port : ports)
    for (Code &dim : port.dims)
      for (size_t i = 0; i < dim.size(); i += dim[i] <= DLC_EXPR_SYM ? 2 : 1)
        if (dim[i] == DLC_EXPR_SYM)
          ++dim[i + 1];
  return ports;
}

struct Table {
  explicit Table(const Model &model) {
    TableBuilder table;
    program = table.program(model.program);
    uint32_t first = model.otherSymbol, before = model.otherEntry;
    dlc_symbol *symbols = table.array<dlc_symbol>(program->symbols, first + 1);
    table.symbolAt(symbols[0], "T", 0, 9, 3);
    table.symbolAt(symbols[first], model.symbolName, model.min, model.max, model.divisor);
    table.variable(*table.array<dlc_variable>(program->variables, 1), model.variable, DLC_F32, 0,
                   {constant(4)});
    dlc_entry *entries = table.array<dlc_entry>(program->entries, before + 1);
    table.name(entries[0].name, "before");
    dlc_entry &made = entries[before];
    entry = &made;
    table.name(made.name, model.entry);
    addPorts(table, made.inputs, first ? shifted(model.inputs) : model.inputs);
    addPorts(table, made.outputs, first ? shifted(model.outputs) : model.outputs);
    addNumbers(table, made.reads, model.reads);
    addNumbers(table, made.writes, model.writes);
  }
  uint64_t layout() const { return dlc_layout_of_entry(program, entry); }
  std::string text(size_t capacity = 1024) const {
    std::vector<char> text(capacity + 1, '#');
    dlc_describe_entry(program, entry, text.data(), capacity);
    EXPECT_EQ(text[capacity], '#');
    return text.data();
  }

  dlc_program *program;
  const dlc_entry *entry;
};

TEST(Layout, isThatOfTheSameEntryElsewhere) {
  uint64_t layout = Table(Model()).layout();
  const std::function<void(Model &)> changes[] = {
      [](Model &) {},
      [](Model &m) { m.program = "other"; },
      [](Model &m) { m.variable = "v"; },
      [](Model &m) { m.otherEntry = true; },
      [](Model &m) { m.otherSymbol = true; },
      [](Model &m) { m.otherEntry = m.otherSymbol = true; },
  };
  for (size_t i = 0; i < std::size(changes); ++i) {
    Model model;
    changes[i](model);
    EXPECT_EQ(Table(model).layout(), layout) << i;
    EXPECT_EQ(Table(model).text(), Table(Model()).text()) << i;
  }
}

TEST(Layout, differsWithEachPart) {
  const std::function<void(Model &)> changes[] = {
      [](Model &) {},
      [](Model &m) { m.entry = "trains"; },
      [](Model &m) { m.inputs[0].name = "z"; },
      [](Model &m) { m.inputs[0].dtype = DLC_I32; },
      [](Model &m) { m.inputs[0].dims[1] = constant(5); },
      [](Model &m) { m.inputs[0].dims[1] = 4 * symbol(0); },
      [](Model &m) { m.inputs[0].dims = {constant(4), symbol(0)}; },
      [](Model &m) { m.inputs[0].dims.push_back(constant(1)); },
      [](Model &m) { m.inputs[1].dims.clear(); },
      [](Model &m) { std::swap(m.inputs[0], m.inputs[1]); },
      [](Model &m) { std::swap(m.inputs[0].name, m.inputs[1].name); },
      [](Model &m) { m.inputs.pop_back(); },
      [](Model &m) { m.inputs.push_back({"z", DLC_F32, {}}); },
      [](Model &m) { std::swap(m.inputs, m.outputs); },
      [](Model &m) { // an input becomes an output
        m.outputs.insert(m.outputs.begin(), m.inputs[1]);
        m.inputs.pop_back();
      },
      [](Model &m) { m.outputs[0].name = "losses"; },
      [](Model &m) { m.outputs[0].dtype = DLC_F64; },
      [](Model &m) { m.reads.clear(); },
      [](Model &m) { m.writes = {0}; },
      [](Model &m) { m.symbolName = "N"; },
      [](Model &m) { m.min = 0; },
      [](Model &m) { m.max = 1000; },
      [](Model &m) { m.divisor = 8; },
  };
  std::set<uint64_t> layouts;
  std::set<std::string> texts;
  for (size_t i = 0; i < std::size(changes); ++i) {
    Model model;
    changes[i](model);
    EXPECT_TRUE(layouts.insert(Table(model).layout()).second) << i;
    EXPECT_TRUE(texts.insert(Table(model).text()).second) << i;
  }
}

TEST(Layout, readsAsText) {
  EXPECT_EQ(Table(Model()).text(),
            "train(x: f32[B,4], y: i32[B]) -> (loss: f32[]), reads variables; B >= 1");
  Model model;
  model.writes = {0};
  model.max = 1000;
  model.divisor = 8;
  model.inputs = {{"x", DLC_BF16, {2 * symbol(0) + constant(1)}}};
  EXPECT_EQ(Table(model).text(), "train(x: bf16[2*B+1]) -> (loss: f32[]), reads and assigns "
                                 "variables; B in [1,1000], a multiple of 8");
  model.inputs.clear();
  model.reads.clear();
  EXPECT_EQ(Table(model).text(), "train() -> (loss: f32[]), assigns variables");
}

TEST(Layout, textIsCut) {
  for (size_t capacity : {1, 2, 7, 40})
    EXPECT_EQ(Table(Model()).text(capacity), Table(Model()).text().substr(0, capacity - 1));
  char none = '#';
  dlc_describe_entry(Table(Model()).program, Table(Model()).entry, &none, 0);
  EXPECT_EQ(none, '#');
}

//===- Programs and models ------------------------------------------------------------------===//

class CheckEntry : public testing::Test {
protected:
  void SetUp() override { ASSERT_TRUE(Artifact::openLinked(queryToy, artifact).ok()); }
  std::string check(uint32_t entry, uint64_t layout, const char *signature) {
    Status status = artifact.checkEntry(entry, layout, signature);
    EXPECT_EQ(status.code(), DLC_FAILED_PRECONDITION);
    return status.message();
  }
  static std::string hex(uint64_t number) {
    char text[20];
    snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(number));
    return text;
  }
  Artifact artifact;
};

TEST_F(CheckEntry, acceptsTheModelThatItWasBuiltFor) {
  for (uint32_t entry = 0; entry < artifact.entryCount(); ++entry)
    EXPECT_TRUE(artifact.checkEntry(entry, artifact.entryLayout(entry)).ok());
  char text[128];
  artifact.describeEntry(Train, text, sizeof text);
  EXPECT_STREQ(text, "train(x: f32[B,4]) -> (loss: f32[]), reads and assigns variables; "
                     "B in [1,1000]");
}

TEST_F(CheckEntry, saysWhatDiffers) {
  EXPECT_EQ(
      check(Train, 0x1234, "train(x: f32[B,5]) -> (loss: f32[])"),
      "artifact \"toy\" is not the model that this program was built for: expected entry 1 to "
      "be train(x: f32[B,5]) -> (loss: f32[]) (layout 0000000000001234), got train(x: "
      "f32[B,4]) -> (loss: f32[]), reads and assigns variables; B in [1,1000] (layout " +
          hex(artifact.entryLayout(Train)) +
          "); open the model of the program's header, or build the program with the header "
          "of this model");
  // Another entry's number is another entry.
  EXPECT_NE(check(Predict, artifact.entryLayout(Train), nullptr).find("entry 0 to be an entry ("),
            std::string::npos);
}

TEST_F(CheckEntry, saysThatThereIsNoSuchEntry) {
  EXPECT_EQ(
      check(7, 1, "predict(x: f32[4]) -> (y: f32[4])"),
      "artifact \"toy\" is not the model that this program was built for: expected entry 7 to "
      "be predict(x: f32[4]) -> (y: f32[4]), but it has 4 entries; open the model of the "
      "program's header");
}

// The toy, whose entry predict takes a hundred numbers; one of them is called differently.
const dlc_program *manyInputs(const char *name) {
  TableBuilder table;
  dlc_program *program = makeToy();
  auto *entry = const_cast<dlc_entry *>(
      static_cast<const dlc_entry *>(dlc_element_at(&program->entries, Predict)));
  dlc_port *ports = table.array<dlc_port>(entry->inputs, 100);
  for (int i = 0; i < 100; ++i)
    table.port(ports[i], i == 90 ? name : ("input" + std::to_string(i)).c_str(), DLC_F32, {});
  return program;
}

// Of two long descriptions a message shows where they part.
TEST_F(CheckEntry, showsWhereLongDescriptionsDiffer) {
  static const dlc_program *wanted = manyInputs("left"), *given = manyInputs("right");
  Artifact ours, theirs;
  ASSERT_TRUE(Artifact::openLinked([] { return wanted; }, ours).ok());
  ASSERT_TRUE(Artifact::openLinked([] { return given; }, theirs).ok());
  char signature[4096];
  ours.describeEntry(Predict, signature, sizeof signature);
  EXPECT_GT(strlen(signature), 1000u);
  EXPECT_TRUE(ours.checkEntry(Predict, ours.entryLayout(Predict), signature).ok());
  Status status = theirs.checkEntry(Predict, ours.entryLayout(Predict), signature);
  std::string message = status.message();
  EXPECT_NE(message.find("to be ...left: f32[], input91: f32[]"), std::string::npos) << message;
  EXPECT_NE(message.find("got ...right: f32[], input91: f32[]"), std::string::npos) << message;
  EXPECT_NE(message.find("build the program with the header of this model"), std::string::npos)
      << message;
}

} // namespace
