// Random modules for testing passes and code generation: every family of ops, symbolic sizes,
// several outputs, gradients, all from one seed.
//
// A graph grows op by op from a table of makers (RandomOps.cpp); a maker takes operands from what
// is there or asks for a new input. Values that nothing used become outputs. Domains are kept
// (logarithms of positive values, labels within range), so that NaN is rare and says something.
#pragma once
#include "ir/Ops.h"
#include "ir/support/ShapeMath.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include <random>

namespace dlc::check {

/// A module with one entry `main` under construction.
class RandomGraph {
public:
  RandomGraph(mlir::MLIRContext *context, uint64_t seed);

  /// Adds ops, outputs and, for about half of all seeds, gradients; the graph is then complete.
  mlir::OwningOpRef<mlir::ModuleOp> finish(int opCount);

  // What makers use.
  mlir::OpBuilder &builder() { return b; }
  mlir::Location loc() { return b.getUnknownLoc(); }
  /// A number in [0, count).
  int64_t below(int64_t count) { return int64_t(random() % uint64_t(count)); }
  bool chance(int percent) { return below(100) < percent; }
  /// A random size: small constants and the symbols.
  ir::SizeAttr size();
  ir::SizeAttr constant(int64_t value) { return ir::sizeConstant(b.getContext(), value); }
  /// A float or number element type, mostly f32.
  mlir::Type floatElement();
  mlir::Type numberElement();
  mlir::RankedTensorType type(llvm::ArrayRef<ir::SizeAttr> shape, mlir::Type element);
  mlir::RankedTensorType randomType(mlir::Type element, int64_t minRank = 0, int64_t maxRank = 3);

  /// A value of the type: one that is there, a new input, or a constant.
  mlir::Value value(mlir::RankedTensorType type);
  /// Any float (or number) value that is there; of rank at least `minRank`.
  mlir::Value anyFloat(int64_t minRank = 0);
  mlir::Value anyNumber(int64_t minRank = 0);
  /// A new input; `range` as in dlc.range.
  mlir::Value input(mlir::RankedTensorType type,
                    std::optional<std::pair<double, double>> range = std::nullopt);
  /// |x| + 1/2 and tanh(x): arguments of functions that are not defined, or explode, elsewhere.
  mlir::Value positive(mlir::Value x);
  mlir::Value bounded(mlir::Value x);
  /// Makes the value known to later makers.
  void add(mlir::Value value) { pool.push_back(value); }

private:
  mlir::Value anyOf(llvm::function_ref<bool(mlir::RankedTensorType)> accept, mlir::Type element,
                    int64_t minRank);
  llvm::SmallVector<mlir::Value> unusedValues();
  llvm::SmallVector<mlir::Value> addGradients(llvm::ArrayRef<mlir::Value> outputs);
  llvm::SmallVector<mlir::Value> addUpdates(llvm::ArrayRef<mlir::Value> gradients);
  void setSignature(llvm::ArrayRef<mlir::Value> outputs, size_t updateCount);

  std::mt19937_64 random;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  ir::EntryOp entry;
  mlir::OpBuilder b;
  std::vector<mlir::Value> pool;
  std::vector<mlir::Attribute> ranges; ///< one per input, null for none
  std::vector<unsigned> targets;       ///< the inputs that gradients are taken by
};

/// A way to add an op: its name, how often it is tried, what it does.
struct OpMaker {
  const char *name;
  int weight;
  void (*make)(RandomGraph &graph);
};
llvm::ArrayRef<OpMaker> opMakers();

/// The graph of a seed, complete.
mlir::OwningOpRef<mlir::ModuleOp> makeRandomGraph(mlir::MLIRContext *context, uint64_t seed);

} // namespace dlc::check
