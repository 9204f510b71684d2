// Checks a program table before anything relies on it.
//
// A table comes from our compiler, so what fails here is a bug or a version that does not fit, and
// the message says which element. Relative references themselves are trusted: a file's bytes were
// covered by its checksum, and a linked table by the linker.
#include "runtime/core/Artifact.h"

namespace dlc::runtime::core {
namespace {

class Validator {
public:
  Validator(const dlc_program &program, const char *name)
      : program(program), name(name), symbolCount(program.symbols.count),
        variables(program.variables), entries(program.entries) {}

  Status run() {
    DLC_TRY(checkStrides());
    DLC_TRY(checkSymbols());
    for (uint32_t i = 0; i < variables.size(); ++i) {
      const dlc_variable &v = variables[i];
      if (!v.name || v.dtype >= DLC_DTYPE_COUNT || v.role > DLC_ROLE_CACHE || !dims(v.dims))
        return broken("variable", i);
    }
    for (uint32_t i = 0; i < entries.size(); ++i)
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

  bool expr(const dlc_expr &e) { return isWellFormed(Expr(e), symbolCount); }

  bool dims(const dlc_ref &ref) {
    if (ref.count > DLC_MAX_RANK)
      return false;
    for (const dlc_expr &e : List<dlc_expr>(ref))
      if (!expr(e))
        return false;
    return true;
  }

  // Structs may grow, never shrink.
  template <typename T> bool strided(const dlc_ref &ref) {
    View<T> view(ref);
    return view.size() == 0 || (view.elementBytes() >= sizeof(T) && view.elementBytes() % 8 == 0);
  }

  Status checkStrides() {
    if (!program.name || !strided<dlc_symbol>(program.symbols) ||
        !strided<dlc_variable>(program.variables) || !strided<dlc_entry>(program.entries) ||
        !strided<dlc_variant>(program.variants))
      return broken("program", 0);
    return Status();
  }

  Status checkSymbols() {
    View<dlc_symbol> symbols(program.symbols);
    for (uint32_t i = 0; i < symbols.size(); ++i)
      if (!symbols[i].name || symbols[i].divisor < 1 || symbols[i].min > symbols[i].max)
        return broken("symbol", i);
    return Status();
  }

  bool ports(const dlc_ref &ref) {
    if (!strided<dlc_port>(ref))
      return false;
    View<dlc_port> view(ref);
    for (uint32_t i = 0; i < view.size(); ++i)
      if (!view[i].name || view[i].dtype >= DLC_DTYPE_COUNT || !dims(view[i].dims))
        return false;
    return true;
  }

  bool indices(const dlc_ref &ref, uint32_t limit) {
    for (uint32_t index : List<uint32_t>(ref))
      if (index >= limit)
        return false;
    return true;
  }

  Status checkEntry(uint32_t i) {
    const dlc_entry &entry = entries[i];
    if (!entry.name || !ports(entry.inputs) || !ports(entry.outputs) ||
        !indices(entry.reads, variables.size()) || !indices(entry.writes, variables.size()))
      return broken("entry", i);
    return Status();
  }

  Status checkVariant(const dlc_variant &variant) {
    if (!variant.name || variant.bodies.count != entries.size() ||
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
      ++(variables[variable].role == DLC_ROLE_CACHE ? caches : others);
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
    for (uint32_t v = 0; v < variables.size(); ++v) {
      uint32_t homes = 0;
      for (uint32_t s = 0; s < storages.size(); ++s)
        homes += storages[s].variable == v;
      if (homes != 1)
        return broken("the storage of variable", v);
    }
    return Status();
  }

  bool validKernel(const dlc_kernel &kernel) {
    auto fits = [&](const dlc_expr &e) { return isWellFormed(Expr(e), kernel.sizes); };
    if (!kernel.name || !fits(kernel.flops) || !fits(kernel.bytes) || !fits(kernel.scratch) ||
        !fits(kernel.thread_scratch) || !strided<dlc_phase>(kernel.phases) ||
        !strided<dlc_result>(kernel.results) || kernel.results.count > kernel.args)
      return false;
    View<dlc_result> results(kernel.results);
    for (uint32_t i = 0; i < results.size(); ++i)
      if (results[i].dtype >= DLC_DTYPE_COUNT || !fits(results[i].elements))
        return false;
    View<dlc_phase> phases(kernel.phases);
    for (uint32_t i = 0; i < phases.size(); ++i)
      if (!phases[i].fn || !fits(phases[i].tiles) || !fits(phases[i].grain))
        return false;
    return phases.size() > 0;
  }

  bool validStorage(const dlc_storage &storage, uint32_t index, View<dlc_kernel> kernels) {
    bool derived = storage.variable == DLC_NONE;
    if (!storage.name || !expr(storage.bytes) || !indices(storage.sources, index) ||
        derived != (storage.sources.count > 0) || (!derived && storage.variable >= variables.size()))
      return false;
    for (const dlc_expr &e : List<dlc_expr>(storage.sizes))
      if (!expr(e))
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
    if (!body.host_fn || !expr(body.scratch) || !expr(body.thread_scratch) ||
        !strided<dlc_buffer>(body.buffers))
      return false;
    View<dlc_buffer> buffers(body.buffers);
    for (uint32_t i = 0; i < buffers.size(); ++i) {
      const dlc_buffer &b = buffers[i];
      uint32_t limits[] = {entry.inputs.count, entry.outputs.count, storageCount, storageCount};
      if (!expr(b.bytes) || b.kind > DLC_BUFFER_CONSTANT || b.alias >= int32_t(i) || b.alias < -1 ||
          (b.alias >= 0 && b.kind != DLC_BUFFER_TEMPORARY && b.kind != DLC_BUFFER_STORAGE_NEXT) ||
          (b.kind <= DLC_BUFFER_STORAGE_NEXT && b.index >= limits[b.kind]) ||
          (b.kind == DLC_BUFFER_CONSTANT && !b.data) ||
          (b.kind == DLC_BUFFER_TEMPORARY && b.first > b.last))
        return false;
    }
    return true;
  }

  const dlc_program &program;
  const char *name;
  uint32_t symbolCount;
  View<dlc_variable> variables;
  View<dlc_entry> entries;
};

} // namespace

Status validate(const dlc_program *program, const char *name) {
  if (!program || program->magic != DLC_PROGRAM_MAGIC)
    return fail(DLC_INVALID_ARGUMENT, "%s: not a dlc program table", name);
  if (program->abi != DLC_ABI_VERSION)
    return fail(DLC_UNIMPLEMENTED,
                "%s: made for runtime ABI %u, this runtime has %u; compile the model again", name,
                program->abi, DLC_ABI_VERSION);
  if (program->size < sizeof(dlc_program))
    return fail(DLC_INTERNAL, "%s: the program table is malformed at program 0", name);
  return Validator(*program, name).run();
}

} // namespace dlc::runtime::core
