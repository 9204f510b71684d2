// The kernels of one run of an entry, called in a bare loop: what a program without any runtime
// would do. The rest of a run's time is what binding checks, host code and dispatch cost.
//
// The entry's host function is replayed once through a table of functions that only writes down its
// dispatches; they then run on memory of their own. Used by `dlc bench --latency` and by the test
// of the overhead.
#pragma once
#include "dlc/data.h"
#include "runtime/core/Artifact.h"
#include <vector>

namespace dlc::driver {

class BareKernels {
public:
  /// `symbols`: the values of the program's symbols, in its order.
  BareKernels(const dlc_artifact *artifact, uint32_t entry, std::vector<int64_t> symbols);

  /// Calls every phase of every kernel, each with all of its tiles.
  void run() const {
    for (const Call &call : calls)
      call.fn(call.pointers.data(), call.sizes.data(), 0, call.tiles);
  }

  size_t phases() const { return calls.size(); }
  /// Whether those are all the kernels that a run calls: what an entry with loops or branches calls
  /// may depend on values, which are not there.
  bool complete() const { return straight; }

private:
  struct Call {
    dlc_phase_fn fn;
    std::vector<void *> pointers;
    std::vector<int64_t> sizes;
    int64_t tiles;
  };
  struct Dispatch {
    uint32_t kernel;
    std::vector<dlc_arg> args;
    std::vector<int64_t> sizes;
  };
  struct Replay;

  void add(const Dispatch &dispatch);
  void *block(int64_t bytes);

  const dlc_artifact *artifact;
  std::vector<runtime::Array> memory;
  std::vector<Call> calls;
  bool straight = true;
};

} // namespace dlc::driver
