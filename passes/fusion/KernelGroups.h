// Decides which ops share a kernel. Pure analysis of one block; FormKernels.cpp acts on it.
//
// Ops are visited from the last to the first. An op joins the group of its users when the group's
// loops can also run it (same sizes, or the reduced sizes of the group's reduction) and when no
// path from the op leaves the group and comes back to it. Groups that share a producer are merged
// under the same conditions, so that softmax, layer norm or a loss with its gradient end up as one.
//
// Ops that cost nothing to repeat (constants, sizes, broadcasts) belong to no group: each kernel
// takes its own copy. Conversions to a wider type have one for each reader (Widenings.h). Reshapes
// belong to none either: they are another name for the same bytes. The unpacking of panels is copied
// into the contraction that reads it (ir/support/Panels.h).
#pragma once
#include "ir/Ops.h"
#include "ir/support/ShapeMath.h"
#include "passes/fusion/Reachability.h"
#include "passes/fusion/SumEpilogues.h"
#include "llvm/ADT/SetVector.h"

namespace dlc::passes {

/// Which axes the reductions of a group fold away; all reductions of a group agree.
enum class ReduceKind {
  None,
  Rows,    ///< trailing axes: each row of the leading dimensions is folded (softmax)
  Columns, ///< leading axes: each column is folded (batch norm, bias gradients)
};

struct KernelGroup {
  llvm::SmallVector<mlir::Operation *> ops; ///< in reverse order of the block
  ir::KernelRoot root = ir::KernelRoot::pointwise;
  ir::Shape domain;                         ///< the sizes that the group's loops run over
  ReduceKind reduce = ReduceKind::None;
  int64_t split = 0;                        ///< number of leading dimensions of the reduction
  bool update = false;                      ///< yields new values of variables
  bool alive = true;                        ///< false once merged into another group
  bool fusible = true;                      ///< false: the op stays as it is (control flow)
  bool packs = false;                       ///< packs panels: one chain, an emitter of its own
};

class KernelGroups {
public:
  /// `runs` are kernels already, each with what else may join its epilogue.
  explicit KernelGroups(mlir::Block &block, llvm::ArrayRef<SumRun> runs = {});

  /// The groups that are alive, each before those that read its results.
  llvm::SmallVector<KernelGroup *> inOrder();
  KernelGroup *groupOf(mlir::Operation *op) { return groups[index.at(op)].get(); }

  /// Constants, sizes and broadcasts: copied into each kernel that reads them.
  static bool isFree(mlir::Operation *op);
  /// Whether an emitter copies free operands of this op into its loops. Roots with windows or
  /// panels read memory instead.
  static bool inlines(mlir::Operation *op);
  /// Whether the op is part of a kernel (free ops seldom are).
  bool hasGroup(mlir::Operation *op) { return index.contains(op); }
  /// Another name for the same bytes.
  static bool isAlias(mlir::Operation *op);
  /// The axes that a reduction folds away; empty for any other op.
  static llvm::SmallVector<int64_t> reducedAxes(mlir::Operation *op);

private:
  void assign(mlir::Operation *op);
  void assignRun(const SumRun &run);
  void placeFree(mlir::Operation *op);
  void assignPacking(mlir::Operation *op);
  void mergeRowConsumers(mlir::Operation *op);
  unsigned newGroup(mlir::Operation *op);
  /// The groups that read a result of the op, directly or through free ops.
  llvm::SmallVector<unsigned> userGroups(mlir::Operation *op);
  bool canJoin(mlir::Operation *op, unsigned group);
  bool canMerge(unsigned a, unsigned b);
  void merge(unsigned into, unsigned from);
  void join(mlir::Operation *op, unsigned group);
  /// Whether the reads of `op` in `group` are at the element that is being computed.
  bool readsAreAligned(mlir::Operation *op, unsigned group);
  /// Whether group `from` is read by `to` through at least one other group.
  /// Ops outside free ones that read the op's results, where free ops in between are copied.
  llvm::SmallSetVector<mlir::Operation *, 8> readersOf(mlir::Operation *op);
  /// The groups that read results of these ops, directly, in copies or through reshapes.
  llvm::SmallVector<unsigned> readingGroups(llvm::ArrayRef<mlir::Operation *> ops);
  bool reachesThroughAlias(mlir::Operation *op, unsigned group);
  bool reachesAround(unsigned from, unsigned to);
  bool reachesAround(mlir::Operation *op, unsigned group);
  /// Tells `reachability` who reads the op, whose readers all have groups by then.
  void connect(mlir::Operation *op);
  void mergeSiblings();
  void mergePools();
  void mergeColumnSums();
  bool takesColumnSums(unsigned rows, unsigned sums);
  static bool isCopied(mlir::Value value);
  void mergeUpdates();
  unsigned find(mlir::Operation *op) { return index.at(op); }

  mlir::Block &block;
  std::vector<std::unique_ptr<KernelGroup>> groups;
  llvm::DenseMap<mlir::Operation *, unsigned> index;
  Reachability reachability;
};

} // namespace dlc::passes
