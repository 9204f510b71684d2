// Memory for the core: arrays of plain values, and blocks for tensors. malloc alone, so that the
// core links into a C program without a C++ library; every failure is a value, none aborts.
#ifndef DLC_RUNTIME_CORE_MEMORY_H
#define DLC_RUNTIME_CORE_MEMORY_H

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

namespace dlc::runtime::core {

// An owning array of trivially copyable values; growing is amortised.
template <typename T> class Array {
  static_assert(std::is_trivially_copyable_v<T>);

public:
  Array() = default;
  Array(Array &&other) noexcept { swap(other); }
  Array &operator=(Array &&other) noexcept {
    swap(other);
    return *this;
  }
  ~Array() { free(data_); }

  // Replaces the content by |count| zero values. False when there is no memory.
  [[nodiscard]] bool allocate(size_t count) {
    free(data_);
    data_ = static_cast<T *>(calloc(count ? count : 1, sizeof(T)));
    count_ = capacity = data_ ? count : 0;
    return data_;
  }

  [[nodiscard]] bool append(const T &value) {
    if (count_ == capacity) {
      size_t wanted = capacity ? 2 * capacity : 8;
      T *grown = static_cast<T *>(realloc(static_cast<void *>(data_), wanted * sizeof(T)));
      if (!grown)
        return false;
      data_ = grown;
      capacity = wanted;
    }
    data_[count_++] = value;
    return true;
  }

  void swap(Array &other) {
    std::swap(data_, other.data_);
    std::swap(count_, other.count_);
    std::swap(capacity, other.capacity);
  }

  T &operator[](size_t i) { return data_[i]; }
  const T &operator[](size_t i) const { return data_[i]; }
  T *data() { return data_; }
  const T *data() const { return data_; }
  T *begin() { return data_; }
  T *end() { return data_ + count_; }
  const T *begin() const { return data_; }
  const T *end() const { return data_ + count_; }
  size_t size() const { return count_; }

private:
  T *data_ = nullptr;
  size_t count_ = 0, capacity = 0;
};

// Objects of the API are made and destroyed by these; null when there is no memory.
template <typename T, typename... Args> T *create(Args &&...args) {
  void *memory = nullptr;
  constexpr size_t alignment = alignof(T) > sizeof(void *) ? alignof(T) : sizeof(void *);
  if (posix_memalign(&memory, alignment, sizeof(T)) != 0)
    return nullptr;
  return new (memory) T(std::forward<Args>(args)...);
}
template <typename T> void destroy(T *object) {
  if (object) {
    object->~T();
    free(object);
  }
}

constexpr int64_t tensorAlignment = 64;

// Rounds up to a multiple of the tensor alignment; callers exclude overflow.
constexpr int64_t alignTensor(int64_t bytes) {
  return (bytes + tensorAlignment - 1) / tensorAlignment * tensorAlignment;
}

// memcpy that takes null pointers for nothing: those of an empty tensor, or the sizes of a scalar.
inline void copyBytes(void *to, const void *from, size_t bytes) {
  if (bytes > 0)
    memcpy(to, from, bytes);
}

// A zeroed block for tensors, aligned to 64 bytes. Freed by freeTensors; null without memory.
void *allocateTensors(int64_t bytes);
void freeTensors(void *block);

} // namespace dlc::runtime::core

#endif
