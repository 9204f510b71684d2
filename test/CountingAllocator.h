// Replaces the allocator of a test's binary by one that counts every call while `counting` is set,
// in all threads, and puts a fence behind every aligned block made meanwhile: tensors live in them.
//
// Include it in one file of the binary. Under a sanitizer, which brings an allocator of its own,
// nothing is replaced and kCountsAllocations is false: such a test skips.
#pragma once
#include "test/Sanitized.h"

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <iterator>

namespace dlc::test {

inline std::atomic<bool> counting{false};
inline std::atomic<int> allocations{0};

struct TensorBlock {
  unsigned char *data;
  size_t bytes;
};
inline TensorBlock blocks[256];
inline std::atomic<size_t> blockCount{0};
inline constexpr size_t fenceBytes = 4096;
inline constexpr unsigned char fence = 0xa5;

inline constexpr bool kCountsAllocations = !kSanitized;
inline void countAllocation() { allocations += counting.load(std::memory_order_relaxed); }

} // namespace dlc::test

#if !DLC_TEST_ADDRESS && !DLC_TEST_THREAD
extern "C" {
void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);

void *malloc(size_t bytes) {
  dlc::test::countAllocation();
  return __libc_malloc(bytes);
}
void *calloc(size_t n, size_t bytes) {
  dlc::test::countAllocation();
  return __libc_calloc(n, bytes);
}
void *realloc(void *old, size_t bytes) {
  dlc::test::countAllocation();
  return __libc_realloc(old, bytes);
}
void *aligned_alloc(size_t to, size_t bytes) {
  dlc::test::countAllocation();
  return __libc_memalign(to, bytes);
}
int posix_memalign(void **out, size_t to, size_t bytes) {
  using namespace dlc::test;
  countAllocation();
  *out = __libc_memalign(to, bytes + fenceBytes);
  if (!*out)
    return ENOMEM;
  memset(static_cast<char *>(*out) + bytes, fence, fenceBytes);
  if (counting && blockCount < std::size(blocks))
    blocks[blockCount++] = {static_cast<unsigned char *>(*out), bytes};
  return 0;
}
}
#endif
