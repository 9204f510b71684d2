// C99 and C++ alike; a program reads the header, so it explains itself.
//
// Where sizes are known they are numbers. Else they are expressions of the symbols, which functions
// take as parameters of their names, in front of the tensors.
#include "codegen/artifact/CHeader.h"
#include "codegen/artifact/HeaderWriter.h"
#include "runtime/abi/dtype.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace llvm;

namespace dlc::codegen {
namespace {

std::string upper(StringRef name) { return name.upper(); }

//===- Over the runtime ---------------------------------------------------------------------===//

class HostedHeader : HeaderWriter {
public:
  HostedHeader(const TableReader &table, const CNames &names, StringRef query)
      : HeaderWriter(table, names), query(query) {}

  std::string write() {
    open("to be linked with dlc's runtime core.\n *\n");
    os << formatv(
        " * Open it by {0}_open, and make a state and a session as dlc/runtime.h says. For an\n"
        " * entry E, {0}_prepare_E(session, sizes...) takes the memory, once, and\n"
        " * {0}_E(session, sizes..., inputs..., outputs...) runs it, as often as you like.\n"
        " *\n"
        " * Functions return NULL or a status that the caller frees. C99.\n */\n",
        names.prefix);
    beginGuard();
    os << "#include \"dlc/runtime.h\"\n\n";
    beginC();
    os << "/* The program table; takes part in no call of yours. */\n"
       << "const struct dlc_program *" << query << "(void);\n\n";
    os << "/* Numbers of the entries. */\nenum {\n";
    for (size_t i = 0; i < names.entries.size(); ++i)
      os << "  " << entryNumber(i) << " = " << i << (i + 1 < names.entries.size() ? ",\n" : "\n");
    os << "};\n\n";
    writeCheck();
    writeOpen();
    writeState();
    for (size_t i = 0; i < names.entries.size(); ++i)
      writeEntry(i);
    for (size_t i = 0; i < names.variables.size(); ++i)
      writeVariable(i);
    end();
    return finish();
  }

private:
  std::string entryNumber(size_t i) { return upper(names.entry(i)); }

  /// An artifact that came from elsewhere, and the object itself when its header is older.
  void writeCheck() {
    os << "/* How the entries are called: dlc_artifact_entry_layout and _describe_entry. */\n";
    for (size_t i = 0; i < names.entries.size(); ++i)
      defineLayout(i);
    os << formatv(
        "\n/** Fails unless the entries of |artifact|, wherever it was opened, are called "
        "as this header\n * says; other compilations of the model are welcome. {0}_open "
        "does it of itself. */\nstatic inline dlc_status *{0}_check(const dlc_artifact "
        "*artifact) {{\n  dlc_status *status = NULL;\n",
        names.prefix);
    for (size_t i = 0; i < names.entries.size(); ++i)
      os << formatv("  if (!status)\n    status = dlc_artifact_check_entry(artifact, {0}, "
                    "{0}_LAYOUT, {0}_SIGNATURE);\n",
                    entryNumber(i));
    os << (names.entries.empty() ? "  (void)artifact;\n" : "") << "  return status;\n}\n\n";
  }

  void writeOpen() {
    os << formatv("/** Opens the model. */\nstatic inline dlc_status *{0}_open(dlc_artifact "
                  "**artifact) {{\n"
                  "  dlc_artifact *opened = NULL;\n"
                  "  dlc_status *status = dlc_artifact_open_linked({1}, NULL, &opened);\n"
                  "  if (!status)\n    status = {0}_check(opened);\n"
                  "  if (status)\n    dlc_artifact_free(opened);\n"
                  "  else\n    *artifact = opened;\n"
                  "  return status;\n}\n\n",
                  names.prefix, query);
  }

  void writeState() {
    if (auto bytes = storedBytes(table, table.variants()[0]))
      os << "/* What a state takes: dlc_state_bytes. */\n#define " << upperPrefix << "_STATE_BYTES "
         << *bytes << "\n\n";
  }

  void writeEntry(size_t i) {
    const dlc_entry &entry = table.entries()[i];
    CScope scope = parameterScope({"session", "artifact", "status", "sizes", "threads", "bytes"});
    std::vector<CTensor> inputs = ports(entry.inputs, scope), outputs = ports(entry.outputs, scope);
    std::vector<CTensor> all = inputs;
    append_range(all, outputs);
    std::vector<uint32_t> symbols = symbolsOf(all);
    os << "/* ---- " << names.entries[i] << " ---- */\n\n";
    defineElements(upper(names.entry(i)), all);
    os << "\n";
    writeArena(i, symbols);
    writePrepare(i, symbols);
    os << "/** Runs the entry \"" << literal(table.text(entry.name)) << "\"" << assigns(entry)
       << ".\n"
       << " * @param session prepared for these sizes or larger ones\n";
    for (uint32_t symbol : symbols)
      if (!isTold(symbol, inputs))
        os << formatv(
            " * @param {0} no input has it as a dimension, so the session keeps the first "
            "value\n",
            names.symbols[symbol]);
    explain(inputs, true);
    explain(outputs, false);
    os << " */\nstatic inline dlc_status *" << names.entry(i) << "(dlc_session *session";
    declareSizes(symbols);
    declareTensors(inputs, true);
    declareTensors(outputs, false);
    os << ") {\n  dlc_status *status = NULL;\n";
    for (uint32_t symbol : symbols)
      if (!isTold(symbol, inputs))
        os << formatv(
            "  if (!status)\n    status = dlc_session_bind_size(session, \"{0}\", {1});\n",
            literal(table.text(table.symbols()[symbol].name)), names.symbols[symbol]);
    for (auto [k, tensor] : enumerate(inputs))
      bindInput(entryNumber(i), k, tensor, scope);
    for (auto [k, tensor] : enumerate(outputs))
      os << formatv("  if (!status)\n    status = dlc_session_bind_output(session, {0}, {1}, {2}, "
                    "sizeof *{2} * (size_t)({3}));\n",
                    entryNumber(i), k, tensor.parameter, elementsText(tensor));
    os << "  return status ? status : dlc_session_run(session, " << entryNumber(i) << ");\n}\n\n";
  }

  void bindInput(StringRef entry, size_t number, const CTensor &tensor, CScope &scope) {
    std::string dims = scope.name(tensor.parameter + "_dims");
    os << "  if (!status) {\n    const int64_t " << dims << "[] = {";
    interleaveComma(tensor.dims, os, [&](const dlc_expr &dim) { os << sizeText(dim); });
    os << (tensor.dims.empty() ? "0" : "") << "};\n"
       << formatv(
              "    status = dlc_session_bind_input(session, {0}, {1}, DLC_{2}, {3}, {4}, {5});\n"
              "  }\n",
              entry, number, upper(dlc_dtype_name(tensor.dtype)), tensor.parameter, dims,
              tensor.dims.size());
  }

  /// Whether an input has the symbol as a dimension, from which the runtime learns its value.
  bool isTold(uint32_t symbol, ArrayRef<CTensor> inputs) {
    return any_of(inputs, [&](const CTensor &tensor) {
      return any_of(tensor.dims, [&](const dlc_expr &dim) {
        ArrayRef<int64_t> code = table.code(dim);
        return code.size() == 2 && code[0] == DLC_EXPR_SYM && code[1] == int64_t(symbol);
      });
    });
  }

  std::string assigns(const dlc_entry &entry) {
    return entry.writes.count
               ? ", which assigns " + std::to_string(entry.writes.count) + " variables"
               : ", which assigns no variable";
  }

  void writePrepare(size_t i, ArrayRef<uint32_t> symbols) {
    os << "/** Reserves what runs of it take" << (symbols.empty() ? "" : " at these sizes")
       << ". */\nstatic inline dlc_status *" << names.prefix << "_prepare_" << names.entries[i]
       << "(dlc_session *session";
    declareSizes(symbols);
    os << ") {\n";
    writeSizes(symbols);
    os << formatv("  return dlc_session_prepare(session, {0}, {1}, {2});\n}\n\n", entryNumber(i),
                  symbols.empty() ? "NULL" : "sizes", symbols.size());
  }

  void writeSizes(ArrayRef<uint32_t> symbols) {
    if (symbols.empty())
      return;
    os << "  dlc_size sizes[" << symbols.size() << "];\n";
    for (auto [k, symbol] : enumerate(symbols))
      os << formatv("  sizes[{0}].symbol = \"{1}\";\n  sizes[{0}].value = {2};\n", k,
                    literal(table.text(table.symbols()[symbol].name)), names.symbols[symbol]);
  }

  /// A number where no size is open, in any variant; else a function.
  void writeArena(size_t i, ArrayRef<uint32_t> symbols) {
    if (isStatic(i)) {
      int64_t most = 0;
      for (const dlc_variant &variant : table.variants()) {
        StaticState state = planState(table, variant);
        most = std::max(most, planEntry(table, variant, state, i).planBytes);
      }
      os << "/* What a session reserves for it: dlc_artifact_arena_bytes. */\n#define "
         << entryNumber(i) << "_ARENA_BYTES " << most << "\n\n";
      return;
    }
    os << "/** What a session of so many threads reserves for it. */\nstatic inline dlc_status *"
       << names.entry(i) << "_arena_bytes(const dlc_artifact *artifact";
    declareSizes(symbols);
    os << ", uint32_t threads, int64_t *bytes) {\n";
    writeSizes(symbols);
    os << formatv("  return dlc_artifact_arena_bytes(artifact, {0}, {1}, {2}, threads, bytes);\n"
                  "}\n\n",
                  entryNumber(i), symbols.empty() ? "NULL" : "sizes", symbols.size());
  }

  bool isStatic(size_t i) {
    return all_of(table.variants(), [&](const dlc_variant &variant) {
      const dlc_body &body = table.list<dlc_body>(variant.bodies)[i];
      return table.constant(body.scratch) && !body.thread_scratch.count &&
             all_of(table.list<dlc_buffer>(body.buffers),
                    [&](const dlc_buffer &buffer) { return table.constant(buffer.bytes); });
    });
  }

  void writeVariable(size_t i) {
    CTensor tensor = variable(i);
    bool cache = table.variables()[i].role == DLC_ROLE_CACHE;
    StringRef owner = cache ? "session" : "state";
    std::vector<uint32_t> symbols = symbolsOf(tensor);
    os << formatv("/* The variable \"{0}\": {1}, row-major. */\n", literal(tensor.name),
                  shapeText(tensor));
    for (bool set : {true, false}) {
      os << "static inline dlc_status *" << (set ? names.setter(i) : names.getter(i)) << "(dlc_"
         << owner << " *" << owner;
      declareSizes(symbols);
      declareTensors(tensor, set);
      os << formatv(") {{\n  return dlc_{0}_{1}{2}({0}, \"{3}\", value, sizeof *value * "
                    "(size_t)({4}));\n}\n",
                    owner, set ? "set" : "get", cache ? "_cache" : "", literal(tensor.name),
                    elementsText(tensor));
    }
    os << "\n";
  }

  StringRef query;
};

//===- Without a runtime --------------------------------------------------------------------===//

class FreestandingHeader : HeaderWriter {
public:
  explicit FreestandingHeader(const StaticProgram &program)
      : HeaderWriter(program.table, program.names), program(program) {}

  std::string write() {
    open("which needs no runtime: nothing but memcpy and memset.\n *\n");
    os << formatv(
        " *   static {0}_state state;       its variables; zeros are a valid state\n"
        " *   static {0}_arena arena;       what lives during a call; any content\n"
        " *   {0}_ENTRY(&state, &arena, inputs..., outputs...);\n"
        " *\n"
        " * All memory is yours; no function keeps a pointer, allocates, fails or takes a lock.\n"
        " * Calls with a state of their own and an arena of their own may run at the same time.\n"
        " * Tensors are dense and row-major, aligned to their element, and do not overlap. "
        "Numbers\n"
        " * are computed in the mode that C programs start in: round to nearest, subnormals kept.\n"
        " * C99.\n */\n",
        names.prefix);
    beginGuard();
    os << "#include <stdint.h>\n\n";
    beginC();
    writeMemory();
    for (size_t i = 0; i < names.entries.size(); ++i)
      writeEntry(i);
    writeVariables();
    end();
    return finish();
  }

private:
  void writeMemory() {
    std::string aligned = upperPrefix + "_ALIGNED";
    os << "/* State and arena begin at multiples of 64 bytes. */\n#if "
          "defined(__cplusplus)\n#define "
       << aligned
       << " alignas(64)\n#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L\n"
       << "#define " << aligned << " _Alignas(64)\n#else\n#define " << aligned
       << " __attribute__((aligned(64)))\n#endif\n\n"
       << "#define " << upperPrefix << "_STATE_BYTES " << program.state.total << "\n"
       << "#define " << upperPrefix << "_ARENA_BYTES " << program.arenaBytes
       << " /* of the entry that takes most */\n\n";
    for (StringRef what : {"state", "arena"})
      os << formatv("typedef struct {0}_{1} {{\n  {2} unsigned char bytes[{3}_{4}_BYTES];\n"
                    "} {0}_{1};\n\n",
                    names.prefix, what, aligned, upperPrefix, upper(what));
  }

  void writeEntry(size_t i) {
    const dlc_entry &entry = table.entries()[i];
    CScope scope = parameterScope({"state", "arena"});
    std::vector<CTensor> inputs = ports(entry.inputs, scope), outputs = ports(entry.outputs, scope);
    std::string upperEntry = upper(names.entry(i));
    os << "/* ---- " << names.entries[i] << " ---- */\n\n";
    defineElements(upperEntry, inputs);
    defineElements(upperEntry, outputs);
    defineLayout(i);
    os << "#define " << upperEntry << "_ARENA_BYTES " << program.entryBytes[i] << "\n\n"
       << "/** Runs the entry \"" << literal(table.text(entry.name)) << "\".\n * @param state "
       << (entry.writes.count
               ? "read, and " + std::to_string(entry.writes.count) + " of its variables assigned"
               : std::string("its variables are read"))
       << "; yours\n * @param arena " << upperEntry
       << "_ARENA_BYTES at a multiple of 64 bytes, such as a " << names.prefix << "_arena; yours\n";
    explain(inputs, true);
    explain(outputs, false);
    os << " */\nvoid " << names.entry(i) << "(" << names.prefix << "_state *state, void *arena";
    declareTensors(inputs, true);
    declareTensors(outputs, false);
    os << ");\n\n";
  }

  void writeVariables() {
    os << "/* ---- variables ---- */\n\n";
    for (size_t i = 0; i < names.variables.size(); ++i) {
      CTensor tensor = variable(i);
      os << formatv("/** Copies the variable \"{0}\", {1}, in or out. */\n", literal(tensor.name),
                    shapeText(tensor))
         << formatv("void {0}({1}_state *state, const {2} *value);\n", names.setter(i),
                    names.prefix, cTypeOf(tensor.dtype))
         << formatv("void {0}(const {1}_state *state, {2} *value);\n\n", names.getter(i),
                    names.prefix, cTypeOf(tensor.dtype));
    }
    os << "/* Calls X(identifier, name, element type, elements, role) for each of them; roles are "
          "those of\n * dlc/runtime.h: 1 weight, 2 slot, 4 statistic, 8 hyperparameter, 16 random "
          "numbers, 32 cache. */\n#define "
       << upperPrefix << "_EACH_VARIABLE(X)";
    for (size_t i = 0; i < names.variables.size(); ++i) {
      CTensor tensor = variable(i);
      os << formatv(" \\\n  X({0}, \"{1}\", {2}, {3}, {4})", names.variables[i],
                    literal(tensor.name), cTypeOf(tensor.dtype), elementsText(tensor),
                    1u << table.variables()[i].role);
    }
    os << "\n\n";
  }

  const StaticProgram &program;
};

} // namespace

std::string hostedHeader(const TableReader &table, const CNames &names, StringRef query) {
  return HostedHeader(table, names, query).write();
}

std::string freestandingHeader(const StaticProgram &program) {
  return FreestandingHeader(program).write();
}

} // namespace dlc::codegen
