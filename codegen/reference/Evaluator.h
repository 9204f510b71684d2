// The evaluator: runs a module of the dlc dialect with plain loops.
//
// It is the oracle that passes and targets are held against, so it shares no code with them and
// takes no shortcut. Functions of reals are computed in double (libm), sums are accumulated in
// double in index order, and each op rounds once to its element type. Integers wrap. Every stage
// of the road can be evaluated, from the builder's module to outlined kernels; only gradients must
// have been expanded (--dlc-differentiate).
//
// Errors are returned, never thrown or asserted: unbound symbols, sizes below zero, inputs of the
// wrong type or shape.
#pragma once
#include "codegen/reference/Tensor.h"
#include "ir/Ops.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"
#include <functional>
#include <map>

namespace dlc::reference {

/// Values of the size symbols.
using Bindings = std::map<std::string, int64_t>;
/// Variables by name.
using State = std::map<std::string, Tensor>;
using NamedTensors = std::vector<std::pair<std::string, Tensor>>;

/// An op with the tensors that it was given and made.
struct Executed {
  mlir::Operation *op;
  llvm::ArrayRef<const Tensor *> operands;
  /// May be changed by the observer; later ops then see the changed values.
  llvm::MutableArrayRef<Tensor> results;
};

struct EvaluatorOptions {
  /// Called after each op, those in regions included.
  std::function<void(const Executed &)> observer;
  /// A while without a maximum fails after this many trips.
  int64_t maxTrips = 1000000;
  /// A tensor above this many bytes is refused.
  int64_t maxBytes = int64_t(1) << 33;
};

/// The element type, or an error for types that are none of the dialect's.
llvm::Expected<DType> elementTypeOf(mlir::Type type);
/// The sizes of a tensor type under `bindings`.
llvm::Expected<Dims> dimsOf(mlir::Type type, const Bindings &bindings);
/// Finds the symbols' values from the inputs' sizes, keeping those of `bindings`, and checks them
/// against dlc.symbols. `types` are the entry's input types, `inputs` the tensors given for them.
llvm::Error bindSymbols(mlir::ModuleOp module, mlir::TypeRange types,
                        llvm::ArrayRef<const Tensor *> inputs, Bindings &bindings);

class Evaluator {
public:
  explicit Evaluator(mlir::ModuleOp module, EvaluatorOptions options = {});

  /// Runs an entry. `inputs` by name, in any order. `state` gives the variables that the entry
  /// reads and takes the new values of those that it assigns; derived variables are computed from
  /// their sources when they are missing and dropped when a source is assigned.
  llvm::Expected<NamedTensors> run(llvm::StringRef entry, const NamedTensors &inputs, State &state,
                                   Bindings bindings = {});

  /// Runs the body of any region with one block; the terminator's operands are the results.
  llvm::Expected<std::vector<Tensor>> runRegion(mlir::Region &region,
                                                llvm::ArrayRef<const Tensor *> arguments,
                                                const Bindings &bindings);

  /// Evaluates one op on given operands; the observer does not see it.
  llvm::Expected<std::vector<Tensor>>
  runOp(mlir::Operation *op, llvm::ArrayRef<const Tensor *> operands, const Bindings &bindings);

  mlir::ModuleOp module() const { return root; }
  const EvaluatorOptions &settings() const { return options; }

private:
  llvm::Error ensureState(mlir::FlatSymbolRefAttr variable, State &state, Bindings &bindings);
  llvm::Expected<std::vector<const Tensor *>>
  collectArguments(ir::EntryOp entry, const NamedTensors &inputs, State &state, Bindings &bindings);

  mlir::ModuleOp root;
  EvaluatorOptions options;
};

} // namespace dlc::reference
