// What a run costs beyond its kernels: binding checks, host code, dispatch, waking threads.
//
// The entry's host function is replayed once through a table of functions that only records its
// dispatches. Calling the recorded kernel functions in a bare loop, on memory of their own, is what
// a program without any runtime would do; the rest of a run's time is overhead.
#include "Tools.h"

#include "runtime/core/Artifact.h"

#include <algorithm>
#include <chrono>

using namespace dlc::runtime;
using namespace dlc::test;

namespace {

struct Recorded {
  uint32_t kernel;
  std::vector<dlc_arg> args;
  std::vector<int64_t> sizes;
};

// Stands where the runtime's context would: host functions hand it back unread.
struct Recorder {
  const dlc_artifact *artifact;
  std::vector<int64_t> symbols;
  std::vector<Recorded> dispatches;

  static Recorder &of(dlc_ctx *ctx) { return *reinterpret_cast<Recorder *>(ctx); }
  static const int64_t *symbolValues(dlc_ctx *ctx) { return of(ctx).symbols.data(); }
  static int dispatch(dlc_ctx *ctx, uint32_t kernel, const dlc_arg *args, const int64_t *sizes,
                      const int64_t *) {
    const core::Kernel &called = of(ctx).artifact->kernels[kernel];
    of(ctx).dispatches.push_back(
        {kernel, {args, args + called.args}, {sizes, sizes + called.sizes}});
    return 0;
  }
};

template <typename Call> double medianMicroseconds(Call call) {
  std::vector<double> times;
  for (int i = 0; i < 4001; ++i) {
    auto start = std::chrono::steady_clock::now();
    call();
    std::chrono::duration<double, std::micro> passed = std::chrono::steady_clock::now() - start;
    times.push_back(passed.count());
  }
  std::nth_element(times.begin(), times.begin() + times.size() / 2, times.end());
  return times[times.size() / 2];
}

int64_t valueOf(core::Expr expr, const std::vector<int64_t> &values) {
  return core::evaluate(expr, {values.data(), nullptr, uint32_t(values.size())}).value;
}

/// The kernels of an entry on memory of their own.
class BareKernels {
public:
  BareKernels(const dlc_artifact *artifact, uint32_t entry, std::vector<int64_t> symbols)
      : artifact(artifact) {
    Recorder recorder{artifact, symbols, {}};
    dlc_api api = {};
    api.size = sizeof api;
    api.abi = DLC_ABI_VERSION;
    api.symbols = Recorder::symbolValues;
    api.dispatch = Recorder::dispatch;
    const dlc_body &body = artifact->bodies[entry];
    auto host = core::followFunction<dlc_host_fn>(body.host_fn);
    EXPECT_EQ(host(&api, reinterpret_cast<dlc_ctx *>(&recorder)), 0);
    core::View<dlc_buffer> buffers(body.buffers);
    for (uint32_t i = 0; i < buffers.size(); ++i)
      memory.push_back(block(valueOf(core::Expr(buffers[i].bytes), symbols)));
    for (const Recorded &call : recorder.dispatches)
      add(call);
  }

  void run() const {
    for (const Call &call : calls)
      call.fn(call.pointers.data(), call.sizes.data(), 0, call.tiles);
  }

  size_t phases() const { return calls.size(); }

private:
  struct Call {
    dlc_phase_fn fn;
    std::vector<void *> pointers;
    std::vector<int64_t> sizes;
    int64_t tiles;
  };

  Array block(int64_t bytes) { return Array::allocate(DType::U8, {std::max<int64_t>(bytes, 64)}); }

  void add(const Recorded &recorded) {
    const core::Kernel &kernel = artifact->kernels[recorded.kernel];
    std::vector<void *> pointers;
    for (const dlc_arg &arg : recorded.args)
      pointers.push_back(static_cast<char *>(memory[arg.buffer].mutableData()) + arg.byte_offset);
    for (core::Expr scratch : {kernel.scratch, kernel.threadScratch}) {
      memory.push_back(block(valueOf(scratch, recorded.sizes)));
      pointers.push_back(memory.back().mutableData());
    }
    for (uint32_t p = 0; p < kernel.phaseCount; ++p) {
      const core::Phase &phase = artifact->phases[kernel.firstPhase + p];
      calls.push_back({phase.fn, pointers, recorded.sizes, valueOf(phase.tiles, recorded.sizes)});
    }
  }

  const dlc_artifact *artifact;
  std::vector<Array> memory;
  std::vector<Call> calls;
};

TEST(OverheadTest, runningAnEntryCostsLittleMoreThanItsKernels) {
  Folder folder("overhead");
  folder.compile("one_layer.mlir", "m.dlca");
  Artifact artifact;
  Pool pool;
  State state;
  Session session;
  uint32_t entry;
  ASSERT_TRUE(Artifact::open((folder.path / "m.dlca").c_str(), artifact).ok());
  ASSERT_TRUE(artifact.findEntry("predict", entry).ok());
  ASSERT_TRUE(Pool::create(0, pool).ok());
  ASSERT_TRUE(State::create(artifact, nullptr, 0, state).ok());
  ASSERT_TRUE(Session::create(artifact, state, pool, nullptr, 0, session).ok());
  float x[64] = {}, y[10];
  ASSERT_TRUE(session.bindInput(entry, 0, DLC_F32, x, {1, 64}).ok());
  ASSERT_TRUE(session.bindOutput(entry, 0, y, sizeof y).ok());
  ASSERT_TRUE(session.prepare(entry).ok());
  BareKernels kernels(artifact.handle(), entry, {1});
  ASSERT_GE(kernels.phases(), 1u);
  // Other programs share the machine: the quietest of some rounds counts.
  double least = 1e9;
  for (int round = 0; round < 10; ++round) {
    bool ok = true;
    double run = medianMicroseconds([&] { ok &= session.run(entry).ok(); });
    double bare = medianMicroseconds([&] { kernels.run(); });
    EXPECT_TRUE(ok);
    least = std::min(least, run - bare);
  }
  std::printf("overhead_us=%.3f\n", least);
  EXPECT_LT(least, 5);
}

} // namespace
