// Runs a built program in the reference evaluator, and reads golden numbers.
#pragma once
#include "codegen/reference/Evaluator.h"
#include "frontend/builder/Graph.h"
#include "mlir/Pass/PassManager.h"
#include "passes/Passes.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include <cmath>
#include <gtest/gtest.h>

namespace dlc::test {

using reference::Tensor;

/// A finished program with its gradients expanded, ready to run.
class Runner {
public:
  explicit Runner(Program &program) {
    EXPECT_TRUE(program.finish()) << (program.ok() ? "" : program.errors().front().str());
    if (!program.ok())
      return;
    module = mlir::cast<mlir::ModuleOp>(program.internal()->module->getOperation()->clone());
    mlir::PassManager manager(module->getContext());
    manager.addPass(passes::createDifferentiate());
    ready = mlir::succeeded(manager.run(*module));
    EXPECT_TRUE(ready) << "gradients were not expanded";
  }

  /// The outputs by name; empty after a failure.
  std::map<std::string, Tensor> run(const std::string &entry,
                                    const reference::NamedTensors &inputs = {},
                                    reference::Bindings bindings = {}) {
    std::map<std::string, Tensor> outputs;
    if (!ready)
      return outputs;
    reference::Evaluator evaluator(*module);
    auto results = evaluator.run(entry, inputs, state, std::move(bindings));
    if (!results) {
      ADD_FAILURE() << llvm::toString(results.takeError());
      return outputs;
    }
    for (auto &[name, tensor] : *results)
      outputs[name] = tensor;
    return outputs;
  }

  /// Sets the rng variable to {seed, 0} where there is one, and runs `initialize`.
  void initialize(int64_t seed) {
    Tensor key(reference::DType::I64, {2});
    key.setInteger(0, seed);
    state["rng/state"] = key;
    run("initialize");
  }

  reference::State state;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  bool ready = false;
};

inline Tensor tensorOf(std::vector<double> values, reference::Dims dims,
                       reference::DType type = reference::DType::F32) {
  Tensor tensor(type, std::move(dims));
  for (size_t i = 0; i < values.size(); ++i)
    tensor.setReal(static_cast<int64_t>(i), values[i]);
  return tensor;
}

/// A tensor as golden files hold it: {type, shape, data}.
inline Tensor tensorOf(const llvm::json::Object &object) {
  reference::DType type = *object.getString("type") == "f32"   ? reference::DType::F32
                          : *object.getString("type") == "i32" ? reference::DType::I32
                                                               : reference::DType::I1;
  reference::Dims dims;
  for (const llvm::json::Value &size : *object.getArray("shape"))
    dims.push_back(*size.getAsInteger());
  std::vector<double> values;
  for (const llvm::json::Value &value : *object.getArray("data"))
    values.push_back(*value.getAsNumber());
  return tensorOf(values, dims, type);
}

inline Shape shapeOf(const Tensor &tensor) {
  return Shape(tensor.dims().begin(), tensor.dims().end());
}

inline DType typeOf(const Tensor &tensor) {
  return tensor.type() == reference::DType::I32  ? DType::I32
         : tensor.type() == reference::DType::I1 ? DType::Bool
                                                 : DType::F32;
}

/// The case called `name` of test/frontend/golden/`file`.json.
inline llvm::json::Object golden(const std::string &file, const std::string &name) {
  const char *source = std::getenv("DLC_SOURCE_DIR");
  std::string path = std::string(source ? source : ".") + "/test/frontend/golden/" + file + ".json";
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (buffer)
    if (auto json = llvm::json::parse((*buffer)->getBuffer()))
      for (llvm::json::Value &row : *json->getAsObject()->getArray("cases"))
        if (*row.getAsObject()->getString("name") == name)
          return *row.getAsObject();
  ADD_FAILURE() << path << " has no case " << name;
  return {};
}

inline std::vector<std::string> goldenNames(const std::string &file) {
  const char *source = std::getenv("DLC_SOURCE_DIR");
  std::string path = std::string(source ? source : ".") + "/test/frontend/golden/" + file + ".json";
  std::vector<std::string> names;
  if (auto buffer = llvm::MemoryBuffer::getFile(path))
    if (auto json = llvm::json::parse((*buffer)->getBuffer()))
      for (llvm::json::Value &row : *json->getAsObject()->getArray("cases"))
        names.push_back(row.getAsObject()->getString("name")->str());
  return names;
}

/// |difference| <= tolerance * (1 + |expected|), elementwise.
inline void expectClose(const Tensor &actual, const Tensor &expected, double tolerance,
                        const std::string &what) {
  ASSERT_EQ(actual.dims(), expected.dims()) << what;
  for (int64_t i = 0; i < expected.count(); ++i)
    ASSERT_LE(std::abs(actual.real(i) - expected.real(i)),
              tolerance * (1 + std::abs(expected.real(i))))
        << what << " at " << i << ": " << actual.real(i) << ", expected " << expected.real(i);
}

} // namespace dlc::test
