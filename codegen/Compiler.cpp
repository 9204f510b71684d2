// The compiler, from top to bottom:
//
//   parse      text or bytecode, verified
//   bind       symbols that become constants
//   graph      differentiate, decompose, simplify, recompute     (passes/Pipelines)
//   kernels    lay variables out, form, outline, plan memory
//   schedule   write into each kernel how a processor's emitters are to make it, and from here on
//              once for each processor
//   compile    each kernel to an object, in parallel, or from the cache
//   limit      compute values a second time until entries fit into --max-memory
//   host       one function per entry
//   table      the program table, with the manifest
//   link       a shared object with a checked trailer
#include "codegen/KernelCompiler.h"
#include "codegen/Manifest.h"
#include "codegen/MemoryLimit.h"
#include "codegen/Messages.h"
#include "codegen/ScheduleFile.h"
#include "codegen/artifact/EmbeddedObject.h"
#include "codegen/artifact/Link.h"
#include "codegen/cpu/EmitObject.h"
#include "codegen/cpu/HostCode.h"
#include "codegen/cpu/Isa.h"
#include "codegen/cpu/LowerToLlvm.h"
#include "codegen/cpu/Passes.h"
#include "codegen/cpu/choose/Kernel.h"
#include "codegen/include/dlc/codegen.h"
#include "ir/support/Derivation.h"
#include "ir/support/ShapeMath.h"
#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "passes/Pipelines.h"
#include "passes/memory/BufferPlan.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/BLAKE3.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/SourceMgr.h"
#include <atomic>
#include <chrono>
#include <numeric>
#include <thread>

using namespace mlir;
using namespace dlc::ir;

namespace dlc::codegen {
namespace {

/// Milliseconds per stage.
class StageTimer {
public:
  void stage(StringRef name) {
    finish();
    current = name.str();
    start = std::chrono::steady_clock::now();
  }
  std::string table() {
    finish();
    double total = 0;
    std::string text;
    for (auto &[name, milliseconds] : stages) {
      text += llvm::formatv("{0,-24} {1,9:F1} ms\n", name, milliseconds);
      total += milliseconds;
    }
    return text + llvm::formatv("{0,-24} {1,9:F1} ms\n", "total", total).str() + counts;
  }
  /// Adds a line below the table.
  void count(const Twine &line) {
    if (std::string text = line.str(); !text.empty())
      counts += text + "\n";
  }

private:
  void finish() {
    if (current.empty())
      return;
    std::chrono::duration<double, std::milli> passed = std::chrono::steady_clock::now() - start;
    stages.push_back({current, passed.count()});
    current.clear();
  }
  std::string current;
  std::chrono::steady_clock::time_point start;
  std::vector<std::pair<std::string, double>> stages;
  std::string counts;
};

class Compilation {
public:
  Compilation(std::string_view source, const CompileOptions &options)
      : source(source), options(options), context(makeRegistry(), MLIRContext::Threading::DISABLED),
        handler(&context, [this](Diagnostic &diagnostic) { return report(diagnostic); }) {
    context.loadAllAvailableDialects();
    context.printOpOnDiagnostic(false);
  }

  CompileResult run() {
    CompileResult result;
    if (compile(result.output, result.header))
      result.error.clear();
    else
      result.error = errors.empty() ? "compilation failed" : errors;
    if (!result.error.empty())
      result.output.clear();
    else if (options.emit == Emit::Artifact && isWasm)
      result.script = wasmScript();
    if (options.timing)
      result.timing = timer.table();
    return result;
  }

private:
  static DialectRegistry makeRegistry() {
    DialectRegistry registry;
    cpu::registerKernelDialects(registry);
    registry.insert<DlcDialect>();
    return registry;
  }

  //===- Messages ---------------------------------------------------------------------------===//

  LogicalResult report(Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() == DiagnosticSeverity::Error)
      errors += (errors.empty() ? "" : "\n") + messageOf(diagnostic);
    return success();
  }

  bool fail(const Twine &message) {
    errors += (errors.empty() ? "" : "\n") + message.str();
    return false;
  }
  bool fail(llvm::Error error) { return fail(llvm::toString(std::move(error))); }

  //===- Stages -----------------------------------------------------------------------------===//

  bool compile(std::string &output, std::string &header) {
    timer.stage("parse");
    if (!parse() || !checkInput())
      return false;
    timer.stage("graph passes");
    if (!runGraphPasses())
      return false;
    if (options.emit == Emit::Bytecode) {
      llvm::raw_string_ostream os(output);
      return succeeded(writeBytecodeToFile(*module, os));
    }
    if (!readSchedules())
      return false;
    auto cpus = cpu::cpusOfTarget(options.target, options.cpus);
    if (!cpus)
      return fail(cpus.takeError());
    if (options.freestanding && cpus->size() > 1)
      return fail("--freestanding makes code for one processor, not for " + Twine(cpus->size()) +
                  ": nothing would choose among them when the program runs");
    std::vector<cpu::CpuTarget> targets;
    for (const std::string &name : *cpus) {
      auto target = cpu::cpuTargetByName(name);
      if (!target)
        return fail(target.takeError());
      bool twice = llvm::any_of(
          variants, [&](const TableVariant &variant) { return variant.name == target->name; });
      if (twice)
        continue;
      OwningOpRef<ModuleOp> scheduled = scheduleKernels(name, *target);
      if (!scheduled || !compileVariant(*target, *scheduled))
        return false;
      targets.push_back(std::move(*target));
    }
    isWasm = targets.front().isWasm();
    if (isWasm && options.emit == Emit::Object)
      return fail("there are no objects for wasm32: its artifact is a whole module, with all that "
                  "it needs inside");
    if (!checkSchedulesUsed() || !limitMemory())
      return false;
    for (auto [i, target] : llvm::enumerate(targets))
      if (!compileHost(target, i))
        return false;
    if (options.emit == Emit::Assembly) {
      for (const std::string &object : objects)
        output += object;
      return true;
    }
    return assemble(output, header, targets.front());
  }

  bool parse() {
    ParserConfig config(&context);
    auto buffer =
        llvm::MemoryBuffer::getMemBufferCopy(StringRef(source.data(), source.size()), options.name);
    llvm::SourceMgr sources;
    sources.AddNewSourceBuffer(std::move(buffer), llvm::SMLoc());
    module = parseSourceFile<ModuleOp>(sources, config);
    return bool(module);
  }

  /// What no pass would refuse.
  bool checkInput() {
    for (auto entry : module->getOps<EntryOp>())
      if (entry->hasAttr(passes::kEntryBuffersAttr))
        return fail(options.name + ": entry \"" + entry.getSymName() +
                    "\" was planned already; compile the model that it came from");
    std::string known;
    llvm::StringSet<> symbols;
    for (SymbolAttr symbol : programSymbols(*module)) {
      symbols.insert(symbol.getName().getValue());
      known += (known.empty() ? "; there are: " : ", ") + symbol.getName().getValue().str();
    }
    for (const auto &[name, value] : options.bindings)
      if (!symbols.contains(name))
        return fail(options.name + ": no symbol is called \"" + name + "\"" + known);
    for (SymbolAttr symbol : programSymbols(*module)) {
      std::string name = symbol.getName().str();
      if (options.freestanding && !options.bindings.count(name))
        return fail(options.name + ": --freestanding needs a size for the symbol \"" + name +
                    "\": make it a constant with --bind " + name + "=SIZE");
    }
    return true;
  }

  /// Whether --dump-after names a pass of `manager`.
  bool checkDump(OpPassManager &manager) {
    if (options.dumpAfter.empty() || options.dumpAfter == "all")
      return true;
    SmallVector<StringRef> names;
    for (Pass &pass : manager.getPasses())
      names.push_back(pass.getArgument());
    std::unique_ptr<Pass> scheduling = cpu::createChooseSchedules();
    names.push_back(scheduling->getArgument());
    return llvm::is_contained(names, options.dumpAfter) ||
           fail("no pass is called \"" + options.dumpAfter +
                "\"; there are: " + llvm::join(names, ", "));
  }

  bool runGraphPasses() {
    PassManager manager(&context);
    passes::CompileSettings settings;
    settings.bindings.insert(options.bindings.begin(), options.bindings.end());
    settings.panelWidth = cpu::panelWidthFor(options.target, options.cpus);
    passes::buildCompilePipeline(manager, settings);
    if (!checkDump(manager))
      return false;
    enableDump(manager);
    return succeeded(manager.run(*module)) && checkDerivations();
  }

  void enableDump(PassManager &manager) {
    bool all = options.dumpAfter == "all";
    if (!options.dumpAfter.empty())
      manager.enableIRPrinting(
          [](Pass *, Operation *) { return false; },
          [this, all](Pass *pass, Operation *) {
            return all || pass->getArgument() == options.dumpAfter;
          },
          /*printModuleScope=*/true, /*printAfterOnlyOnChange=*/false,
          /*printAfterOnlyOnFailure=*/false, llvm::errs());
  }

  /// The module with schedules of one processor; null after an error. A copy: the next processor
  /// chooses anew, and the program's identity does not depend on any.
  OwningOpRef<ModuleOp> scheduleKernels(const std::string &cpu, const cpu::CpuTarget &target) {
    timer.stage("schedules " + cpu);
    OwningOpRef<ModuleOp> scheduled = module->clone();
    if (tuned) {
      auto count = applySchedules(*tuned, options.schedulesName, *scheduled, target);
      if (!count) {
        fail(count.takeError());
        return {};
      }
      tunedKernels += *count;
    }
    PassManager manager(&context);
    cpu::ChooseSchedulesOptions chosen;
    chosen.cpu = cpu;
    manager.addPass(cpu::createChooseSchedules(chosen));
    enableDump(manager);
    if (succeeded(manager.run(*scheduled)))
      return scheduled;
    if (tuned)
      fail(options.schedulesName + ": gives kernels of this model schedules that cannot be obeyed; "
                                   "correct those rows or remove them");
    return {};
  }

  /// What `dlc tune` found, if it is to be used.
  bool readSchedules() {
    if (!options.schedules)
      return true;
    auto file = parseScheduleFile(*options.schedules, options.schedulesName);
    if (!file)
      return fail(file.takeError());
    tuned = std::move(*file);
    return true;
  }

  /// A file that serves no kernel was meant for something else.
  bool checkSchedulesUsed() {
    if (!tuned)
      return true;
    timer.count(Twine(tunedKernels) + " kernels scheduled by " + options.schedulesName);
    if (tunedKernels || tuned->kernels.empty())
      return true;
    std::string variants, sizes;
    for (const TableVariant &variant : this->variants)
      variants += (variants.empty() ? "" : ", ") + variant.name;
    for (const auto &[symbol, size] : tuned->sizes)
      sizes += " " + symbol + "=" + std::to_string(size);
    return fail(options.schedulesName + ": none of its " + Twine(tuned->kernels.size()) +
                " kernels is one of this model for " + variants + "; it was made from " +
                tuned->model + sizes + " for " + tuned->cpu +
                ": tune this model, with the same --bind, or leave --schedules out");
  }

  /// What entries take at run time, made to fit if that was asked for.
  bool limitMemory() {
    timer.stage("memory limit");
    if (options.maxMemory || !options.maxMemorySizes.empty()) {
      auto report = codegen::limitMemory(*module, variants, options);
      if (!report)
        return fail(options.name + ": " + llvm::toString(report.takeError()));
      timer.count(StringRef(*report).rtrim());
    }
    if (options.timing)
      timer.count(StringRef(describePlans(*module, variants, options)).rtrim());
    return true;
  }

  /// The runtime refreshes a derived variable by one kernel, from sources that stand before it.
  bool checkDerivations() {
    llvm::StringSet<> before;
    for (auto variable : module->getOps<VariableOp>()) {
      before.insert(variable.getSymName());
      if (!variable.getSource())
        continue;
      SmallVector<FlatSymbolRefAttr> sources = sourcesOf(variable);
      bool known = llvm::all_of(
          sources, [&](FlatSymbolRefAttr source) { return before.contains(source.getValue()); });
      if (sources.empty() || !known || !isOneDispatch(derivationOf(variable))) {
        variable.emitOpError("@") << variable.getSymName() << " needs a source that stands before "
                                  << "it and an entry that derives it in one kernel";
        return false;
      }
    }
    return true;
  }

  /// Whether the derivation dispatches one kernel with its own arguments.
  static bool isOneDispatch(EntryOp derivation) {
    auto steps = derivation.getBody().front().without_terminator();
    return derivation.getNumResults() == 1 && llvm::hasSingleElement(steps) &&
           isa<DispatchOp>(*steps.begin()) && steps.begin()->getNumResults() == 1 &&
           llvm::equal(steps.begin()->getOperands(), derivation.getArguments());
  }

  /// (result, operand) pairs that lie in one variable's memory in some dispatch of the kernel.
  llvm::StringMap<cpu::SharedBuffers> findSharedBuffers() {
    llvm::StringMap<cpu::SharedBuffers> shared;
    for (auto entry : module->getOps<EntryOp>()) {
      auto buffers = entry->getAttrOfType<ArrayAttr>(passes::kEntryBuffersAttr);
      auto buffer = [&](int64_t id) { return cast<BufferAttr>(buffers[id]); };
      entry.walk([&](DispatchOp dispatch) {
        auto ids = dispatch->getAttrOfType<DenseI64ArrayAttr>(passes::kBuffersAttr).asArrayRef();
        size_t operands = dispatch.getInputs().size();
        for (size_t result = operands; result < ids.size(); ++result)
          for (size_t operand = 0; operand < operands; ++operand) {
            BufferAttr to = buffer(ids[result]), from = buffer(ids[operand]);
            if (to.getKind() != BufferKind::state_next || from.getKind() != BufferKind::state ||
                to.getIndex() != from.getIndex())
              continue;
            std::pair<unsigned, unsigned> pair(result - operands, operand);
            if (!llvm::is_contained(shared[dispatch.getKernel()], pair))
              shared[dispatch.getKernel()].push_back(pair);
          }
      });
    }
    return shared;
  }

  bool compileVariant(const cpu::CpuTarget &target, ModuleOp scheduled) {
    timer.stage("kernels " + target.name);
    TableVariant variant;
    variant.name = target.name;
    variant.device = cpu::deviceOf(target);
    cpu::setIsaBits(target, variant.isa);
    llvm::StringMap<cpu::SharedBuffers> shared = findSharedBuffers();
    std::vector<KernelRequest> requests;
    for (auto func : scheduled.getOps<KernelFuncOp>()) {
      requests.push_back(makeRequest(func, shared.lookup(func.getSymName())));
      llvm::raw_string_ostream(variant.schedules.emplace_back()) << func.getSchedulesAttr();
    }
    std::vector<std::optional<CompiledKernel>> kernels = compileAll(requests, target);
    size_t cached = llvm::count_if(
        kernels, [](const std::optional<CompiledKernel> &k) { return k && k->fromCache; });
    timer.count(Twine(requests.size()) + " kernels for " + target.name + ", " + Twine(cached) +
                " of them from the cache");
    for (std::optional<CompiledKernel> &kernel : kernels) {
      if (!kernel)
        return false;
      if (!kernel->object.empty() &&
          linked.insert(kernel->table.phases.empty() ? "" : kernel->table.phases[0].function)
              .second)
        objects.push_back(std::move(kernel->object));
      variant.kernels.push_back(std::move(kernel->table));
    }
    variants.push_back(std::move(variant));
    return true;
  }

  /// The host functions of variant number `number`.
  bool compileHost(const cpu::CpuTarget &target, size_t number) {
    timer.stage("host code " + target.name);
    TableVariant &variant = variants[number];
    llvm::StringMap<uint32_t> kernelNumber, symbolNumber;
    for (auto [i, kernel] : llvm::enumerate(variant.kernels))
      kernelNumber[kernel.name] = i;
    for (auto [i, symbol] : llvm::enumerate(programSymbols(*module)))
      symbolNumber[symbol.getName().getValue()] = i;
    OwningOpRef<ModuleOp> host = ModuleOp::create(UnknownLoc::get(&context));
    for (auto entry : module->getOps<EntryOp>()) {
      if (entry.isPrivate())
        continue; // derivations: their kernels are called when a value is set
      std::string name =
          llvm::formatv("dlc_host_{0}_{1}", number, variant.hostFunctions.size());
      variant.hostFunctions.push_back(name);
      cpu::emitHostFunction(*host, entry, name, kernelNumber, symbolNumber, target);
    }
    if (failed(cpu::lowerToLlvm(*host, target)))
      return fail("host code cannot be lowered");
    bool assembly = options.emit == Emit::Assembly;
    auto bytes =
        cpu::emitCode(*host, target, assembly ? cpu::EmitKind::Assembly : cpu::EmitKind::Object);
    if (!bytes)
      return fail(bytes.takeError());
    objects.emplace_back(bytes->begin(), bytes->end());
    return true;
  }

  /// Workers take the next kernel until none is left; results keep the order of the requests.
  std::vector<std::optional<CompiledKernel>> compileAll(const std::vector<KernelRequest> &requests,
                                                        const cpu::CpuTarget &target) {
    std::vector<std::optional<CompiledKernel>> results(requests.size());
    std::vector<std::string> messages(requests.size());
    std::vector<double> times(requests.size());
    // Equal ones, such as the dropouts of equal layers, are compiled once.
    std::vector<size_t> first(requests.size()), bodies;
    llvm::StringMap<size_t> known;
    for (auto [i, request] : llvm::enumerate(requests)) {
      first[i] = known.try_emplace(kernelKey(request, target), i).first->second;
      if (first[i] == i)
        bodies.push_back(i);
    }
    // The longest first: the optimizer's, of all tensors, must not be begun when the others end.
    llvm::stable_sort(bodies, [&](size_t a, size_t b) {
      return requests[a].source.size() > requests[b].source.size();
    });
    std::atomic<size_t> next = 0;
    auto work = [&] {
      KernelCompiler compiler(target, options.cacheFolder, options.emit == Emit::Assembly);
      for (size_t at = next++; at < bodies.size(); at = next++) {
        size_t i = bodies[at];
        double start = threadMilliseconds();
        auto kernel = compiler.compile(requests[i]);
        if (kernel)
          results[i] = std::move(*kernel);
        else
          messages[i] = llvm::toString(kernel.takeError());
        times[i] = threadMilliseconds() - start;
      }
    };
    unsigned jobs = options.jobs ? options.jobs : std::max(1u, std::thread::hardware_concurrency());
    std::vector<std::thread> workers;
    for (unsigned i = 1; i < std::min<size_t>(jobs, bodies.size()); ++i)
      workers.emplace_back(work);
    work();
    for (std::thread &worker : workers)
      worker.join();
    for (const std::string &message : messages)
      if (!message.empty())
        fail(message);
    countSteps(results);
    for (size_t i = 0; i < requests.size(); ++i)
      if (first[i] != i && results[first[i]]) {
        results[i].emplace().table = results[first[i]]->table;
        results[i]->fromCache = results[first[i]]->fromCache;
        nameKernel(*results[i], requests[i]);
      }
    countSlowest(requests, times);
    return results;
  }

  /// Where the processor time of all kernels went.
  void countSteps(const std::vector<std::optional<CompiledKernel>> &kernels) {
    std::array<double, cpu::CompileSteps> sums{};
    for (const std::optional<CompiledKernel> &kernel : kernels)
      for (size_t step = 0; kernel && step < sums.size(); ++step)
        sums[step] += kernel->milliseconds[step];
    timer.count(llvm::formatv("kernels, processor time: emit {0:F1} ms, MLIR lowering {1:F1}, LLVM "
                              "passes {2:F1}, machine code {3:F1}",
                              sums[cpu::EmitStep], sums[cpu::LowerStep], sums[cpu::OptimizeStep],
                              sums[cpu::MachineCodeStep])
                    .str());
  }

  /// The kernels that took longest, of processor time.
  void countSlowest(const std::vector<KernelRequest> &requests, const std::vector<double> &times) {
    constexpr size_t most = 8;
    std::vector<size_t> order(requests.size());
    std::iota(order.begin(), order.end(), 0);
    llvm::stable_sort(order, [&](size_t a, size_t b) { return times[a] > times[b]; });
    for (size_t i : llvm::ArrayRef(order).take_front(most))
      timer.count(llvm::formatv("  {0,9:F1} ms {1}, {2} bytes of text: {3}", times[i],
                                requests[i].name, requests[i].source.size(),
                                llvm::StringRef(requests[i].where).take_front(80))
                      .str());
  }

  bool assemble(std::string &output, std::string &header, const cpu::CpuTarget &target) {
    timer.stage("table");
    size_t root = 0;
    std::string manifest = buildManifest(*module, variants, options);
    TableBlob table = buildProgramTable(*module, variants, manifest, identity(), root);
    if (options.emit == Emit::Object) {
      auto made = options.freestanding
                      ? makeFreestandingObject(table, root, std::move(objects), options.prefix,
                                               target)
                      : makeObject(table, root, std::move(objects), options.query, options.prefix,
                                   target);
      if (!made)
        return fail(made.takeError());
      output = std::move(made->bytes);
      header = std::move(made->header);
      return true;
    }
    auto object = emitTableObject(table, root, options.query, target);
    if (!object)
      return fail(object.takeError());
    objects.insert(objects.begin(), std::move(*object));
    timer.stage("link");
    auto linked = isWasm ? linkWasm(std::move(objects)) : linkArtifact(objects);
    if (!linked)
      return fail(linked.takeError());
    output = std::move(*linked);
    appendTrailer(output, isWasm);
    return true;
  }

  /// Same module and options: same number. Locations do not count.
  uint64_t identity() {
    std::string text;
    llvm::raw_string_ostream os(text);
    module->print(os, OpPrintingFlags().enableDebugInfo(false).useLocalScope());
    auto hash = llvm::BLAKE3::hash<8>(
        ArrayRef(reinterpret_cast<const uint8_t *>(text.data()), text.size()));
    uint64_t number;
    std::memcpy(&number, hash.data(), sizeof(number));
    return number;
  }

  std::string_view source;
  const CompileOptions &options;
  MLIRContext context;
  ScopedDiagnosticHandler handler;
  std::string errors;
  StageTimer timer;
  OwningOpRef<ModuleOp> module;
  std::vector<std::string> objects;
  llvm::StringSet<> linked; ///< kernels of `objects`: equal ones have one symbol
  std::vector<TableVariant> variants;
  std::optional<ScheduleFile> tuned;
  bool isWasm = false;
  size_t tunedKernels = 0; ///< that have schedules of the file, in all variants
};

} // namespace

std::string defaultCacheFolder() {
  if (const char *folder = std::getenv("DLC_CACHE_DIR"))
    return folder;
  if (const char *folder = std::getenv("XDG_CACHE_HOME"))
    return std::string(folder) + "/dlc";
  if (const char *home = std::getenv("HOME"))
    return std::string(home) + "/.cache/dlc";
  return "";
}

CompileResult compileModule(std::string_view module, const CompileOptions &options) {
  if (options.cpus.empty()) {
    CompileResult result;
    result.error = "no target was named; use \"native\" for this machine";
    return result;
  }
  return Compilation(module, options).run();
}

} // namespace dlc::codegen
