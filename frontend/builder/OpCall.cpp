// What every op function does first and last: operands in, checks, a value out.
#include "Graph.h"
#include "llvm/ADT/STLExtras.h"

namespace dlc {

namespace detail {

OpCall::OpCall(std::string op, llvm::ArrayRef<Operand> operands)
    : op(std::move(op)), site(operands.empty() ? Site::current() : operands.front().at),
      loc(mlir::UnknownLoc::get(&scratchProgram()->context)) {
  usable = findEntry(operands) && resolveOperands(operands);
}

bool OpCall::findEntry(llvm::ArrayRef<Operand> operands) {
  bool poisoned = false;
  for (const Operand &operand : operands) {
    const auto &handle = EntryState::handleOf(operand.value);
    if (operand.isNumber)
      continue;
    if (!handle) {
      if (!entry)
        entry = scratchEntry();
      fail("an operand is an empty value", "values come from inputs, variables and other ops");
      return false;
    }
    poisoned |= !operand.value.ok();
    if (!entry) {
      entry = handle;
    } else if (entry != handle) {
      fail("operands belong to entries '" + entry->name + "' and '" + handle->name + "'",
           "values do not travel between entries; share variables instead");
      return false;
    }
  }
  if (!entry) {
    entry = scratchEntry();
    fail("no operand is a value", "use Entry::constant for constants");
    return false;
  }
  if (entry->program.finished && !poisoned)
    fail("the program was written before the op was added");
  return !poisoned && !entry->program.finished;
}

bool OpCall::resolveOperands(llvm::ArrayRef<Operand> operands) {
  builder = entry->builder();
  loc = entry->location(site);
  mlir::Type element;
  for (const Operand &operand : operands)
    if (!operand.isNumber && !element)
      element = llvm::cast<mlir::RankedTensorType>(entry->lookup(operand.value).getType())
                    .getElementType();
  for (const Operand &operand : operands) {
    handles.push_back(operand.value);
    if (operand.isNumber) {
      resolved.push_back(ir::buildScalar(builder, loc, element, operand.number));
      continue;
    }
    resolved.push_back(entry->resolve(operand.value));
    if (!resolved.back()) {
      fail("a value of a loop's or branch's body is used outside of it",
           "return it from the body");
      return false;
    }
  }
  return true;
}

Value OpCall::fail(std::string message, std::string hint, int cause) {
  bool named = op.find('\'') != std::string::npos; // "variable 'w'": not an op
  return entry->fail(named ? op : "op '" + op + "'", site, std::move(message), std::move(hint),
                     cause >= 0 ? handles[cause] : Value());
}

bool OpCall::axis(int64_t &axis, int64_t rank, const char *what) {
  int64_t front = axis < 0 ? axis + rank : axis;
  if (front < 0 || front >= rank) {
    fail(std::string(what) + " " + std::to_string(axis) + " is outside [" + std::to_string(-rank) +
             ", " + std::to_string(rank) + ") for rank " + std::to_string(rank),
         "", 0);
    return false;
  }
  axis = front;
  return true;
}

bool OpCall::axes(std::vector<int64_t> &list, int64_t rank, bool emptyIsAll) {
  if (list.empty() && emptyIsAll)
    for (int64_t i = 0; i < rank; ++i)
      list.push_back(i);
  for (int64_t &each : list)
    if (!axis(each, rank))
      return false;
  llvm::sort(list);
  auto twice = std::adjacent_find(list.begin(), list.end());
  if (twice == list.end())
    return true;
  fail("axis " + std::to_string(*twice) + " is given twice");
  return false;
}

// The size that both stretch to, or null.
static ir::SizeAttr joinSizes(ir::SizeAttr a, ir::SizeAttr b) {
  if (a == b || b.isConstant(1))
    return a;
  return a.isConstant(1) ? b : ir::SizeAttr();
}

bool OpCall::broadcast(size_t first) {
  ir::Shape joined;
  for (size_t i = first; i < resolved.size(); ++i) {
    ir::Shape sizes = shape(i);
    if (sizes.size() > joined.size())
      joined.insert(joined.begin(), sizes.size() - joined.size(),
                    ir::sizeConstant(entry->context(), 1));
    size_t offset = joined.size() - sizes.size();
    for (size_t d = 0; d < sizes.size(); ++d) {
      ir::SizeAttr size = joinSizes(joined[offset + d], sizes[d]);
      if (!size) {
        fail("shapes " + ir::sizesToString(shape(first)) + " and " + ir::sizesToString(sizes) +
                 " do not broadcast: " + ir::sizeToString(joined[offset + d]) + " and " +
                 ir::sizeToString(sizes[d]) + " differ",
             "only a size of 1 stretches; reshape or transpose one operand",
             static_cast<int>(i));
        return false;
      }
      joined[offset + d] = size;
    }
  }
  for (size_t i = first; i < resolved.size(); ++i)
    resolved[i] = broadcastTo(resolved[i], joined);
  return true;
}

bool OpCall::sameElements(size_t first) {
  auto elementOf = [&](size_t i) { return fromType(type(i).getElementType()); };
  for (size_t i = first + 1; i < resolved.size(); ++i)
    if (elementOf(i) != elementOf(first)) {
      fail("operands have element types " + std::string(name(elementOf(first))) + " and " +
               name(elementOf(i)),
           "cast one of them", static_cast<int>(i));
      return false;
    }
  return true;
}

bool OpCall::sumsIn(std::optional<DType> wanted, mlir::Type &element) {
  element = type(0).getElementType();
  DType own = fromType(element);
  if (!wanted || *wanted == own)
    return true;
  if (*wanted == DType::F32 && (own == DType::F16 || own == DType::BF16)) {
    element = builder.getF32Type();
    return true;
  }
  fail("products of " + std::string(name(own)) + " do not sum to " + name(*wanted),
       "leave the result's type out, or cast the result", 0);
  return false;
}

// Sizes of 1 that stretch are dropped first, since dlc.broadcast only adds dimensions.
mlir::Value OpCall::broadcastTo(mlir::Value value, llvm::ArrayRef<ir::SizeAttr> target) {
  ir::Shape from = ir::shapeOf(value), kept;
  if (llvm::ArrayRef<ir::SizeAttr>(from) == target)
    return value;
  llvm::SmallVector<int64_t> dims;
  size_t offset = target.size() - from.size();
  for (size_t i = 0; i < from.size(); ++i)
    if (from[i] == target[offset + i]) {
      kept.push_back(from[i]);
      dims.push_back(static_cast<int64_t>(offset + i));
    }
  mlir::Type element = llvm::cast<mlir::RankedTensorType>(value.getType()).getElementType();
  mlir::MLIRContext *context = entry->context();
  if (kept.size() != from.size())
    value = ir::ReshapeOp::create(builder, loc, ir::tensorType(context, kept, element), value);
  if (kept.size() == target.size())
    return value;
  return ir::BroadcastOp::create(builder, loc, ir::tensorType(context, target, element), value,
                                 dims);
}

Value OpCall::done(mlir::Operation *made) {
  Values results = doneAll(made);
  return results.empty() ? poison() : results.front();
}

Values OpCall::doneAll(mlir::Operation *made) {
  std::string why;
  size_t count = made->getNumResults();
  if (!entry->check(made, why)) {
    fail(why);
    return Values(count, poison());
  }
  Values results;
  for (mlir::Value result : made->getResults())
    results.push_back(wrap(result));
  return results;
}

Value elementwise(const char *mnemonic, std::vector<Operand> operands) {
  OpCall call(mnemonic, operands);
  if (!call || !call.sameElements() || !call.broadcast())
    return call.poison();
  mlir::OperationState state(call.loc, std::string("dlc.") + mnemonic);
  state.addOperands(call.values());
  state.addTypes(call[0].getType());
  return call.done(call.builder.create(state));
}

} // namespace detail

using detail::OpCall;

#include "Elementwise.inc"

} // namespace dlc
