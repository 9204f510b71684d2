// What stands in for the runtime is written here as the text of LLVM IR: it needs no C compiler for
// the target, and reads better than the calls that would build it.
//
// A run of an entry fills an array with the addresses of its buffers and calls its host function
// with a table of functions, as the runtime does (runtime/abi/kernel.h). That array, and the row of
// pointers that a kernel takes, lie in the arena behind the temporaries; a few words on the stack
// say where (%frame).
#include "codegen/artifact/Freestanding.h"
#include "codegen/cpu/EmitObject.h"
#include "runtime/abi/kernel.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Object/ObjectFile.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/SourceMgr.h"
#include <map>

using namespace llvm;

namespace dlc::codegen {
namespace {

static_assert(sizeof(dlc_api) == 8 + 7 * sizeof(void *),
              "the table of functions below has those of runtime/abi/kernel.h");

/// The types and the functions that every object has. A run has no sizes to look up and nobody to
/// cancel it; kernels that may run together run one after the other.
constexpr StringLiteral support = R"(
%argument = type { i32, i32, i64 }       ; buffer, flags, byte offset: dlc_arg
%kernel = type { i32, i32, i32 }         ; arguments, first phase, phases
%phase = type { ptr, i64 }               ; function, tiles
%place = type { i32, i64 }               ; number of an address, byte offset
%entry = type { ptr, ptr, i32, i64, i64, i64, i64 }
        ; host function, places, how many; in the arena: scratch, the thread's, addresses, a row
%frame = type { ptr, ptr, ptr, ptr }     ; addresses of buffers, a row, scratch, the thread's

define internal ptr @rt.symbols(ptr %frame) {
  ret ptr null
}

define internal ptr @rt.at(ptr %frame, i32 %buffer, i64 %offset) {
  %all = load ptr, ptr %frame
  %one = getelementptr ptr, ptr %all, i32 %buffer
  %base = load ptr, ptr %one
  %at = getelementptr i8, ptr %base, i64 %offset
  ret ptr %at
}

define internal ptr @rt.place_of(ptr %frame, ptr %arg) {
  %buffer = load i32, ptr %arg
  %offset.at = getelementptr %argument, ptr %arg, i32 0, i32 2
  %offset = load i64, ptr %offset.at
  %at = call ptr @rt.at(ptr %frame, i32 %buffer, i64 %offset)
  ret ptr %at
}

define internal i32 @rt.dispatch(ptr %frame, i32 %number, ptr %args, ptr %sizes, ptr %tiles) {
start:
  %k = getelementptr %kernel, ptr @rt.kernels, i32 %number
  %count = load i32, ptr %k
  %first.at = getelementptr %kernel, ptr %k, i32 0, i32 1
  %first = load i32, ptr %first.at
  %phases.at = getelementptr %kernel, ptr %k, i32 0, i32 2
  %phases = load i32, ptr %phases.at
  %last = add i32 %first, %phases
  %row.at = getelementptr %frame, ptr %frame, i32 0, i32 1
  %row = load ptr, ptr %row.at
  br label %pointers
pointers:
  %i = phi i32 [ 0, %start ], [ %i.next, %pointer ]
  %more = icmp ult i32 %i, %count
  br i1 %more, label %pointer, label %scratch
pointer:
  %arg = getelementptr %argument, ptr %args, i32 %i
  %place = call ptr @rt.place_of(ptr %frame, ptr %arg)
  %slot = getelementptr ptr, ptr %row, i32 %i
  store ptr %place, ptr %slot
  %i.next = add i32 %i, 1
  br label %pointers
scratch:
  %shared.at = getelementptr %frame, ptr %frame, i32 0, i32 2
  %shared = load ptr, ptr %shared.at
  %shared.slot = getelementptr ptr, ptr %row, i32 %count
  store ptr %shared, ptr %shared.slot
  %own.at = getelementptr %frame, ptr %frame, i32 0, i32 3
  %own = load ptr, ptr %own.at
  %own.slot = getelementptr ptr, ptr %shared.slot, i32 1
  store ptr %own, ptr %own.slot
  br label %runs
runs:
  %p = phi i32 [ %first, %scratch ], [ %p.next, %ran ]
  %left = icmp ult i32 %p, %last
  br i1 %left, label %test, label %done
test:
  %phase = getelementptr %phase, ptr @rt.phases, i32 %p
  %all.at = getelementptr %phase, ptr %phase, i32 0, i32 1
  %all = load i64, ptr %all.at
  %any = icmp sgt i64 %all, 0
  br i1 %any, label %run, label %ran
run:
  %function = load ptr, ptr %phase
  call void %function(ptr %row, ptr %sizes, i64 0, i64 %all)
  br label %ran
ran:
  %p.next = add i32 %p, 1
  br label %runs
done:
  ret i32 0
}

define internal i64 @rt.read_i64(ptr %frame, i32 %buffer, i64 %offset) {
  %at = call ptr @rt.at(ptr %frame, i32 %buffer, i64 %offset)
  %value = load i64, ptr %at
  ret i64 %value
}

define internal i32 @rt.read_i32(ptr %frame, i32 %buffer, i64 %offset) {
  %at = call ptr @rt.at(ptr %frame, i32 %buffer, i64 %offset)
  %value = load i32, ptr %at
  ret i32 %value
}

define internal i32 @rt.read_pred(ptr %frame, i32 %buffer, i64 %offset) {
  %at = call ptr @rt.at(ptr %frame, i32 %buffer, i64 %offset)
  %value = load i8, ptr %at
  %set = icmp ne i8 %value, 0
  %word = zext i1 %set to i32
  ret i32 %word
}

define internal i32 @rt.copy(ptr %frame, ptr %to.arg, ptr %from.arg, i64 %bytes) {
  %to = call ptr @rt.place_of(ptr %frame, ptr %to.arg)
  %from = call ptr @rt.place_of(ptr %frame, ptr %from.arg)
  call void @llvm.memcpy.p0.p0.i64(ptr %to, ptr %from, i64 %bytes, i1 false)
  ret i32 0
}

define internal i32 @rt.write_i64(ptr %frame, i32 %buffer, i64 %offset, i64 %value) {
  %at = call ptr @rt.at(ptr %frame, i32 %buffer, i64 %offset)
  store i64 %value, ptr %at
  ret i32 0
}

declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)

define internal void @rt.enter(ptr %frame, ptr %arena, i64 %addresses, i64 %row, i64 %scratch,
                               i64 %own) {
  %addresses.at = getelementptr i8, ptr %arena, i64 %addresses
  store ptr %addresses.at, ptr %frame
  %row.at = getelementptr i8, ptr %arena, i64 %row
  %row.slot = getelementptr %frame, ptr %frame, i32 0, i32 1
  store ptr %row.at, ptr %row.slot
  %scratch.at = getelementptr i8, ptr %arena, i64 %scratch
  %scratch.slot = getelementptr %frame, ptr %frame, i32 0, i32 2
  store ptr %scratch.at, ptr %scratch.slot
  %own.at = getelementptr i8, ptr %arena, i64 %own
  %own.slot = getelementptr %frame, ptr %frame, i32 0, i32 3
  store ptr %own.at, ptr %own.slot
  ret void
}

define internal void @rt.run(ptr %entry, ptr %arena, ptr %bases) {
start:
  %frame = alloca %frame
  %scratch.at = getelementptr %entry, ptr %entry, i32 0, i32 3
  %scratch = load i64, ptr %scratch.at
  %own.at = getelementptr %entry, ptr %entry, i32 0, i32 4
  %own = load i64, ptr %own.at
  %addresses.at = getelementptr %entry, ptr %entry, i32 0, i32 5
  %addresses = load i64, ptr %addresses.at
  %row.at = getelementptr %entry, ptr %entry, i32 0, i32 6
  %row = load i64, ptr %row.at
  call void @rt.enter(ptr %frame, ptr %arena, i64 %addresses, i64 %row, i64 %scratch, i64 %own)
  %pointers = load ptr, ptr %frame
  %places.at = getelementptr %entry, ptr %entry, i32 0, i32 1
  %places = load ptr, ptr %places.at
  %count.at = getelementptr %entry, ptr %entry, i32 0, i32 2
  %count = load i32, ptr %count.at
  br label %buffers
buffers:
  %i = phi i32 [ 0, %start ], [ %i.next, %buffer ]
  %more = icmp ult i32 %i, %count
  br i1 %more, label %buffer, label %run
buffer:
  %place = getelementptr %place, ptr %places, i32 %i
  %number = load i32, ptr %place
  %offset.at = getelementptr %place, ptr %place, i32 0, i32 1
  %offset = load i64, ptr %offset.at
  %base.at = getelementptr ptr, ptr %bases, i32 %number
  %base = load ptr, ptr %base.at
  %at = getelementptr i8, ptr %base, i64 %offset
  %slot = getelementptr ptr, ptr %pointers, i32 %i
  store ptr %at, ptr %slot
  %i.next = add i32 %i, 1
  br label %buffers
run:
  %host = load ptr, ptr %entry
  %status = call i32 %host(ptr @rt.api, ptr %frame)
  ret void
}
)";

constexpr int64_t align(int64_t bytes) { return (bytes + 63) / 64 * 64; }
constexpr int64_t word = 8; ///< what a pointer takes at most

/// Writes the tables and the functions of one program.
class CodeWriter {
public:
  explicit CodeWriter(const StaticProgram &program)
      : program(program), table(program.table), os(text),
        storages(table.list<dlc_storage>(program.variant.storages)),
        kernels(table.list<dlc_kernel>(program.variant.kernels)) {}

  std::string write() {
    writeApi();
    os << support;
    writeKernels();
    for (uint32_t i = 0; i < storages.size(); ++i)
      if (storages[i].variable == DLC_NONE)
        writeRefresh(i);
    for (size_t i = 0; i < program.entries.size(); ++i)
      writeEntry(i);
    for (uint32_t i = 0; i < storages.size(); ++i)
      if (storages[i].variable != DLC_NONE)
        writeAccess(i);
    for (const auto &[name, host] : declared)
      os << "declare hidden " << (host ? "i32" : "void") << " @\"" << name << "\""
         << (host ? "(ptr, ptr)\n" : "(ptr, ptr, i64, i64)\n");
    return std::move(text);
  }

private:
  /// As dlc_api lies on the target: two numbers, then pointers of its size.
  void writeApi() {
    StringLiteral functions[] = {"symbols",   "dispatch", "read_i64", "read_i32",
                                 "read_pred", "copy",     "write_i64"};
    os << "@rt.api = internal constant { i32, i32, [7 x ptr] } { i32 " << sizeof(dlc_api)
       << ", i32 " << DLC_ABI_VERSION << ", [7 x ptr] [";
    interleaveComma(functions, os, [&](StringRef name) { os << "ptr @rt." << name; });
    os << "] }\n";
  }

  std::string function(const dlc_rel &field, bool host) {
    StringRef name = table.function(field);
    declared.try_emplace(name.str(), host);
    return ("@\"" + name + "\"").str();
  }

  /// An array of structs that are written already.
  void writeArray(const Twine &name, StringRef type, ArrayRef<std::string> elements) {
    os << "@" << name << " = internal constant [" << elements.size() << " x " << type << "] [";
    interleave(
        elements, os, [&](const std::string &element) { os << "\n  " << type << " " << element; },
        ",");
    os << "]\n";
  }

  void writeKernels() {
    std::vector<std::string> rows, phases;
    for (const dlc_kernel &kernel : kernels) {
      auto list = table.list<dlc_phase>(kernel.phases);
      rows.push_back(
          formatv("{{ i32 {0}, i32 {1}, i32 {2} }", kernel.args, phases.size(), list.size()));
      for (const dlc_phase &phase : list)
        phases.push_back(formatv("{{ ptr {0}, i64 {1} }", function(phase.fn, false),
                                 table.constant(phase.tiles).value_or(0)));
    }
    writeArray("rt.kernels", "%kernel", rows);
    writeArray("rt.phases", "%phase", phases);
  }

  /// Writes whether a derived storage is up to date.
  void setFresh(uint32_t storage, bool fresh) {
    int n = values++;
    os << formatv("  %f{0} = getelementptr i8, ptr %state, i64 {1}\n  store i8 {2}, ptr %f{0}\n", n,
                  program.state.freshness + storage, int(fresh));
  }

  /// A function that brings a derived storage up to date, its sources first. Its kernel's arguments
  /// are all parts of one buffer, the state.
  void writeRefresh(uint32_t index) {
    const dlc_storage &storage = storages[index];
    ArrayRef<uint32_t> sources = table.list<uint32_t>(storage.sources);
    const dlc_kernel &kernel = kernels[storage.refresh_kernel];
    int64_t scratch = align((1 + program.mostArguments + 2) * word);
    std::string sizes = sizesOf(storage, index);
    std::vector<std::string> arguments;
    for (uint32_t source : sources)
      arguments.push_back(stateArgument(source));
    arguments.push_back(stateArgument(index));
    writeArray(Twine("places.") + Twine(index), "%argument", arguments);
    os << formatv("define internal void @refresh.{0}(ptr %state, ptr %arena) {{\n", index)
       << "  %frame = alloca %frame\n"
       << formatv("  %fresh.at = getelementptr i8, ptr %state, i64 {0}\n",
                  program.state.freshness + index)
       << "  %fresh = load i8, ptr %fresh.at\n  %is = icmp ne i8 %fresh, 0\n"
       << "  br i1 %is, label %done, label %make\nmake:\n";
    for (uint32_t source : sources)
      if (storages[source].variable == DLC_NONE)
        os << formatv("  call void @refresh.{0}(ptr %state, ptr %arena)\n", source);
    os << formatv("  call void @rt.enter(ptr %frame, ptr %arena, i64 0, i64 {0}, i64 {1}, i64 "
                  "{2})\n",
                  word, scratch, scratch + align(table.constant(kernel.scratch).value_or(0)))
       << "  store ptr %state, ptr %arena\n"
       << formatv("  %status = call i32 @rt.dispatch(ptr %frame, i32 {0}, ptr @places.{1}, "
                  "ptr {2}, ptr null)\n",
                  storage.refresh_kernel, index, sizes)
       << "  store i8 1, ptr %fresh.at\n  br label %done\ndone:\n  ret void\n}\n";
  }

  std::string stateArgument(uint32_t storage) {
    return formatv("{{ i32 0, i32 0, i64 {0} }", program.state.offsets[storage]);
  }

  /// The size values of a storage's kernel.
  std::string sizesOf(const dlc_storage &storage, uint32_t index) {
    std::vector<std::string> sizes;
    for (const dlc_expr &size : table.list<dlc_expr>(storage.sizes))
      sizes.push_back(std::to_string(table.constant(size).value_or(0)));
    if (sizes.empty())
      return "null";
    std::string name = formatv("sizes.{0}", index);
    writeArray(name, "i64", sizes);
    return "@" + name;
  }

  void writeEntry(size_t i) {
    const StaticEntry &entry = program.entries[i];
    const dlc_body &body = table.list<dlc_body>(program.variant.bodies)[i];
    std::vector<std::string> places;
    for (const StaticPlace &place : entry.places)
      places.push_back(formatv("{{ i32 {0}, i64 {1} }", place.base, place.offset));
    writeArray(Twine("buffers.") + Twine(i), "%place", places);
    os << formatv("@entry.{0} = internal constant %entry {{ ptr {1}, ptr @buffers.{0}, i32 {2}, "
                  "i64 {3}, i64 {4}, i64 {5}, i64 {6} }\n",
                  i, function(body.host_fn, true), places.size(), entry.scratch,
                  entry.threadScratch, entry.planBytes,
                  entry.planBytes + align(int64_t(places.size()) * word));
    writeEntryFunction(i, entry);
  }

  void writeEntryFunction(size_t i, const StaticEntry &entry) {
    const dlc_entry &described = table.entries()[i];
    size_t ports = described.inputs.count + described.outputs.count;
    os << "define void @" << program.names.entry(i) << "(ptr %state, ptr %arena";
    for (size_t port = 0; port < ports; ++port)
      os << ", ptr %p" << port;
    os << ") {\n" << formatv("  %bases = alloca [{0} x ptr]\n", StaticPlace::FirstPort + ports);
    for (size_t base = 0; base < StaticPlace::FirstPort + ports; ++base) {
      std::string value = base == StaticPlace::State ? "state"
                          : base == StaticPlace::Arena
                              ? "arena"
                              : "p" + std::to_string(base - StaticPlace::FirstPort);
      os << formatv(
          "  %b{0} = getelementptr ptr, ptr %bases, i32 {0}\n  store ptr %{1}, ptr %b{0}\n", base,
          value);
    }
    for (uint32_t storage : entry.reads)
      os << formatv("  call void @refresh.{0}(ptr %state, ptr %arena)\n", storage);
    os << formatv("  call void @rt.run(ptr @entry.{0}, ptr %arena, ptr %bases)\n", i);
    for (uint32_t storage : entry.outdated)
      setFresh(storage, false);
    for (uint32_t storage : entry.refreshed)
      setFresh(storage, true);
    os << "  ret void\n}\n";
  }

  /// The functions that copy a variable in and out.
  void writeAccess(uint32_t storage) {
    uint32_t variable = storages[storage].variable;
    auto copy = [&](StringRef to, StringRef from) {
      os << formatv("  call void @llvm.memcpy.p0.p0.i64(ptr %{0}, ptr %{1}, i64 {2}, i1 false)\n",
                    to, from, program.state.bytes[storage]);
    };
    std::string at =
        formatv("  %at = getelementptr i8, ptr %state, i64 {0}\n", program.state.offsets[storage]);
    os << "define void @" << program.names.setter(variable) << "(ptr %state, ptr %value) {\n" << at;
    copy("at", "value");
    for (uint32_t derived : derivedFrom(table, program.variant, storage))
      setFresh(derived, false);
    os << "  ret void\n}\ndefine void @" << program.names.getter(variable)
       << "(ptr %state, ptr %value) {\n"
       << at;
    copy("value", "at");
    os << "  ret void\n}\n";
  }

  const StaticProgram &program;
  const TableReader &table;
  std::string text;
  raw_string_ostream os;
  ArrayRef<dlc_storage> storages;
  ArrayRef<dlc_kernel> kernels;
  std::map<std::string, bool> declared; ///< functions of other objects; true: a host function
  int values = 0;
};

} // namespace

StaticProgram::StaticProgram(const TableReader &table, CNames given)
    : table(table), variant(table.variants()[0]), names(std::move(given)),
      state(planState(table, variant)) {
  int64_t layout = 0; // what bringing a derived storage up to date takes
  for (const dlc_kernel &kernel : table.list<dlc_kernel>(variant.kernels)) {
    mostArguments = std::max<size_t>(mostArguments, kernel.args);
    layout = std::max(layout, align(table.constant(kernel.scratch).value_or(0)));
  }
  int64_t row = align(int64_t(mostArguments + 2) * word);
  for (size_t i = 0; i < table.entries().size(); ++i) {
    entries.push_back(planEntry(table, variant, state, i));
    int64_t addresses = align(int64_t(entries.back().places.size()) * word);
    int64_t refresh = entries.back().reads.empty() ? 0 : layout + row + align(word);
    entryBytes.push_back(std::max(entries.back().planBytes + addresses + row, refresh));
    arenaBytes = std::max(arenaBytes, entryBytes.back());
  }
}

std::vector<std::string> exportedFunctions(const StaticProgram &program) {
  std::vector<std::string> functions;
  for (size_t i = 0; i < program.names.entries.size(); ++i)
    functions.push_back(program.names.entry(i));
  for (size_t i = 0; i < program.names.variables.size(); ++i) {
    functions.push_back(program.names.setter(i));
    functions.push_back(program.names.getter(i));
  }
  return functions;
}

std::string freestandingCode(const StaticProgram &program) { return CodeWriter(program).write(); }

/// Whether all sizes are numbers, as they are once every symbol is bound.
static Error checkSizes(const StaticProgram &program) {
  const TableReader &table = program.table;
  auto open = [&](const dlc_expr &size) { return !table.constant(size); };
  for (const dlc_kernel &kernel : table.list<dlc_kernel>(program.variant.kernels))
    if (open(kernel.scratch) || any_of(table.list<dlc_phase>(kernel.phases),
                                       [&](const dlc_phase &phase) { return open(phase.tiles); }))
      return createStringError("--freestanding: kernel \"" + table.text(kernel.name) +
                               "\" has a size that is not known");
  for (const dlc_body &body : table.list<dlc_body>(program.variant.bodies))
    if (any_of(table.list<dlc_buffer>(body.buffers),
               [&](const dlc_buffer &buffer) { return open(buffer.bytes); }))
      return createStringError("--freestanding: an entry has a buffer whose size is not known");
  return Error::success();
}

Expected<std::string> emitFreestandingObject(const StaticProgram &program,
                                             const cpu::CpuTarget &target) {
  if (Error error = checkSizes(program))
    return std::move(error);
  LLVMContext context;
  SMDiagnostic problem;
  std::string code = freestandingCode(program);
  std::unique_ptr<Module> module = parseAssemblyString(code, problem, context);
  if (!module)
    return createStringError("the entries do not parse as LLVM IR, line " +
                             Twine(problem.getLineNo()) + ": " + problem.getMessage());
  auto bytes = cpu::emitLlvm(*module, target);
  if (!bytes)
    return bytes.takeError();
  return std::string(bytes->begin(), bytes->end());
}

Error checkFreestanding(StringRef bytes) {
  auto object = object::ObjectFile::createObjectFile(MemoryBufferRef(bytes, "object"));
  if (!object)
    return object.takeError();
  std::string wanted;
  for (const object::SymbolRef &symbol : (*object)->symbols()) {
    auto flags = symbol.getFlags();
    auto name = symbol.getName();
    if (!flags || !name)
      return joinErrors(flags.takeError(), name.takeError());
    bool undefined = *flags & object::SymbolRef::SF_Undefined;
    bool special = name->empty() || *flags & object::SymbolRef::SF_FormatSpecific;
    if (undefined && !special && *name != "memcpy" && *name != "memset")
      wanted += (wanted.empty() ? "\"" : ", \"") + name->str() + "\"";
  }
  if (wanted.empty())
    return Error::success();
  return createStringError("--freestanding: the model computes something that for this processor "
                           "needs " +
                           wanted +
                           ", which no freestanding program has; leave "
                           "--freestanding out, or choose another --cpu");
}

} // namespace dlc::codegen
