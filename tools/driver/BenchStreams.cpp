// Each row is an entry in IR text that the passes turn into kernels, one as a rule.
#include "tools/driver/BenchStreams.h"
#include "codegen/cpu/RandomStreams.h"
#include "codegen/cpu/choose/Kernel.h"
#include "codegen/cpu/emit/Kernel.h"
#include "ir/support/ShapeMath.h"
#include "mlir/Parser/Parser.h"
#include "passes/Pipelines.h"
#include "tools/driver/BenchStreamTexts.h"

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

// Results of an entry that are written over one of its arguments, as (result, argument).
using InPlace = llvm::ArrayRef<std::pair<unsigned, unsigned>>;

// The kernels of an entry become phases of one row; each tensor of the entry is a buffer.
struct EntryRow {
  BenchKernel &row;
  ModuleOp module;
  const CpuTarget &target;
  llvm::DenseMap<Value, size_t> buffers;

  void addBuffer(Value tensor) {
    buffers[tensor] = row.bufferBytes.size();
    if (cast<RankedTensorType>(tensor.getType()).getElementType().isInteger(32))
      row.indexBuffers.push_back(row.bufferBytes.size());
    row.bufferBytes.push_back(bytesOf(tensor.getType()));
  }

  bool addDispatch(dlc::ir::DispatchOp dispatch, InPlace inPlace, unsigned number) {
    auto kernel = SymbolTable::lookupNearestSymbolFrom<dlc::ir::KernelFuncOp>(
        dispatch, dispatch.getKernelAttr());
    auto entry = dispatch->getParentOfType<dlc::ir::EntryOp>();
    auto &block = entry->getRegion(0).front();
    SharedBuffers shared;
    for (auto [result, argument] : inPlace)
      for (auto [i, output] : llvm::enumerate(dispatch.getOutputs()))
        for (auto [o, input] : llvm::enumerate(dispatch.getInputs()))
          if (block.getTerminator()->getOperand(result) == output &&
              block.getArgument(argument) == input) {
            shared.push_back({unsigned(i), unsigned(o)});
            row.samePointer.push_back({buffers[output], buffers[input]});
          }
    if (llvm::SmallVector<int64_t> streams = randomStreams(kernel); !streams.empty()) {
      if (!row.sizes.empty())
        return false; // the phases of a row share one list of sizes
      row.sizes.assign(streams.begin(), streams.end());
      takeStreamsAsSizes(kernel);
    }
    FailureOr<EmittedKernel> emitted =
        emitKernel(module, kernel, "k" + std::to_string(number), shared, target);
    if (failed(emitted))
      return false;
    row.constantsInMemory |= keepsConstantsInMemory(kernel.getRoot(), target);
    std::vector<size_t> pointers;
    for (Value tensor : llvm::concat<const Value>(llvm::to_vector(dispatch.getInputs()),
                                                  llvm::to_vector(dispatch.getOutputs())))
      pointers.push_back(buffers[tensor]);
    pointers.push_back(row.bufferBytes.size());
    row.bufferBytes.push_back(emitted->info.scratchBytes.getValue());
    for (const KernelPhase &phase : emitted->info.phases)
      row.phases.push_back({phase.function, phase.tiles.getValue(), pointers});
    return true;
  }
};

// Compiles |text| as the compiler does and fills in what the row needs to run it.
bool emitText(const std::string &text, InPlace inPlace, ModuleOp module, const CpuTarget &target,
              BenchKernel &row) {
  OwningOpRef<ModuleOp> model = parseSourceString<ModuleOp>(text, module.getContext());
  if (!model)
    return false;
  PassManager manager(module.getContext());
  dlc::passes::CompileSettings settings;
  settings.panelWidth = panelWidthFor(target);
  dlc::passes::buildCompilePipeline(manager, settings);
  if (failed(manager.run(*model)))
    return false;
  for (auto kernel : model->getOps<dlc::ir::KernelFuncOp>())
    if (failed(scheduleKernel(kernel, target)))
      return false;
  EntryRow maker{row, module, target, llvm::DenseMap<Value, size_t>()};
  auto entry = *model->getOps<dlc::ir::EntryOp>().begin();
  Block &block = entry->getRegion(0).front();
  for (Value argument : block.getArguments())
    maker.addBuffer(argument);
  for (Operation &op : block)
    for (Value result : op.getResults())
      maker.addBuffer(result);
  unsigned number = 0;
  for (auto dispatch : block.getOps<dlc::ir::DispatchOp>())
    if (!maker.addDispatch(dispatch, inPlace, number++))
      return false;
  return true;
}

} // namespace

BenchKernel dlc::driver::entryKernel(const std::string &name, const std::string &text, Limit limit,
                                     double work, double floor,
                                     std::vector<std::pair<unsigned, unsigned>> inPlace) {
  BenchKernel row;
  row.name = name;
  row.limit = limit;
  row.work = work;
  row.floor = floor;
  row.emit = [=](ModuleOp module, const CpuTarget &target, BenchKernel &into) {
    return emitText(text, inPlace, module, target, into);
  };
  return row;
}

void dlc::driver::addStreams(std::vector<BenchKernel> &rows) {
  // Bytes: every pass that a row cannot do without. Batch norm reads its input twice, because the
  // statistics must be known before the first result.
  rows.push_back(
      entryKernel("softmax 32768x1024", kSoftmax, Limit::Bytes, 8.0 * 32768 * 1024, 0.6));
  rows.push_back(
      entryKernel("layer norm 40960x768", kLayerNorm, Limit::Bytes, 8.0 * 40960 * 768, 0.6));
  rows.push_back(entryKernel("batch norm training 128x56x56x64", kBatchNorm, Limit::Bytes,
                             12.0 * 128 * 56 * 56 * 64, 0.6));
  // w, m and v in place, as the memory plan has them; g is only read.
  rows.push_back(entryKernel("adam 9437184", kAdam, Limit::Bytes, 28.0 * 9437184, 0.6,
                             {{0, 0}, {1, 2}, {2, 3}}));
  rows.back().elements = 9437184;
  rows.back().goal = .60;
  rows.push_back(entryKernel("gelu 262144", kGelu, Limit::Elements, 262144, 0.65));
  for (const StreamText &text : streamTexts()) {
    Limit limit = text.bytes ? Limit::Bytes : Limit::Elements;
    double work = text.bytes ? *text.bytes : text.elements;
    BenchKernel row = entryKernel(text.name, text.text, limit, work, 0);
    row.elements = text.elements;
    row.goal = text.goal;
    row.indexBelow = text.indexBelow;
    rows.push_back(row);
  }
}
