// The state behind Program, Entry and Value: an MLIR module under construction.
//
// A ProgramState owns everything; an EntryState is a part of it, so handles to an entry share
// the program's ownership. An entry is a block that grows: inputs and variables that are read
// become block arguments, ops are appended to the innermost open scope (the entry's own block or
// the body of a scan, while or if), and the terminator comes when the program is finished.
//
// Regions are isolated, while lambdas capture freely: a value of an outer scope that is used in an
// inner one becomes an argument of the inner block, and Scope::captures lists what the region's op
// must pass for it.
#pragma once
#include "dlc/program.h"
#include "ir/Ops.h"
#include "ir/ops/Control.h"
#include "ir/ops/Random.h"
#include "ir/support/ShapeMath.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringSet.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include <deque>
#include <map>

namespace dlc::detail {

/// Base name of the site's file: paths of machines have no place in programs and messages.
std::string fileOf(const Site &site);
/// "train.cpp:41".
std::string placeOf(const Site &site);

mlir::Type toType(mlir::MLIRContext *context, DType type);
DType fromType(mlir::Type type);
Dim fromSize(ir::SizeAttr size);

struct VariableState {
  std::string name;
  mlir::RankedTensorType type;
  VariableOptions options;
  Site site;
};

/// Where a value came from, for messages and for models that replay calls of layers.
struct Producer {
  std::string name; ///< of the layer, op or input
  std::string kind; ///< "Dense", "op", "input"
  Site site = {};
  int32_t node = -1; ///< index of the layer's call, or -1
  int32_t output = 0;
};

/// A call of a layer in progress (or what else makes ops on a user's behalf): names the locations
/// and the errors of the ops inside.
struct Frame {
  const char *what; ///< "layer", "model", "optimizer", "variable"
  std::string name;
  std::string kind; ///< "Dense"; may be empty
  Site site;
  /// Errors and locations inside point at the ops' own places: the code is the user's.
  bool userCode = false;
};

struct Scope {
  mlir::Block *block;
  Scope *parent = nullptr;
  /// Value of the parent scope -> argument of this block (or the watch that stands for it).
  llvm::MapVector<mlir::Value, mlir::Value> captures = {};
  /// Index of the iteration (scalar i64), null in loops without one and in branches.
  mlir::Value iteration = {};
  bool isWhile = false;
  mlir::Value key = {}; ///< the random key of this scope, once drawn from
};

/// What a model needs to call a layer again; filled by frontend/nn.
struct NodeBase {
  virtual ~NodeBase() = default;
};

struct EntryState {
  EntryState(ProgramState &program, std::string name, Site site);

  std::shared_ptr<EntryState> handle();
  mlir::MLIRContext *context();

  // Values.
  Value wrap(mlir::Value value, Producer producer);
  Value poison() { return Value(handle(), -1); }
  Value maskOf(const Value &value);
  void setMask(const Value &value, const Value &mask) { masks[value.index] = mask.index; }
  mlir::Value lookup(const Value &value) const { return values[value.index]; }
  /// The value as the current scope sees it; null when no open scope can.
  mlir::Value resolve(const Value &value);
  mlir::Value resolve(mlir::Value value, Scope &scope);
  /// Another handle for the same tensor with a producer of its own.
  Value alias(const Value &value, Producer producer) { return wrap(lookup(value), producer); }
  const Producer &producer(const Value &value) const { return producers[value.index]; }
  /// "'conv' (Conv2D, a.cpp:3), shape (B, 8)"; empty for a poisoned value.
  std::string describe(const Value &value);
  static EntryState *of(const Value &value) { return value.entry.get(); }
  static const std::shared_ptr<EntryState> &handleOf(const Value &value) { return value.entry; }
  static int32_t indexOf(const Value &value) { return value.index; }
  /// Replaces `from` by `to` in the table, after a watch was put between them.
  void redirect(mlir::Value from, mlir::Value to, Scope &scope);

  // Ops.
  mlir::Location location(const Site &site);
  /// At the end of a scope; its block may not belong to an op yet.
  mlir::OpBuilder builder(Scope &at) {
    mlir::OpBuilder builder(context());
    builder.setInsertionPointToEnd(at.block);
    return builder;
  }
  mlir::OpBuilder builder() { return builder(*scope); }
  /// Reports an error about `what` ("op 'concat'"), or about the layer in progress.
  Value fail(const std::string &what, const Site &site, std::string message,
             std::string hint = "", const Value &cause = Value());
  /// False, with the reason in `why`, when the op breaks a constraint; then it is erased.
  bool check(mlir::Operation *op, std::string &why);

  // State.
  mlir::Value addArgument(mlir::Type type, mlir::Location loc);
  mlir::Value key(const Site &site);
  void finish();

  ProgramState &program;
  std::string name;
  Site site;
  ir::EntryOp op;
  Scope root;
  Scope *scope = &root;
  std::deque<Frame> frames;
  std::vector<mlir::Value> values;
  std::vector<Producer> producers;
  std::map<int32_t, int32_t> masks; ///< value -> the mask that it carries
  std::vector<std::shared_ptr<NodeBase>> nodes;

  struct Argument {
    std::string input; ///< or a variable
    int32_t variable = -1;
  };
  std::vector<Argument> arguments;
  std::vector<std::pair<std::string, mlir::Value>> outputs;
  std::map<int32_t, mlir::Value> current;  ///< variable -> value that a read sees
  std::map<int32_t, mlir::Value> assigned; ///< variable -> value to yield, in order of creation
  int64_t streams = 0;
  int64_t watches = 0;
};

struct ProgramState : std::enable_shared_from_this<ProgramState> {
  explicit ProgramState(std::string name);

  ir::SizeAttr toSize(const Dim &dim);
  /// Null after reporting a negative size or a bad symbol.
  mlir::RankedTensorType toTensor(const Shape &shape, DType type, const std::string &what,
                                  const Site &site);
  /// Lowers the maximum of a symbol that is in use.
  void boundSymbol(const std::string &symbol, int64_t max);
  void report(Error error) { errors.push_back(std::move(error)); }
  void fail(const std::string &what, const Site &site, std::string message, std::string hint = "");
  Variable variable(int32_t index);
  int32_t findVariable(llvm::StringRef name) const;
  static int32_t indexOf(const Variable &variable) { return variable.index; }
  static const std::shared_ptr<ProgramState> &stateOf(const Variable &variable) {
    return variable.program;
  }
  EntryState *findEntry(llvm::StringRef name);
  bool finish();
  void addInitialize();

  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::string name;
  std::map<std::string, ir::SymbolAttr> symbols;
  std::deque<VariableState> variables;
  std::deque<EntryState> entries;
  std::vector<Error> errors;
  /// Bodies of loops and branches that failed; handles to values inside may still be around.
  std::vector<std::unique_ptr<mlir::Region>> discarded;
  int32_t rng = -1;
  bool finished = false;
  /// The program in which layers are tried on symbolic inputs: it records calls for models, is
  /// never written, and does not mind names that repeat.
  bool isScratch = false;
};

/// The program that functional models and values without an entry report to, one per thread.
const std::shared_ptr<ProgramState> &scratchProgram();
/// The only entry of the scratch program.
std::shared_ptr<EntryState> scratchEntry();
/// Begins a new scratch program for this thread; values of the old one stay valid for models that
/// were made of them.
void resetScratch();

/// Opens a scope for the life of the object.
class ScopeGuard {
public:
  ScopeGuard(EntryState &entry, Scope &scope) : entry(entry), previous(entry.scope) {
    scope.parent = previous;
    entry.scope = &scope;
  }
  ~ScopeGuard() { entry.scope = previous; }

private:
  EntryState &entry;
  Scope *previous;
};

class FrameGuard {
public:
  FrameGuard(EntryState &entry, Frame frame) : entry(entry) {
    entry.frames.push_back(std::move(frame));
  }
  ~FrameGuard() { entry.frames.pop_back(); }

private:
  EntryState &entry;
};

/// One call of an op function: finds the entry, resolves operands, reports.
class OpCall {
public:
  OpCall(std::string op, llvm::ArrayRef<Operand> operands);

  /// False when something was reported or an operand was poisoned: return `poison()` then.
  explicit operator bool() const { return usable; }
  Value poison() const { return entry ? entry->poison() : Value(); }
  Value fail(std::string message, std::string hint = "", int cause = -1);

  mlir::Value operator[](size_t i) const { return resolved[i]; }
  llvm::ArrayRef<mlir::Value> values() const { return resolved; }
  mlir::RankedTensorType type(size_t i) const {
    return llvm::cast<mlir::RankedTensorType>(resolved[i].getType());
  }
  ir::Shape shape(size_t i) const { return ir::shapeOf(resolved[i]); }
  int64_t rank(size_t i) const { return type(i).getRank(); }

  /// Turns a negative axis into one from the front. False after reporting one outside.
  bool axis(int64_t &axis, int64_t rank, const char *what = "axis");
  /// The same for a list, which is sorted; empty means all when `emptyIsAll`.
  bool axes(std::vector<int64_t> &axes, int64_t rank, bool emptyIsAll);
  /// Brings operands to one shape, NumPy's way. False after reporting shapes that do not fit.
  bool broadcast(size_t first = 0);
  bool sameElements(size_t first = 0);
  /// The element type of sums of products of operand 0: its own, or what |wanted| says. False after
  /// reporting a type that they are not summed in.
  bool sumsIn(std::optional<DType> wanted, mlir::Type &element);
  mlir::Value broadcastTo(mlir::Value value, llvm::ArrayRef<ir::SizeAttr> shape);
  /// Verifies the op and wraps its result.
  Value done(mlir::Operation *op);
  Values doneAll(mlir::Operation *op);
  Value wrap(mlir::Value value) { return entry->wrap(value, {op, "op", site}); }

  std::string op;
  Site site;
  std::shared_ptr<EntryState> entry;
  mlir::OpBuilder builder{static_cast<mlir::MLIRContext *>(nullptr)};
  mlir::Location loc;

private:
  bool findEntry(llvm::ArrayRef<Operand> operands);
  bool resolveOperands(llvm::ArrayRef<Operand> operands);

  llvm::SmallVector<mlir::Value, 4> resolved;
  llvm::SmallVector<Value, 4> handles;
  bool usable = false;
};

/// A random key that no other op draws from, so that equal ops make equal kernels. Null after
/// reporting a place where there is none.
mlir::Value keyOfItsOwn(OpCall &call);

} // namespace dlc::detail
