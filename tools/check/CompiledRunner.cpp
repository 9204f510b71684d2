#include "tools/check/CompiledRunner.h"
#include "dlc/runtime.hpp"
#include "runtime/abi/program.h"
#include <cstring>

using namespace mlir;

namespace dlc::check {
namespace {

using reference::DType;
using reference::Tensor;

llvm::Error toError(const runtime::Status &status) {
  if (status.ok())
    return llvm::Error::success();
  return llvm::createStringError("%s", status.message());
}

/// Memory that may be bound: of a tensor without elements too.
const void *addressOf(const Tensor &tensor) {
  static const int64_t nothing = 0;
  return tensor.byteSize() ? static_cast<const void *>(tensor.data()) : &nothing;
}

class CompiledRunner : public NativeRunner {
public:
  llvm::Error open(ModuleOp module, const NativeOptions &options) {
    std::string text;
    llvm::raw_string_ostream os(text);
    module->print(os);
    codegen::CompileResult result = codegen::compileModule(text, options.compile);
    if (!result.ok())
      return llvm::createStringError("compiling failed: " + result.error);
    dlc_open_options open = {options.variant.empty() ? nullptr : options.variant.c_str()};
    if (llvm::Error error = toError(runtime::Artifact::openMemory(
            result.output.data(), result.output.size(), "compiled module", artifact, &open)))
      return error;
    for (auto entry : module.getOps<ir::EntryOp>())
      for (unsigned i = 0; i < entry.getResultTypes().size(); ++i)
        if (FlatSymbolRefAttr variable = entry.getResultState(i))
          assigned[entry.getSymName()].push_back(variable.getValue().str());
    return toError(runtime::Pool::create(options.threads, pool));
  }

  llvm::Expected<Results> run(StringRef name, const EntryData &data,
                              const reference::Bindings &bindings) override {
    Call call{std::vector<dlc_size>(), runtime::State(), runtime::Session(), 0};
    if (llvm::Error error = toError(artifact.findEntry(name.str().c_str(), call.entry)))
      return error;
    for (uint32_t i = 0; i < artifact.symbolCount(); ++i)
      if (auto found = bindings.find(artifact.symbol(i).name); found != bindings.end())
        call.sizes.push_back({artifact.symbol(i).name, found->second});
    if (llvm::Error error = prepare(call, data))
      return error;
    Results results;
    if (llvm::Error error = bindOutputs(call, results))
      return error;
    if (llvm::Error error = toError(call.session.prepare(call.entry)))
      return error;
    if (llvm::Error error = toError(call.session.run(call.entry)))
      return error;
    if (llvm::Error error = readAssigned(call, assigned[name], results))
      return error;
    return results;
  }

private:
  struct Call {
    std::vector<dlc_size> sizes;
    runtime::State state;
    runtime::Session session;
    uint32_t entry;
  };

  bool isCache(StringRef variable) const {
    for (uint32_t i = 0; i < artifact.variableCount(); ++i)
      if (variable == artifact.variable(i).name)
        return artifact.variable(i).role == DLC_ROLE_CACHE;
    return false;
  }

  llvm::Error prepare(Call &call, const EntryData &data) {
    if (llvm::Error error = toError(
            runtime::State::create(artifact, call.sizes.data(), call.sizes.size(), call.state)))
      return error;
    if (llvm::Error error = toError(runtime::Session::create(
            artifact, call.state, pool, call.sizes.data(), call.sizes.size(), call.session)))
      return error;
    for (const auto &[name, tensor] : data.state) {
      auto status = isCache(name)
                        ? call.session.setCache(name.c_str(), addressOf(tensor), tensor.byteSize())
                        : call.state.set(name.c_str(), addressOf(tensor), tensor.byteSize());
      if (llvm::Error error = toError(status))
        return error;
    }
    for (const auto &[name, tensor] : data.inputs) {
      uint32_t index;
      if (llvm::Error error = toError(artifact.findInput(call.entry, name.c_str(), index)))
        return error;
      if (llvm::Error error = toError(
              call.session.bindInput(call.entry, index, uint32_t(tensor.type()), addressOf(tensor),
                                     tensor.dims().data(), uint32_t(tensor.rank()))))
        return error;
    }
    return llvm::Error::success();
  }

  llvm::Error bindOutputs(Call &call, Results &results) {
    uint32_t count = artifact.outputCount(call.entry);
    results.resize(count);
    for (uint32_t i = 0; i < count; ++i) {
      dlc_tensor_info info = artifact.output(call.entry, i);
      if (llvm::Error error = toError(call.session.outputDims(call.entry, i, info.dims)))
        return error;
      auto &[name, tensor] = results[i];
      name = info.name;
      tensor = Tensor(DType(info.dtype), reference::Dims(info.dims, info.dims + info.rank));
      if (tensor.byteSize()) // an empty tensor has no memory
        std::memset(tensor.data(), 0xa5, tensor.byteSize());
      if (llvm::Error error = toError(call.session.bindOutput(
              call.entry, i, const_cast<void *>(addressOf(tensor)), tensor.byteSize())))
        return error;
    }
    return llvm::Error::success();
  }

  llvm::Error readAssigned(Call &call, ArrayRef<std::string> variables, Results &results) {
    for (const std::string &name : variables) {
      uint32_t index;
      if (llvm::Error error = toError(artifact.findVariable(name.c_str(), index)))
        return error;
      dlc_tensor_info info = artifact.variable(index);
      if (llvm::Error error = toError(call.state.dims(name.c_str(), info.dims)))
        return error;
      Tensor tensor(DType(info.dtype), reference::Dims(info.dims, info.dims + info.rank));
      void *data = const_cast<void *>(addressOf(tensor));
      auto status = info.role == DLC_ROLE_CACHE
                        ? call.session.getCache(name.c_str(), data, tensor.byteSize())
                        : call.state.get(name.c_str(), data, tensor.byteSize());
      if (llvm::Error error = toError(status))
        return error;
      results.emplace_back(name, std::move(tensor));
    }
    return llvm::Error::success();
  }

  runtime::Artifact artifact;
  runtime::Pool pool;
  llvm::StringMap<std::vector<std::string>> assigned; ///< by entry, in the order of its results
};

} // namespace

NativeCompiler makeNativeCompiler(NativeOptions options) {
  return [options](ModuleOp module) -> llvm::Expected<std::unique_ptr<NativeRunner>> {
    auto runner = std::make_unique<CompiledRunner>();
    if (llvm::Error error = runner->open(module, options))
      return error;
    return std::unique_ptr<NativeRunner>(std::move(runner));
  };
}

} // namespace dlc::check
