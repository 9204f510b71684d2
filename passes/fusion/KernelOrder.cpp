// The order in which the kernels of a block run.
#include "passes/fusion/KernelGroups.h"

using namespace mlir;

namespace dlc::passes {

SmallVector<KernelGroup *> KernelGroups::inOrder() {
  // Kahn's algorithm; of what is ready, the group that stands first in the block.
  DenseMap<unsigned, SmallVector<unsigned>> readers;
  DenseMap<unsigned, unsigned> waiting;
  DenseMap<unsigned, unsigned> position;
  DenseMap<Operation *, unsigned> order;
  unsigned count = 0;
  for (Operation &op : block)
    order[&op] = count++;
  for (unsigned id = 0; id < groups.size(); ++id) {
    if (!groups[id]->alive)
      continue;
    position[id] = count;
    for (Operation *op : groups[id]->ops)
      position[id] = std::min(position[id], order[op]);
    SmallVector<unsigned> to = readingGroups(groups[id]->ops);
    llvm::erase(to, id);
    for (unsigned reader : to) {
      readers[id].push_back(reader);
      ++waiting[reader];
    }
  }
  auto later = [&](unsigned a, unsigned b) { return position[a] > position[b]; };
  SmallVector<unsigned> ready;
  for (unsigned id = 0; id < groups.size(); ++id)
    if (groups[id]->alive && waiting[id] == 0)
      ready.push_back(id);
  SmallVector<KernelGroup *> result;
  std::make_heap(ready.begin(), ready.end(), later);
  while (!ready.empty()) {
    std::pop_heap(ready.begin(), ready.end(), later);
    unsigned id = ready.pop_back_val();
    result.push_back(groups[id].get());
    for (unsigned reader : readers[id])
      if (--waiting[reader] == 0) {
        ready.push_back(reader);
        std::push_heap(ready.begin(), ready.end(), later);
      }
  }
  return result;
}

} // namespace dlc::passes
