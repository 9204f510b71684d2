/// Which groups read, directly or through others, what a group computes.
///
/// Fusion asks that of nearly every pair of neighbours, and a walk over all readers for each
/// question would take time that grows as the square of the layers. Groups only grow and edges are
/// never taken away, so each group keeps a bit for every group that it reaches, and a question is a
/// look-up.
#pragma once
#include "llvm/ADT/BitVector.h"
#include <vector>

namespace dlc::passes {

class Reachability {
public:
  /// A new group, numbered on from the last one, that nothing reads.
  void add();
  /// `to` reads a result of `from`.
  void connect(unsigned from, unsigned to);
  /// `into` becomes both groups; `from` is not asked for again.
  void merge(unsigned into, unsigned from);

  /// Whether a chain of readers leads from one to the other. A group reaches itself.
  bool reaches(unsigned from, unsigned to) const { return from == to || has(from, to); }

private:
  bool has(unsigned from, unsigned to) const { return to < rows[from].size() && rows[from][to]; }
  /// All groups that `changed` holds for reach what `row` says.
  template <typename Predicate> void extend(llvm::BitVector row, Predicate changed) {
    for (unsigned id = 0; id < rows.size(); ++id)
      if (changed(id))
        rows[id] |= row;
  }

  std::vector<llvm::BitVector> rows;
};

} // namespace dlc::passes
