// Checks a program table before anything relies on it.
//
// A table comes from our compiler, so what fails here is a bug or a version that does not fit, and
// the message says which element. Every reference is followed only after it was seen to lead to as
// many bytes of the artifact as it promises, aligned for what they hold, and to code where it names
// a function; so no table of a file, however wrong, makes the runtime read elsewhere.
#include "runtime/core/Artifact.h"

namespace dlc::runtime::core {
namespace {

// Far above any real kernel (lists of optimizer updates take thousands), far below what a session
// could not hold a pointer for each of.
constexpr uint32_t maxArgs = 1 << 20;

class Validator {
public:
  Validator(const dlc_program &program, const char *name, const Reach &reach)
      : program(program), name(name), reach(reach) {}

  Status run() {
    if (!text(program.name) || !strided<dlc_symbol>(program.symbols) ||
        !strided<dlc_variable>(program.variables) || !strided<dlc_entry>(program.entries) ||
        !strided<dlc_variant>(program.variants) || !list(program.manifest, 1, 1))
      return broken("program", 0);
    DLC_TRY(checkSymbols());
    View<dlc_variable> variables(program.variables);
    for (uint32_t i = 0; i < variables.size(); ++i) {
      const dlc_variable &v = variables[i];
      if (!text(v.name) || v.dtype >= DLC_DTYPE_COUNT || v.role > DLC_ROLE_CACHE || !dims(v.dims))
        return broken("variable", i);
    }
    for (uint32_t i = 0; i < program.entries.count; ++i)
      DLC_TRY(checkEntry(i));
    View<dlc_variant> variants(program.variants);
    for (uint32_t i = 0; i < variants.size(); ++i)
      DLC_TRY(checkVariant(variants[i]));
    return Status();
  }

private:
  Status broken(const char *what, uint32_t index) {
    return fail(DLC_INTERNAL, "%s: the program table is malformed at %s %u", name, what, index);
  }

  static uintptr_t target(const dlc_rel &rel) {
    return reinterpret_cast<uintptr_t>(&rel) + uintptr_t(intptr_t(rel));
  }

  // Whether |rel| leads to |bytes| bytes, aligned to |alignment|.
  bool leads(const dlc_rel &rel, uint64_t bytes, uint32_t alignment) const {
    uintptr_t at = target(rel);
    return rel && at % alignment == 0 && at >= reach.begin && at <= reach.end &&
           bytes <= reach.end - at;
  }

  bool text(const dlc_rel &rel) const {
    return leads(rel, 1, 1) && memchr(follow<char>(rel), 0, reach.end - target(rel));
  }

  bool function(const dlc_rel &rel) const {
    return rel && target(rel) >= reach.codeBegin && target(rel) < reach.codeEnd;
  }

  bool list(const dlc_ref &ref, uint32_t elementBytes, uint32_t alignment) const {
    return ref.count == 0 || leads(ref.rel, uint64_t(ref.count) * elementBytes, alignment);
  }

  // Structs may grow, never shrink.
  bool strided(const dlc_ref &ref, uint32_t least) const {
    if (ref.count == 0)
      return true;
    if (!leads(ref.rel, least, 8))
      return false;
    uint32_t stride = *follow<uint32_t>(ref.rel);
    return stride >= least && stride % 8 == 0 && list(ref, stride, 8);
  }
  template <typename T> bool strided(const dlc_ref &ref) const { return strided(ref, sizeof(T)); }

  bool code(const dlc_expr &e, uint32_t symbols) const {
    return list(e, sizeof(int64_t), 8) && isWellFormed(Expr(e), symbols);
  }
  bool expr(const dlc_expr &e) const { return code(e, program.symbols.count); }

  bool exprs(const dlc_ref &ref) const {
    if (!list(ref, sizeof(dlc_expr), 4))
      return false;
    for (const dlc_expr &e : List<dlc_expr>(ref))
      if (!expr(e))
        return false;
    return true;
  }
  bool dims(const dlc_ref &ref) const { return ref.count <= DLC_MAX_RANK && exprs(ref); }

  Status checkSymbols() {
    View<dlc_symbol> symbols(program.symbols);
    for (uint32_t i = 0; i < symbols.size(); ++i)
      if (!text(symbols[i].name) || symbols[i].divisor < 1 || symbols[i].min > symbols[i].max)
        return broken("symbol", i);
    return Status();
  }

  bool ports(const dlc_ref &ref) {
    if (!strided<dlc_port>(ref))
      return false;
    View<dlc_port> view(ref);
    for (uint32_t i = 0; i < view.size(); ++i)
      if (!text(view[i].name) || view[i].dtype >= DLC_DTYPE_COUNT || !dims(view[i].dims))
        return false;
    return true;
  }

  bool indices(const dlc_ref &ref, uint32_t limit) {
    if (!list(ref, sizeof(uint32_t), 4))
      return false;
    for (uint32_t index : List<uint32_t>(ref))
      if (index >= limit)
        return false;
    return true;
  }

  Status checkEntry(uint32_t i) {
    const dlc_entry &entry = View<dlc_entry>(program.entries)[i];
    uint32_t variables = program.variables.count;
    if (!text(entry.name) || !ports(entry.inputs) || !ports(entry.outputs) ||
        !indices(entry.reads, variables) || !indices(entry.writes, variables))
      return broken("entry", i);
    return Status();
  }

  Status checkVariant(const dlc_variant &variant) {
    View<dlc_entry> entries(program.entries);
    if (!text(variant.name) || variant.bodies.count != entries.size() ||
        !strided<dlc_storage>(variant.storages) || !strided<dlc_body>(variant.bodies) ||
        !strided<dlc_kernel>(variant.kernels))
      return broken("a variant of entry count", entries.size());
    View<dlc_kernel> kernels(variant.kernels);
    for (uint32_t i = 0; i < kernels.size(); ++i)
      if (!validKernel(kernels[i]))
        return broken("kernel", i);
    View<dlc_storage> storages(variant.storages);
    for (uint32_t i = 0; i < storages.size(); ++i)
      if (!validStorage(storages[i], i, kernels) || mixesOwners(storages, i))
        return broken("storage", i);
    DLC_TRY(checkPrimaries(storages));
    View<dlc_body> bodies(variant.bodies);
    for (uint32_t i = 0; i < bodies.size(); ++i)
      if (!validBody(bodies[i], entries[i], storages.size()))
        return broken("the body of entry", i);
    return Status();
  }

  // A cache belongs to a session and the rest to a state, so nothing derives from both.
  bool mixesOwners(View<dlc_storage> storages, uint32_t index) {
    uint32_t caches = 0, others = 0;
    for (uint32_t source : List<uint32_t>(storages[index].sources)) {
      uint32_t variable = rootOf(storages, source);
      ++(View<dlc_variable>(program.variables)[variable].role == DLC_ROLE_CACHE ? caches : others);
    }
    return caches && others;
  }

  // A variable that storage |index| derives from; sources stand before it, so this ends.
  uint32_t rootOf(View<dlc_storage> storages, uint32_t index) {
    while (storages[index].variable == DLC_NONE)
      index = List<uint32_t>(storages[index].sources)[0];
    return storages[index].variable;
  }

  // Every variable lives in exactly one storage.
  Status checkPrimaries(View<dlc_storage> storages) {
    for (uint32_t v = 0; v < program.variables.count; ++v) {
      uint32_t homes = 0;
      for (uint32_t s = 0; s < storages.size(); ++s)
        homes += storages[s].variable == v;
      if (homes != 1)
        return broken("the storage of variable", v);
    }
    return Status();
  }

  bool validKernel(const dlc_kernel &kernel) {
    auto fits = [&](const dlc_expr &e) { return code(e, kernel.sizes); };
    if (!text(kernel.name) || (kernel.where && !text(kernel.where)) || kernel.args > maxArgs ||
        !fits(kernel.flops) || !fits(kernel.bytes) || !fits(kernel.scratch) ||
        !fits(kernel.thread_scratch) || !strided<dlc_phase>(kernel.phases) ||
        !strided<dlc_result>(kernel.results) || kernel.results.count > kernel.args)
      return false;
    View<dlc_result> results(kernel.results);
    for (uint32_t i = 0; i < results.size(); ++i)
      if (results[i].dtype >= DLC_DTYPE_COUNT || !fits(results[i].elements))
        return false;
    View<dlc_phase> phases(kernel.phases);
    for (uint32_t i = 0; i < phases.size(); ++i)
      if (!function(phases[i].fn) || !fits(phases[i].tiles) || !fits(phases[i].grain))
        return false;
    return phases.size() > 0;
  }

  bool validStorage(const dlc_storage &storage, uint32_t index, View<dlc_kernel> kernels) {
    bool derived = storage.variable == DLC_NONE;
    if (!text(storage.name) || !expr(storage.bytes) || !indices(storage.sources, index) ||
        derived != (storage.sources.count > 0) ||
        (!derived && storage.variable >= program.variables.count) || !exprs(storage.sizes))
      return false;
    auto fits = [&](int32_t kernel, uint32_t args) {
      return kernel == -1 ||
             (uint32_t(kernel) < kernels.size() && kernels[uint32_t(kernel)].args == args &&
              kernels[uint32_t(kernel)].sizes == storage.sizes.count);
    };
    return fits(storage.import_kernel, 2) && fits(storage.export_kernel, 2) &&
           fits(storage.refresh_kernel, storage.sources.count + 1) &&
           derived == (storage.refresh_kernel != -1);
  }

  bool validBody(const dlc_body &body, const dlc_entry &entry, uint32_t storageCount) {
    if (!function(body.host_fn) || !expr(body.scratch) || !expr(body.thread_scratch) ||
        !strided<dlc_buffer>(body.buffers))
      return false;
    View<dlc_buffer> buffers(body.buffers);
    for (uint32_t i = 0; i < buffers.size(); ++i) {
      const dlc_buffer &b = buffers[i];
      uint32_t limits[] = {entry.inputs.count, entry.outputs.count, storageCount, storageCount};
      if (!expr(b.bytes) || b.kind > DLC_BUFFER_CONSTANT || b.alias >= int32_t(i) || b.alias < -1 ||
          (b.alias >= 0 && b.kind != DLC_BUFFER_TEMPORARY && b.kind != DLC_BUFFER_STORAGE_NEXT) ||
          (b.kind <= DLC_BUFFER_STORAGE_NEXT && b.index >= limits[b.kind]) ||
          (b.kind == DLC_BUFFER_CONSTANT && !constant(b)) ||
          (b.kind == DLC_BUFFER_TEMPORARY && b.first > b.last))
        return false;
    }
    return true;
  }

  // A constant's size is a number, and the table holds that many bytes.
  bool constant(const dlc_buffer &buffer) const {
    if (!isConstant(Expr(buffer.bytes)))
      return false;
    EvalResult bytes = evaluate(Expr(buffer.bytes), {});
    return bytes.ok() && bytes.value >= 0 && leads(buffer.data, uint64_t(bytes.value), 1);
  }

  const dlc_program &program;
  const char *name;
  const Reach reach;
};

} // namespace

Status validate(const dlc_program *program, const char *name, const Reach &reach) {
  if (!program || program->magic != DLC_PROGRAM_MAGIC)
    return fail(DLC_INVALID_ARGUMENT, "%s: not a dlc program table", name);
  if (program->abi != DLC_ABI_VERSION)
    return fail(DLC_UNIMPLEMENTED,
                "%s: made for runtime ABI %u, this runtime has %u; compile the model again", name,
                program->abi, DLC_ABI_VERSION);
  if (program->size < sizeof(dlc_program))
    return fail(DLC_INTERNAL, "%s: the program table is malformed at program 0", name);
  return Validator(*program, name, reach).run();
}

} // namespace dlc::runtime::core
