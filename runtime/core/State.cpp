#include "runtime/core/State.h"

#include "runtime/core/Weights.h"

namespace dlc::runtime::core {

static long long ll(int64_t value) { return value; }

StateUse::StateUse(dlc_state &state, bool writes) : state(state), writes(writes), held(false) {
  int users = state.users.load(std::memory_order_relaxed);
  do {
    if (writes ? users != 0 : users < 0)
      return;
  } while (!state.users.compare_exchange_weak(users, writes ? -1 : users + 1,
                                              std::memory_order_acquire,
                                              std::memory_order_relaxed));
  held = true;
}

StateUse::~StateUse() {
  if (!held)
    return;
  if (writes)
    state.users.store(0, std::memory_order_release);
  else
    state.users.fetch_sub(1, std::memory_order_release);
}

Status createState(const dlc_artifact *artifact, const dlc_size *sizes, size_t count,
                   dlc_state **out) {
  auto *state = create<dlc_state>();
  if (!state)
    return outOfMemory(sizeof(dlc_state));
  state->artifact = retain(artifact);
  Status status;
  if (!state->symbols.allocate(artifact->symbols.size()))
    status = outOfMemory(artifact->symbols.size());
  if (status.ok())
    status = state->symbols.bindAll(*artifact, sizes, count);
  if (status.ok())
    status = state->store.allocate(*artifact, Owner::State, state->symbols);
  if (!status.ok()) {
    destroy(state);
    return status;
  }
  *out = state;
  return status;
}

dlc_state *retain(dlc_state *state) {
  state->references.fetch_add(1, std::memory_order_relaxed);
  return state;
}

void release(dlc_state *state) {
  if (state && state->references.fetch_sub(1, std::memory_order_acq_rel) == 1)
    destroy(state);
}

Status findSized(const dlc_artifact &artifact, const Store &store, Owner owner, const char *name,
                 size_t bytes, uint32_t *variable) {
  DLC_TRY(findVariable(artifact, name, variable));
  if (ownerOf(artifact, homeOf(artifact, *variable)) != owner)
    return fail(DLC_FAILED_PRECONDITION, "variable \"%s\" %s", name,
                owner == Owner::State ? "is a cache: it belongs to sessions, not to a state"
                                      : "is no cache: it belongs to the state, not to a session");
  int64_t expected;
  DLC_TRY(store.logicalBytes(*variable, &expected));
  if (uint64_t(expected) != bytes) {
    Text shape;
    describe(shape, artifact, artifact.variables[*variable].dtype,
             artifact.variables[*variable].dims);
    return fail(DLC_INVALID_ARGUMENT, "variable \"%s\": %s takes %lld bytes, got %llu", name,
                shape.str(), ll(expected), static_cast<unsigned long long>(bytes));
  }
  return Status();
}

static Status inUse(const char *what) {
  return fail(DLC_FAILED_PRECONDITION, "%s: the state is in use by another thread", what);
}

} // namespace dlc::runtime::core

using namespace dlc::runtime::core;

Status dlc_state::get(const char *name, void *data, size_t bytes) {
  uint32_t variable;
  DLC_TRY(findSized(*artifact, store, Owner::State, name, bytes, &variable));
  StateUse use(*this, /*writes=*/false);
  return use.granted() ? store.get(variable, data) : inUse(name);
}

Status dlc_state::set(const char *name, const void *data, size_t bytes) {
  uint32_t variable;
  DLC_TRY(findSized(*artifact, store, Owner::State, name, bytes, &variable));
  StateUse use(*this, /*writes=*/true);
  if (!use.granted())
    return inUse(name);
  store.outdate(homeOf(*artifact, variable));
  return store.set(variable, data);
}

// Which tensor of the file is which variable, checked before anything is changed.
static Status matchTensors(const dlc_state &state, const dlc_weights &weights, uint32_t roles,
                           Array<uint32_t> &tensors, int64_t *largest) {
  const dlc_artifact &artifact = *state.artifact;
  *largest = 0;
  if (!tensors.allocate(artifact.variables.size()))
    return outOfMemory(artifact.variables.size());
  for (uint32_t i = 0; i < tensors.size(); ++i) {
    const dlc_variable &variable = artifact.variables[i];
    const char *name = artifact.variableName(i);
    tensors[i] = DLC_NONE;
    if (!(roles >> variable.role & 1) || variable.role == DLC_ROLE_CACHE)
      continue;
    tensors[i] = weights.find(name);
    if (tensors[i] == DLC_NONE)
      return fail(DLC_NOT_FOUND, "%s: has no tensor \"%s\", which the artifact needs",
                  weights.name(), name);
    const TensorEntry &tensor = weights.tensor(tensors[i]);
    int64_t dims[DLC_MAX_RANK];
    DLC_TRY(evaluateDims(artifact, variable.dims, state.symbols, name, dims));
    uint32_t rank = variable.dims.count;
    if (tensor.dtype != variable.dtype || tensor.rank != rank ||
        (rank && memcmp(tensor.dims, dims, rank * sizeof(int64_t)) != 0)) {
      Text expected, got;
      describe(expected, variable.dtype, dims, rank);
      describe(got, tensor.dtype, tensor.dims, tensor.rank);
      return fail(DLC_INVALID_ARGUMENT, "%s: variable \"%s\": expected %s, got %s",
                  weights.name(), name, expected.str(), got.str());
    }
    *largest = tensor.bytes > *largest ? tensor.bytes : *largest;
  }
  return Status();
}

Status dlc_state::load(const dlc_weights &weights, uint32_t roles) {
  Array<uint32_t> tensors;
  int64_t largest;
  DLC_TRY(matchTensors(*this, weights, roles, tensors, &largest));
  StateUse use(*this, /*writes=*/true);
  if (!use.granted())
    return inUse(weights.name());
  Array<char> staging;
  if (!staging.allocate(size_t(largest)))
    return outOfMemory(largest);
  store.outdateAll();
  for (uint32_t i = 0; i < tensors.size(); ++i) {
    if (tensors[i] == DLC_NONE)
      continue;
    DLC_TRY(weights.read(tensors[i], staging.data()));
    DLC_TRY(store.set(i, staging.data()));
  }
  return Status();
}

Status dlc_state::save(const char *path, uint32_t roles, const dlc_metadata *metadata,
                       size_t metadataCount) {
  StateUse use(*this, /*writes=*/false);
  if (!use.granted())
    return inUse(path);
  Array<TensorEntry> entries;
  Array<uint32_t> variables;
  int64_t largest = 0;
  for (uint32_t i = 0; i < artifact->variables.size(); ++i) {
    const dlc_variable &variable = artifact->variables[i];
    if (!(roles >> variable.role & 1) || variable.role == DLC_ROLE_CACHE)
      continue;
    TensorEntry entry = {};
    entry.name = artifact->variableName(i);
    entry.dtype = variable.dtype;
    entry.rank = variable.dims.count;
    DLC_TRY(evaluateDims(*artifact, variable.dims, symbols, entry.name, entry.dims));
    DLC_TRY(store.logicalBytes(i, &entry.bytes));
    largest = entry.bytes > largest ? entry.bytes : largest;
    if (!entries.append(entry) || !variables.append(i))
      return outOfMemory(sizeof entry);
  }
  Array<char> staging;
  if (!staging.allocate(size_t(largest)))
    return outOfMemory(largest);
  WeightWriter writer;
  DLC_TRY(writer.begin(path, entries.data(), entries.size(), metadata, metadataCount));
  for (size_t i = 0; i < entries.size(); ++i) {
    DLC_TRY(store.get(variables[i], staging.data()));
    DLC_TRY(writer.write(staging.data(), size_t(entries[i].bytes)));
  }
  return writer.finish();
}
