// C++ over dlc/runtime.h: owners that free what they hold, and a Status that must be looked at.
//
//   dlc::runtime::Artifact artifact;
//   if (auto status = dlc::runtime::Artifact::open("model.dlca", artifact); !status.ok())
//     return fail(status.message());
//
// Header only, C++17, no exceptions or type information thrown or needed, nothing added to the
// meaning: every member does what the C function of the same name says. Owners are move-only; an
// empty one holds null and may only be assigned to, destroyed or asked whether it is empty.
//
// In C++20 tensors, sizes and names are also taken as std::span, whose element type and length are
// checked, so that a call says memory once:
//
//   session.bindInput(entry, 0, std::span(x), {rows, 784});
//
// In C++17 the same functions take a pointer and a size, with the element type as DLC_F32 and so
// on.
#ifndef DLC_RUNTIME_HPP
#define DLC_RUNTIME_HPP

#include "dlc/runtime.h"

#include <initializer_list>
#include <utility>
#if __cplusplus >= 202002L
#include <cstdio>
#include <span>
#include <type_traits>
#endif

namespace dlc::runtime {

// The outcome of a call; success holds nothing.
class [[nodiscard]] Status {
public:
  Status() = default;
  // Takes ownership.
  explicit Status(dlc_status *status) : status(status) {}
  Status(Status &&other) noexcept : status(std::exchange(other.status, nullptr)) {}
  Status &operator=(Status &&other) noexcept {
    std::swap(status, other.status);
    return *this;
  }
  ~Status() { dlc_status_free(status); }

  bool ok() const { return !status; }
  dlc_code code() const { return dlc_status_code(status); }
  const char *message() const { return dlc_status_message(status); }
  // The caller frees the result.
  dlc_status *release() { return std::exchange(status, nullptr); }

private:
  dlc_status *status = nullptr;
};

#if __cplusplus >= 202002L
// The element type of the API that a type of C++ has. f16 and bf16 have none: they travel as
// pointers to their bits; i1 is bool, one byte that holds 0 or 1.
template <typename T> struct ElementType;
template <> struct ElementType<float> {
  static constexpr uint32_t dtype = DLC_F32;
};
template <> struct ElementType<double> {
  static constexpr uint32_t dtype = DLC_F64;
};
template <> struct ElementType<int64_t> {
  static constexpr uint32_t dtype = DLC_I64;
};
template <> struct ElementType<int32_t> {
  static constexpr uint32_t dtype = DLC_I32;
};
template <> struct ElementType<int8_t> {
  static constexpr uint32_t dtype = DLC_I8;
};
template <> struct ElementType<uint8_t> {
  static constexpr uint32_t dtype = DLC_U8;
};
template <> struct ElementType<bool> {
  static constexpr uint32_t dtype = DLC_I1;
};

// INVALID_ARGUMENT when a span's elements are of another type than a tensor's.
template <typename T> Status checkType(const dlc_tensor_info &info) {
  uint32_t given = ElementType<std::remove_const_t<T>>::dtype;
  if (given == info.dtype)
    return Status();
  char text[256];
  std::snprintf(text, sizeof text, "\"%.150s\": expected elements of %s, got a span of %s",
                info.name, dlc_dtype_name(info.dtype), dlc_dtype_name(given));
  return Status(dlc_status_create(DLC_INVALID_ARGUMENT, text));
}

// INVALID_ARGUMENT when a span has not as many elements as dimensions say.
inline Status checkLength(size_t elements, std::span<const int64_t> dims) {
  uint64_t wanted = 1;
  for (int64_t dim : dims)
    wanted *= static_cast<uint64_t>(dim);
  if (wanted == elements)
    return Status();
  char text[128];
  std::snprintf(text, sizeof text, "the dimensions say %llu elements, the span has %zu",
                static_cast<unsigned long long>(wanted), elements);
  return Status(dlc_status_create(DLC_INVALID_ARGUMENT, text));
}
#endif

// A pointer that calls its free function; the base of the classes below.
template <typename T, void (*Free)(T *)> class Owner {
public:
  Owner() = default;
  explicit Owner(T *pointer) : pointer(pointer) {}
  Owner(Owner &&other) noexcept : pointer(std::exchange(other.pointer, nullptr)) {}
  Owner &operator=(Owner &&other) noexcept {
    std::swap(pointer, other.pointer);
    return *this;
  }
  ~Owner() { Free(pointer); }

  explicit operator bool() const { return pointer; }
  T *handle() const { return pointer; }

protected:
  // Takes over what |make| produced, when it succeeded.
  template <typename Make> Status fill(Make make) {
    T *made = nullptr;
    Status status(make(&made));
    if (status.ok()) {
      Free(pointer);
      pointer = made;
    }
    return status;
  }

  T *pointer = nullptr;
};

class Artifact : public Owner<dlc_artifact, dlc_artifact_free> {
public:
  using Owner::Owner;
  static Status open(const char *path, Artifact &out, const dlc_open_options *options = nullptr) {
    return out.fill([&](dlc_artifact **made) { return dlc_artifact_open(path, options, made); });
  }
  static Status openMemory(const void *data, size_t bytes, const char *name, Artifact &out,
                           const dlc_open_options *options = nullptr) {
    return out.fill([&](dlc_artifact **made) {
      return dlc_artifact_open_memory(data, bytes, name, options, made);
    });
  }
  static Status openLinked(const dlc_program *(*query)(), Artifact &out,
                           const dlc_open_options *options = nullptr) {
    return out.fill(
        [&](dlc_artifact **made) { return dlc_artifact_open_linked(query, options, made); });
  }

  const char *name() const { return dlc_artifact_name(pointer); }
  const char *variant() const { return dlc_artifact_variant(pointer); }
  uint64_t identity() const { return dlc_artifact_identity(pointer); }
  const void *manifest(size_t &bytes) const { return dlc_artifact_manifest(pointer, &bytes); }

  uint32_t entryCount() const { return dlc_artifact_entry_count(pointer); }
  const char *entryName(uint32_t entry) const { return dlc_artifact_entry_name(pointer, entry); }
  bool entryReads(uint32_t entry) const { return dlc_artifact_entry_reads(pointer, entry); }
  bool entryWrites(uint32_t entry) const { return dlc_artifact_entry_writes(pointer, entry); }
  uint64_t entryLayout(uint32_t entry) const { return dlc_artifact_entry_layout(pointer, entry); }
  void describeEntry(uint32_t entry, char *text, size_t capacity) const {
    dlc_artifact_describe_entry(pointer, entry, text, capacity);
  }
  Status checkEntry(uint32_t entry, uint64_t layout, const char *signature = nullptr) const {
    return Status(dlc_artifact_check_entry(pointer, entry, layout, signature));
  }
  uint32_t inputCount(uint32_t entry) const { return dlc_artifact_input_count(pointer, entry); }
  uint32_t outputCount(uint32_t entry) const { return dlc_artifact_output_count(pointer, entry); }
  dlc_tensor_info input(uint32_t entry, uint32_t index) const {
    return dlc_artifact_input(pointer, entry, index);
  }
  dlc_tensor_info output(uint32_t entry, uint32_t index) const {
    return dlc_artifact_output(pointer, entry, index);
  }
  uint32_t variableCount() const { return dlc_artifact_variable_count(pointer); }
  dlc_tensor_info variable(uint32_t index) const { return dlc_artifact_variable(pointer, index); }
  uint32_t symbolCount() const { return dlc_artifact_symbol_count(pointer); }
  dlc_symbol_info symbol(uint32_t index) const { return dlc_artifact_symbol(pointer, index); }
  uint32_t kernelCount() const { return dlc_artifact_kernel_count(pointer); }
  const char *kernelName(uint32_t kernel) const {
    return dlc_artifact_kernel_name(pointer, kernel);
  }

  Status findEntry(const char *name, uint32_t &entry) const {
    return Status(dlc_artifact_find_entry(pointer, name, &entry));
  }
  Status findInput(uint32_t entry, const char *name, uint32_t &index) const {
    return Status(dlc_artifact_find_input(pointer, entry, name, &index));
  }
  Status findOutput(uint32_t entry, const char *name, uint32_t &index) const {
    return Status(dlc_artifact_find_output(pointer, entry, name, &index));
  }
  Status findVariable(const char *name, uint32_t &variable) const {
    return Status(dlc_artifact_find_variable(pointer, name, &variable));
  }
  Status inputDims(uint32_t entry, uint32_t index, const dlc_size *sizes, size_t count,
                   int64_t *dims) const {
    return Status(dlc_artifact_input_dims(pointer, entry, index, sizes, count, dims));
  }
  Status outputDims(uint32_t entry, uint32_t index, const dlc_size *sizes, size_t count,
                    int64_t *dims) const {
    return Status(dlc_artifact_output_dims(pointer, entry, index, sizes, count, dims));
  }
  Status arenaBytes(uint32_t entry, const dlc_size *sizes, size_t count, uint32_t threads,
                    int64_t &bytes) const {
    return Status(dlc_artifact_arena_bytes(pointer, entry, sizes, count, threads, &bytes));
  }
};

class Pool : public Owner<dlc_pool, dlc_pool_free> {
public:
  using Owner::Owner;
  static Status create(uint32_t threads, Pool &out) {
    return out.fill([&](dlc_pool **made) { return dlc_pool_create(threads, made); });
  }
  static Status create(const dlc_host_threads &host, Pool &out) {
    return out.fill([&](dlc_pool **made) { return dlc_pool_create_host(&host, made); });
  }
  uint32_t threads() const { return dlc_pool_threads(pointer); }
  int64_t tiles(uint32_t thread) const { return dlc_pool_tiles(pointer, thread); }
};

class Weights : public Owner<dlc_weights, dlc_weights_free> {
public:
  using Owner::Owner;
  static Status open(const char *path, Weights &out) {
    return out.fill([&](dlc_weights **made) { return dlc_weights_open(path, made); });
  }
  static Status openMemory(const void *data, size_t bytes, const char *name, Weights &out) {
    return out.fill(
        [&](dlc_weights **made) { return dlc_weights_open_memory(data, bytes, name, made); });
  }
  static Status write(const char *path, const dlc_named_tensor *tensors, size_t count,
                      const dlc_metadata *metadata = nullptr, size_t metadataCount = 0) {
    return Status(dlc_weights_write(path, tensors, count, metadata, metadataCount));
  }
  uint32_t count() const { return dlc_weights_count(pointer); }
  dlc_tensor_info tensor(uint32_t index) const { return dlc_weights_tensor(pointer, index); }
  Status find(const char *name, uint32_t &index) const {
    return Status(dlc_weights_find(pointer, name, &index));
  }
  Status read(uint32_t index, void *data, size_t bytes) const {
    return Status(dlc_weights_read(pointer, index, data, bytes));
  }
  uint32_t metadataCount() const { return dlc_weights_metadata_count(pointer); }
  dlc_metadata metadata(uint32_t index) const { return dlc_weights_metadata(pointer, index); }
  const char *findMetadata(const char *key) const {
    return dlc_weights_find_metadata(pointer, key);
  }
};

class State : public Owner<dlc_state, dlc_state_free> {
public:
  using Owner::Owner;
  static Status create(const Artifact &artifact, const dlc_size *sizes, size_t count, State &out) {
    return out.fill(
        [&](dlc_state **made) { return dlc_state_create(artifact.handle(), sizes, count, made); });
  }
  int64_t bytes() const { return dlc_state_bytes(pointer); }
  Status dims(const char *name, int64_t *dims) const {
    return Status(dlc_state_dims(pointer, name, dims));
  }
  Status get(const char *name, void *data, size_t bytes) {
    return Status(dlc_state_get(pointer, name, data, bytes));
  }
  Status set(const char *name, const void *data, size_t bytes) {
    return Status(dlc_state_set(pointer, name, data, bytes));
  }
#if __cplusplus >= 202002L
  template <typename T, size_t N> Status get(const char *name, std::span<T, N> values) {
    Status status = checkVariable<T>(name);
    return status.ok() ? get(name, values.data(), values.size_bytes()) : std::move(status);
  }
  template <typename T, size_t N> Status set(const char *name, std::span<T, N> values) {
    Status status = checkVariable<T>(name);
    return status.ok() ? set(name, values.data(), values.size_bytes()) : std::move(status);
  }
#endif
  Status load(const Weights &weights, uint32_t roles) {
    return Status(dlc_state_load(pointer, weights.handle(), roles));
  }
  Status loadFile(const char *path, uint32_t roles) {
    return Status(dlc_state_load_file(pointer, path, roles));
  }
  Status save(const char *path, uint32_t roles, const dlc_metadata *metadata = nullptr,
              size_t metadataCount = 0) {
    return Status(dlc_state_save(pointer, path, roles, metadata, metadataCount));
  }

#if __cplusplus >= 202002L
private:
  template <typename T> Status checkVariable(const char *name) {
    const dlc_artifact *artifact = dlc_state_artifact(pointer);
    uint32_t index = 0;
    Status status(dlc_artifact_find_variable(artifact, name, &index));
    return status.ok() ? checkType<T>(dlc_artifact_variable(artifact, index)) : std::move(status);
  }
#endif
};

class Session : public Owner<dlc_session, dlc_session_free> {
public:
  using Owner::Owner;
  // |pool| may be empty: then runs use the calling thread alone.
  static Status create(const Artifact &artifact, State &state, const Pool &pool,
                       const dlc_size *sizes, size_t count, Session &out) {
    return out.fill([&](dlc_session **made) {
      return dlc_session_create(artifact.handle(), state.handle(), pool.handle(), sizes, count,
                                made);
    });
  }
  Status bindInput(uint32_t entry, uint32_t index, uint32_t dtype, const void *data,
                   const int64_t *dims, uint32_t rank) {
    return Status(dlc_session_bind_input(pointer, entry, index, dtype, data, dims, rank));
  }
  Status bindInput(uint32_t entry, uint32_t index, uint32_t dtype, const void *data,
                   std::initializer_list<int64_t> dims) {
    return bindInput(entry, index, dtype, data, dims.begin(), uint32_t(dims.size()));
  }
  Status bindOutput(uint32_t entry, uint32_t index, void *data, size_t bytes) {
    return Status(dlc_session_bind_output(pointer, entry, index, data, bytes));
  }
#if __cplusplus >= 202002L
  // The type is checked by the C function; the dimensions of a scalar are {}.
  template <typename T, size_t N>
  Status bindInput(uint32_t entry, uint32_t index, std::span<T, N> values,
                   std::span<const int64_t> dims) {
    Status status = checkLength(values.size(), dims);
    return status.ok() ? bindInput(entry, index, ElementType<std::remove_const_t<T>>::dtype,
                                   values.data(), dims.data(), uint32_t(dims.size()))
                       : std::move(status);
  }
  template <typename T, size_t N>
  Status bindInput(uint32_t entry, uint32_t index, std::span<T, N> values,
                   std::initializer_list<int64_t> dims) {
    return bindInput(entry, index, values, std::span(dims.begin(), dims.size()));
  }
  // At least as long as the output.
  template <typename T, size_t N>
  Status bindOutput(uint32_t entry, uint32_t index, std::span<T, N> values) {
    const dlc_artifact *artifact = dlc_session_artifact(pointer);
    if (entry < dlc_artifact_entry_count(artifact) &&
        index < dlc_artifact_output_count(artifact, entry))
      if (Status status = checkType<T>(dlc_artifact_output(artifact, entry, index)); !status.ok())
        return status;
    return bindOutput(entry, index, values.data(), values.size_bytes());
  }
  Status prepare(uint32_t entry, std::span<const dlc_size> sizes) {
    return prepare(entry, sizes.data(), sizes.size());
  }
#endif
  Status bindSize(const char *symbol, int64_t value) {
    return Status(dlc_session_bind_size(pointer, symbol, value));
  }
  Status prepare(uint32_t entry, const dlc_size *sizes = nullptr, size_t count = 0) {
    return Status(dlc_session_prepare(pointer, entry, sizes, count));
  }
  int64_t arenaBytes() const { return dlc_session_arena_bytes(pointer); }
  Status outputDims(uint32_t entry, uint32_t index, int64_t *dims) {
    return Status(dlc_session_output_dims(pointer, entry, index, dims));
  }
  Status run(uint32_t entry) { return Status(dlc_session_run(pointer, entry)); }
  void cancel() { dlc_session_cancel(pointer); }
  Status getCache(const char *name, void *data, size_t bytes) {
    return Status(dlc_session_get_cache(pointer, name, data, bytes));
  }
  Status setCache(const char *name, const void *data, size_t bytes) {
    return Status(dlc_session_set_cache(pointer, name, data, bytes));
  }
  void resetCaches() { dlc_session_reset_caches(pointer); }
  void checkFinite(bool enabled) { dlc_session_check_finite(pointer, enabled); }
  Status setProfiling(bool enabled) { return Status(dlc_session_set_profiling(pointer, enabled)); }
  dlc_kernel_stats kernelStats(uint32_t kernel) const {
    return dlc_session_kernel_stats(pointer, kernel);
  }
  int64_t kernelTiles(uint32_t kernel, uint32_t thread) const {
    return dlc_session_kernel_tiles(pointer, kernel, thread);
  }
  void setTrace(dlc_trace_event *events, size_t capacity) {
    dlc_session_set_trace(pointer, events, capacity);
  }
  size_t traceCount() const { return dlc_session_trace_count(pointer); }
};

} // namespace dlc::runtime

#endif
