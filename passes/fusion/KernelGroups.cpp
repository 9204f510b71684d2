#include "passes/fusion/KernelGroups.h"
#include "ir/support/Panels.h"
#include "passes/fusion/Epilogue.h"
#include "passes/fusion/Widenings.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::passes {
namespace {

FusionKind kindOf(Operation *op) {
  auto fusible = dyn_cast<Fusible>(op);
  return fusible ? fusible.getFusionKind() : FusionKind::Opaque;
}

bool isStream(const KernelGroup &group) {
  return group.fusible && !group.packs &&
         (group.root == KernelRoot::pointwise || group.root == KernelRoot::reduce);
}

Shape rowsOf(const KernelGroup &group) {
  return Shape(group.domain.begin(), group.domain.begin() + group.split);
}

Shape columnsOf(const KernelGroup &group) {
  return Shape(group.domain.begin() + group.split, group.domain.end());
}

/// How a reduction folds `rank` dimensions, or none if its axes are neither the leading nor the
/// trailing ones.
std::optional<std::pair<ReduceKind, int64_t>> foldOf(ArrayRef<int64_t> axes, int64_t rank) {
  int64_t count = axes.size();
  if (count == 0)
    return std::nullopt;
  bool consecutive = axes.back() - axes.front() + 1 == count;
  if (consecutive && axes.back() == rank - 1)
    return std::make_pair(ReduceKind::Rows, rank - count);
  if (consecutive && axes.front() == 0)
    return std::make_pair(ReduceKind::Columns, count);
  return std::nullopt;
}

/// Whether the op is computed from a value per row of its own sizes (softmax's quotient). It then
/// belongs to the kernel that folds the rows, not to one that folds the columns of its result.
bool readsRowValues(Operation *op, int depth = 0) {
  if (kindOf(op) != FusionKind::Pointwise || depth > 16)
    return false;
  Shape shape = shapeOf(op->getResult(0));
  return llvm::any_of(op->getOperands(), [&](Value operand) {
    Operation *source = sourceOf(operand);
    if (!source || source->getBlock() != op->getBlock())
      return false;
    if (kindOf(source) == FusionKind::Reduce && shapeOf(source->getOperand(0)) == shape) {
      auto fold = foldOf(KernelGroups::reducedAxes(source), shape.size());
      return fold && fold->first == ReduceKind::Rows && fold->second > 0;
    }
    return shapeOf(source->getResult(0)) == shape && readsRowValues(source, depth + 1);
  });
}

/// Whether a result of the op becomes the new value of a variable.
bool isUpdate(Operation *op) {
  for (OpOperand &use : op->getUses()) {
    auto ret = dyn_cast<ReturnOp>(use.getOwner());
    if (ret && cast<EntryOp>(ret->getParentOp()).getResultState(use.getOperandNumber()))
      return true;
  }
  return false;
}

} // namespace

bool KernelGroups::isFree(Operation *op) {
  return isa<BroadcastOp>(op) || (kindOf(op) == FusionKind::Source && op->getNumOperands() == 0);
}

bool KernelGroups::inlines(Operation *op) {
  if (isPacking(op))
    return false; // its emitter reads a matrix in memory
  switch (kindOf(op)) {
  case FusionKind::Pointwise:
  case FusionKind::View:
  case FusionKind::Source:
  case FusionKind::Gather:
  case FusionKind::Reduce:
  case FusionKind::Scatter:
    return !isAlias(op);
  default:
    return false;
  }
}

bool KernelGroups::isAlias(Operation *op) { return isa<ReshapeOp>(op); }

SmallVector<int64_t> KernelGroups::reducedAxes(Operation *op) {
  if (auto axes = op->getAttrOfType<DenseI64ArrayAttr>("axes"))
    return SmallVector<int64_t>(axes.asArrayRef());
  if (auto axis = op->getAttrOfType<IntegerAttr>("axis"))
    return {axis.getInt()};
  return {};
}

KernelGroups::KernelGroups(Block &block, ArrayRef<SumRun> runs) : block(block) {
  DenseMap<Operation *, const SumRun *> ends;
  for (const SumRun &run : runs)
    ends[run.back()] = &run;
  for (Operation &op : llvm::reverse(block.without_terminator()))
    if (const SumRun *run = ends.lookup(&op))
      assignRun(*run);
    else if (!hasGroup(&op))
      assign(&op);
  mergeSiblings();
  mergePools();
  mergeColumnSums();
  mergeUpdates();
}

void KernelGroups::assign(Operation *op) {
  if (isPacking(op))
    return assignPacking(op);
  if (isUnpacking(op) || isAlias(op))
    return;
  if (isFree(op)) {
    // Copied into every kernel that reads it; written to memory only for those that cannot.
    bool needed = llvm::any_of(op->getUsers(),
                               [&](Operation *user) { return !isFree(user) && !inlines(user); });
    if (needed)
      placeFree(op);
    return;
  }
  SmallVector<unsigned> candidates =
      llvm::filter_to_vector(userGroups(op), [&](unsigned g) { return canJoin(op, g); });
  // Groups that could all take the op are one kernel if nothing stands between them.
  for (size_t i = 1; i < candidates.size();) {
    if (canMerge(candidates.front(), candidates[i])) {
      merge(candidates.front(), candidates[i]);
      candidates.erase(candidates.begin() + i);
    } else {
      ++i;
    }
  }
  bool isScalar = cast<RankedTensorType>(op->getResult(0).getType()).getRank() == 0;
  for (unsigned group : candidates) {
    // A scalar that several kernels read is computed once.
    if (isScalar && userGroups(op).size() > 1)
      break;
    if (reachesAround(op, group))
      continue;
    join(op, group);
    return mergeRowConsumers(op);
  }
  newGroup(op);
  mergeRowConsumers(op);
}

/// Whatever reads the run stands behind it, whatever it reads before it: it is one op to others.
void KernelGroups::assignRun(const SumRun &run) {
  unsigned id = newGroup(run.front());
  for (Operation *op : llvm::drop_begin(run)) {
    groups[id]->ops.push_back(op);
    groups[id]->update |= isUpdate(op);
    index[op] = id;
  }
  for (Operation *op : run)
    connect(op);
}

/// The ops of a packing have one user each, up to the one that ends it.
void KernelGroups::assignPacking(Operation *op) {
  bool inside = op->hasOneUse() && isPacking(*op->user_begin());
  if (!inside) {
    KernelGroup &group = *groups[newGroup(op)];
    group.packs = true;
    group.update = false; // a kernel of its own, not one of the list
    return;
  }
  join(op, find(*op->getUsers().begin()));
}

/// A free op that must be written to memory reads nothing, so any kernel can write it on the side.
void KernelGroups::placeFree(Operation *op) {
  bool scalar = cast<RankedTensorType>(op->getResult(0).getType()).getRank() == 0;
  bool returned = llvm::all_of(op->getUsers(), [](Operation *user) {
    return user->hasTrait<OpTrait::IsTerminator>() || isFree(user) || inlines(user);
  });
  if (scalar && returned && op->getNumOperands() == 0)
    for (unsigned id = 0; id < groups.size(); ++id)
      if (groups[id]->alive && groups[id]->root == KernelRoot::reduce)
        return join(op, id);
  newGroup(op);
}

/// What is computed from one value per row (a loss that is summed up, say) joins the kernel that
/// computes the rows: it becomes a last phase instead of a dispatch.
void KernelGroups::mergeRowConsumers(Operation *op) {
  if (kindOf(op) != FusionKind::Reduce)
    return;
  unsigned id = find(op);
  KernelGroup &group = *groups[id];
  if (group.reduce != ReduceKind::Rows || group.split == 0)
    return;
  for (unsigned other : userGroups(op)) {
    KernelGroup &reader = *groups[other];
    bool onRows = reader.domain == rowsOf(group) &&
                  (reader.reduce == ReduceKind::None ||
                   (reader.reduce == ReduceKind::Rows && reader.split == 0));
    if (other != id && reader.alive && isStream(reader) && !reader.update && onRows &&
        !reachesAround(id, other) && !reachesAround(other, id)) {
      reader.reduce = ReduceKind::None; // the rows of `group` decide the loops
      merge(id, other);
    }
  }
}

unsigned KernelGroups::newGroup(Operation *op) {
  auto group = std::make_unique<KernelGroup>();
  unsigned id = groups.size();
  switch (kindOf(op)) {
  case FusionKind::Contraction:
    group->root = KernelRoot::contract;
    break;
  case FusionKind::Convolution:
    group->root = KernelRoot::conv;
    break;
  case FusionKind::Attention:
    group->root = KernelRoot::attention;
    break;
  case FusionKind::Window:
    group->root = KernelRoot::window;
    break;
  case FusionKind::Scatter:
    group->root = KernelRoot::scatter;
    break;
  case FusionKind::Update:
    group->root = KernelRoot::update;
    break;
  case FusionKind::Opaque:
  case FusionKind::Composite:
    group->fusible = false;
    break;
  default:
    break;
  }
  if (op->getNumResults())
    group->domain = shapeOf(op->getResult(0));
  groups.push_back(std::move(group));
  reachability.add();
  join(op, id);
  return id;
}

void KernelGroups::join(Operation *op, unsigned id) {
  KernelGroup &group = *groups[id];
  FusionKind kind = kindOf(op);
  if (kind == FusionKind::Reduce) {
    Shape input = shapeOf(op->getOperand(0));
    group.root = KernelRoot::reduce;
    group.domain = input;
    group.reduce = ReduceKind::None;
    if (auto fold = foldOf(reducedAxes(op), input.size()))
      std::tie(group.reduce, group.split) = *fold;
  } else if (kind == FusionKind::Contraction) {
    group.root = KernelRoot::contract;
  } else if (kind == FusionKind::Convolution) {
    group.root = KernelRoot::conv;
  }
  group.update |= isUpdate(op);
  group.ops.push_back(op);
  index[op] = id;
  connect(op);
}

void KernelGroups::connect(Operation *op) {
  for (unsigned reader : readingGroups(op))
    reachability.connect(find(op), reader);
}

llvm::SmallSetVector<Operation *, 8> KernelGroups::readersOf(Operation *op) {
  llvm::SmallSetVector<Operation *, 8> readers;
  llvm::SmallSetVector<Operation *, 8> work;
  work.insert(op);
  for (size_t i = 0; i < work.size(); ++i) {
    bool copied = isFree(work[i]);
    for (Operation *user : work[i]->getUsers()) {
      if (isFree(user)) {
        work.insert(user); // its readers take a copy that reads `op`
        if (hasGroup(user) && !(i == 0 && copied))
          readers.insert(user);
      } else if (i == 0 && copied ? !inlines(user) : !copied || inlines(user)) {
        // A free op of its own kernel is read by those who cannot copy it.
        readers.insert(user);
      }
    }
    if (i == 0 && copied)
      break;
  }
  return readers;
}

SmallVector<unsigned> KernelGroups::userGroups(Operation *op) {
  SmallVector<unsigned> result;
  for (Operation *user : readersOf(op)) {
    auto found = index.find(user);
    if (found != index.end() && !llvm::is_contained(result, found->second))
      result.push_back(found->second);
  }
  llvm::sort(result, std::greater<unsigned>()); // earliest in the block first
  return result;
}

bool KernelGroups::readsAreAligned(Operation *op, unsigned id) {
  KernelGroup &group = *groups[id];
  SmallVector<Operation *> users(op->getUsers());
  while (!users.empty()) {
    Operation *user = users.pop_back_val();
    if (auto broadcast = dyn_cast<BroadcastOp>(user)) {
      // Aligned when a row or column value meets all elements of its row or column.
      Shape from = shapeOf(broadcast.getX());
      auto found = index.find(user);
      if (found != index.end() && found->second == id)
        return false; // the broadcast itself is written to memory by this group
      bool read = llvm::is_contained(userGroups(user), id);
      bool aligned = from.empty() ||
                     (group.reduce == ReduceKind::Rows && from == rowsOf(group) &&
                      llvm::equal(broadcast.getDims(), llvm::seq<int64_t>(0, group.split))) ||
                     (group.reduce == ReduceKind::Columns && from == columnsOf(group) &&
                      llvm::equal(broadcast.getDims(),
                                  llvm::seq<int64_t>(group.split, group.domain.size()))) ||
                     from == shapeOf(broadcast.getY());
      if (read && !aligned)
        return false;
      continue;
    }
    auto found = index.find(user);
    if (found == index.end() || found->second != id)
      continue;
    FusionKind kind = kindOf(user);
    if (kind != FusionKind::Pointwise && kind != FusionKind::Reduce)
      return false;
  }
  return true;
}

bool KernelGroups::canJoin(Operation *op, unsigned id) {
  KernelGroup &group = *groups[id];
  if (!group.fusible || op->getNumResults() != 1)
    return false;
  Shape shape = shapeOf(op->getResult(0));
  switch (kindOf(op)) {
  case FusionKind::Pointwise:
  case FusionKind::Source: {
    if (!readsAreAligned(op, id))
      return false;
    if (group.reduce != ReduceKind::None && continuesRoot(op))
      return false;
    if (group.reduce == ReduceKind::Columns && readsRowValues(op))
      return false;
    // What a contraction ends with narrow is stored so, and not wide for a kernel that narrows it.
    if (group.root == KernelRoot::pointwise && isNarrowing(op) && continuesRoot(op) &&
        !llvm::all_of(group.ops, fitsEpilogue))
      return false;
    bool isEpilogue = group.root == KernelRoot::contract || group.root == KernelRoot::conv;
    if (shape == group.domain)
      return isStream(group) ||
             (isEpilogue && fitsEpilogue(op) && llvm::all_of(group.ops, [&](Operation *member) {
                return readsFitMatrix(op, member);
              }));
    if (!isStream(group))
      return false;
    return shape.empty() || (group.reduce == ReduceKind::Rows && shape == rowsOf(group)) ||
           (group.reduce == ReduceKind::Columns && shape == columnsOf(group));
  }
  case FusionKind::View:
  case FusionKind::Gather:
    return isStream(group) && shape == group.domain && readsAreAligned(op, id);
  case FusionKind::Reduce: {
    Shape input = shapeOf(op->getOperand(0));
    auto fold = foldOf(reducedAxes(op), input.size());
    if (!fold || !isStream(group) || group.update)
      return false;
    bool full = shape.empty();
    if (!full && input == group.domain) {
      bool same =
          group.reduce == ReduceKind::None || std::make_pair(group.reduce, group.split) == *fold;
      if (!same)
        return false;
      // With the fold in place the group's reads of this op can be judged.
      KernelGroup before = group;
      std::tie(group.reduce, group.split) = *fold;
      bool aligned = readsAreAligned(op, id);
      std::tie(group.reduce, group.split) = std::make_pair(before.reduce, before.split);
      return aligned;
    }
    return group.reduce == ReduceKind::None && shape == group.domain && readsAreAligned(op, id);
  }
  case FusionKind::Contraction:
  case FusionKind::Convolution:
    // The group becomes the epilogue: elementwise on the result, nothing else.
    return group.root == KernelRoot::pointwise && !group.update && shape == group.domain &&
           readsAreAligned(op, id) && readsFitMatrix(group.ops, op) &&
           llvm::all_of(group.ops, [&](Operation *member) {
             return fitsEpilogue(member) && shapeOf(member->getResult(0)) == group.domain;
           });
  default:
    return false;
  }
}

bool KernelGroups::canMerge(unsigned a, unsigned b) {
  KernelGroup &x = *groups[a], &y = *groups[b];
  if (a == b || !isStream(x) || !isStream(y) || x.update || y.update || x.domain != y.domain)
    return false;
  if (x.reduce != ReduceKind::None && y.reduce != ReduceKind::None &&
      std::make_pair(x.reduce, x.split) != std::make_pair(y.reduce, y.split))
    return false;
  return !reachesAround(a, b) && !reachesAround(b, a);
}

void KernelGroups::merge(unsigned into, unsigned from) {
  KernelGroup &x = *groups[into], &y = *groups[from];
  if (x.reduce == ReduceKind::None)
    std::tie(x.reduce, x.split) = std::make_pair(y.reduce, y.split);
  if (y.root == KernelRoot::reduce)
    x.root = KernelRoot::reduce;
  for (Operation *op : y.ops)
    index[op] = into;
  reachability.merge(into, from);
  llvm::append_range(x.ops, y.ops);
  y.ops.clear();
  y.alive = false;
}

SmallVector<unsigned> KernelGroups::readingGroups(ArrayRef<Operation *> ops) {
  llvm::SmallSetVector<unsigned, 8> result;
  llvm::SmallSetVector<Operation *, 16> work(ops.begin(), ops.end());
  for (size_t i = 0; i < work.size(); ++i)
    for (Operation *reader : readersOf(work[i])) {
      auto found = index.find(reader);
      if (found != index.end())
        result.insert(found->second);
      else if (isAlias(reader)) // who reads a reshape needs what was reshaped
        work.insert(reader);
    }
  return llvm::to_vector(result);
}

/// Through a reshape the group reads memory that the op's kernel must have written before.
bool KernelGroups::reachesThroughAlias(Operation *op, unsigned group) {
  for (Operation *reader : readersOf(op))
    if (isAlias(reader))
      for (unsigned next : readingGroups(reader))
        if (reachability.reaches(next, group))
          return true;
  return false;
}

bool KernelGroups::reachesAround(Operation *op, unsigned group) {
  for (unsigned next : readingGroups(op))
    if (next != group && reachability.reaches(next, group))
      return true;
  return reachesThroughAlias(op, group);
}

bool KernelGroups::reachesAround(unsigned from, unsigned to) {
  for (unsigned next : readingGroups(groups[from]->ops))
    if (next != to && next != from && reachability.reaches(next, to))
      return true;
  return llvm::any_of(groups[from]->ops,
                      [&](Operation *op) { return reachesThroughAlias(op, to); });
}

/// Row reductions that read the same values (loss and accuracy of the same logits) are one kernel:
/// the rows are read once.
void KernelGroups::mergeSiblings() {
  for (unsigned a = 0; a < groups.size(); ++a)
    for (unsigned b = a + 1; b < groups.size(); ++b) {
      KernelGroup &x = *groups[a], &y = *groups[b];
      if (!x.alive || !y.alive || x.reduce != ReduceKind::Rows || y.reduce != ReduceKind::Rows ||
          x.split == 0 || x.split != y.split || x.domain != y.domain)
        continue;
      llvm::SmallPtrSet<Value, 8> read;
      for (Operation *op : x.ops)
        for (Value operand : op->getOperands())
          if (shapeOf(operand) == x.domain && !isCopied(operand))
            read.insert(operand);
      bool shares = llvm::any_of(y.ops, [&](Operation *op) {
        return llvm::any_of(op->getOperands(), [&](Value v) { return read.contains(v); });
      });
      if (shares && canMerge(a, b))
        merge(a, b);
    }
}

/// A pool and its winners are one kernel: windows are read once. Both read the pooled tensor alone,
/// so nothing can stand between them.
void KernelGroups::mergePools() {
  for (Operation &op : block) {
    auto winners = dyn_cast<MaxPoolWinnersOp>(op);
    if (!winners)
      continue;
    for (Operation *user : winners.getX().getUsers()) {
      auto pool = dyn_cast<MaxPoolOp>(user);
      bool isSame = pool && pool->getBlock() == &block &&
                    pool->getPropertiesAsAttribute() == op.getPropertiesAsAttribute();
      if (isSame && find(pool) != find(&op)) {
        merge(find(pool), find(&op));
        break;
      }
    }
  }
}

/// Column sums of what rows are folded over, or of what is computed from that (the gradients of a
/// layer norm's scale and offset) are taken by the kernel that walks the rows: it has the values in
/// registers.
void KernelGroups::mergeColumnSums() {
  for (unsigned rows = 0; rows < groups.size(); ++rows)
    for (unsigned sums = 0; sums < groups.size(); ++sums)
      if (takesColumnSums(rows, sums)) {
        ReduceKind kind = groups[rows]->reduce;
        int64_t split = groups[rows]->split;
        merge(rows, sums);
        std::tie(groups[rows]->reduce, groups[rows]->split) = std::make_pair(kind, split);
      }
}

bool KernelGroups::takesColumnSums(unsigned rows, unsigned sums) {
  KernelGroup &x = *groups[rows], &y = *groups[sums];
  if (rows == sums || !x.alive || !y.alive || !isStream(x) || !isStream(y) || x.update ||
      y.update || x.reduce != ReduceKind::Rows || y.reduce != ReduceKind::Columns || x.split == 0 ||
      x.split != y.split || x.domain != y.domain)
    return false;
  // Rows that are written, not only folded: others leave the loop after a pass over a row.
  auto isFull = [&](Operation *op) { return shapeOf(op->getResult(0)) == x.domain; };
  bool writes = llvm::any_of(x.ops, [&](Operation *op) {
    return isFull(op) && llvm::any_of(op->getUsers(), [&](Operation *user) {
             auto found = index.find(user);
             return found != index.end() ? found->second != rows && found->second != sums
                                         : !isFree(user);
           });
  });
  llvm::SmallPtrSet<Value, 16> known;
  for (Operation *op : x.ops) {
    known.insert(op->getResult(0));
    for (Value operand : op->getOperands())
      if (shapeOf(operand) == x.domain && !isCopied(operand))
        known.insert(operand);
  }
  bool shares = llvm::any_of(y.ops, [&](Operation *op) {
    return llvm::any_of(op->getOperands(), [&](Value v) { return known.contains(v); });
  });
  return writes && shares && !reachability.reaches(sums, rows) && !reachesAround(rows, sums);
}

bool KernelGroups::isCopied(Value value) {
  Operation *op = value.getDefiningOp();
  return op && isFree(op);
}

/// All updates of a step become one list kernel, whatever their sizes: many small tensors cost one
/// dispatch.
void KernelGroups::mergeUpdates() {
  std::optional<unsigned> list;
  for (unsigned id = 0; id < groups.size(); ++id) {
    KernelGroup &group = *groups[id];
    if (!group.alive || !group.update || group.root != KernelRoot::pointwise)
      continue;
    if (!list) {
      list = id;
    } else if (!reachability.reaches(*list, id) && !reachability.reaches(id, *list)) {
      merge(*list, id);
      groups[*list]->root = KernelRoot::list;
    }
  }
}

} // namespace dlc::passes
