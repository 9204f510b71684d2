#include "runtime/core/Store.h"

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
  for (char *pointer : pointers)
    freeTensors(pointer);
}

Status Store::allocate(const dlc_artifact &from, Owner owner, const Symbols &values) {
  artifact = &from;
  symbols = &values;
  uint32_t count = from.storages.size();
  if (!pointers.allocate(count) || !sizes.allocate(count))
    return outOfMemory(count);
  for (uint32_t i = 0; i < count; ++i) {
    if (ownerOf(from, i) != owner)
      continue;
    derived |= from.storages[i].variable == DLC_NONE;
    Text who;
    who.add("storage \"%s\"", text(from.storages[i].name));
    DLC_TRY(evaluateSize(from, Expr(from.storages[i].bytes), values, who.str(), &sizes[i]));
    pointers[i] = static_cast<char *>(allocateTensors(sizes[i]));
    if (!pointers[i])
      return outOfMemory(sizes[i]);
  }
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
  if (kernel >= 0) {
    void *arguments[] = {pointers[home], data};
    return runLayoutKernel(home, kernel, arguments, 2);
  }
  int64_t bytes;
  DLC_TRY(logicalBytes(variable, &bytes));
  memcpy(data, pointers[home], size_t(bytes < sizes[home] ? bytes : sizes[home]));
  return Status();
}

Status Store::set(uint32_t variable, const void *data) {
  uint32_t home = homeOf(*artifact, variable);
  int32_t kernel = artifact->storages[home].import_kernel;
  if (kernel >= 0) {
    void *arguments[] = {const_cast<void *>(data), pointers[home]};
    return runLayoutKernel(home, kernel, arguments, 2);
  }
  int64_t bytes;
  DLC_TRY(logicalBytes(variable, &bytes));
  memcpy(pointers[home], data, size_t(bytes < sizes[home] ? bytes : sizes[home]));
  return Status();
}

Status Store::refresh(uint32_t changed) {
  uint32_t count = artifact->storages.size();
  Array<uint8_t> stale;
  Array<void *> arguments;
  if (!stale.allocate(count) || !arguments.allocate(count + 1))
    return outOfMemory(count);
  if (changed != DLC_NONE)
    stale[homeOf(*artifact, changed)] = 1;
  for (uint32_t i = 0; i < count; ++i) {
    const dlc_storage &storage = artifact->storages[i];
    if (storage.variable != DLC_NONE || !pointers[i])
      continue;
    uint32_t n = 0;
    for (uint32_t source : List<uint32_t>(storage.sources)) {
      stale[i] |= stale[source] || changed == DLC_NONE;
      arguments[n++] = pointers[source];
    }
    arguments[n++] = pointers[i];
    if (stale[i])
      DLC_TRY(runLayoutKernel(i, storage.refresh_kernel, arguments.data(), n));
  }
  return Status();
}

// Layout kernels run on the calling thread: they move each weight once per load.
Status Store::runLayoutKernel(uint32_t index, int32_t number, void *const *arguments,
                              uint32_t count) const {
  const Kernel &kernel = artifact->kernels[uint32_t(number)];
  List<dlc_expr> exprs(artifact->storages[index].sizes);
  Array<int64_t> values;
  Array<void *> pointers;
  if (!values.allocate(exprs.size()) || !pointers.allocate(count + 2))
    return outOfMemory(count);
  for (uint32_t i = 0; i < exprs.size(); ++i)
    DLC_TRY(evaluateSize(*artifact, Expr(exprs[i]), *symbols, kernel.name, &values[i]));
  memcpy(pointers.data(), arguments, count * sizeof(void *));
  Values view = {values.data(), nullptr, uint32_t(values.size())};
  Expr scratch[] = {kernel.scratch, kernel.threadScratch};
  Status status;
  for (uint32_t i = 0; i < 2 && status.ok(); ++i) {
    int64_t bytes = evaluate(scratch[i], view).value;
    if (bytes > 0 && !(pointers[count + i] = allocateTensors(bytes)))
      status = outOfMemory(bytes);
  }
  FloatMode mode;
  for (uint32_t p = 0; p < kernel.phaseCount && status.ok(); ++p) {
    const Phase &phase = artifact->phases[kernel.firstPhase + p];
    int64_t tiles = evaluate(phase.tiles, view).value;
    if (tiles > 0)
      phase.fn(pointers.data(), values.data(), 0, tiles);
  }
  freeTensors(pointers[count]);
  freeTensors(pointers[count + 1]);
  return status;
}

} // namespace dlc::runtime::core
