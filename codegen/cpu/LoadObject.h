// Runs freshly compiled kernels inside this process: for tests, `dlc check` and `dlc bench`.
#pragma once
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <memory>

namespace dlc::codegen::cpu {

// An object file of the host's architecture, linked into the process. The code lives as long as
// this object. Symbols that the object does not define are looked up in the process.
class LoadedObject {
public:
  static llvm::Expected<LoadedObject> load(llvm::ArrayRef<char> bytes);
  LoadedObject(LoadedObject &&) noexcept;
  LoadedObject &operator=(LoadedObject &&) noexcept;
  ~LoadedObject();

  // The address of a function that the object defines.
  llvm::Expected<void *> find(llvm::StringRef symbol) const;

private:
  struct Impl;
  explicit LoadedObject(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl;
};

} // namespace dlc::codegen::cpu
