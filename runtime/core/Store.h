// Storages: the memory of variables in their physical form, and moving values in and out of it.
//
// A State owns one with every storage except those of role cache; a Session owns one with those. A
// derived storage belongs to the session as soon as one of its sources does.
//
// A derived storage is stale from when a source gets a new value until the first run that reads it
// refreshes it: steps that train a weight never pay for a form that only predictions read. Whoever
// assigns holds the owner for writing; runs that only read may meet in a refresh, where the first
// one does it and the others wait.
#ifndef DLC_RUNTIME_CORE_STORE_H
#define DLC_RUNTIME_CORE_STORE_H

#include "runtime/core/Shape.h"

#include <pthread.h>

namespace dlc::runtime::core {

struct Device;

enum class Owner : uint8_t { State, Session };

// Who owns storage |index| of |artifact|.
Owner ownerOf(const dlc_artifact &artifact, uint32_t index);

// The storage that variable |index| lives in.
uint32_t homeOf(const dlc_artifact &artifact, uint32_t variable);

class Store {
public:
  Store() = default;
  Store(const Store &) = delete;
  Store &operator=(const Store &) = delete;
  ~Store();

  // Allocates, zeroed and in one block, the storages of |artifact| that |owner| owns. |symbols|
  // must outlive this.
  Status allocate(const dlc_artifact &artifact, Owner owner, const Symbols &symbols);

  // Null for a storage of the other owner.
  char *pointer(uint32_t storage) const { return pointers[storage]; }
  int64_t bytes(uint32_t storage) const { return sizes[storage]; }
  int64_t totalBytes() const;
  void zero();

  // Logical size of a variable.
  Status logicalBytes(uint32_t variable, int64_t *bytes) const;

  // Moves a variable's logical value. Allocates only for layout kernels that need scratch.
  Status get(uint32_t variable, void *data) const;
  Status set(uint32_t variable, const void *data);

  // Whether derived storage |storage| must be refreshed before it is read. Needs the owner for
  // writing, like the two below.
  void setStale(uint32_t storage, bool value) {
    __atomic_store_n(&stale[storage], uint8_t(value), __ATOMIC_RELEASE);
  }
  // What derives from storage |source|, or everything derived, is stale.
  void outdate(uint32_t source);
  void outdateAll();

  // Recomputes derived storage |storage| if it is stale, on |device|. Safe while others read the
  // owner. Allocates only for refresh kernels that need scratch.
  Status refresh(uint32_t storage, Device *device);

private:
  bool isStale(uint32_t storage) const {
    return __atomic_load_n(&stale[storage], __ATOMIC_ACQUIRE);
  }
  Status refreshLocked(uint32_t storage, Device *device);
  Status moveLogical(uint32_t storage, int32_t kernel, void *from, void *to) const;
  // |arguments| has room for |count| pointers and the two scratches, |values| for the sizes.
  Status runLayoutKernel(uint32_t storage, int32_t kernel, void **arguments, uint32_t count,
                         int64_t *values, Device *device) const;

  const dlc_artifact *artifact = nullptr;
  const Symbols *symbols = nullptr;
  char *block = nullptr;
  Array<char *> pointers; // into it
  Array<int64_t> sizes;
  Array<uint8_t> stale; // 1: a derived storage that must be refreshed before it is read
  // Of the refresh that runs: one at a time.
  pthread_mutex_t refreshing = PTHREAD_MUTEX_INITIALIZER;
  Array<void *> refreshPointers;
  Array<int64_t> refreshSizes;
};

} // namespace dlc::runtime::core

#endif
