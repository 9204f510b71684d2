// Op functions that move elements: reshape, slices, padding, concatenation.
#include "Graph.h"

namespace dlc {

using detail::OpCall;
using ir::SizeAttr;

static std::string text(llvm::ArrayRef<SizeAttr> sizes) { return ir::sizesToString(sizes); }

// What is left of `from` for the one size that is not in `others`. Sizes in both lists cancel, so
// that symbols need not be divided.
static SizeAttr leftOver(mlir::MLIRContext *context, ir::Shape from, ir::Shape others) {
  for (auto size = others.begin(); size != others.end();) {
    auto same = llvm::find(from, *size);
    if (same == from.end()) {
      ++size;
      continue;
    }
    from.erase(same);
    size = others.erase(size);
  }
  SizeAttr divisor = ir::sizeProduct(context, others);
  return divisor.isConstant(0) ? SizeAttr()
                               : ir::sizeFloorDiv(ir::sizeProduct(context, from), divisor);
}

// The sizes of `shape`, with one of -1 replaced by what is left over. False after reporting sizes
// that do not fit.
static bool inferSize(OpCall &call, const Shape &shape, ir::Shape &sizes) {
  mlir::MLIRContext *context = call.entry->context();
  ir::Shape known;
  int64_t open = -1;
  for (const auto &[i, dim] : llvm::enumerate(shape)) {
    sizes.push_back(call.entry->program.toSize(dim));
    if (!sizes.back().isConstant(-1)) {
      known.push_back(sizes.back());
      continue;
    }
    if (open >= 0) {
      call.fail("more than one size is -1");
      return false;
    }
    open = static_cast<int64_t>(i);
  }
  if (open >= 0)
    if (SizeAttr size = leftOver(context, call.shape(0), known))
      sizes[open] = size;
  SizeAttr total = ir::elementCount(call.type(0));
  if (ir::sizeProduct(context, sizes) == total)
    return true;
  call.fail("input has shape " + text(call.shape(0)) + " with " + ir::sizeToString(total) +
                " elements, which do not fit " + str(shape),
            "the product of the sizes must stay the same", 0);
  return false;
}

Value reshape(Operand x, const Shape &shape) {
  OpCall call("reshape", {x});
  ir::Shape sizes;
  if (!call || !inferSize(call, shape, sizes))
    return call.poison();
  auto type = ir::tensorType(call.entry->context(), sizes, call.type(0).getElementType());
  if (type == call.type(0))
    return x.value;
  return call.done(ir::ReshapeOp::create(call.builder, call.loc, type, call[0]));
}

Value transpose(Operand x, std::vector<int64_t> permutation) {
  OpCall call("transpose", {x});
  if (!call)
    return call.poison();
  int64_t rank = call.rank(0);
  if (permutation.empty())
    for (int64_t i = rank; i-- > 0;)
      permutation.push_back(i);
  if (static_cast<int64_t>(permutation.size()) != rank)
    return call.fail("permutation has " + std::to_string(permutation.size()) +
                         " entries for an input of rank " + std::to_string(rank),
                     "", 0);
  llvm::SmallVector<bool> seen(rank, false);
  for (int64_t &axis : permutation) {
    if (!call.axis(axis, rank))
      return call.poison();
    if (seen[axis])
      return call.fail("axis " + std::to_string(axis) + " is given twice");
    seen[axis] = true;
  }
  return call.done(
      ir::TransposeOp::create(call.builder, call.loc, call[0], llvm::ArrayRef(permutation)));
}

Value broadcastTo(Operand x, const Shape &shape) {
  OpCall call("broadcastTo", {x});
  if (!call)
    return call.poison();
  ir::Shape target, from = call.shape(0);
  for (const Dim &dim : shape)
    target.push_back(call.entry->program.toSize(dim));
  bool fits = from.size() <= target.size();
  for (size_t i = 0; fits && i < from.size(); ++i)
    fits = from[i].isConstant(1) || from[i] == target[target.size() - from.size() + i];
  if (!fits)
    return call.fail("input has shape " + text(from) + ", which does not stretch to " +
                         text(target),
                     "only a size of 1 stretches", 0);
  return call.wrap(call.broadcastTo(call[0], target));
}

Value expandDims(Operand x, int64_t axis) {
  OpCall call("expandDims", {x});
  if (!call || !call.axis(axis, call.rank(0) + 1))
    return call.poison();
  ir::Shape sizes = call.shape(0);
  sizes.insert(sizes.begin() + axis, ir::sizeConstant(call.entry->context(), 1));
  auto type = ir::tensorType(call.entry->context(), sizes, call.type(0).getElementType());
  return call.done(ir::ReshapeOp::create(call.builder, call.loc, type, call[0]));
}

Value squeeze(Operand x, std::vector<int64_t> axes) {
  OpCall call("squeeze", {x});
  if (!call || !call.axes(axes, call.rank(0), false))
    return call.poison();
  ir::Shape sizes = call.shape(0), kept;
  for (const auto &[i, size] : llvm::enumerate(sizes))
    if (!llvm::is_contained(axes, static_cast<int64_t>(i)))
      kept.push_back(size);
    else if (!size.isConstant(1))
      return call.fail("dimension " + std::to_string(i) + " of " + text(sizes) + " is not 1", "",
                       0);
  auto type = ir::tensorType(call.entry->context(), kept, call.type(0).getElementType());
  return call.done(ir::ReshapeOp::create(call.builder, call.loc, type, call[0]));
}

static ir::Shape toSizes(OpCall &call, const Shape &shape) {
  ir::Shape sizes;
  for (const Dim &dim : shape)
    sizes.push_back(call.entry->program.toSize(dim));
  return sizes;
}

// False after reporting a list that has not one entry per dimension.
static bool checkCount(OpCall &call, const char *what, size_t count) {
  if (static_cast<int64_t>(count) == call.rank(0))
    return true;
  call.fail(std::string(what) + " has " + std::to_string(count) +
                " entries for an input of rank " + std::to_string(call.rank(0)),
            "", 0);
  return false;
}

Value slice(Operand x, const Shape &starts, const Shape &limits, std::vector<int64_t> strides) {
  OpCall call("slice", {x});
  if (!call)
    return call.poison();
  if (strides.empty())
    strides.assign(call.rank(0), 1);
  if (!checkCount(call, "starts", starts.size()) || !checkCount(call, "limits", limits.size()) ||
      !checkCount(call, "strides", strides.size()))
    return call.poison();
  ir::Shape from = toSizes(call, starts), to = toSizes(call, limits), sizes = call.shape(0);
  for (size_t i = 0; i < from.size(); ++i) {
    bool constant = from[i].isConstant() && to[i].isConstant();
    bool ordered = !constant || (0 <= from[i].getValue() && from[i].getValue() <= to[i].getValue());
    bool inside = !constant || !sizes[i].isConstant() || to[i].getValue() <= sizes[i].getValue();
    if (!ordered || !inside || strides[i] < 1)
      return call.fail("[" + ir::sizeToString(from[i]) + ", " + ir::sizeToString(to[i]) +
                           ") with stride " + std::to_string(strides[i]) +
                           " is no part of dimension " + std::to_string(i) + " of " + text(sizes),
                       "expected 0 <= start <= limit <= size and stride >= 1", 0);
  }
  return call.done(ir::SliceOp::create(call.builder, call.loc, call[0], from, to,
                                       llvm::ArrayRef(strides)));
}

Value dynamicSlice(Operand x, std::vector<Operand> indices, const Shape &sizes) {
  std::vector<Operand> operands = {x};
  operands.insert(operands.end(), indices.begin(), indices.end());
  OpCall call("dynamicSlice", operands);
  if (!call || !checkCount(call, "indices", indices.size()) ||
      !checkCount(call, "sizes", sizes.size()))
    return call.poison();
  auto type = ir::tensorType(call.entry->context(), toSizes(call, sizes),
                             call.type(0).getElementType());
  return call.done(ir::DynamicSliceOp::create(call.builder, call.loc, type, call[0],
                                              call.values().drop_front(1)));
}

Value dynamicUpdateSlice(Operand x, Operand update, std::vector<Operand> indices) {
  std::vector<Operand> operands = {x, update};
  operands.insert(operands.end(), indices.begin(), indices.end());
  OpCall call("dynamicUpdateSlice", operands);
  if (!call || !checkCount(call, "indices", indices.size()))
    return call.poison();
  return call.done(ir::DynamicUpdateSliceOp::create(call.builder, call.loc, call.type(0), call[0],
                                                    call[1], call.values().drop_front(2)));
}

Value pad(Operand x, const Shape &low, const Shape &high, double number,
          std::vector<int64_t> interior) {
  OpCall call("pad", {x, Operand(number, x.at)});
  if (!call)
    return call.poison();
  if (interior.empty())
    interior.assign(call.rank(0), 0);
  if (!checkCount(call, "low", low.size()) || !checkCount(call, "high", high.size()) ||
      !checkCount(call, "interior", interior.size()))
    return call.poison();
  ir::Shape before = toSizes(call, low), after = toSizes(call, high);
  for (size_t i = 0; i < before.size(); ++i)
    for (SizeAttr amount : {before[i], after[i]})
      if ((amount.isConstant() && amount.getValue() < 0) || interior[i] < 0)
        return call.fail("padding of dimension " + std::to_string(i) + " is negative",
                         "use slice to remove elements");
  return call.done(ir::PadOp::create(call.builder, call.loc, call[0], call[1], before, after,
                                     llvm::ArrayRef(interior)));
}

Value concat(std::vector<Operand> inputs, int64_t axis) {
  OpCall call("concat", inputs);
  if (!call || !call.sameElements() || !call.axis(axis, call.rank(0)))
    return call.poison();
  ir::Shape first = call.shape(0);
  for (size_t i = 1; i < inputs.size(); ++i) {
    ir::Shape sizes = call.shape(i);
    bool fits = sizes.size() == first.size();
    for (size_t d = 0; fits && d < sizes.size(); ++d)
      fits = static_cast<int64_t>(d) == axis || sizes[d] == first[d];
    if (!fits)
      return call.fail("inputs have shapes " + text(first) + " and " + text(sizes) +
                           ", which differ beside axis " + std::to_string(axis),
                       "", static_cast<int>(i));
  }
  return call.done(ir::ConcatOp::create(call.builder, call.loc, call.values(), axis));
}

Value stack(std::vector<Operand> inputs, int64_t axis) {
  std::vector<Operand> expanded;
  for (const Operand &input : inputs)
    expanded.emplace_back(expandDims(input, axis), input.at);
  return concat(expanded, axis);
}

Value reverse(Operand x, std::vector<int64_t> axes) {
  OpCall call("reverse", {x});
  if (!call || !call.axes(axes, call.rank(0), false))
    return call.poison();
  return call.done(
      ir::ReverseOp::create(call.builder, call.loc, call[0], llvm::ArrayRef(axes)));
}

} // namespace dlc
