#include "codegen/cpu/emit/StreamMaps.h"
#include "codegen/lower/Pointwise.h"

using namespace mlir;

namespace dlc::codegen::cpu {

// Values that |value| is made of, itself in any case.
static llvm::SetVector<Value> coneOf(Value value, function_ref<bool(Value)> stored) {
  llvm::SetVector<Value> cone;
  collectCone(value, [&](Value v) { return v != value && stored(v); }, cone);
  return cone;
}

MapDomain domainOf(Value value, function_ref<bool(Value)> stored) {
  Operation *op = rowReductionOf(value, [&](Value x) { return x != value && stored(x); });
  ir::Shape shape = ir::shapeOf(value);
  if (!op)
    return {shape, std::nullopt};
  ir::Shape rows = ir::shapeOf(op->getResult(0)), whole = ir::shapeOf(op->getOperand(0));
  if (ArrayRef(whole).take_front(rows.size()) != ArrayRef(rows))
    return {shape, std::nullopt, /*apart=*/true};
  return {whole, shape};
}

SmallVector<Value, 4> tiesOf(Value value, function_ref<bool(Value)> stored) {
  SmallVector<Value, 4> ties;
  for (Value v : coneOf(value, stored)) {
    Operation *op = v.getDefiningOp();
    if (cast<RankedTensorType>(v.getType()).getRank() > 0 &&
        (!op || (v != value && stored(v)) || drawsNumbers(op)))
      ties.push_back(v);
  }
  return ties;
}

bool isPlain(Value value, function_ref<bool(Value)> stored) {
  return llvm::all_of(coneOf(value, stored), [&](Value v) {
    Operation *op = v.getDefiningOp();
    return !op || (v != value && stored(v)) || isPointwise(op) || drawsNumbers(op) ||
           isa<ir::BroadcastOp, ir::ConstantOp, ir::SizeOp>(op);
  });
}

bool draws(Value value, function_ref<bool(Value)> stored) {
  return llvm::any_of(coneOf(value, stored), [&](Value v) {
    Operation *op = v.getDefiningOp();
    return op && (v == value || !stored(v)) && drawsNumbers(op);
  });
}

size_t MapIndex::jobFor(const MapDomain &domain, ArrayRef<Value> ties, size_t next) {
  bool scalar = (domain.rows ? *domain.rows : domain.full).empty();
  llvm::SmallSetVector<size_t, 4> candidates;
  for (Value tie : ties)
    for (size_t entry : byTie.lookup(tie))
      candidates.insert(entry);
  if (scalar)
    candidates.insert(scalars.begin(), scalars.end());
  SmallVector<size_t> order(candidates.begin(), candidates.end());
  llvm::sort(order);
  auto fitting = llvm::find_if(order, [&](size_t entry) {
    ++comparisons;
    return entries[entry].domain.fits(domain);
  });
  size_t number = fitting == order.end() ? entries.size() : *fitting;
  if (number == entries.size()) {
    entries.push_back({next, domain});
    if (scalar)
      scalars.push_back(number);
  }
  Entry &entry = entries[number];
  if (domain.rows)
    entry.domain.rows = domain.rows;
  for (Value tie : ties)
    if (SmallVector<size_t, 2> &tied = byTie[tie]; !llvm::is_contained(tied, number))
      tied.push_back(number);
  return entry.job;
}

} // namespace dlc::codegen::cpu
