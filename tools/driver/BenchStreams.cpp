// Each row is an entry in IR text that the passes turn into one kernel.
#include "tools/driver/BenchStreams.h"
#include "codegen/cpu/emit/Kernel.h"
#include "ir/support/ShapeMath.h"
#include "mlir/Parser/Parser.h"
#include "passes/Pipelines.h"

using namespace mlir;
using namespace dlc::driver;
using namespace dlc::codegen::cpu;

namespace {

constexpr const char *kSoftmax = R"(
!t = tensor<32768x1024xf32>
dlc.entry @run(%x: !t {dlc.name = "x"}) -> (!t {dlc.name = "y"}) {
  %y = dlc.softmax %x axis 1 : !t
  dlc.return %y : !t
}
)";

constexpr const char *kLayerNorm = R"(
!t = tensor<40960x768xf32>
!c = tensor<768xf32>
dlc.entry @run(%x: !t {dlc.name = "x"}, %g: !c {dlc.name = "g"}, %b: !c {dlc.name = "b"})
    -> (!t {dlc.name = "y"}) {
  %y = dlc.layer_norm %x, %g, %b epsilon 1.0e-3 : (!t, !c, !c) -> !t
  dlc.return %y : !t
}
)";

constexpr const char *kBatchNorm = R"(
!t = tensor<128x56x56x64xf32>
!c = tensor<64xf32>
dlc.entry @run(%x: !t {dlc.name = "x"}, %g: !c {dlc.name = "g"}, %b: !c {dlc.name = "b"})
    -> (!t {dlc.name = "y"}, !c {dlc.name = "m"}, !c {dlc.name = "v"}) {
  %y, %m, %v = dlc.batch_norm_training %x, %g, %b epsilon 1.0e-3 : (!t, !c, !c) -> (!t, !c, !c)
  dlc.return %y, %m, %v : !t, !c, !c
}
)";

// Keras's form: the bias corrections are folded into the step size.
constexpr const char *kAdam = R"(
!w = tensor<9437184xf32>
!s = tensor<f32>
dlc.entry @run(%w: !w {dlc.name = "w"}, %g: !w {dlc.name = "g"}, %m: !w {dlc.name = "m"},
               %v: !w {dlc.name = "v"}, %alpha: !s {dlc.name = "alpha"})
    -> (!w {dlc.name = "w1"}, !w {dlc.name = "m1"}, !w {dlc.name = "v1"}) {
  %rest1 = dlc.constant dense<0.1> : !w
  %rest2 = dlc.constant dense<0.001> : !w
  %epsilon = dlc.constant dense<1.0e-7> : !w
  %dm = dlc.sub %g, %m : !w
  %tm = dlc.mul %dm, %rest1 : !w
  %m1 = dlc.add %m, %tm : !w
  %gg = dlc.mul %g, %g : !w
  %dv = dlc.sub %gg, %v : !w
  %tv = dlc.mul %dv, %rest2 : !w
  %v1 = dlc.add %v, %tv : !w
  %root = dlc.sqrt %v1 : !w
  %below = dlc.add %root, %epsilon : !w
  %a = dlc.broadcast %alpha to [] : !s -> !w
  %step = dlc.mul %m1, %a : !w
  %move = dlc.div %step, %below : !w
  %w1 = dlc.sub %w, %move : !w
  dlc.return %w1, %m1, %v1 : !w, !w, !w
}
)";

constexpr const char *kGelu = R"(
!t = tensor<262144xf32>
dlc.entry @run(%x: !t {dlc.name = "x"}) -> (!t {dlc.name = "y"}) {
  %half = dlc.constant dense<0.5> : !t
  %one = dlc.constant dense<1.0> : !t
  %root = dlc.constant dense<0.70710678118654752> : !t
  %a = dlc.mul %x, %root : !t
  %e = dlc.erf %a : !t
  %b = dlc.add %e, %one : !t
  %h = dlc.mul %x, %half : !t
  %y = dlc.mul %h, %b : !t
  dlc.return %y : !t
}
)";

int64_t bytesOf(Type type) {
  auto tensor = cast<RankedTensorType>(type);
  return tensor.getNumElements() * KernelBuilder::storedBytes(tensor.getElementType());
}

// Compiles |text| to its one kernel and fills in what the row needs to run it.
bool emitText(const char *text, const SharedBuffers &shared, ModuleOp module,
              const CpuTarget &target, BenchKernel &row) {
  OwningOpRef<ModuleOp> model = parseSourceString<ModuleOp>(text, module.getContext());
  if (!model)
    return false;
  PassManager manager(module.getContext());
  dlc::passes::buildCompilePipeline(manager);
  if (failed(manager.run(*model)))
    return false;
  auto kernels = llvm::to_vector(model->getOps<dlc::ir::KernelFuncOp>());
  if (kernels.size() != 1) {
    model->emitError() << row.name << " became " << kernels.size() << " kernels, expected 1";
    return false;
  }
  FailureOr<EmittedKernel> emitted = emitKernel(module, kernels.front(), "k", shared, target);
  if (failed(emitted))
    return false;
  Block &body = kernels.front().getBody().front();
  for (Type type : body.getArgumentTypes())
    row.bufferBytes.push_back(bytesOf(type));
  size_t operands = row.bufferBytes.size();
  for (Type type : body.getTerminator()->getOperandTypes())
    row.bufferBytes.push_back(bytesOf(type));
  row.bufferBytes.push_back(emitted->info.scratchBytes.getValue());
  for (auto [result, operand] : shared)
    row.samePointer.push_back({operands + result, operand});
  for (const KernelPhase &phase : emitted->info.phases)
    row.phases.push_back({phase.function, phase.tiles.getValue()});
  return true;
}

BenchKernel streamKernel(const char *name, const char *text, Limit limit, double work, double floor,
                         SharedBuffers shared = {}) {
  BenchKernel row;
  row.name = name;
  row.limit = limit;
  row.work = work;
  row.floor = floor;
  row.emit = [=](ModuleOp module, const CpuTarget &target, BenchKernel &into) {
    return emitText(text, shared, module, target, into);
  };
  return row;
}

} // namespace

void dlc::driver::addStreams(std::vector<BenchKernel> &rows) {
  // Bytes: every pass that a row cannot do without. Batch norm reads its input twice, because the
  // statistics must be known before the first result.
  rows.push_back(
      streamKernel("softmax 32768x1024", kSoftmax, Limit::Bytes, 8.0 * 32768 * 1024, 0.6));
  rows.push_back(
      streamKernel("layer norm 40960x768", kLayerNorm, Limit::Bytes, 8.0 * 40960 * 768, 0.6));
  rows.push_back(streamKernel("batch norm training 128x56x56x64", kBatchNorm, Limit::Bytes,
                              12.0 * 128 * 56 * 56 * 64, 0.6));
  // w, m and v in place, as the memory plan has them; g is only read. Operands in the order of the
  // kernel's arguments are found by the pairs below.
  rows.push_back(streamKernel("adam 9437184", kAdam, Limit::Bytes, 28.0 * 9437184, 0.6));
  rows.push_back(streamKernel("gelu 262144", kGelu, Limit::Elements, 262144, 0.65));
}
