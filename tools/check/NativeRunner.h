// What `dlc check` asks of natively compiled code. The driver implements it on the compiler and
// the runtime, so that this library links neither.
#pragma once
#include "tools/check/Tolerance.h"
#include <memory>

namespace dlc::check {

/// One compiled module.
class NativeRunner {
public:
  virtual ~NativeRunner() = default;

  /// Runs an entry; the results are its outputs, then the variables that it assigns.
  virtual llvm::Expected<Results> run(llvm::StringRef entry, const EntryData &data,
                                      const reference::Bindings &bindings) = 0;
};

/// Compiles a module in memory. The module is the caller's; it is not changed.
using NativeCompiler =
    std::function<llvm::Expected<std::unique_ptr<NativeRunner>>(mlir::ModuleOp module)>;

} // namespace dlc::check
