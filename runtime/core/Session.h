// Sessions: the memory of runs, and the calls that compiled host code makes during one.
//
// Everything that a run touches is decided before it: bind checks what can be checked alone, the
// first run after a bind resolves symbols, picks a plan and turns every buffer of the body into a
// pointer. A run with unchanged bindings only calls the host function. Allocation happens in
// creation and in prepare, nowhere else.
#ifndef DLC_RUNTIME_CORE_SESSION_H
#define DLC_RUNTIME_CORE_SESSION_H

#include "runtime/core/Arena.h"
#include "runtime/core/Finite.h"
#include "runtime/core/State.h"
#include "runtime/device/Device.h"

struct dlc_pool;

namespace dlc::runtime::core {

struct BoundInput {
  const void *data;
  int64_t dims[DLC_MAX_RANK];
  bool bound;
};
struct BoundOutput {
  void *data;
  int64_t bytes;
  bool bound;
};

// A derived storage where it lives.
struct DerivedStorage {
  Store *store;
  uint32_t number;
};

// Writes down for profiles and traces what threads run.
struct Recorder : Watch {
  Recorder();
  Array<int64_t> tiles; // kernel * threads + thread, of a profile
  uint32_t threads = 1;
  bool profiling = false;
  // The caller's memory for a trace, and how many stretches there were, with or without room.
  dlc_trace_event *events = nullptr;
  size_t capacity = 0;
  std::atomic<size_t> count{0};
  uint32_t kernel = 0, phase = 0; // that are running
};

// A kernel whose arguments are known and that has yet to run.
struct Waiting {
  const Kernel *kernel;
  uint32_t number;
  void **row;    // its pointers, for thread 0
  size_t stride; // to those of the next thread
  const int64_t *sizes, *tiles;
};

// A reserved plan; they form a list per entry.
struct PreparedPlan {
  Plan plan;
  PreparedPlan *next = nullptr;
};

} // namespace dlc::runtime::core

// One entry of one session: what it is bound to, and what that means for its buffers. This is the
// context that the entry's host function hands back.
struct dlc_ctx {
  ~dlc_ctx();

  dlc_session *session = nullptr;
  uint32_t entry = 0;
  dlc_host_fn host = nullptr;
  bool writes = false;
  // Derived storages: those that the body reads, those that a source of gets a new value in it,
  // and those that it refreshes itself.
  dlc::runtime::core::Array<dlc::runtime::core::DerivedStorage> derivedReads, outdated, refreshed;
  dlc::runtime::core::Array<dlc::runtime::core::BoundInput> inputs;
  dlc::runtime::core::Array<dlc::runtime::core::BoundOutput> outputs;
  dlc::runtime::core::Array<char *> pointers; // per buffer of the body
  dlc::runtime::core::Symbols symbols;        // values of the bindings
  dlc::runtime::core::Plan adhoc;             // for bindings that were not prepared
  dlc::runtime::core::PreparedPlan *prepared = nullptr;
  int64_t threadScratchBytes = 0;
  char *scratch = nullptr, *threadScratch = nullptr;
  int64_t scratchCapacity = 0;
  // What a checked run found: value number |element| of result |result| of |kernel|.
  dlc::runtime::core::NotFinite notFinite = {};
  uint32_t notFiniteKernel = 0, notFiniteResult = 0;
  bool stale = true; // pointers and symbols do not reflect the bindings yet
};

struct dlc_session {
  using Status = dlc::runtime::core::Status;

  ~dlc_session();
  Status create(const dlc_artifact *artifact, dlc_state *state, dlc_pool *pool,
                const dlc_size *sizes, size_t count);

  Status bindInput(uint32_t entry, uint32_t index, uint32_t dtype, const void *data,
                   const int64_t *dims, uint32_t rank);
  Status bindOutput(uint32_t entry, uint32_t index, void *data, size_t bytes);
  Status bindSize(const char *symbol, int64_t value);
  Status prepare(uint32_t entry, const dlc_size *sizes, size_t count);
  Status outputDims(uint32_t entry, uint32_t index, int64_t *dims);
  Status run(uint32_t entry);
  Status getCache(const char *name, void *data, size_t bytes);
  Status setCache(const char *name, const void *data, size_t bytes);
  Status setProfiling(bool enabled);
  void setTrace(dlc_trace_event *events, size_t capacity);
  void setFiniteCheck(bool enabled) { checksFinite = enabled; }

  // What dlc_api's functions do.
  int dispatch(dlc_ctx &ctx, uint32_t kernel, const dlc_arg *args, const int64_t *sizes,
               const int64_t *tiles);

  dlc_artifact *artifact = nullptr;
  dlc_state *state = nullptr;
  dlc::runtime::core::Store caches;
  int64_t arenaBytes = 0;
  std::atomic<bool> cancelled{false};
  dlc::runtime::core::Array<dlc_kernel_stats> stats;
  dlc::runtime::core::Recorder recorder;
  bool checksFinite = false;
  uint32_t threads() const { return device->threads; }

private:
  Status checkEntry(uint32_t entry) const;
  Status adoptState();
  Status createCalls();
  Status createCall(uint32_t entry);
  Status listDerived(dlc_ctx &call);
  Status resolve(dlc_ctx &call);
  Status resolveSymbols(dlc_ctx &call);
  Status checkBuffers(dlc_ctx &call);
  Status choosePlan(dlc_ctx &call, const dlc::runtime::core::Plan **plan);
  void setPointers(dlc_ctx &call, const dlc::runtime::core::Plan &plan);
  Status growArena(int64_t bytes);
  Status outcome(const dlc_ctx &call, int result);
  Status checkInputs(const dlc_ctx &call) const;
  bool checkResults(dlc_ctx &call, uint32_t number, void *const *ptrs, const int64_t *sizes) const;
  bool runWaiting(uint32_t count);
  bool launchPhase(uint32_t phase, uint32_t count, int64_t *tiles);
  void markStale();

  dlc_pool *pool = nullptr;
  dlc::runtime::core::Device *device = nullptr;
  dlc::runtime::core::Symbols symbols; // of the state, and fixed for this session
  dlc::runtime::core::Array<char *> storages;
  dlc::runtime::core::Array<uint32_t> numbers; // of the storages in their owner's artifact
  dlc_ctx *calls = nullptr; // one per entry
  uint32_t callCount = 0;
  char *arena = nullptr;
  dlc::runtime::core::PlanSpace space;
  // The kernels of a chain (DLC_ARG_TOGETHER) so far; each has a row of pointers per thread.
  dlc::runtime::core::Waiting waiting[DLC_TOGETHER_MAX];
  uint32_t waitingCount = 0;
  int64_t waitingScratch = 0; // bytes that they take
  dlc::runtime::core::Array<void *> launchPointers;
  size_t launchStride = 0;
};

#endif
