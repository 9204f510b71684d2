// Storages: the memory of variables in their physical form, and moving values in and out of it.
//
// A State owns one with every storage except those of role cache; a Session owns one with those. A
// derived storage belongs to the session as soon as one of its sources does.
#ifndef DLC_RUNTIME_CORE_STORE_H
#define DLC_RUNTIME_CORE_STORE_H

#include "runtime/core/Shape.h"

namespace dlc::runtime::core {

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

  // Allocates, zeroed, the storages of |artifact| that |owner| owns. |symbols| must outlive this.
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

  bool hasDerived() const { return derived; }
  // Recomputes the derived storages: all, or those that depend on variable |changed|.
  Status refresh(uint32_t changed = DLC_NONE);

private:
  Status runLayoutKernel(uint32_t storage, int32_t kernel, void *const *arguments,
                         uint32_t count) const;

  const dlc_artifact *artifact = nullptr;
  const Symbols *symbols = nullptr;
  Array<char *> pointers;
  Array<int64_t> sizes;
  bool derived = false;
};

} // namespace dlc::runtime::core

#endif
