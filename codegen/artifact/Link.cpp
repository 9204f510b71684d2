#include "codegen/artifact/Link.h"
#include "codegen/cpu/EmitObject.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Object/ArchiveWriter.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace dlc::codegen {
namespace {

/// What a field that points to a function holds: the distance from it, or, where functions have no
/// addresses, the function's number.
Constant *functionField(Function *target, GlobalVariable *table, size_t offset, bool isWasm) {
  LLVMContext &context = table->getContext();
  Type *address = Type::getInt64Ty(context), *word = Type::getInt32Ty(context);
  if (isWasm)
    return ConstantExpr::getPtrToInt(target, word);
  Constant *field = ConstantExpr::getGetElementPtr(Type::getInt8Ty(context), table,
                                                   ConstantInt::get(address, offset));
  Constant *distance = ConstantExpr::getSub(ConstantExpr::getPtrToInt(target, address),
                                            ConstantExpr::getPtrToInt(field, address));
  return ConstantExpr::getTrunc(distance, word);
}

/// As it is defined elsewhere: a WebAssembly call checks the type.
FunctionType *typeOf(const TableBlob::Relocation &relocation, LLVMContext &context) {
  auto *pointer = PointerType::get(context, 0);
  Type *number = Type::getInt64Ty(context);
  if (relocation.host)
    return FunctionType::get(Type::getInt32Ty(context), {pointer, pointer}, false);
  return FunctionType::get(Type::getVoidTy(context), {pointer, pointer, number, number}, false);
}

/// The blob as a packed struct: runs of bytes, and fields that point to functions between them.
GlobalVariable *makeTable(Module &module, const TableBlob &blob, bool isWasm) {
  LLVMContext &context = module.getContext();
  std::vector<TableBlob::Relocation> relocations = blob.relocations;
  llvm::sort(relocations, [](const auto &a, const auto &b) { return a.offset < b.offset; });
  Type *byte = Type::getInt8Ty(context), *word = Type::getInt32Ty(context);
  std::vector<Type *> types;
  size_t at = 0;
  for (const auto &relocation : relocations) {
    types.push_back(ArrayType::get(byte, relocation.offset - at));
    types.push_back(word);
    at = relocation.offset + 4;
  }
  types.push_back(ArrayType::get(byte, blob.bytes.size() - at));
  auto *type = StructType::get(context, types, /*isPacked=*/true);
  auto *table = new GlobalVariable(module, type, /*isConstant=*/true, GlobalValue::InternalLinkage,
                                   nullptr, "dlc_program_table");
  table->setAlignment(Align(64));

  std::vector<Constant *> values;
  auto appendBytes = [&](size_t begin, size_t end) {
    values.push_back(ConstantDataArray::get(
        context,
        ArrayRef(reinterpret_cast<const uint8_t *>(blob.bytes.data()) + begin, end - begin)));
  };
  at = 0;
  for (const auto &relocation : relocations) {
    appendBytes(at, relocation.offset);
    auto *target = cast<Function>(
        module.getOrInsertFunction(relocation.symbol, typeOf(relocation, context)).getCallee());
    target->setVisibility(GlobalValue::HiddenVisibility);
    target->setDSOLocal(true);
    values.push_back(functionField(target, table, relocation.offset, isWasm));
    at = relocation.offset + 4;
  }
  appendBytes(at, blob.bytes.size());
  table->setInitializer(ConstantStruct::get(type, values));
  return table;
}

/// A temporary file that is removed with this object.
class TemporaryFile {
public:
  static Expected<TemporaryFile> create(StringRef suffix) {
    TemporaryFile file;
    if (std::error_code error = sys::fs::createTemporaryFile("dlc", suffix, file.path))
      return createStringError(error, "cannot create a temporary file");
    return file;
  }
  TemporaryFile() = default;
  TemporaryFile(TemporaryFile &&other) noexcept : path(std::move(other.path)) {
    other.path.clear();
  }
  ~TemporaryFile() {
    if (!path.empty())
      (void)sys::fs::remove(path);
  }
  SmallString<128> path;
};

Error writeFile(StringRef path, StringRef bytes) {
  std::error_code error;
  raw_fd_ostream os(path, error);
  if (error)
    return createStringError(error, "cannot write %s", path.str().c_str());
  os << bytes;
  os.close();
  if (os.has_error()) {
    error = os.error();
    os.clear_error();
    return createStringError(error, "cannot write %s", path.str().c_str());
  }
  return Error::success();
}

/// A program by the first of its names that is there; `package` is what brings it.
Expected<std::string> findTool(ArrayRef<StringRef> names, StringRef package) {
  for (StringRef name : names) {
    if (auto found = sys::findProgramByName(name))
      return *found;
    if (auto found = sys::findProgramByName(name, {"/usr/lib/llvm-22/bin"}))
      return *found;
  }
  return createStringError("cannot find the program " + names.back() + "; install the package " +
                           package);
}

/// Runs a program; what it prints is part of the error when it fails.
Error runTool(StringRef program, ArrayRef<StringRef> arguments) {
  auto messages = TemporaryFile::create("txt");
  if (!messages)
    return messages.takeError();
  std::vector<StringRef> words{program};
  llvm::append_range(words, arguments);
  std::string error;
  std::optional<StringRef> redirects[] = {StringRef(), messages->path.str(), messages->path.str()};
  if (sys::ExecuteAndWait(program, words, std::nullopt, redirects, 120, 0, &error) == 0)
    return Error::success();
  auto text = MemoryBuffer::getFile(messages->path);
  return createStringError("linking failed: %s%s", error.c_str(),
                           text ? (*text)->getBuffer().str().c_str() : "");
}

/// The objects in one file: a network has hundreds, and each would be a file to make and remove.
Expected<TemporaryFile> writeArchive(ArrayRef<std::string> objects) {
  std::vector<std::string> names;
  for (size_t i = 0; i < objects.size(); ++i)
    names.push_back(std::to_string(i) + ".o");
  std::vector<NewArchiveMember> members;
  for (const auto &[object, name] : zip(objects, names))
    members.emplace_back(MemoryBufferRef(object, name));
  auto archive = writeArchiveToBuffer(members, SymtabWritingMode::NoSymtab, object::Archive::K_GNU,
                                      /*Deterministic=*/true,
                                      /*Thin=*/false);
  if (!archive)
    return archive.takeError();
  auto file = TemporaryFile::create("a");
  if (!file)
    return file.takeError();
  if (Error error = writeFile(file->path, (*archive)->getBuffer()))
    return error;
  return file;
}

constexpr StringRef kElfLinkers[] = {"ld.lld-22", "ld.lld"};

/// What the first of `linkers` that is here makes of `objects`; `finish` may change its file.
Expected<std::string> link(ArrayRef<StringRef> linkers, std::vector<StringRef> arguments,
                           ArrayRef<std::string> objects,
                           function_ref<Error(StringRef path)> finish = nullptr) {
  auto linker = findTool(linkers, "lld-22");
  if (!linker)
    return linker.takeError();
  auto output = TemporaryFile::create("out");
  if (!output)
    return output.takeError();
  auto archive = writeArchive(objects);
  if (!archive)
    return archive.takeError();
  arguments.insert(arguments.end(), {"-o", output->path, "--whole-archive", archive->path});
  if (Error error = runTool(*linker, arguments))
    return error;
  if (Error error = finish ? finish(output->path) : Error::success())
    return error;
  auto linked = MemoryBuffer::getFile(output->path);
  if (!linked)
    return createStringError(linked.getError(), "cannot read the linked file");
  return (*linked)->getBuffer().str();
}

/// Leaves `symbols` as the only ones that other objects see, so that several models link into one
/// program although equal kernels have equal names.
Error hideAllBut(ArrayRef<std::string> symbols, StringRef path) {
  auto objcopy = findTool({"llvm-objcopy-22", "llvm-objcopy"}, "llvm-22");
  if (!objcopy)
    return objcopy.takeError();
  std::vector<StringRef> arguments;
  for (StringRef symbol : symbols)
    arguments.insert(arguments.end(), {"--keep-global-symbol", symbol});
  arguments.push_back(path);
  return runTool(*objcopy, arguments);
}

} // namespace

Expected<std::string> emitTableObject(const TableBlob &blob, size_t root, StringRef query,
                                      const cpu::CpuTarget &target) {
  LLVMContext context;
  Module module("program", context);
  GlobalVariable *table = makeTable(module, blob, target.isWasm());
  auto *pointer = PointerType::get(context, 0);
  auto *function = Function::Create(FunctionType::get(pointer, false), GlobalValue::ExternalLinkage,
                                    query, module);
  IRBuilder<> builder(BasicBlock::Create(context, "", function));
  builder.CreateRet(ConstantExpr::getGetElementPtr(builder.getInt8Ty(), table,
                                                   ConstantInt::get(builder.getInt64Ty(), root)));
  auto bytes = cpu::emitLlvm(module, target);
  if (!bytes)
    return bytes.takeError();
  return std::string(bytes->begin(), bytes->end());
}

Expected<std::string> linkArtifact(ArrayRef<std::string> objects) {
  return link(kElfLinkers,
              {"-shared", "--gc-sections", "-z", "noexecstack", "-z", "now", "-z", "relro",
               "--hash-style=gnu", "--build-id=none", "-s", "--soname=model.dlca"},
              objects);
}

Expected<std::string> linkRelocatable(ArrayRef<std::string> objects,
                                      ArrayRef<std::string> exported) {
  return link(kElfLinkers, {"-r"}, objects,
              [&](StringRef path) { return hideAllBut(exported, path); });
}

Expected<std::string> linkWasm(std::vector<std::string> objects) {
  objects.insert(objects.begin(), std::string(wasmCore()));
  // A kernel's stack holds a few register tiles; it lies first, so that overflowing it traps.
  return link({"wasm-ld-22", "wasm-ld"},
              {"--no-entry", "--gc-sections", "--strip-all", "--stack-first", "-z",
               "stack-size=1048576", "--fatal-warnings"},
              objects);
}

void appendTrailer(std::string &file, bool isWasm) {
  if (isWasm) {
    constexpr char name[] = "\3dlc"; // its length, and itself
    constexpr char size = sizeof(name) - 1 + sizeof(dlc_trailer);
    file += {0, size};
    file += name;
  } else {
    file.resize((file.size() + 7) / 8 * 8);
  }
  dlc_trailer trailer = {};
  trailer.magic = DLC_TRAILER_MAGIC;
  trailer.size = sizeof(trailer);
  trailer.abi = DLC_ABI_VERSION;
  trailer.file_bytes = file.size() + sizeof(trailer);
  trailer.checksum = dlc_checksum(file.data(), file.size());
  file.append(reinterpret_cast<const char *>(&trailer), sizeof(trailer));
}

} // namespace dlc::codegen
