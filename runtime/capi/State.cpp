// The C API of pools, weight files and states: translation only. Contracts: dlc/runtime.h.
#include "runtime/core/State.h"
#include "runtime/core/Weights.h"
#include "runtime/device/cpu/Pool.h"

using namespace dlc::runtime::core;

static dlc_status *makePool(uint32_t threads, const dlc_host_threads *host, dlc_pool **out) {
  auto *pool = create<dlc_pool>();
  if (!pool)
    return outOfMemory(sizeof(dlc_pool)).release();
  Status status = host ? pool->adopt(*host) : pool->start(threads);
  if (status.ok())
    *out = pool;
  else
    destroy(pool);
  return status.release();
}

dlc_status *dlc_pool_create(uint32_t threads, dlc_pool **out) {
  return makePool(threads, nullptr, out);
}

dlc_status *dlc_pool_create_host(const dlc_host_threads *host, dlc_pool **out) {
  return makePool(0, host, out);
}

void dlc_pool_free(dlc_pool *pool) { release(pool); }
uint32_t dlc_pool_threads(const dlc_pool *pool) { return pool->threads; }
int64_t dlc_pool_tiles(const dlc_pool *pool, uint32_t thread) { return pool->tiles(thread); }

template <typename Open> static dlc_status *openWeights(dlc_weights **out, Open open) {
  auto *weights = create<dlc_weights>();
  if (!weights)
    return outOfMemory(sizeof(dlc_weights)).release();
  Status status = open(*weights);
  if (status.ok())
    *out = weights;
  else
    destroy(weights);
  return status.release();
}

dlc_status *dlc_weights_open(const char *path, dlc_weights **out) {
  return openWeights(out, [&](dlc_weights &weights) { return weights.openFile(path); });
}

dlc_status *dlc_weights_open_memory(const void *data, size_t bytes, const char *name,
                                    dlc_weights **out) {
  return openWeights(out,
                     [&](dlc_weights &weights) { return weights.openMemory(data, bytes, name); });
}

void dlc_weights_free(dlc_weights *weights) { destroy(weights); }
uint32_t dlc_weights_count(const dlc_weights *weights) { return weights->count(); }

dlc_tensor_info dlc_weights_tensor(const dlc_weights *weights, uint32_t index) {
  const TensorEntry &tensor = weights->tensor(index);
  dlc_tensor_info info = {};
  info.name = tensor.name;
  info.dtype = tensor.dtype;
  info.rank = tensor.rank;
  memcpy(info.dims, tensor.dims, sizeof info.dims);
  return info;
}

dlc_status *dlc_weights_find(const dlc_weights *weights, const char *name, uint32_t *index) {
  uint32_t found = weights->find(name);
  if (found == DLC_NONE)
    return fail(DLC_NOT_FOUND, "%s: has no tensor \"%s\"", weights->name(), name).release();
  *index = found;
  return nullptr;
}

dlc_status *dlc_weights_read(const dlc_weights *weights, uint32_t index, void *data,
                             size_t bytes) {
  const TensorEntry &tensor = weights->tensor(index);
  if (uint64_t(tensor.bytes) != bytes)
    return fail(DLC_INVALID_ARGUMENT, "%s: tensor \"%s\" has %lld bytes, got room for %llu",
                weights->name(), tensor.name, static_cast<long long>(tensor.bytes),
                static_cast<unsigned long long>(bytes))
        .release();
  return weights->read(index, data).release();
}

uint32_t dlc_weights_metadata_count(const dlc_weights *weights) {
  return weights->metadataCount();
}

dlc_metadata dlc_weights_metadata(const dlc_weights *weights, uint32_t index) {
  return {weights->metadataAt(index).key, weights->metadataAt(index).value};
}

const char *dlc_weights_find_metadata(const dlc_weights *weights, const char *key) {
  for (uint32_t i = 0; i < weights->metadataCount(); ++i)
    if (strcmp(weights->metadataAt(i).key, key) == 0)
      return weights->metadataAt(i).value;
  return nullptr;
}

dlc_status *dlc_weights_write(const char *path, const dlc_named_tensor *tensors, size_t count,
                              const dlc_metadata *metadata, size_t metadata_count) {
  return writeWeights(path, tensors, count, metadata, metadata_count).release();
}

dlc_status *dlc_state_create(const dlc_artifact *artifact, const dlc_size *sizes, size_t count,
                             dlc_state **out) {
  return createState(artifact, sizes, count, out).release();
}

void dlc_state_free(dlc_state *state) { release(state); }
const dlc_artifact *dlc_state_artifact(const dlc_state *state) { return state->artifact; }
int64_t dlc_state_bytes(const dlc_state *state) { return state->store.totalBytes(); }

dlc_status *dlc_state_dims(const dlc_state *state, const char *name, int64_t *dims) {
  uint32_t variable;
  Status status = findVariable(*state->artifact, name, &variable);
  if (status.ok())
    status = evaluateDims(*state->artifact, state->artifact->variables[variable].dims,
                          state->symbols, name, dims);
  return status.release();
}

dlc_status *dlc_state_get(dlc_state *state, const char *name, void *data, size_t bytes) {
  return state->get(name, data, bytes).release();
}

dlc_status *dlc_state_set(dlc_state *state, const char *name, const void *data, size_t bytes) {
  return state->set(name, data, bytes).release();
}

dlc_status *dlc_state_load(dlc_state *state, const dlc_weights *weights, uint32_t roles) {
  return state->load(*weights, roles).release();
}

dlc_status *dlc_state_load_file(dlc_state *state, const char *path, uint32_t roles) {
  dlc_weights weights;
  Status status = weights.openFile(path);
  if (status.ok())
    status = state->load(weights, roles);
  return status.release();
}

dlc_status *dlc_state_save(dlc_state *state, const char *path, uint32_t roles,
                           const dlc_metadata *metadata, size_t metadata_count) {
  return state->save(path, roles, metadata, metadata_count).release();
}
