// Running an entry: resolving its bindings, and the calls of its host function.
#include "runtime/core/Session.h"

#include "runtime/device/FloatMode.h"

using namespace dlc::runtime::core;

// What host functions return through when something stopped them.
enum StopReason : int { StopCancelled = 1, StopMalformed = 2, StopNotFinite = 3 };

// ---- before the run -----------------------------------------------------------------------------

Status dlc_session::resolveSymbols(dlc_ctx &call) {
  View<dlc_port> ports = artifact->ports(call.entry, PortKind::Input);
  for (uint32_t i = 0; i < ports.size(); ++i)
    if (!call.inputs[i].bound)
      return fail(DLC_FAILED_PRECONDITION, "input \"%s\" of entry \"%s\" is not bound",
                  text(ports[i].name), artifact->entryName(call.entry));
  call.symbols.assign(symbols);
  for (uint32_t i = 0; i < ports.size(); ++i)
    DLC_TRY(inferSymbols(*artifact, ports[i], call.inputs[i].dims, /*onlyMissing=*/false,
                         call.symbols));
  for (uint32_t i = 0; i < ports.size(); ++i)
    DLC_TRY(checkDims(*artifact, ports[i], call.inputs[i].dims, call.symbols));
  return Status();
}

Status dlc_session::checkBuffers(dlc_ctx &call) {
  View<dlc_port> ports = artifact->ports(call.entry, PortKind::Output);
  for (uint32_t i = 0; i < ports.size(); ++i) {
    const char *name = text(ports[i].name);
    const BoundOutput &output = call.outputs[i];
    if (!output.bound)
      return fail(DLC_FAILED_PRECONDITION, "output \"%s\" of entry \"%s\" is not bound", name,
                  artifact->entryName(call.entry));
    Text who;
    who.add("output \"%s\"", name);
    int64_t dims[DLC_MAX_RANK], bytes;
    DLC_TRY(evaluateDims(*artifact, ports[i].dims, call.symbols, who.str(), dims));
    DLC_TRY(tensorBytes(ports[i].dtype, dims, ports[i].dims.count, who.str(), &bytes));
    if (output.bytes < bytes) {
      Text shape;
      describe(shape, ports[i].dtype, dims, ports[i].dims.count);
      return fail(DLC_INVALID_ARGUMENT, "%s: %s takes %lld bytes, got room for %lld", who.str(),
                  shape.str(), static_cast<long long>(bytes),
                  static_cast<long long>(output.bytes));
    }
  }
  return Status();
}

// A prepared plan for the call's symbols, or one made in the space that is there.
Status dlc_session::choosePlan(dlc_ctx &call, const Plan **plan) {
  for (PreparedPlan *p = call.prepared; p; p = p->next)
    if (p->plan.symbols.equals(call.symbols)) {
      *plan = &p->plan;
      return Status();
    }
  call.adhoc.symbols.assign(call.symbols);
  DLC_TRY(makePlan(*artifact, call.entry, threads(), space, call.adhoc));
  if (call.adhoc.bytes > arenaBytes)
    return fail(DLC_RESOURCE_EXHAUSTED,
                "entry \"%s\": these sizes need %lld bytes of temporaries, %lld are reserved; "
                "prepare the session for them",
                artifact->entryName(call.entry), static_cast<long long>(call.adhoc.bytes),
                static_cast<long long>(arenaBytes));
  *plan = &call.adhoc;
  return Status();
}

void dlc_session::setPointers(dlc_ctx &call, const Plan &plan) {
  View<dlc_buffer> buffers(artifact->bodies[call.entry].buffers);
  for (uint32_t i = 0; i < buffers.size(); ++i) {
    const dlc_buffer &buffer = buffers[i];
    char *&pointer = call.pointers[i];
    if (buffer.alias >= 0) {
      pointer = call.pointers[buffer.alias];
      continue;
    }
    switch (buffer.kind) {
    case DLC_BUFFER_INPUT:
      pointer = static_cast<char *>(const_cast<void *>(call.inputs[buffer.index].data));
      break;
    case DLC_BUFFER_OUTPUT:
      pointer = static_cast<char *>(call.outputs[buffer.index].data);
      break;
    case DLC_BUFFER_STORAGE:
    case DLC_BUFFER_STORAGE_NEXT:
      pointer = storages[buffer.index];
      break;
    case DLC_BUFFER_CONSTANT:
      pointer = const_cast<char *>(follow<char>(buffer.data));
      break;
    default:
      pointer = arena + plan.offsets[i];
    }
  }
  call.scratch = arena + plan.scratch;
  call.scratchCapacity = plan.threadScratch - plan.scratch;
  call.threadScratch = arena + plan.threadScratch;
  call.threadScratchBytes = plan.threadScratchBytes;
}

Status dlc_session::resolve(dlc_ctx &call) {
  DLC_TRY(resolveSymbols(call));
  DLC_TRY(checkBuffers(call));
  const Plan *plan;
  DLC_TRY(choosePlan(call, &plan));
  setPointers(call, *plan);
  call.stale = false;
  return Status();
}

Status dlc_session::outputDims(uint32_t entry, uint32_t index, int64_t *dims) {
  DLC_TRY(checkEntry(entry));
  dlc_ctx &call = calls[entry];
  View<dlc_port> ports = artifact->ports(entry, PortKind::Output);
  if (index >= ports.size())
    return fail(DLC_INVALID_ARGUMENT, "there is no output %u: entry \"%s\" has %u", index,
                artifact->entryName(entry), ports.size());
  call.stale = true; // call.symbols are rewritten
  DLC_TRY(resolveSymbols(call));
  return evaluateDims(*artifact, ports[index].dims, call.symbols, text(ports[index].name),
                      dims);
}

// ---- the run ------------------------------------------------------------------------------------

static const int64_t *apiSymbols(dlc_ctx *ctx) { return ctx->symbols.data(); }

static int apiDispatch(dlc_ctx *ctx, uint32_t kernel, const dlc_arg *args, const int64_t *sizes,
                       const int64_t *tiles) {
  return ctx->session->dispatch(*ctx, kernel, args, sizes, tiles);
}

template <typename T> static T readScalar(dlc_ctx *ctx, uint32_t buffer, int64_t offset) {
  T value = 0;
  if (buffer < ctx->pointers.size())
    memcpy(&value, ctx->pointers[buffer] + offset, sizeof value);
  return value;
}

static int64_t apiReadI64(dlc_ctx *ctx, uint32_t buffer, int64_t offset) {
  return readScalar<int64_t>(ctx, buffer, offset);
}
static int32_t apiReadI32(dlc_ctx *ctx, uint32_t buffer, int64_t offset) {
  return readScalar<int32_t>(ctx, buffer, offset);
}
static int32_t apiReadPred(dlc_ctx *ctx, uint32_t buffer, int64_t offset) {
  return readScalar<uint8_t>(ctx, buffer, offset) != 0;
}

static int apiCopy(dlc_ctx *ctx, const dlc_arg *destination, const dlc_arg *source,
                   int64_t bytes) {
  size_t count = ctx->pointers.size();
  if (destination->buffer >= count || source->buffer >= count || bytes < 0)
    return StopMalformed;
  copyBytes(ctx->pointers[destination->buffer] + destination->byte_offset,
            ctx->pointers[source->buffer] + source->byte_offset, size_t(bytes));
  return ctx->session->cancelled.load(std::memory_order_relaxed) ? StopCancelled : 0;
}

static int apiWriteI64(dlc_ctx *ctx, uint32_t buffer, int64_t offset, int64_t value) {
  if (buffer >= ctx->pointers.size())
    return StopMalformed;
  memcpy(ctx->pointers[buffer] + offset, &value, sizeof value);
  return 0;
}

static const dlc_api api = {sizeof(dlc_api), DLC_ABI_VERSION, apiSymbols, apiDispatch, apiReadI64,
                            apiReadI32,      apiReadPred,     apiCopy,    apiWriteI64};

Status dlc_session::run(uint32_t entry) {
  DLC_TRY(checkEntry(entry));
  dlc_ctx &call = calls[entry];
  if (call.stale)
    DLC_TRY(resolve(call));
  StateUse use(*state, call.writes);
  if (!use.granted())
    return fail(DLC_FAILED_PRECONDITION, "entry \"%s\": %s", artifact->entryName(entry),
                call.writes ? "it assigns variables while another thread uses the state"
                            : "another thread is assigning variables of the state");
  if (checksFinite)
    DLC_TRY(checkInputs(call));
  FloatMode mode;
  waitingCount = 0;
  waitingScratch = 0;
  for (const DerivedStorage &read : call.derivedReads)
    DLC_TRY(read.store->refresh(read.number, device));
  int result = call.host(&api, &call);
  for (const DerivedStorage &old : call.outdated)
    old.store->setStale(old.number, true);
  for (const DerivedStorage &renewed : call.refreshed)
    renewed.store->setStale(renewed.number, result != 0);
  return outcome(call, result);
}

Status dlc_session::outcome(const dlc_ctx &call, int result) {
  cancelled.store(false, std::memory_order_relaxed); // a request meant this run, even if too late
  if (result == 0)
    return Status();
  const char *name = artifact->entryName(call.entry);
  if (result == StopCancelled)
    return fail(DLC_CANCELLED, "entry \"%s\" was cancelled", name);
  if (result == StopNotFinite) {
    const Kernel &kernel = artifact->kernels[call.notFiniteKernel];
    return fail(DLC_OUT_OF_RANGE,
                "entry \"%s\": the first value that is not finite is %s, element %lld of result %u "
                "of kernel \"%s\": %s",
                name, call.notFinite.value, static_cast<long long>(call.notFinite.element),
                call.notFiniteResult, kernel.name, kernel.where ? kernel.where : "of no layer");
  }
  return fail(DLC_INTERNAL, "entry \"%s\": its host function failed with %d: a kernel, buffer or "
              "scratch size that its tables do not declare", name, result);
}

int dlc_session::dispatch(dlc_ctx &ctx, uint32_t number, const dlc_arg *args,
                          const int64_t *sizes, const int64_t *tiles) {
  if (cancelled.load(std::memory_order_relaxed))
    return StopCancelled;
  if (number >= artifact->kernels.size())
    return StopMalformed;
  const Kernel &kernel = artifact->kernels[number];
  void **row = launchPointers.data() + waitingCount * launchStride * threads();
  for (uint32_t i = 0; i < kernel.args; ++i) {
    if (args[i].buffer >= ctx.pointers.size())
      return StopMalformed;
    row[i] = ctx.pointers[args[i].buffer] + args[i].byte_offset;
  }
  Values values = {sizes, nullptr, kernel.sizes};
  int64_t scratch = evaluate(kernel.scratch, values).value;
  int64_t perThread = evaluate(kernel.threadScratch, values).value;
  if (scratch > ctx.scratchCapacity - waitingScratch || perThread > ctx.threadScratchBytes)
    return StopMalformed;
  row[kernel.args] = scratch > 0 ? ctx.scratch + waitingScratch : nullptr;
  row[kernel.args + 1] = perThread > 0 ? ctx.threadScratch : nullptr;
  // Threads need rows of their own only when their last pointers differ.
  size_t stride = perThread > 0 ? launchStride : 0;
  for (uint32_t t = 1; stride && t < threads(); ++t) {
    memcpy(row + t * stride, row, (kernel.args + 1) * sizeof *row);
    row[t * stride + kernel.args + 1] = ctx.threadScratch + t * ctx.threadScratchBytes;
  }
  waiting[waitingCount++] = {&kernel, number, row, stride, sizes, tiles};
  // Who looks at kernels sees them one after the other, in the order of the program.
  if (threads() > 1 && kernel.args && args->flags & DLC_ARG_TOGETHER &&
      waitingCount < DLC_TOGETHER_MAX && !checksFinite && !recorder.profiling &&
      !recorder.events) {
    waitingScratch += alignTensor(scratch);
    return 0;
  }
  uint32_t count = waitingCount;
  waitingCount = 0;
  waitingScratch = 0;
  if (!runWaiting(count))
    return StopMalformed;
  return checksFinite && !checkResults(ctx, number, row, sizes) ? StopNotFinite : 0;
}

// ---- checked runs -------------------------------------------------------------------------------

Status dlc_session::checkInputs(const dlc_ctx &call) const {
  View<dlc_port> ports = artifact->ports(call.entry, PortKind::Input);
  for (uint32_t i = 0; i < ports.size(); ++i) {
    int64_t count = 1;
    for (uint32_t d = 0; d < ports[i].dims.count; ++d)
      count *= call.inputs[i].dims[d];
    NotFinite found;
    if (findNotFinite(ports[i].dtype, call.inputs[i].data, count, &found))
      return fail(DLC_OUT_OF_RANGE, "entry \"%s\": element %lld of input \"%s\" is %s",
                  artifact->entryName(call.entry), static_cast<long long>(found.element),
                  text(ports[i].name), found.value);
  }
  return Status();
}

bool dlc_session::checkResults(dlc_ctx &call, uint32_t number, void *const *ptrs,
                               const int64_t *sizes) const {
  const Kernel &kernel = artifact->kernels[number];
  for (uint32_t r = 0; r < kernel.resultCount; ++r) {
    const Result &result = artifact->results[kernel.firstResult + r];
    int64_t count = evaluate(result.elements, {sizes, nullptr, kernel.sizes}).value;
    if (!findNotFinite(result.dtype, ptrs[kernel.args - kernel.resultCount + r], count,
                       &call.notFinite))
      continue;
    call.notFiniteKernel = number;
    call.notFiniteResult = r;
    return false;
  }
  return true;
}

// Adds phase |number| of the waiting kernels to |tiles|, and runs it.
bool dlc_session::launchPhase(uint32_t number, uint32_t count, int64_t *tiles) {
  Launch launches[DLC_TOGETHER_MAX];
  uint32_t used = 0;
  Watch *watch = recorder.profiling || recorder.events ? &recorder : nullptr;
  for (const Waiting *w = waiting; w < waiting + count; ++w) {
    if (number >= w->kernel->phaseCount)
      continue;
    const Phase &phase = artifact->phases[w->kernel->firstPhase + number];
    Values values = {w->sizes, nullptr, w->kernel->sizes};
    EvalResult there = {w->tiles ? w->tiles[number] : 0, EvalError::None, 0};
    if (!w->tiles)
      there = evaluate(phase.tiles, values);
    if (!there.ok() || there.value < 0)
      return false;
    if (there.value == 0)
      continue;
    *tiles += there.value;
    int64_t grain = evaluate(phase.grain, values).value;
    launches[used++] = {phase.fn,    w->row, w->stride, w->sizes,
                        there.value, grain > 0 ? grain : 1, watch};
  }
  if (used)
    device->launch(device, launches, used);
  return true;
}

// Phases of different kernels run together; nobody's next one begins before all have ended.
bool dlc_session::runWaiting(uint32_t count) {
  uint32_t phases = 0;
  for (uint32_t i = 0; i < count; ++i)
    if (waiting[i].kernel->phaseCount > phases)
      phases = waiting[i].kernel->phaseCount;
  bool profiling = recorder.profiling; // then count is 1
  int64_t start = profiling ? monotonicNanoseconds() : 0, tiles = 0;
  recorder.kernel = waiting[0].number;
  for (uint32_t p = 0; p < phases; ++p) {
    recorder.phase = p;
    if (!launchPhase(p, count, &tiles))
      return false;
  }
  if (profiling) {
    dlc_kernel_stats &s = stats[recorder.kernel];
    s.calls += 1;
    s.nanoseconds += monotonicNanoseconds() - start;
    s.tiles += tiles;
  }
  return true;
}
