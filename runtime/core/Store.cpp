#include "runtime/core/Store.h"

#include "runtime/device/Device.h"
#include "runtime/device/FloatMode.h"

namespace dlc::runtime::core {

Owner ownerOf(const dlc_artifact &artifact, uint32_t index) {
  const dlc_storage &storage = artifact.storages[index];
  if (storage.variable != DLC_NONE)
    return artifact.variables[storage.variable].role == DLC_ROLE_CACHE ? Owner::Session
                                                                       : Owner::State;
  for (uint32_t source : List<uint32_t>(storage.sources))
    if (ownerOf(artifact, source) == Owner::Session)
      return Owner::Session;
  return Owner::State;
}

uint32_t homeOf(const dlc_artifact &artifact, uint32_t variable) {
  for (uint32_t i = 0; i < artifact.storages.size(); ++i)
    if (artifact.storages[i].variable == variable)
      return i;
  return DLC_NONE; // validate() excludes it
}

Store::~Store() {
  freeTensors(block);
  pthread_mutex_destroy(&refreshing);
}

// Appends a tensor of |bytes| to a block; false when that overflows.
static bool append(int64_t *block, int64_t bytes) {
  int64_t end;
  if (__builtin_add_overflow(*block, bytes > 0 ? bytes : 1, &end) ||
      end > INT64_MAX - tensorAlignment)
    return false;
  *block = alignTensor(end);
  return true;
}

// One block for all: a network's many small weights lie in huge pages then as its large ones do. A
// prediction that reads each of them once would otherwise look up a page every 64 lines: ResNet-50
// at batch 1 beside other work took 1 ms of 75 longer.
Status Store::allocate(const dlc_artifact &from, Owner owner, const Symbols &values) {
  artifact = &from;
  symbols = &values;
  uint32_t count = from.storages.size();
  if (!pointers.allocate(count) || !sizes.allocate(count) || !stale.allocate(count) ||
      !refreshPointers.allocate(from.maxArgs + 2) || !refreshSizes.allocate(from.maxSizes))
    return outOfMemory(count);
  Array<int64_t> places;
  if (!places.allocate(count))
    return outOfMemory(count);
  int64_t total = 0;
  for (uint32_t i = 0; i < count; ++i) {
    places[i] = -1;
    if (ownerOf(from, i) != owner)
      continue;
    stale[i] = from.storages[i].variable == DLC_NONE;
    Text who;
    who.add("storage \"%s\"", text(from.storages[i].name));
    DLC_TRY(evaluateSize(from, Expr(from.storages[i].bytes), values, who.str(), &sizes[i]));
    places[i] = total;
    if (!append(&total, sizes[i]))
      return outOfMemory(sizes[i]);
  }
  block = static_cast<char *>(allocateTensors(total));
  if (!block)
    return outOfMemory(total);
  for (uint32_t i = 0; i < count; ++i)
    pointers[i] = places[i] < 0 ? nullptr : block + places[i];
  return Status();
}

int64_t Store::totalBytes() const {
  int64_t total = 0;
  for (int64_t bytes : sizes)
    total += bytes;
  return total;
}

void Store::zero() {
  for (size_t i = 0; i < pointers.size(); ++i)
    if (pointers[i])
      memset(pointers[i], 0, size_t(sizes[i]));
  outdateAll();
}

Status Store::logicalBytes(uint32_t variable, int64_t *bytes) const {
  const dlc_variable &v = artifact->variables[variable];
  Text who;
  who.add("variable \"%s\"", artifact->variableName(variable));
  int64_t dims[DLC_MAX_RANK];
  DLC_TRY(evaluateDims(*artifact, v.dims, *symbols, who.str(), dims));
  return tensorBytes(v.dtype, dims, v.dims.count, who.str(), bytes);
}

Status Store::get(uint32_t variable, void *data) const {
  uint32_t home = homeOf(*artifact, variable);
  int32_t kernel = artifact->storages[home].export_kernel;
  if (kernel >= 0)
    return moveLogical(home, kernel, pointers[home], data);
  int64_t bytes;
  DLC_TRY(logicalBytes(variable, &bytes));
  copyBytes(data, pointers[home], size_t(bytes < sizes[home] ? bytes : sizes[home]));
  return Status();
}

Status Store::set(uint32_t variable, const void *data) {
  uint32_t home = homeOf(*artifact, variable);
  int32_t kernel = artifact->storages[home].import_kernel;
  if (kernel >= 0)
    return moveLogical(home, kernel, const_cast<void *>(data), pointers[home]);
  int64_t bytes;
  DLC_TRY(logicalBytes(variable, &bytes));
  copyBytes(pointers[home], data, size_t(bytes < sizes[home] ? bytes : sizes[home]));
  return Status();
}

void Store::outdate(uint32_t source) {
  // Sources stand before what derives from them, so a chain is marked in one pass.
  for (uint32_t i = source + 1; i < stale.size(); ++i)
    if (artifact->storages[i].variable == DLC_NONE && pointers[i])
      for (uint32_t from : List<uint32_t>(artifact->storages[i].sources))
        if (from == source || (from > source && isStale(from)))
          setStale(i, true);
}

void Store::outdateAll() {
  for (uint32_t i = 0; i < stale.size(); ++i)
    setStale(i, artifact->storages[i].variable == DLC_NONE && pointers[i]);
}

Status Store::refresh(uint32_t storage, Device *device) {
  if (!isStale(storage))
    return Status();
  pthread_mutex_lock(&refreshing);
  Status status = refreshLocked(storage, device);
  pthread_mutex_unlock(&refreshing);
  return status;
}

Status Store::refreshLocked(uint32_t storage, Device *device) {
  if (!isStale(storage))
    return Status(); // somebody else was faster
  const dlc_storage &form = artifact->storages[storage];
  List<uint32_t> sources(form.sources);
  for (uint32_t source : sources)
    DLC_TRY(refreshLocked(source, device));
  uint32_t count = 0;
  for (uint32_t source : sources)
    refreshPointers[count++] = pointers[source];
  refreshPointers[count++] = pointers[storage];
  DLC_TRY(runLayoutKernel(storage, form.refresh_kernel, refreshPointers.data(), count,
                          refreshSizes.data(), device));
  setStale(storage, false);
  return Status();
}

// Values move on the calling thread, once per load.
Status Store::moveLogical(uint32_t storage, int32_t kernel, void *from, void *to) const {
  void *arguments[4] = {from, to};
  Array<int64_t> values;
  if (!values.allocate(artifact->maxSizes))
    return outOfMemory(artifact->maxSizes);
  return runLayoutKernel(storage, kernel, arguments, 2, values.data(), callerDevice());
}

Status Store::runLayoutKernel(uint32_t index, int32_t number, void **arguments, uint32_t count,
                              int64_t *values, Device *device) const {
  const Kernel &kernel = artifact->kernels[uint32_t(number)];
  List<dlc_expr> exprs(artifact->storages[index].sizes);
  for (uint32_t i = 0; i < exprs.size(); ++i)
    DLC_TRY(evaluateSize(*artifact, Expr(exprs[i]), *symbols, kernel.name, &values[i]));
  Values view = {values, nullptr, exprs.size()};
  Expr scratch[] = {kernel.scratch, kernel.threadScratch};
  Status status;
  for (uint32_t i = 0; i < 2 && status.ok(); ++i) {
    int64_t bytes = evaluate(scratch[i], view).value;
    arguments[count + i] = bytes > 0 ? allocateTensors(bytes) : nullptr;
    if (bytes > 0 && !arguments[count + i])
      status = outOfMemory(bytes);
    if (bytes > 0 && i == 1)
      device = callerDevice(); // there is one thread's scratch
  }
  FloatMode mode;
  for (uint32_t p = 0; p < kernel.phaseCount && status.ok(); ++p) {
    const Phase &phase = artifact->phases[kernel.firstPhase + p];
    int64_t tiles = evaluate(phase.tiles, view).value, grain = evaluate(phase.grain, view).value;
    Launch launch = {phase.fn, arguments, 0, values, tiles, grain > 0 ? grain : 1, nullptr};
    if (tiles > 0)
      device->launch(device, &launch, 1);
  }
  for (uint32_t i = 0; i < 2; ++i)
    freeTensors(arguments[count + i]);
  return status;
}

} // namespace dlc::runtime::core
