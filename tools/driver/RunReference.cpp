#include "tools/driver/RunReference.h"
#include "codegen/reference/Evaluator.h"
#include "dlc/data.h"
#include "dlc/runtime.hpp"
#include "mlir/Parser/Parser.h"
#include "tools/check/Gradients.h"
#include "tools/driver/Driver.h"
#include "llvm/Support/SourceMgr.h"
#include <cstring>

using namespace mlir;

namespace dlc::driver {
namespace {

using reference::Dims;
using reference::DType;
using reference::Tensor;

class ReferenceRun {
public:
  explicit ReferenceRun(const tools::RunOptions &options) : options(options) {
    context.loadDialect<ir::DlcDialect>();
  }

  llvm::Error run(const std::string &text, const std::string &name) {
    llvm::SourceMgr sources;
    sources.AddNewSourceBuffer(llvm::MemoryBuffer::getMemBufferCopy(text, name), llvm::SMLoc());
    SourceMgrDiagnosticHandler handler(sources, &context);
    module = parseSourceFile<ModuleOp>(sources, ParserConfig(&context));
    if (!module)
      return llvm::createStringError(name + " is not a module of the dlc dialect");
    if (llvm::Error error = check::differentiate(*module))
      return error;
    auto entry = module->lookupSymbol<ir::EntryOp>(options.entry);
    if (!entry)
      return noEntry();
    if (llvm::Error error = readInputs())
      return error;
    if (llvm::Error error = readWeights(entry))
      return error;
    reference::Bindings bindings(options.sizes.begin(), options.sizes.end());
    reference::Evaluator evaluator(*module);
    auto outputs = evaluator.run(options.entry, inputs, state, bindings);
    if (!outputs)
      return outputs.takeError();
    return writeOutputs(*outputs);
  }

private:
  llvm::Error noEntry() {
    std::string known;
    for (auto entry : module->getOps<ir::EntryOp>())
      known += (known.empty() ? "" : ", ") + entry.getSymName().str();
    return llvm::createStringError("no entry is called \"" + options.entry +
                                   "\"; there are: " + known);
  }

  llvm::Error readInputs() {
    for (const auto &[name, file] : options.inputs) {
      runtime::Result<runtime::Array> array = runtime::loadArray(file);
      if (!array.ok())
        return llvm::createStringError(array.message());
      Tensor tensor(DType(array->type()), Dims(array->dims()));
      if (tensor.byteSize()) // an empty tensor has no memory
        std::memcpy(tensor.data(), array->data(), tensor.byteSize());
      inputs.emplace_back(name, std::move(tensor));
    }
    return llvm::Error::success();
  }

  /// Variables that the entry reads and the file has; the evaluator names those that are missing.
  llvm::Error readWeights(ir::EntryOp entry) {
    if (options.weights.empty())
      return llvm::Error::success();
    runtime::Weights weights;
    if (auto status = runtime::Weights::open(options.weights.c_str(), weights); !status.ok())
      return llvm::createStringError("%s", status.message());
    for (uint32_t i = 0; i < weights.count(); ++i) {
      dlc_tensor_info info = weights.tensor(i);
      Tensor tensor(DType(info.dtype), Dims(info.dims, info.dims + info.rank));
      if (auto status = weights.read(i, tensor.data(), tensor.byteSize()); !status.ok())
        return llvm::createStringError("%s", status.message());
      state.insert_or_assign(info.name, std::move(tensor));
    }
    return llvm::Error::success();
  }

  llvm::Error writeOutputs(const reference::NamedTensors &outputs) {
    std::string known;
    for (const auto &[name, tensor] : outputs) {
      std::printf("%s: %s\n", name.c_str(),
                  runtime::describeShape(runtime::DType(tensor.type()), tensor.dims()).c_str());
      known += (known.empty() ? "" : ", ") + name;
    }
    for (const auto &[wanted, file] : options.outputs) {
      auto found = llvm::find_if(outputs, [&](const auto &one) { return one.first == wanted; });
      if (found == outputs.end())
        return llvm::createStringError("no output of entry \"" + options.entry + "\" is called \"" +
                                       wanted + "\"; there are: " + known);
      const Tensor &tensor = found->second;
      auto outcome = runtime::writeNpy(
          file, runtime::Array::view(runtime::DType(tensor.type()), tensor.dims(), tensor.data()));
      if (!outcome.ok())
        return llvm::createStringError(outcome.message());
    }
    return llvm::Error::success();
  }

  const tools::RunOptions &options;
  MLIRContext context;
  OwningOpRef<ModuleOp> module;
  reference::NamedTensors inputs;
  reference::State state;
};

} // namespace

bool runReference(const std::string &module, const std::string &name,
                  const tools::RunOptions &options) {
  if (llvm::Error error = ReferenceRun(options).run(module, name)) {
    fail(llvm::toString(std::move(error)));
    return false;
  }
  return true;
}

} // namespace dlc::driver
