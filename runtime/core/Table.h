// Reading the program table: relative references as pointers and arrays.
#ifndef DLC_RUNTIME_CORE_TABLE_H
#define DLC_RUNTIME_CORE_TABLE_H

#include "runtime/abi/program.h"

#include <type_traits>

namespace dlc::runtime::core {

// What |rel| means, null for nothing.
template <typename T> const T *follow(const dlc_rel &rel) {
  return rel ? reinterpret_cast<const T *>(reinterpret_cast<const char *>(&rel) + rel) : nullptr;
}

// A name; validate() has seen that there is one.
[[gnu::returns_nonnull]] inline const char *text(const dlc_rel &rel) {
  return reinterpret_cast<const char *>(&rel) + rel;
}

// A function that |rel| means.
template <typename Fn> Fn followFunction(const dlc_rel &rel) {
  static_assert(std::is_pointer_v<Fn>);
  return rel ? reinterpret_cast<Fn>(reinterpret_cast<uintptr_t>(&rel) + uintptr_t(intptr_t(rel)))
             : nullptr;
}

// An array of plain values: numbers or dlc_expr.
template <typename T> class List {
public:
  explicit List(const dlc_ref &ref) : first(follow<T>(ref.rel)), count(ref.count) {}
  uint32_t size() const { return count; }
  const T &operator[](uint32_t i) const { return first[i]; }
  const T *begin() const { return first; }
  const T *end() const { return first + count; }

private:
  const T *first;
  uint32_t count;
};

// An array of structs that begin with their size: strided by it, so that newer tables still read.
template <typename T> class View {
public:
  explicit View(const dlc_ref &ref)
      : first(follow<char>(ref.rel)), count(ref.count),
        stride(count ? reinterpret_cast<const T *>(first)->size : 0) {}
  uint32_t size() const { return count; }
  uint32_t elementBytes() const { return stride; }
  const T &operator[](uint32_t i) const {
    return *reinterpret_cast<const T *>(first + size_t(i) * stride);
  }

private:
  const char *first;
  uint32_t count, stride;
};

} // namespace dlc::runtime::core

#endif
