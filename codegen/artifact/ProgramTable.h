// Builds the program table (runtime/abi/program.h): plain structs with relative addresses, as one
// blob of bytes and a list of the places that point to functions.
#pragma once
#include "ir/Dlc.h"
#include "mlir/IR/BuiltinOps.h"
#include "runtime/abi/program.h"
#include <cstring>
#include <string>
#include <vector>

namespace dlc::codegen {

/// Bytes that grow at the end; structs in them refer to each other by relative address.
class TableBlob {
public:
  struct Relocation {
    size_t offset;      ///< of the dlc_rel field
    std::string symbol; ///< function that it points to
    bool host;          ///< a dlc_host_fn, else a dlc_phase_fn
  };

  /// Appends a struct or array and returns its offset, a multiple of 8.
  template <typename T> size_t append(const T &value) { return appendBytes(&value, sizeof(T)); }
  template <typename T> size_t appendArray(const std::vector<T> &values) {
    return appendBytes(values.data(), values.size() * sizeof(T));
  }
  size_t appendString(llvm::StringRef text);
  size_t appendBytes(const void *data, size_t bytes);

  /// Makes the dlc_rel at `field` point to `target`.
  void point(size_t field, size_t target);
  /// Makes the dlc_ref at `field` mean `count` elements at `target`.
  void refer(size_t field, size_t target, uint32_t count);
  void pointToFunction(size_t field, std::string symbol, bool host) {
    relocations.push_back({field, std::move(symbol), host});
  }

  std::vector<char> bytes;
  std::vector<Relocation> relocations;
};

/// Postfix code of a size expression (dlc_expr); `number` numbers the symbols.
std::vector<int64_t> expressionCode(ir::SizeAttr size,
                                    llvm::function_ref<uint32_t(llvm::StringRef)> number);

/// The DLC_F32... of a tensor's elements.
uint32_t dtypeOf(mlir::Type type);

/// A phase and a kernel as they stand in the table.
struct TablePhase {
  std::string function;
  std::vector<int64_t> tiles, grain; ///< expression code over the kernel's symbols
};
struct TableResult {
  uint32_t dtype;
  std::vector<int64_t> elements; ///< expression code over the kernel's symbols
};
struct TableKernel {
  std::string name;
  std::string where; ///< layers and lines of the model, for messages
  uint32_t args = 0;
  uint32_t sizes = 0;
  std::vector<int64_t> flops, bytes, scratch;
  std::vector<TablePhase> phases;
  std::vector<TableResult> results;
};

/// One ISA variant: kernels in the order of their numbers, host functions in that of the entries.
struct TableVariant {
  std::string name;
  uint32_t device = DLC_DEVICE_CPU_X86_64;
  std::vector<uint64_t> isa = {0, 0, 0, 0};
  std::vector<TableKernel> kernels;
  std::vector<std::string> schedules; ///< of each kernel, as the IR prints them, for the manifest
  std::vector<std::string> hostFunctions;
};

/// The table of `module`, which --dlc-plan-memory has planned. `identity` is a hash of the module,
/// `manifest` the serialized manifest. The root struct lies at `root`.
TableBlob buildProgramTable(mlir::ModuleOp module, const std::vector<TableVariant> &variants,
                            llvm::StringRef manifest, uint64_t identity, size_t &root);

/// The size symbols of a module in table order: the declared ones, then others that entries use.
std::vector<ir::SymbolAttr> programSymbols(mlir::ModuleOp module);

} // namespace dlc::codegen
