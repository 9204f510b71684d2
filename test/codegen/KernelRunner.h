// Emits kernels into a module of their own and runs them in this process.
#pragma once
#include "codegen/cpu/EmitObject.h"
#include "codegen/cpu/KernelBuilder.h"
#include "codegen/cpu/LoadObject.h"
#include "codegen/cpu/LowerToLlvm.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Verifier.h"
#include <cstdlib>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <new>
#include <optional>
#include <vector>

namespace dlc::codegen::cpu::testing {

using PhaseFunction = void (*)(void *const *ptrs, const int64_t *sizes, int64_t begin, int64_t end);

inline CpuTarget targetNamed(llvm::StringRef name) {
  llvm::Expected<CpuTarget> target = cpuTargetByName(name);
  if (!target) {
    ADD_FAILURE() << llvm::toString(target.takeError());
    std::abort();
  }
  return *target;
}

class KernelRunner {
public:
  explicit KernelRunner(llvm::StringRef cpu = "native") : target(targetNamed(cpu)) {
    mlir::DialectRegistry registry;
    registerKernelDialects(registry);
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
    context.disableMultithreading();
    module = mlir::ModuleOp::create(mlir::UnknownLoc::get(&context));
  }
  ~KernelRunner() { module->erase(); }

  mlir::Location loc() { return mlir::UnknownLoc::get(&context); }

  // Lowers and compiles everything that was emitted into |module|; call once.
  llvm::SmallVector<char, 0> compile(EmitKind kind = EmitKind::Object) {
    // The compiler itself trusts its emitters.
    if (mlir::failed(mlir::verify(module)) || mlir::failed(lowerToLlvm(module, target)) ||
        mlir::failed(mlir::verify(module))) {
      ADD_FAILURE() << "lowering failed";
      return {};
    }
    auto bytes = emitCode(module, target, kind);
    if (!bytes) {
      ADD_FAILURE() << llvm::toString(bytes.takeError());
      return {};
    }
    return std::move(*bytes);
  }

  void load() {
    auto object = LoadedObject::load(compile());
    if (!object) {
      ADD_FAILURE() << llvm::toString(object.takeError());
      return;
    }
    loaded.emplace(std::move(*object));
  }

  PhaseFunction find(llvm::StringRef name) {
    auto address = loaded->find(name);
    if (!address) {
      ADD_FAILURE() << llvm::toString(address.takeError());
      return nullptr;
    }
    return reinterpret_cast<PhaseFunction>(*address);
  }

  CpuTarget target;
  mlir::MLIRContext context;
  mlir::ModuleOp module;
  std::optional<LoadedObject> loaded;
};

// A 64-byte aligned array with a guard zone behind it, so that a store past the end is seen.
template <typename T> class Buffer {
public:
  explicit Buffer(size_t n) : count(n) {
    size_t bytes = ((n + kGuard) * sizeof(T) + 63) / 64 * 64;
    memory = static_cast<T *>(std::aligned_alloc(64, bytes));
    for (size_t i = 0; i < n + kGuard; ++i)
      memory[i] = guardValue();
  }
  Buffer(Buffer &&other) noexcept : count(other.count), memory(other.memory) {
    other.memory = nullptr;
  }
  Buffer(const Buffer &) = delete;
  Buffer &operator=(const Buffer &) = delete;
  ~Buffer() { std::free(memory); }

  T *data() { return memory; }
  size_t size() const { return count; }
  T &operator[](size_t i) { return memory[i]; }
  bool guardIntact() const {
    for (size_t i = count; i < count + kGuard; ++i)
      if (!(memory[i] == guardValue()))
        return false;
    return true;
  }

private:
  static constexpr size_t kGuard = 64;
  static T guardValue() { return static_cast<T>(77); }
  size_t count;
  T *memory;
};

} // namespace dlc::codegen::cpu::testing
