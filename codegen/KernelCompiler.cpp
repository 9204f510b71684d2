#include "codegen/KernelCompiler.h"
#include "codegen/Places.h"
#include "codegen/cpu/EmitObject.h"
#include "codegen/cpu/Isa.h"
#include "codegen/cpu/LowerToLlvm.h"
#include "codegen/cpu/RandomStreams.h"
#include "codegen/cpu/choose/Grain.h"
#include "codegen/lower/ExpandMath.h"
#include "ir/support/ShapeMath.h"
#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/IR/AsmState.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/BLAKE3.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include <ctime>
#include <dlfcn.h>

using namespace mlir;
using namespace dlc::ir;

namespace dlc::codegen {
namespace {

/// Changes whenever the emitters would make other code from the same text: a hash of the program
/// or library that holds them.
StringRef cacheVersion() {
  static const std::string version = [] {
    Dl_info info;
    if (!dladdr(reinterpret_cast<void *>(&makeRequest), &info) || !info.dli_fname)
      return std::string();
    // Of the program itself the loader knows the name that it was called by, which need not be a
    // path: "dlc" when the shell found it.
    StringRef name = info.dli_fname;
    auto file = llvm::MemoryBuffer::getFile(name.contains('/') ? name : "/proc/self/exe",
                                            /*IsText=*/false, /*RequiresNullTerminator=*/false);
    if (!file)
      return std::string();
    StringRef bytes = (*file)->getBuffer();
    return llvm::toHex(llvm::BLAKE3::hash<16>(
        ArrayRef(reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size())));
  }();
  return version;
}

std::string hashOf(const KernelRequest &request, const cpu::CpuTarget &target) {
  llvm::BLAKE3 hash;
  auto add = [&](StringRef text) {
    uint64_t size = text.size();
    hash.update(ArrayRef(reinterpret_cast<const uint8_t *>(&size), sizeof(size)));
    hash.update(text);
  };
  add(request.source);
  for (auto [result, operand] : request.shared)
    add((Twine(result) + "=" + Twine(operand)).str());
  add(target.triple);
  add(target.cpu);
  add(target.features);
  return llvm::toHex(hash.final<16>(), /*LowerCase=*/true);
}

//===- The cache: one file per kernel -------------------------------------------------------===//

/// Length-prefixed fields. Reading checks every length against what is left.
class FieldWriter {
public:
  void add(StringRef text) {
    uint64_t size = text.size();
    bytes.append(reinterpret_cast<const char *>(&size), sizeof(size));
    bytes += text;
  }
  void add(const std::vector<int64_t> &code) {
    add(StringRef(reinterpret_cast<const char *>(code.data()), code.size() * sizeof(int64_t)));
  }
  std::string bytes;
};

class FieldReader {
public:
  explicit FieldReader(StringRef bytes) : bytes(bytes) {}
  bool read(std::string &text) {
    uint64_t size = 0;
    if (bytes.size() < sizeof(size))
      return false;
    std::memcpy(&size, bytes.data(), sizeof(size));
    bytes = bytes.drop_front(sizeof(size));
    if (size > bytes.size())
      return false;
    text = bytes.take_front(size).str();
    bytes = bytes.drop_front(size);
    return true;
  }
  bool read(std::vector<int64_t> &code) {
    std::string text;
    if (!read(text) || text.size() % sizeof(int64_t))
      return false;
    code.resize(text.size() / sizeof(int64_t));
    if (!code.empty())
      std::memcpy(code.data(), text.data(), text.size());
    return true;
  }
  bool atEnd() const { return bytes.empty(); }

private:
  StringRef bytes;
};

std::string serialize(const CompiledKernel &kernel) {
  FieldWriter fields;
  fields.add(cacheVersion());
  fields.add(kernel.table.flops);
  fields.add(kernel.table.bytes);
  fields.add(kernel.table.scratch);
  fields.add(std::vector<int64_t>{int64_t(kernel.table.phases.size()), kernel.table.args,
                                  kernel.table.sizes});
  for (const TablePhase &phase : kernel.table.phases) {
    fields.add(phase.function);
    fields.add(phase.tiles);
    fields.add(phase.grain);
  }
  fields.add(kernel.object);
  // A file that was cut or altered on disk must not be linked.
  FieldWriter checked;
  checked.add(llvm::toHex(llvm::BLAKE3::hash<16>(
      ArrayRef(reinterpret_cast<const uint8_t *>(fields.bytes.data()), fields.bytes.size()))));
  checked.add(fields.bytes);
  return checked.bytes;
}

bool deserialize(StringRef bytes, CompiledKernel &kernel) {
  std::string hash, content, version;
  FieldReader checked(bytes);
  if (!checked.read(hash) || !checked.read(content) || !checked.atEnd() ||
      hash != llvm::toHex(llvm::BLAKE3::hash<16>(
                  ArrayRef(reinterpret_cast<const uint8_t *>(content.data()), content.size()))))
    return false;
  FieldReader fields(content);
  std::vector<int64_t> counts;
  if (!fields.read(version) || version != cacheVersion() || !fields.read(kernel.table.flops) ||
      !fields.read(kernel.table.bytes) || !fields.read(kernel.table.scratch) ||
      !fields.read(counts) || counts.size() != 3)
    return false;
  kernel.table.phases.resize(counts[0]);
  kernel.table.args = counts[1];
  kernel.table.sizes = counts[2];
  for (TablePhase &phase : kernel.table.phases)
    if (!fields.read(phase.function) || !fields.read(phase.tiles) || !fields.read(phase.grain))
      return false;
  return fields.read(kernel.object) && fields.atEnd();
}

bool loadCached(StringRef path, CompiledKernel &kernel) {
  auto file = llvm::MemoryBuffer::getFile(path);
  return file && deserialize((*file)->getBuffer(), kernel);
}

/// Written under another name first: a reader sees all of it or nothing.
void storeCached(StringRef folder, StringRef path, const CompiledKernel &kernel) {
  if (llvm::sys::fs::create_directories(folder))
    return;
  if (auto error = llvm::writeToOutput(path, [&](llvm::raw_ostream &os) {
        os << serialize(kernel);
        return llvm::Error::success();
      }))
    llvm::consumeError(std::move(error));
}

/// The number of a size symbol among those that the kernel is given.
uint32_t numberOf(KernelFuncOp func, StringRef name) {
  for (auto [i, symbol] : llvm::enumerate(func.getSymbols()))
    if (cast<StringAttr>(symbol).getValue() == name)
      return i;
  llvm_unreachable("dlc.kernel_func lists every symbol that it uses");
}

//===- Compilation --------------------------------------------------------------------------===//

/// Adds to each step of a kernel what it takes.
class StepTimer {
public:
  explicit StepTimer(CompiledKernel &kernel) : kernel(kernel), start(threadMilliseconds()) {}
  ~StepTimer() { begin(current); }
  void begin(cpu::CompileStep step) {
    double now = threadMilliseconds();
    kernel.milliseconds[current] += now - start;
    start = now;
    current = step;
  }

private:
  CompiledKernel &kernel;
  double start;
  cpu::CompileStep current = cpu::EmitStep;
};

std::unique_ptr<MLIRContext> makeContext() {
  DialectRegistry registry;
  cpu::registerKernelDialects(registry);
  registry.insert<DlcDialect>();
  auto context = std::make_unique<MLIRContext>(registry, MLIRContext::Threading::DISABLED);
  context->loadAllAvailableDialects();
  return context;
}

} // namespace

double threadMilliseconds() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return double(time.tv_sec) * 1e3 + double(time.tv_nsec) * 1e-6;
}

KernelRequest makeRequest(KernelFuncOp func, cpu::SharedBuffers shared) {
  KernelRequest request;
  request.name = func.getSymName().str();
  request.shared = std::move(shared);
  request.where = textOf(placesOf(func.getLoc()));
  for (Type type : func.getBody().front().getTerminator()->getOperandTypes())
    request.results.push_back(
        {dtypeOf(type),
         expressionCode(elementCount(type), [&](StringRef name) { return numberOf(func, name); })});
  OwningOpRef<ModuleOp> module = ModuleOp::create(UnknownLoc::get(func.getContext()));
  OpBuilder builder = OpBuilder::atBlockEnd(module->getBody());
  auto copy = cast<KernelFuncOp>(builder.clone(*func));
  // Neither the number in the program nor the user's lines change the code.
  copy.setSymName("kernel");
  cpu::takeStreamsAsSizes(copy);
  llvm::raw_string_ostream os(request.source);
  module->print(os, OpPrintingFlags().enableDebugInfo(false).useLocalScope());
  return request;
}

KernelCompiler::KernelCompiler(const cpu::CpuTarget &target, StringRef cacheFolder, bool assembly)
    : target(target), emitter(target), cacheFolder(cacheFolder), assembly(assembly) {}

KernelCompiler::~KernelCompiler() = default;

llvm::Error KernelCompiler::compileFresh(const KernelRequest &request, StringRef symbol,
                                         CompiledKernel &kernel) {
  StepTimer timer(kernel);
  if (!context)
    context = makeContext();
  std::string messages;
  ScopedDiagnosticHandler handler(context.get(), [&](Diagnostic &diagnostic) {
    messages += (messages.empty() ? "" : "; ") + diagnostic.str();
    return success();
  });
  auto fail = [&](StringRef what) {
    return llvm::createStringError("kernel %s: %s: %s", request.name.c_str(), what.str().c_str(),
                                   messages.c_str());
  };
  ParserConfig config(context.get(), /*verifyAfterParse=*/false);
  OwningOpRef<ModuleOp> source = parseSourceString<ModuleOp>(request.source, config);
  if (!source)
    return fail("cannot be read back");
  auto func = *source->getOps<KernelFuncOp>().begin();
  OwningOpRef<ModuleOp> code = ModuleOp::create(UnknownLoc::get(context.get()));
  auto emitted = cpu::emitKernel(*code, func, symbol, request.shared, target);
  if (failed(emitted))
    return fail("cannot be emitted");
  timer.begin(cpu::LowerStep);
  MathOptions math = cpu::mathOptions(target);
  math.constantsInMemory = cpu::keepsConstantsInMemory(func.getRoot(), target);
  if (failed(expandMath(*code, math)) || failed(cpu::lowerToLlvm(*code, target)))
    return fail("cannot be lowered");
  auto bytes = emitter.emit(*code, assembly ? cpu::EmitKind::Assembly : cpu::EmitKind::Object,
                            [&](cpu::CompileStep step) { timer.begin(step); });
  if (!bytes)
    return bytes.takeError();
  kernel.object.assign(bytes->begin(), bytes->end());

  auto number = [&](StringRef name) { return numberOf(func, name); };
  Block &body = func.getBody().front();
  kernel.table.args = body.getNumArguments() + body.getTerminator()->getNumOperands();
  kernel.table.sizes = func.getSymbols().size();
  kernel.table.flops = expressionCode(emitted->flops, number);
  kernel.table.bytes = expressionCode(emitted->bytes, number);
  kernel.table.scratch = expressionCode(emitted->info.scratchBytes, number);
  for (const cpu::KernelPhase &phase : emitted->info.phases)
    kernel.table.phases.push_back(
        {phase.function, expressionCode(phase.tiles, number),
         expressionCode(cpu::chooseGrain(phase.tiles, phase.cost), number)});
  return llvm::Error::success();
}

llvm::Expected<CompiledKernel> KernelCompiler::compile(const KernelRequest &request) {
  std::string hash = hashOf(request, target);
  SmallString<128> path(cacheFolder);
  llvm::sys::path::append(path, hash + ".kernel");
  CompiledKernel kernel;
  bool useCache = !cacheFolder.empty() && !assembly && !cacheVersion().empty();
  if (useCache && loadCached(path, kernel)) {
    kernel.fromCache = true;
  } else {
    kernel = CompiledKernel();
    if (auto error = compileFresh(request, "dlc_" + hash, kernel))
      return error;
    if (useCache)
      storeCached(cacheFolder, path, kernel);
  }
  nameKernel(kernel, request);
  return kernel;
}

std::string kernelKey(const KernelRequest &request, const cpu::CpuTarget &target) {
  return hashOf(request, target);
}

void nameKernel(CompiledKernel &kernel, const KernelRequest &request) {
  kernel.table.name = request.name;
  kernel.table.where = request.where;
  kernel.table.results = request.results;
}

} // namespace dlc::codegen
