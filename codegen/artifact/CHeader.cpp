// C99 and C++ alike; a program reads the header, so it explains itself.
//
// Where sizes are known they are numbers. Else they are expressions of the symbols, which functions
// take as parameters of their names, in front of the tensors.
#include "codegen/artifact/CHeader.h"
#include "runtime/abi/dtype.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace dlc::codegen {
namespace {

/// What elements are in C. Half floats are their bits, i1 is 0 or 1.
StringRef cTypeOf(uint32_t dtype) {
  switch (dtype) {
  case DLC_F32:
    return "float";
  case DLC_F64:
    return "double";
  case DLC_F16:
  case DLC_BF16:
    return "uint16_t";
  case DLC_I64:
    return "int64_t";
  case DLC_I32:
    return "int32_t";
  case DLC_I8:
    return "int8_t";
  default:
    return "uint8_t";
  }
}

std::string upper(StringRef name) { return name.upper(); }

/// Breaks the lines of code that are longer than 100 columns, behind a comma or before a sign.
std::string wrap(StringRef text) {
  constexpr size_t columns = 100;
  std::string wrapped;
  SmallVector<StringRef> lines;
  text.split(lines, '\n');
  for (StringRef line : ArrayRef(lines).drop_back()) {
    std::string indent(line.size() - line.ltrim().size() + 4, ' ');
    bool code = !line.starts_with("#") && !line.starts_with(" *") && !line.starts_with("/*");
    while (code && line.size() > columns) {
      size_t at = line.take_front(columns + 1).rfind(", ");
      if (at == StringRef::npos || at < indent.size())
        break;
      wrapped += (line.take_front(at + 1) + "\n" + indent).str();
      line = line.drop_front(at + 2);
    }
    wrapped += (line + "\n").str();
  }
  return wrapped;
}

/// An input, an output or a variable.
struct Tensor {
  StringRef name; ///< in the model
  std::string parameter;
  uint32_t dtype;
  ArrayRef<dlc_expr> dims;
};

/// What both kinds of header say.
class Header {
public:
  Header(const TableReader &table, const CNames &names) : table(table), names(names), os(text) {
    upperPrefix = upper(names.prefix);
  }

protected:
  //===- Sizes ------------------------------------------------------------------------------===//

  /// An expression of C; `symbol` writes a symbol's value.
  std::string sizeText(ArrayRef<int64_t> code, function_ref<std::string(int64_t)> symbol) {
    if (auto value = evaluateCode(code, [](int64_t) { return std::nullopt; }))
      return std::to_string(*value);
    SmallVector<std::string> stack;
    for (size_t i = 0; i < code.size(); ++i) {
      if (code[i] == DLC_EXPR_CONST) {
        stack.push_back(std::to_string(code[++i]));
      } else if (code[i] == DLC_EXPR_SYM) {
        stack.push_back(symbol(code[++i]));
      } else if (code[i] == DLC_EXPR_NEG) {
        stack.back() = "(-" + stack.back() + ")";
      } else {
        std::string b = stack.pop_back_val(), a = stack.pop_back_val();
        stack.push_back(binaryText(code[i], a, b));
      }
    }
    return stack.back();
  }

  static std::string binaryText(int64_t op, const std::string &a, const std::string &b) {
    switch (op) {
    case DLC_EXPR_ADD:
      return "(" + a + " + " + b + ")";
    case DLC_EXPR_MUL:
      return "(" + a + " * " + b + ")";
    case DLC_EXPR_FLOORDIV: // C rounds toward zero
      return "(" + a + " / " + b + " - (" + a + " % " + b + " < 0))";
    case DLC_EXPR_MIN:
      return "(" + a + " < " + b + " ? " + a + " : " + b + ")";
    default:
      return "(" + a + " > " + b + " ? " + a + " : " + b + ")";
    }
  }

  std::string sizeText(const dlc_expr &size) {
    return sizeText(table.code(size), [&](int64_t i) { return names.symbols[i]; });
  }

  /// The number of elements; `cast` writes symbols as a macro's parameters.
  std::string elementsText(const Tensor &tensor, bool macro = false) {
    auto symbol = [&](int64_t i) {
      return macro ? "(int64_t)(" + names.symbols[i] + ")" : names.symbols[i];
    };
    int64_t known = 1;
    std::string text;
    for (const dlc_expr &dim : tensor.dims) {
      if (auto value = table.constant(dim))
        known *= *value;
      else
        text += (text.empty() ? "" : " * ") + sizeText(table.code(dim), symbol);
    }
    if (text.empty())
      return std::to_string(known);
    return known == 1 ? text : text + " * " + std::to_string(known);
  }

  /// "f32[B,784]".
  std::string shapeText(const Tensor &tensor) {
    std::string text = dlc_dtype_name(tensor.dtype) + std::string("[");
    for (auto [i, dim] : enumerate(tensor.dims))
      text += (i ? "," : "") + sizeText(dim);
    return text + "]";
  }

  /// The symbols that tensors mention, in order.
  std::vector<uint32_t> symbolsOf(ArrayRef<Tensor> tensors) {
    std::vector<bool> seen(names.symbols.size());
    for (const Tensor &tensor : tensors)
      for (const dlc_expr &dim : tensor.dims) {
        ArrayRef<int64_t> code = table.code(dim);
        for (size_t i = 0; i < code.size(); ++i) {
          if (code[i] == DLC_EXPR_SYM)
            seen[code[i + 1]] = true;
          if (code[i] == DLC_EXPR_SYM || code[i] == DLC_EXPR_CONST)
            ++i;
        }
      }
    std::vector<uint32_t> found;
    for (uint32_t i = 0; i < seen.size(); ++i)
      if (seen[i])
        found.push_back(i);
    return found;
  }

  //===- Tensors ----------------------------------------------------------------------------===//

  std::vector<Tensor> ports(const dlc_ref &list, CScope &scope) {
    std::vector<Tensor> tensors;
    for (const dlc_port &port : table.list<dlc_port>(list)) {
      StringRef name = table.text(port.name);
      tensors.push_back({name, scope.name(name), port.dtype, table.list<dlc_expr>(port.dims)});
    }
    return tensors;
  }

  Tensor variable(size_t i) {
    const dlc_variable &variable = table.variables()[i];
    return {table.text(variable.name), "value", variable.dtype,
            table.list<dlc_expr>(variable.dims)};
  }

  /// Parameters are called like the model's tensors, and differ from what the header adds.
  CScope parameterScope(ArrayRef<StringRef> own) {
    CScope scope(own);
    for (const std::string &symbol : names.symbols)
      scope.name(symbol);
    return scope;
  }

  void explain(ArrayRef<Tensor> tensors, bool input) {
    for (const Tensor &tensor : tensors)
      os << formatv(" * @param {0} {1} \"{2}\": {3}, row-major, {4}; yours\n", tensor.parameter,
                    input ? "input" : "output", tensor.name, shapeText(tensor),
                    input ? "read during the call" : "written by the call");
  }

  void declareTensors(ArrayRef<Tensor> tensors, bool input) {
    for (const Tensor &tensor : tensors)
      os << ", " << (input ? "const " : "") << cTypeOf(tensor.dtype) << " *" << tensor.parameter;
  }

  void declareSizes(ArrayRef<uint32_t> symbols) {
    for (uint32_t symbol : symbols)
      os << ", int64_t " << names.symbols[symbol];
  }

  /// "NAME_X_ELEMENTS", a number or a macro of the symbols.
  void defineElements(StringRef stem, ArrayRef<Tensor> tensors) {
    for (const Tensor &tensor : tensors) {
      os << "#define " << stem << "_" << upper(tensor.parameter) << "_ELEMENTS";
      std::vector<uint32_t> symbols = symbolsOf(tensor);
      if (!symbols.empty()) {
        os << "(";
        interleaveComma(symbols, os, [&](uint32_t symbol) { os << names.symbols[symbol]; });
        os << ")";
      }
      os << " (" << elementsText(tensor, /*macro=*/true) << ")\n";
    }
  }

  std::string variants() {
    std::string list;
    for (const dlc_variant &variant : table.variants())
      list += (list.empty() ? "" : ", ") + table.text(variant.name).str();
    return list;
  }

  void open(StringRef what) {
    os << "/* The model \"" << table.text(table.program().name) << "\" for " << variants() << ", "
       << what;
  }
  void beginGuard() {
    os << "#ifndef DLC_MODEL_" << upperPrefix << "_H\n#define DLC_MODEL_" << upperPrefix
       << "_H\n\n";
  }
  void beginC() { os << "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n"; }
  void end() { os << "#ifdef __cplusplus\n}\n#endif\n\n#endif\n"; }

  const TableReader &table;
  const CNames &names;
  std::string upperPrefix, text;
  raw_string_ostream os;
};

//===- Over the runtime ---------------------------------------------------------------------===//

class HostedHeader : Header {
public:
  HostedHeader(const TableReader &table, const CNames &names, StringRef query)
      : Header(table, names), query(query) {}

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
       << "const struct dlc_program *" << query << "(void);\n\n"
       << "/** Opens the model. */\nstatic inline dlc_status *" << names.prefix
       << "_open(dlc_artifact **artifact) {\n  return dlc_artifact_open_linked(" << query
       << ", NULL, artifact);\n}\n\n";
    writeState();
    os << "/* Numbers of the entries. */\nenum {\n";
    for (size_t i = 0; i < names.entries.size(); ++i)
      os << "  " << entryNumber(i) << " = " << i << (i + 1 < names.entries.size() ? ",\n" : "\n");
    os << "};\n\n";
    for (size_t i = 0; i < names.entries.size(); ++i)
      writeEntry(i);
    for (size_t i = 0; i < names.variables.size(); ++i)
      writeVariable(i);
    end();
    return wrap(text);
  }

private:
  std::string entryNumber(size_t i) { return upper(names.entry(i)); }

  void writeState() {
    if (auto bytes = storedBytes(table, table.variants()[0]))
      os << "/* What a state takes: dlc_state_bytes. */\n#define " << upperPrefix << "_STATE_BYTES "
         << *bytes << "\n\n";
  }

  void writeEntry(size_t i) {
    const dlc_entry &entry = table.entries()[i];
    CScope scope = parameterScope({"session", "artifact", "status", "sizes", "threads", "bytes"});
    std::vector<Tensor> inputs = ports(entry.inputs, scope), outputs = ports(entry.outputs, scope);
    std::vector<Tensor> all = inputs;
    append_range(all, outputs);
    std::vector<uint32_t> symbols = symbolsOf(all);
    os << "/* ---- " << names.entries[i] << " ---- */\n\n";
    defineElements(upper(names.entry(i)), all);
    os << "\n";
    writeArena(i, symbols);
    writePrepare(i, symbols);
    os << "/** Runs the entry \"" << table.text(entry.name) << "\"" << assigns(entry) << ".\n"
       << " * @param session prepared for these sizes or larger ones\n";
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
            table.text(table.symbols()[symbol].name), names.symbols[symbol]);
    for (auto [k, tensor] : enumerate(inputs))
      bindInput(entryNumber(i), k, tensor, scope);
    for (auto [k, tensor] : enumerate(outputs))
      os << formatv("  if (!status)\n    status = dlc_session_bind_output(session, {0}, {1}, {2}, "
                    "sizeof *{2} * (size_t)({3}));\n",
                    entryNumber(i), k, tensor.parameter, elementsText(tensor));
    os << "  return status ? status : dlc_session_run(session, " << entryNumber(i) << ");\n}\n\n";
  }

  void bindInput(StringRef entry, size_t number, const Tensor &tensor, CScope &scope) {
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
  bool isTold(uint32_t symbol, ArrayRef<Tensor> inputs) {
    return any_of(inputs, [&](const Tensor &tensor) {
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
                    table.text(table.symbols()[symbol].name), names.symbols[symbol]);
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
    Tensor tensor = variable(i);
    bool cache = table.variables()[i].role == DLC_ROLE_CACHE;
    StringRef owner = cache ? "session" : "state";
    std::vector<uint32_t> symbols = symbolsOf(tensor);
    os << formatv("/* The variable \"{0}\": {1}, row-major. */\n", tensor.name, shapeText(tensor));
    for (bool set : {true, false}) {
      os << "static inline dlc_status *" << (set ? names.setter(i) : names.getter(i)) << "(dlc_"
         << owner << " *" << owner;
      declareSizes(symbols);
      declareTensors(tensor, set);
      os << formatv(") {{\n  return dlc_{0}_{1}{2}({0}, \"{3}\", value, sizeof *value * "
                    "(size_t)({4}));\n}\n",
                    owner, set ? "set" : "get", cache ? "_cache" : "", tensor.name,
                    elementsText(tensor));
    }
    os << "\n";
  }

  StringRef query;
};

//===- Without a runtime --------------------------------------------------------------------===//

class FreestandingHeader : Header {
public:
  explicit FreestandingHeader(const StaticProgram &program)
      : Header(program.table, program.names), program(program) {}

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
    return wrap(text);
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
    std::vector<Tensor> inputs = ports(entry.inputs, scope), outputs = ports(entry.outputs, scope);
    std::string upperEntry = upper(names.entry(i));
    os << "/* ---- " << names.entries[i] << " ---- */\n\n";
    defineElements(upperEntry, inputs);
    defineElements(upperEntry, outputs);
    os << "#define " << upperEntry << "_ARENA_BYTES " << program.entryBytes[i] << "\n\n"
       << "/** Runs the entry \"" << table.text(entry.name) << "\".\n * @param state "
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
      Tensor tensor = variable(i);
      os << formatv("/** Copies the variable \"{0}\", {1}, in or out. */\n", tensor.name,
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
      Tensor tensor = variable(i);
      os << formatv(" \\\n  X({0}, \"{1}\", {2}, {3}, {4})", names.variables[i], tensor.name,
                    cTypeOf(tensor.dtype), elementsText(tensor), 1u << table.variables()[i].role);
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
