#include "runtime/core/Session.h"

#include "runtime/device/cpu/Pool.h"

using namespace dlc::runtime::core;

dlc_ctx::~dlc_ctx() {
  while (prepared) {
    PreparedPlan *next = prepared->next;
    destroy(prepared);
    prepared = next;
  }
}

dlc_session::~dlc_session() {
  for (uint32_t i = 0; i < callCount; ++i)
    calls[i].~dlc_ctx();
  free(calls);
  freeTensors(arena);
  release(pool);
  release(state);
  release(artifact);
}

Status dlc_session::create(const dlc_artifact *from, dlc_state *on, dlc_pool *with,
                           const dlc_size *sizes, size_t count) {
  artifact = retain(from);
  state = retain(on);
  pool = retain(with);
  device = pool ? static_cast<Device *>(pool) : callerDevice();
  if (!symbols.allocate(artifact->symbols.size()))
    return outOfMemory(artifact->symbols.size());
  DLC_TRY(adoptState());
  DLC_TRY(symbols.bindAll(*artifact, sizes, count));
  DLC_TRY(caches.allocate(*artifact, Owner::Session, symbols));
  for (uint32_t i = 0; i < storages.size(); ++i)
    if (ownerOf(*artifact, i) == Owner::Session) {
      storages[i] = caches.pointer(i);
      numbers[i] = i;
    }
  launchStride = artifact->maxArgs + 2;
  size_t rows = threads() > 1 ? threads() * DLC_TOGETHER_MAX : 1;
  if (!launchPointers.allocate(launchStride * rows))
    return outOfMemory(int64_t(launchStride * rows));
  DLC_TRY(space.allocate(*artifact));
  return createCalls();
}

// Finds every storage of the artifact in the state, and takes the state's symbols over. A state of
// the same artifact matches by construction; another one must have the same physical layouts.
Status dlc_session::adoptState() {
  const dlc_artifact &theirs = *state->artifact;
  if (artifact != &theirs && artifact->variant.layout_hash != theirs.variant.layout_hash)
    return fail(DLC_FAILED_PRECONDITION,
                "the state was made by artifact \"%s\", whose weights are laid out differently "
                "from those of \"%s\"; move them by a weight file",
                theirs.name(), artifact->name());
  for (uint32_t i = 0; i < theirs.symbols.size(); ++i) {
    uint32_t mine;
    if (!state->symbols.isBound(i) || !findSymbol(*artifact, theirs.symbolName(i), &mine).ok())
      continue;
    DLC_TRY(symbols.bind(*artifact, mine, state->symbols.value(i), "the state's "));
  }
  if (!storages.allocate(artifact->storages.size()) ||
      !numbers.allocate(artifact->storages.size()))
    return outOfMemory(artifact->storages.size());
  for (uint32_t i = 0; i < storages.size(); ++i) {
    if (ownerOf(*artifact, i) == Owner::Session)
      continue;
    const char *name = text(artifact->storages[i].name);
    uint32_t other = 0;
    while (other < theirs.storages.size() &&
           (!state->store.pointer(other) ||
            strcmp(text(theirs.storages[other].name), name) != 0))
      ++other;
    int64_t bytes;
    DLC_TRY(evaluateSize(*artifact, Expr(artifact->storages[i].bytes), symbols, name, &bytes));
    if (other == theirs.storages.size() || state->store.bytes(other) != bytes)
      return fail(DLC_FAILED_PRECONDITION,
                  "the state, made by artifact \"%s\", has no storage \"%s\" of %lld bytes",
                  theirs.name(), name, static_cast<long long>(bytes));
    storages[i] = state->store.pointer(other);
    numbers[i] = other;
  }
  return Status();
}

Status dlc_session::createCalls() {
  uint32_t count = artifact->entries.size();
  calls = static_cast<dlc_ctx *>(malloc(sizeof(dlc_ctx) * (count ? count : 1)));
  if (!calls)
    return outOfMemory(count);
  for (; callCount < count; ++callCount)
    new (&calls[callCount]) dlc_ctx();
  for (uint32_t i = 0; i < count; ++i)
    DLC_TRY(createCall(i));
  return Status();
}

Status dlc_session::createCall(uint32_t entry) {
  dlc_ctx &call = calls[entry];
  const dlc_body &body = artifact->bodies[entry];
  call.session = this;
  call.entry = entry;
  call.host = followFunction<dlc_host_fn>(body.host_fn);
  for (uint32_t variable : List<uint32_t>(artifact->entries[entry].writes))
    call.writes |= artifact->variables[variable].role != DLC_ROLE_CACHE;
  if (!call.inputs.allocate(artifact->entries[entry].inputs.count) ||
      !call.outputs.allocate(artifact->entries[entry].outputs.count) ||
      !call.pointers.allocate(body.buffers.count) ||
      !call.symbols.allocate(artifact->symbols.size()))
    return outOfMemory(body.buffers.count);
  DLC_TRY(listDerived(call));
  return allocatePlan(*artifact, entry, call.adhoc);
}

Status dlc_session::listDerived(dlc_ctx &call) {
  uint32_t count = artifact->storages.size();
  Array<uint8_t> read, assigned;
  if (!read.allocate(count) || !assigned.allocate(count))
    return outOfMemory(count);
  View<dlc_buffer> buffers(artifact->bodies[call.entry].buffers);
  for (uint32_t i = 0; i < buffers.size(); ++i)
    if (buffers[i].kind == DLC_BUFFER_STORAGE)
      read[buffers[i].index] = 1;
    else if (buffers[i].kind == DLC_BUFFER_STORAGE_NEXT)
      assigned[buffers[i].index] = 1;
  // Sources stand before what derives from them, so a chain is found in one pass.
  for (uint32_t i = 0; i < count; ++i) {
    const dlc_storage &storage = artifact->storages[i];
    if (storage.variable != DLC_NONE)
      continue;
    DerivedStorage here = {
        ownerOf(*artifact, i) == Owner::Session ? &caches : &state->store, numbers[i]};
    bool renewed = assigned[i];
    for (uint32_t source : List<uint32_t>(storage.sources))
      assigned[i] |= assigned[source];
    if ((read[i] && !call.derivedReads.append(here)) ||
        (renewed && !call.refreshed.append(here)) ||
        (assigned[i] && !renewed && !call.outdated.append(here)))
      return outOfMemory(count);
  }
  return Status();
}

void dlc_session::markStale() {
  for (uint32_t i = 0; i < callCount; ++i)
    calls[i].stale = true;
}

Status dlc_session::checkEntry(uint32_t entry) const {
  if (entry >= callCount)
    return fail(DLC_INVALID_ARGUMENT, "there is no entry %u: artifact \"%s\" has %u", entry,
                artifact->name(), callCount);
  return Status();
}

static Status checkPort(const dlc_artifact &artifact, uint32_t entry, const char *kind,
                        uint32_t index, uint32_t count) {
  if (index >= count)
    return fail(DLC_INVALID_ARGUMENT, "there is no %s %u: entry \"%s\" has %u", kind, index,
                artifact.entryName(entry), count);
  return Status();
}

static Status checkAddress(const char *kind, const dlc_port &port, const void *data,
                           int64_t bytes) {
  const char *name = text(port.name);
  if (!data && bytes > 0)
    return fail(DLC_INVALID_ARGUMENT, "%s \"%s\": its memory is a null pointer", kind, name);
  int64_t element = dlc_dtype_bytes(port.dtype);
  if (reinterpret_cast<uintptr_t>(data) % uintptr_t(element) != 0)
    return fail(DLC_INVALID_ARGUMENT, "%s \"%s\": its memory is not aligned to %lld bytes", kind,
                name, static_cast<long long>(element));
  return Status();
}

Status dlc_session::bindInput(uint32_t entry, uint32_t index, uint32_t dtype, const void *data,
                              const int64_t *dims, uint32_t rank) {
  DLC_TRY(checkEntry(entry));
  dlc_ctx &call = calls[entry];
  DLC_TRY(checkPort(*artifact, entry, "input", index, uint32_t(call.inputs.size())));
  const dlc_port &port = artifact->ports(entry, PortKind::Input)[index];
  DLC_TRY(checkInput(*artifact, port, dtype, dims, rank));
  int64_t bytes;
  DLC_TRY(tensorBytes(dtype, dims, rank, text(port.name), &bytes));
  DLC_TRY(checkAddress("input", port, data, bytes));
  BoundInput &input = call.inputs[index];
  call.stale = true;
  input.data = data;
  input.bound = true;
  for (uint32_t i = 0; i < rank; ++i)
    input.dims[i] = dims[i];
  return Status();
}

Status dlc_session::bindOutput(uint32_t entry, uint32_t index, void *data, size_t bytes) {
  DLC_TRY(checkEntry(entry));
  dlc_ctx &call = calls[entry];
  DLC_TRY(checkPort(*artifact, entry, "output", index, uint32_t(call.outputs.size())));
  const dlc_port &port = artifact->ports(entry, PortKind::Output)[index];
  DLC_TRY(checkAddress("output", port, data, int64_t(bytes)));
  call.outputs[index] = {data, int64_t(bytes), true};
  call.stale = true;
  return Status();
}

Status dlc_session::bindSize(const char *symbol, int64_t value) {
  uint32_t index;
  DLC_TRY(findSymbol(*artifact, symbol, &index));
  DLC_TRY(symbols.bind(*artifact, index, value, ""));
  markStale();
  return Status();
}

Status dlc_session::prepare(uint32_t entry, const dlc_size *sizes, size_t count) {
  DLC_TRY(checkEntry(entry));
  dlc_ctx &call = calls[entry];
  auto *made = dlc::runtime::core::create<PreparedPlan>();
  if (!made)
    return outOfMemory(sizeof(PreparedPlan));
  auto fill = [&]() -> Status {
    DLC_TRY(allocatePlan(*artifact, entry, made->plan));
    Symbols &values = made->plan.symbols;
    values.assign(symbols);
    DLC_TRY(values.bindAll(*artifact, sizes, count));
    for (uint32_t i = 0; i < call.inputs.size(); ++i)
      if (call.inputs[i].bound)
        DLC_TRY(inferSymbols(*artifact, artifact->ports(entry, PortKind::Input)[i],
                             call.inputs[i].dims, /*onlyMissing=*/true, values));
    for (PreparedPlan *p = call.prepared; p; p = p->next)
      if (p->plan.symbols.equals(values)) {
        destroy(made);
        made = nullptr;
        return Status();
      }
    DLC_TRY(makePlan(*artifact, entry, threads(), space, made->plan));
    return growArena(made->plan.bytes);
  };
  Status status = fill();
  if (!status.ok()) {
    destroy(made);
  } else if (made) {
    made->next = call.prepared;
    call.prepared = made;
    call.stale = true;
  }
  return status;
}

Status dlc_session::growArena(int64_t bytes) {
  if (bytes <= arenaBytes)
    return Status();
  auto *grown = static_cast<char *>(allocateTensors(bytes));
  if (!grown)
    return outOfMemory(bytes);
  freeTensors(arena);
  arena = grown;
  arenaBytes = bytes;
  markStale();
  return Status();
}

static Status findCache(const dlc_session &session, const char *name, size_t bytes,
                        uint32_t *variable) {
  return findSized(*session.artifact, session.caches, Owner::Session, name, bytes, variable);
}

Status dlc_session::getCache(const char *name, void *data, size_t bytes) {
  uint32_t variable;
  DLC_TRY(findCache(*this, name, bytes, &variable));
  return caches.get(variable, data);
}

Status dlc_session::setCache(const char *name, const void *data, size_t bytes) {
  uint32_t variable;
  DLC_TRY(findCache(*this, name, bytes, &variable));
  caches.outdate(homeOf(*artifact, variable));
  return caches.set(variable, data);
}

Status dlc_session::setProfiling(bool enabled) {
  recorder.profiling = false;
  recorder.threads = threads();
  size_t count = artifact->kernels.size();
  if (enabled && (!stats.allocate(count) || !recorder.tiles.allocate(count * threads())))
    return outOfMemory(int64_t(count));
  recorder.profiling = enabled;
  return Status();
}

void dlc_session::setTrace(dlc_trace_event *events, size_t capacity) {
  recorder.events = events;
  recorder.capacity = events ? capacity : 0;
  recorder.timed = events;
  recorder.count.store(0, std::memory_order_relaxed);
}

// Called by all threads at once: each has tiles of its own, and events have a number each.
static void record(Watch *watch, uint32_t thread, int64_t tiles, int64_t begin, int64_t end) {
  auto &recorder = *static_cast<Recorder *>(watch);
  if (recorder.profiling)
    recorder.tiles[size_t(recorder.kernel) * recorder.threads + thread] += tiles;
  if (!recorder.events)
    return;
  size_t number = recorder.count.fetch_add(1, std::memory_order_relaxed);
  if (number < recorder.capacity)
    recorder.events[number] = {recorder.kernel, recorder.phase, thread, 0, tiles, begin, end};
}

Recorder::Recorder() : Watch{record, false} {}
