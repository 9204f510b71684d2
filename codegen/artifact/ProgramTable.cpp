#include "codegen/artifact/ProgramTable.h"
#include "ir/Ops.h"
#include "ir/support/Derivation.h"
#include "ir/support/ShapeMath.h"
#include "passes/memory/BufferPlan.h"
#include "runtime/abi/arena.h"
#include "runtime/abi/dtype.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/xxhash.h"
#include <set>

using namespace mlir;
using namespace dlc::ir;

namespace dlc::codegen {

//===- TableBlob ----------------------------------------------------------------------------===//

size_t TableBlob::appendBytes(const void *data, size_t count) {
  bytes.resize((bytes.size() + 7) / 8 * 8);
  size_t offset = bytes.size();
  bytes.resize(offset + count);
  if (count)
    std::memcpy(bytes.data() + offset, data, count);
  return offset;
}

size_t TableBlob::appendString(StringRef text) {
  size_t offset = appendBytes(text.data(), text.size());
  bytes.push_back(0);
  return offset;
}

void TableBlob::point(size_t field, size_t target) {
  dlc_rel distance = int64_t(target) - int64_t(field);
  std::memcpy(bytes.data() + field, &distance, sizeof(distance));
}

void TableBlob::refer(size_t field, size_t target, uint32_t count) {
  if (!count)
    return;
  point(field + offsetof(dlc_ref, rel), target);
  std::memcpy(bytes.data() + field + offsetof(dlc_ref, count), &count, sizeof(count));
}

//===- Expressions --------------------------------------------------------------------------===//

static void appendCode(SizeAttr size, function_ref<uint32_t(StringRef)> number,
                       std::vector<int64_t> &code) {
  auto fold = [&](int64_t op) {
    for (auto [i, operand] : llvm::enumerate(size.getOperands())) {
      appendCode(operand, number, code);
      if (i)
        code.push_back(op);
    }
  };
  switch (size.getKind()) {
  case SizeKind::Constant:
    code.insert(code.end(), {DLC_EXPR_CONST, size.getValue()});
    return;
  case SizeKind::Symbol:
    code.insert(code.end(), {DLC_EXPR_SYM, int64_t(number(size.getSymbol().getValue()))});
    return;
  case SizeKind::Add:
    return fold(DLC_EXPR_ADD);
  case SizeKind::Mul:
    fold(DLC_EXPR_MUL);
    if (size.getValue() != 1)
      code.insert(code.end(), {DLC_EXPR_CONST, size.getValue(), DLC_EXPR_MUL});
    return;
  case SizeKind::FloorDiv:
    return fold(DLC_EXPR_FLOORDIV);
  case SizeKind::Min:
    return fold(DLC_EXPR_MIN);
  case SizeKind::Max:
    return fold(DLC_EXPR_MAX);
  }
}

std::vector<int64_t> expressionCode(SizeAttr size, function_ref<uint32_t(StringRef)> number) {
  std::vector<int64_t> code;
  appendCode(size, number, code);
  return code;
}

std::vector<SymbolAttr> programSymbols(ModuleOp module) {
  std::vector<SymbolAttr> symbols;
  llvm::StringMap<bool> known;
  if (auto declared = module->getAttrOfType<ArrayAttr>("dlc.symbols"))
    for (auto symbol : declared.getAsRange<SymbolAttr>()) {
      symbols.push_back(symbol);
      known[symbol.getName().getValue()] = true;
    }
  auto visit = [&](Type type) {
    for (SizeAttr size : shapeOf(type))
      sizeForEachSymbol(size, [&](StringRef name) {
        if (known.try_emplace(name, true).second)
          symbols.push_back(SymbolAttr::get(module.getContext(),
                                            StringAttr::get(module.getContext(), name), 0,
                                            std::nullopt, 1));
      });
  };
  for (auto entry : module.getOps<EntryOp>())
    llvm::for_each(entry.getArgumentTypes(), visit);
  for (auto variable : module.getOps<VariableOp>())
    visit(variable.getType());
  return symbols;
}

uint32_t dtypeOf(Type type) {
  Type element = cast<ShapedType>(type).getElementType();
  if (element.isF32())
    return DLC_F32;
  if (element.isF64())
    return DLC_F64;
  if (element.isF16())
    return DLC_F16;
  if (element.isBF16())
    return DLC_BF16;
  if (element.isUnsignedInteger(8))
    return DLC_U8;
  switch (element.getIntOrFloatBitWidth()) {
  case 64:
    return DLC_I64;
  case 32:
    return DLC_I32;
  case 8:
    return DLC_I8;
  default:
    return DLC_I1;
  }
}

//===- The table ----------------------------------------------------------------------------===//

namespace {

uint32_t roleOf(VariableRole role) {
  switch (role) {
  case VariableRole::weight:
    return DLC_ROLE_WEIGHT;
  case VariableRole::slot:
    return DLC_ROLE_SLOT;
  case VariableRole::statistic:
    return DLC_ROLE_STATISTIC;
  case VariableRole::hyperparameter:
    return DLC_ROLE_HYPERPARAMETER;
  case VariableRole::rng:
    return DLC_ROLE_RNG;
  case VariableRole::cache:
    return DLC_ROLE_CACHE;
  case VariableRole::derived:
    break;
  }
  llvm_unreachable("derived variables are storages without a variable");
}

int64_t storedBytes(Type type) {
  unsigned bits = cast<ShapedType>(type).getElementType().getIntOrFloatBitWidth();
  return std::max(1u, bits / 8);
}

class TableBuilder {
public:
  TableBuilder(ModuleOp module, TableBlob &blob) : module(module), table(module), blob(blob) {
    symbols = programSymbols(module);
    for (auto [i, symbol] : llvm::enumerate(symbols))
      symbolNumber[symbol.getName().getValue()] = i;
    for (auto variable : module.getOps<VariableOp>()) {
      storageNumber[variable.getSymName()] = storages.size();
      storages.push_back(variable);
      if (variable.getRole() == VariableRole::derived)
        continue;
      variableNumber[variable.getSymName()] = variables.size();
      variables.push_back(variable);
    }
    for (auto entry : module.getOps<EntryOp>())
      if (!entry.isPrivate())
        entries.push_back(entry);
  }

  size_t build(const std::vector<TableVariant> &variants, StringRef manifest, uint64_t identity) {
    dlc_program program = {};
    program.size = sizeof(program);
    program.abi = DLC_ABI_VERSION;
    program.magic = DLC_PROGRAM_MAGIC;
    program.identity = identity;
    size_t root = blob.append(program);
    StringRef name = module.getSymName().value_or("model");
    blob.point(root + offsetof(dlc_program, name), blob.appendString(name));
    writeSymbols(root + offsetof(dlc_program, symbols));
    writeVariables(root + offsetof(dlc_program, variables));
    writeEntries(root + offsetof(dlc_program, entries));
    writeVariants(root + offsetof(dlc_program, variants), variants);
    blob.refer(root + offsetof(dlc_program, manifest),
               blob.appendBytes(manifest.data(), manifest.size()), manifest.size());
    return root;
  }

private:
  /// Writes an array of structs first, then lets `fill` add what hangs below each.
  template <typename T>
  size_t writeArray(size_t field, size_t count, function_ref<T(size_t)> make,
                    function_ref<void(size_t index, size_t at)> fill) {
    std::vector<T> structs;
    for (size_t i = 0; i < count; ++i) {
      structs.push_back(make(i));
      structs.back().size = sizeof(T);
    }
    size_t array = blob.appendArray(structs);
    blob.refer(field, array, count);
    for (size_t i = 0; i < count; ++i)
      fill(i, array + i * sizeof(T));
    return array;
  }

  void writeName(size_t field, StringRef name) { blob.point(field, blob.appendString(name)); }

  void writeCode(size_t field, const std::vector<int64_t> &code) {
    blob.refer(field, blob.appendArray(code), code.size());
  }

  void writeSize(size_t field, SizeAttr size) {
    writeCode(field, expressionCode(size, [&](StringRef name) { return symbolNumber.at(name); }));
  }

  void writeDims(size_t field, Type type) {
    Shape shape = shapeOf(type);
    std::vector<dlc_expr> dims(shape.size());
    size_t array = blob.appendArray(dims);
    blob.refer(field, array, dims.size());
    for (auto [i, size] : llvm::enumerate(shape))
      writeSize(array + i * sizeof(dlc_expr), size);
  }

  void writeSymbols(size_t field) {
    writeArray<dlc_symbol>(
        field, symbols.size(),
        [&](size_t i) {
          dlc_symbol symbol = {};
          symbol.min = symbols[i].getMin();
          symbol.max = symbols[i].getMax().value_or(INT64_MAX);
          symbol.divisor = symbols[i].getDivisor();
          return symbol;
        },
        [&](size_t i, size_t at) {
          writeName(at + offsetof(dlc_symbol, name), symbols[i].getName().getValue());
        });
  }

  void writeVariables(size_t field) {
    writeArray<dlc_variable>(
        field, variables.size(),
        [&](size_t i) {
          dlc_variable variable = {};
          variable.dtype = dtypeOf(variables[i].getType());
          variable.role = roleOf(variables[i].getRole());
          return variable;
        },
        [&](size_t i, size_t at) {
          writeName(at + offsetof(dlc_variable, name), variables[i].getSymName());
          writeDims(at + offsetof(dlc_variable, dims), variables[i].getType());
        });
  }

  struct Port {
    StringRef name;
    Type type;
  };

  void writePorts(size_t field, ArrayRef<Port> ports) {
    writeArray<dlc_port>(
        field, ports.size(),
        [&](size_t i) {
          dlc_port port = {};
          port.dtype = dtypeOf(ports[i].type);
          return port;
        },
        [&](size_t i, size_t at) {
          writeName(at + offsetof(dlc_port, name), ports[i].name);
          writeDims(at + offsetof(dlc_port, dims), ports[i].type);
        });
  }

  void writeEntries(size_t field) {
    writeArray<dlc_entry>(
        field, entries.size(), [](size_t) { return dlc_entry{}; },
        [&](size_t i, size_t at) { writeEntry(entries[i], at); });
  }

  /// Derived variables are storages only: an entry that reads one reads its source as well.
  void addVariable(FlatSymbolRefAttr state, std::vector<uint32_t> &numbers) {
    auto found = variableNumber.find(state.getValue());
    if (found != variableNumber.end())
      numbers.push_back(found->second);
  }

  void writeEntry(EntryOp entry, size_t at) {
    writeName(at + offsetof(dlc_entry, name), entry.getSymName());
    SmallVector<Port> inputs, outputs;
    std::vector<uint32_t> reads, writes;
    for (auto [i, type] : llvm::enumerate(entry.getArgumentTypes())) {
      if (auto state = entry.getArgState(i))
        addVariable(state, reads);
      else
        inputs.push_back({entry.getArgName(i), type});
    }
    for (auto [i, type] : llvm::enumerate(entry.getResultTypes())) {
      if (auto state = entry.getResultState(i))
        addVariable(state, writes);
      else
        outputs.push_back({entry.getResultName(i), type});
    }
    writePorts(at + offsetof(dlc_entry, inputs), inputs);
    writePorts(at + offsetof(dlc_entry, outputs), outputs);
    blob.refer(at + offsetof(dlc_entry, reads), blob.appendArray(reads), reads.size());
    blob.refer(at + offsetof(dlc_entry, writes), blob.appendArray(writes), writes.size());
  }

  void writeVariants(size_t field, const std::vector<TableVariant> &variants) {
    writeArray<dlc_variant>(
        field, variants.size(),
        [&](size_t i) {
          dlc_variant variant = {};
          variant.device = variants[i].device;
          llvm::copy(variants[i].isa, variant.isa);
          variant.layout_hash = layoutHash();
          return variant;
        },
        [&](size_t i, size_t at) {
          writeName(at + offsetof(dlc_variant, name), variants[i].name);
          writeStorages(at + offsetof(dlc_variant, storages), variants[i]);
          writeBodies(at + offsetof(dlc_variant, bodies), variants[i]);
          writeKernels(at + offsetof(dlc_variant, kernels), variants[i].kernels);
        });
  }

  /// Of what the storages hold beyond the variables; 0 when all of them are plain.
  uint64_t layoutHash() {
    std::string text;
    llvm::raw_string_ostream os(text);
    for (VariableOp storage : storages)
      if (storage.getSource()) {
        os << storage.getSymName() << storage.getType();
        for (FlatSymbolRefAttr source : sourcesOf(storage))
          os << source.getValue();
        os << '\n';
      }
    return text.empty() ? 0 : llvm::xxh3_64bits(text);
  }

  void writeStorages(size_t field, const TableVariant &variant) {
    writeArray<dlc_storage>(
        field, storages.size(),
        [&](size_t i) {
          dlc_storage storage = {};
          storage.variable = storages[i].getSource() ? DLC_NONE
                                                     : variableNumber.at(storages[i].getSymName());
          storage.space = DLC_SPACE_HOST;
          storage.import_kernel = storage.export_kernel = -1;
          storage.refresh_kernel = refreshKernel(storages[i], variant);
          return storage;
        },
        [&](size_t i, size_t at) {
          Type type = storages[i].getType();
          writeName(at + offsetof(dlc_storage, name), storages[i].getSymName());
          writeSize(at + offsetof(dlc_storage, bytes),
                    sizeMul(elementCount(type), storedBytes(type)));
          std::vector<uint32_t> sources;
          for (FlatSymbolRefAttr source : sourcesOf(storages[i]))
            sources.push_back(storageNumber.at(source.getValue()));
          blob.refer(at + offsetof(dlc_storage, sources), blob.appendArray(sources),
                     sources.size());
          if (!sources.empty())
            writeRefreshSizes(at + offsetof(dlc_storage, sizes), storages[i]);
        });
  }

  /// The dispatch that is all of a storage's derivation (Compiler.cpp checks that it is).
  DispatchOp refreshOf(VariableOp storage) {
    auto derivation = table.lookup<EntryOp>(*storage.getDerivation());
    return cast<DispatchOp>(derivation.getBody().front().front());
  }

  void writeRefreshSizes(size_t field, VariableOp storage) {
    auto func = table.lookup<KernelFuncOp>(refreshOf(storage).getKernel());
    std::vector<dlc_expr> sizes(func.getSymbols().size());
    size_t array = blob.appendArray(sizes);
    blob.refer(field, array, sizes.size());
    for (auto [i, symbol] : llvm::enumerate(func.getSymbols().getAsRange<StringAttr>()))
      writeSize(array + i * sizeof(dlc_expr), sizeSymbol(module.getContext(), symbol.getValue()));
  }

  /// The number of the one kernel that the derivation of a storage dispatches.
  int32_t refreshKernel(VariableOp storage, const TableVariant &variant) {
    if (!storage.getSource())
      return -1;
    StringRef name = refreshOf(storage).getKernel();
    auto kernel = llvm::find_if(
        variant.kernels, [&](const TableKernel &kernel) { return kernel.name == name; });
    return kernel - variant.kernels.begin();
  }

  void writeBodies(size_t field, const TableVariant &variant) {
    writeArray<dlc_body>(
        field, entries.size(), [](size_t) { return dlc_body{}; },
        [&](size_t i, size_t at) {
          blob.pointToFunction(at + offsetof(dlc_body, host_fn), variant.hostFunctions[i],
                               /*host=*/true);
          writeBuffers(at + offsetof(dlc_body, buffers), entries[i]);
          writeCode(at + offsetof(dlc_body, scratch), scratchOf(entries[i], variant));
        });
  }

  static uint32_t kindOf(BufferKind kind) {
    switch (kind) {
    case BufferKind::input:
      return DLC_BUFFER_INPUT;
    case BufferKind::output:
      return DLC_BUFFER_OUTPUT;
    case BufferKind::state:
      return DLC_BUFFER_STORAGE;
    case BufferKind::state_next:
      return DLC_BUFFER_STORAGE_NEXT;
    case BufferKind::temporary:
    case BufferKind::slice:
      return DLC_BUFFER_TEMPORARY;
    }
    llvm_unreachable("all kinds are handled");
  }

  void writeBuffers(size_t field, EntryOp entry) {
    SmallVector<BufferAttr> buffers;
    for (Attribute buffer : entry->getAttrOfType<ArrayAttr>(passes::kEntryBuffersAttr))
      buffers.push_back(cast<BufferAttr>(buffer));
    writeArray<dlc_buffer>(
        field, buffers.size(),
        [&](size_t i) {
          dlc_buffer buffer = {};
          buffer.kind = kindOf(buffers[i].getKind());
          buffer.index = buffers[i].getKind() == BufferKind::slice ? 0 : buffers[i].getIndex();
          buffer.space = DLC_SPACE_HOST;
          buffer.first = buffers[i].getFirst();
          buffer.last = buffers[i].getLast();
          buffer.alias = -1;
          return buffer;
        },
        [&](size_t i, size_t at) {
          // A slice has no memory of its own: host code names the buffer that it is part of.
          bool slice = buffers[i].getKind() == BufferKind::slice;
          writeSize(at + offsetof(dlc_buffer, bytes),
                    slice ? sizeConstant(module.getContext(), 0) : buffers[i].getBytes());
        });
  }

  /// The largest scratch of the entry's dispatches, or of those that may run at the same time.
  std::vector<int64_t> scratchOf(EntryOp entry, const TableVariant &variant) {
    llvm::StringMap<const TableKernel *> kernels;
    for (const TableKernel &kernel : variant.kernels)
      kernels[kernel.name] = &kernel;
    std::vector<int64_t> code;
    std::set<std::vector<int64_t>> seen{{}};
    passes::forEachChain(entry, [&](ArrayRef<DispatchOp> chain) {
      std::vector<int64_t> sum;
      for (DispatchOp dispatch : chain)
        appendScratch(kernels.at(dispatch.getKernel())->scratch,
                      table.lookup<KernelFuncOp>(dispatch.getKernel()), sum);
      if (!seen.insert(sum).second)
        return;
      bool first = code.empty();
      code.insert(code.end(), sum.begin(), sum.end());
      if (!first)
        code.push_back(DLC_EXPR_MAX);
    });
    return code;
  }

  /// Adds the scratch of one kernel to that of others, each aligned. Kernel symbols have the
  /// program's names, so their expressions only need renumbering.
  void appendScratch(const std::vector<int64_t> &scratch, KernelFuncOp func,
                     std::vector<int64_t> &sum) {
    if (scratch.size() == 2 && scratch[0] == DLC_EXPR_CONST && scratch[1] == 0)
      return;
    bool first = sum.empty();
    for (size_t i = 0; i < scratch.size(); ++i) {
      sum.push_back(scratch[i]);
      if (scratch[i] != DLC_EXPR_SYM && scratch[i] != DLC_EXPR_CONST)
        continue;
      ++i;
      bool symbol = scratch[i - 1] == DLC_EXPR_SYM;
      sum.push_back(symbol ? symbolNumber.at(cast<StringAttr>(func.getSymbols()[scratch[i]]).getValue())
                           : scratch[i]);
    }
    constexpr int64_t align = DLC_ARENA_ALIGNMENT;
    sum.insert(sum.end(), {DLC_EXPR_CONST, align - 1, DLC_EXPR_ADD, DLC_EXPR_CONST, align,
                           DLC_EXPR_FLOORDIV, DLC_EXPR_CONST, align, DLC_EXPR_MUL});
    if (!first)
      sum.push_back(DLC_EXPR_ADD);
  }

  void writeKernels(size_t field, const std::vector<TableKernel> &kernels) {
    writeArray<dlc_kernel>(
        field, kernels.size(),
        [&](size_t i) {
          dlc_kernel kernel = {};
          kernel.args = kernels[i].args;
          kernel.sizes = kernels[i].sizes;
          return kernel;
        },
        [&](size_t i, size_t at) {
          const TableKernel &kernel = kernels[i];
          writeName(at + offsetof(dlc_kernel, name), kernel.name);
          writeCode(at + offsetof(dlc_kernel, flops), kernel.flops);
          writeCode(at + offsetof(dlc_kernel, bytes), kernel.bytes);
          writeCode(at + offsetof(dlc_kernel, scratch), kernel.scratch);
          writePhases(at + offsetof(dlc_kernel, phases), kernel.phases);
          if (!kernel.where.empty())
            writeName(at + offsetof(dlc_kernel, where), kernel.where);
          writeResults(at + offsetof(dlc_kernel, results), kernel.results);
        });
  }

  void writeResults(size_t field, const std::vector<TableResult> &results) {
    writeArray<dlc_result>(
        field, results.size(),
        [&](size_t i) {
          dlc_result result = {};
          result.dtype = results[i].dtype;
          return result;
        },
        [&](size_t i, size_t at) {
          writeCode(at + offsetof(dlc_result, elements), results[i].elements);
        });
  }

  void writePhases(size_t field, const std::vector<TablePhase> &phases) {
    writeArray<dlc_phase>(
        field, phases.size(), [](size_t) { return dlc_phase{}; },
        [&](size_t i, size_t at) {
          blob.pointToFunction(at + offsetof(dlc_phase, fn), phases[i].function,
                               /*host=*/false);
          writeCode(at + offsetof(dlc_phase, tiles), phases[i].tiles);
          writeCode(at + offsetof(dlc_phase, grain), phases[i].grain);
        });
  }

  ModuleOp module;
  SymbolTable table;
  TableBlob &blob;
  std::vector<SymbolAttr> symbols;
  std::vector<VariableOp> storages;  ///< all variables of the module
  std::vector<VariableOp> variables; ///< those that users see: not the derived ones
  std::vector<EntryOp> entries;
  llvm::StringMap<uint32_t> symbolNumber, variableNumber, storageNumber;
};

} // namespace

TableBlob buildProgramTable(ModuleOp module, const std::vector<TableVariant> &variants,
                            StringRef manifest, uint64_t identity, size_t &root) {
  TableBlob blob;
  root = TableBuilder(module, blob).build(variants, manifest, identity);
  return blob;
}

} // namespace dlc::codegen
