#include "passes/fusion/Reachability.h"

namespace dlc::passes {

void Reachability::add() { rows.emplace_back(); }

void Reachability::connect(unsigned from, unsigned to) {
  if (from == to || has(from, to))
    return;
  llvm::BitVector row = rows[to];
  row.resize(rows.size());
  row.set(to);
  extend(std::move(row), [&](unsigned id) { return id == from || has(id, from); });
}

void Reachability::merge(unsigned into, unsigned from) {
  llvm::BitVector row = rows[into];
  row |= rows[from];
  row.resize(rows.size());
  row.set(into);
  extend(std::move(row), [&](unsigned id) { return id == into || has(id, into) || has(id, from); });
}

} // namespace dlc::passes
