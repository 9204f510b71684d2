// Writes into every outlined kernel how it is to be emitted for one processor.
//
//   dlc.kernel_func @k0 contract symbols ["B"] {...}
//   ==>
//   dlc.kernel_func @k0 contract symbols ["B"] schedules [
//       #dlc.when<B in [0, 1], #dlc.gemv<tile = [1, 128], b = panels>>,
//       #dlc.gemm<tile = [6, 64], row_tiles = 16, b = panels>] {...}
//
// The choosers (choose/) are pure functions of loop sizes and processor; this pass asks them and
// writes the answer down, so that it can be read, kept in a file and changed. The emitters obey it.
// A kernel that has schedules keeps them: they came from a person or from a search, and are only
// held against what the emitters can do.
//
// Runs behind dlc-outline-kernels, once for each processor that the program is compiled for.
// Tested by test/codegen/choose_schedules.mlir.
#include "codegen/cpu/Passes.h"
#include "codegen/cpu/choose/Kernel.h"

using namespace mlir;
using namespace dlc::ir;

namespace dlc::codegen::cpu {

#define GEN_PASS_DEF_CHOOSESCHEDULES
#include "codegen/cpu/Passes.h.inc"

namespace {

struct ChooseSchedules : impl::ChooseSchedulesBase<ChooseSchedules> {
  using ChooseSchedulesBase::ChooseSchedulesBase;

  void runOnOperation() override {
    auto target = cpuTargetByName(cpu);
    if (!target) {
      getOperation().emitError(llvm::toString(target.takeError()));
      return signalPassFailure();
    }
    // All kernels, so that a person sees all mistakes at once.
    for (auto func : getOperation().getOps<KernelFuncOp>())
      if (failed(scheduleKernel(func, *target)))
        signalPassFailure();
  }
};

} // namespace
} // namespace dlc::codegen::cpu
