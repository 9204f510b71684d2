#include "tools/driver/BareKernels.h"
#include <algorithm>
#include <cstring>

namespace dlc::driver {
namespace {

namespace core = runtime::core;

int64_t valueOf(core::Expr expr, const std::vector<int64_t> &values) {
  return core::evaluate(expr, {values.data(), nullptr, uint32_t(values.size())}).value;
}

} // namespace

/// Stands where the runtime's context would: host functions hand it back unread.
struct BareKernels::Replay {
  const dlc_artifact *artifact;
  std::vector<int64_t> symbols;
  std::vector<Dispatch> dispatches;
  bool straight = true;

  static Replay &of(dlc_ctx *ctx) { return *reinterpret_cast<Replay *>(ctx); }
  static const int64_t *symbolValues(dlc_ctx *ctx) { return of(ctx).symbols.data(); }
  static int dispatch(dlc_ctx *ctx, uint32_t kernel, const dlc_arg *args, const int64_t *sizes,
                      const int64_t *) {
    const core::Kernel &called = of(ctx).artifact->kernels[kernel];
    of(ctx).dispatches.push_back(
        {kernel, {args, args + called.args}, {sizes, sizes + called.sizes}});
    return 0;
  }
  template <typename T> static T read(dlc_ctx *ctx, uint32_t, int64_t) {
    of(ctx).straight = false;
    return 0;
  }
  static int copy(dlc_ctx *, const dlc_arg *, const dlc_arg *, int64_t) { return 0; }
  static int write(dlc_ctx *ctx, uint32_t, int64_t, int64_t) {
    of(ctx).straight = false;
    return 0;
  }
};

BareKernels::BareKernels(const dlc_artifact *from, uint32_t entry, std::vector<int64_t> symbols)
    : artifact(from) {
  Replay replay{artifact, symbols, {}};
  dlc_api api = {sizeof(dlc_api),       DLC_ABI_VERSION,       Replay::symbolValues,
                 Replay::dispatch,      Replay::read<int64_t>, Replay::read<int32_t>,
                 Replay::read<int32_t>, Replay::copy,          Replay::write};
  const dlc_body &body = artifact->bodies[entry];
  auto host = core::followFunction<dlc_host_fn>(body.host_fn);
  straight = host(&api, reinterpret_cast<dlc_ctx *>(&replay)) == 0 && replay.straight;
  core::View<dlc_buffer> buffers(body.buffers);
  for (uint32_t i = 0; i < buffers.size(); ++i)
    block(valueOf(core::Expr(buffers[i].bytes), symbols));
  for (const Dispatch &dispatch : replay.dispatches)
    add(dispatch);
}

void *BareKernels::block(int64_t bytes) {
  memory.push_back(
      runtime::Array::allocate(runtime::DType::U8, {std::max<int64_t>(bytes, 64)}));
  void *data = memory.back().mutableData();
  std::memset(data, 0, size_t(memory.back().bytes()));
  return data;
}

void BareKernels::add(const Dispatch &dispatch) {
  const core::Kernel &kernel = artifact->kernels[dispatch.kernel];
  std::vector<void *> pointers;
  for (const dlc_arg &arg : dispatch.args)
    pointers.push_back(static_cast<char *>(memory[arg.buffer].mutableData()) + arg.byte_offset);
  for (core::Expr scratch : {kernel.scratch, kernel.threadScratch})
    pointers.push_back(block(valueOf(scratch, dispatch.sizes)));
  for (uint32_t p = 0; p < kernel.phaseCount; ++p) {
    const core::Phase &phase = artifact->phases[kernel.firstPhase + p];
    calls.push_back({phase.fn, pointers, dispatch.sizes, valueOf(phase.tiles, dispatch.sizes)});
  }
}

} // namespace dlc::driver
