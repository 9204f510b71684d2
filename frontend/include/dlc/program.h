// Programs: variables, and entries that compute with them.
//
//   dlc::Program program("line");
//   Variable w = program.variable("w", {1});
//   Entry step = program.entry("train_step");
//   Value x = step.input("x", {"B"}), y = step.input("y", {"B"});
//   Value loss = mean(square(x * step.read(w) - y));
//   step.assign(w, step.read(w) - 0.1 * gradient(loss, {step.read(w)})[0]);
//   step.output("loss", loss);
//   program.write("line.mlir");
//
// An entry `initialize` that gives every variable its first value is added when the program is
// written, unless the program has one.
#ifndef DLC_PROGRAM_H
#define DLC_PROGRAM_H

#include "dlc/initializers.h"
#include "dlc/ops.h"

namespace dlc {

class Entry;

/// What a variable is for. Weights and statistics are what weight files hold; slots, rng and
/// hyperparameters belong to a training state; caches belong to a session.
enum class Role : uint8_t { Weight, Slot, Statistic, Hyperparameter, Rng, Cache };

struct VariableOptions {
  DType dtype = DType::F32;
  Role role = Role::Weight;
  Initializer initializer = Zeros();
};

/// A tensor of a program that outlives a call. A handle, cheap to copy.
class Variable {
public:
  Variable() = default;
  bool ok() const { return index >= 0; }
  std::string name() const;
  Shape shape() const;
  DType dtype() const;
  bool operator==(const Variable &other) const {
    return program == other.program && index == other.index;
  }

private:
  friend struct detail::ProgramState;
  friend class Program;
  friend class Entry;
  std::shared_ptr<detail::ProgramState> program;
  int32_t index = -1;
};

struct SymbolOptions {
  int64_t min = 1;
  std::optional<int64_t> max = {};
  /// The size is a multiple of this.
  int64_t divisor = 1;
};

/// A set of variables and of entries that share them. A handle: copies are the same program.
class Program {
public:
  explicit Program(std::string name = "program");

  /// Declares a symbol with bounds; a symbol is declared with a minimum of 1 when first used
  /// otherwise.
  Dim symbol(const std::string &name, SymbolOptions options = {}, Site at = Site::current());

  /// Adds a variable; names such as "dense/kernel" are unique in a program.
  Variable variable(const std::string &name, const Shape &shape, VariableOptions options = {},
                    Site at = Site::current());

  /// Adds an entry; its name is what callers use.
  Entry entry(const std::string &name, Site at = Site::current());

  /// Every variable, in the order of creation.
  std::vector<Variable> variables() const;

  /// Errors reported so far, in the order of the calls.
  const std::vector<Error> &errors() const;
  bool ok() const { return errors().empty(); }

  /// Completes the program: adds `initialize` where missing, closes the entries and verifies the
  /// whole. Afterwards nothing can be added. Returns ok().
  bool finish();
  /// The program in the compiler's text form, or as bytecode; empty when there are errors.
  std::string text();
  std::string bytecode();
  /// Writes text (*.mlir) or bytecode (any other name). False when there are errors or the file
  /// cannot be written, which is an error then too.
  bool write(const std::string &path);

  /// For other parts of dlc.
  explicit Program(std::shared_ptr<detail::ProgramState> state) : state(std::move(state)) {}
  const std::shared_ptr<detail::ProgramState> &internal() const { return state; }

private:
  std::shared_ptr<detail::ProgramState> state;
};

/// A function of a program, under construction. A handle: copies are the same entry.
class Entry {
public:
  /// Adds a named input.
  Value input(const std::string &name, const Shape &shape, DType type = DType::F32,
              Site at = Site::current());
  /// Adds a named output.
  void output(const std::string &name, const Value &value, Site at = Site::current());

  /// The variable's value: what was assigned last in this entry, else what the caller's state
  /// holds.
  Value read(const Variable &variable, Site at = Site::current());
  /// Gives the variable a new value of its own type; the last one is what the entry yields.
  void assign(const Variable &variable, const Value &value, Site at = Site::current());

  /// A tensor of one number.
  Value full(const Shape &shape, double number, DType type = DType::F32,
             Site at = Site::current());
  /// A scalar.
  Value constant(double number, DType type = DType::F32, Site at = Site::current());
  /// A small tensor, row-major.
  Value constant(const std::vector<double> &numbers, const std::vector<int64_t> &shape,
                 DType type = DType::F32, Site at = Site::current());
  /// 0, 1, 2... along |axis|.
  Value iota(const Shape &shape, int64_t axis = 0, DType type = DType::I32,
             Site at = Site::current());
  /// The product of sizes, as a scalar of F32, F64, I32 or I64.
  Value size(const Shape &sizes, DType type = DType::F32, Site at = Site::current());

  Program program() const;
  std::string name() const;

  /// The entry that computes |value|.
  static Entry of(const Value &value);

  /// For other parts of dlc.
  explicit Entry(std::shared_ptr<detail::EntryState> state) : state(std::move(state)) {}
  const std::shared_ptr<detail::EntryState> &internal() const { return state; }

private:
  std::shared_ptr<detail::EntryState> state;
};

} // namespace dlc

#endif
