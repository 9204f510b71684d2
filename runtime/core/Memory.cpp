#include "runtime/core/Memory.h"

#include <sys/mman.h>

// Large blocks begin at a huge page: streaming kernels then miss the TLB 512 times less often. The
// kernel may decline the advice, which costs nothing.
static constexpr int64_t hugePage = 2 << 20;

void *dlc::runtime::core::allocateTensors(int64_t bytes) {
  bool large = bytes >= 2 * hugePage;
  void *block = nullptr;
  size_t size = size_t(bytes > 0 ? alignTensor(bytes) : tensorAlignment);
  if (posix_memalign(&block, large ? hugePage : tensorAlignment, size) != 0)
    return nullptr;
  if (large)
    madvise(block, size, MADV_HUGEPAGE);
  memset(block, 0, size);
  return block;
}

void dlc::runtime::core::freeTensors(void *block) { free(block); }
