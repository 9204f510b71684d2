// An opened artifact: the table, the chosen variant, and what running needs of both in decoded form.
//
// Immutable after opening; shared by counting references. Tables are checked once, when opened, by
// validate(): everything after that trusts indices, expressions and counts.
#ifndef DLC_RUNTIME_CORE_ARTIFACT_H
#define DLC_RUNTIME_CORE_ARTIFACT_H

#include "runtime/abi/kernel.h"
#include "runtime/core/Expr.h"
#include "runtime/core/Memory.h"
#include "runtime/core/Status.h"
#include "runtime/core/Table.h"

#include <atomic>

namespace dlc::runtime::core {

// Decoded for dispatch, where chasing relative references would show.
struct Phase {
  dlc_phase_fn fn;
  Expr tiles, grain;
};
struct Result {
  uint32_t dtype;
  Expr elements;
};
struct Kernel {
  const char *name, *where;
  uint32_t args, sizes;
  uint32_t firstPhase, phaseCount;   // in dlc_artifact.phases
  uint32_t firstResult, resultCount; // in dlc_artifact.results
  Expr scratch, threadScratch;
};

enum class PortKind { Input, Output };

} // namespace dlc::runtime::core

struct dlc_artifact {
  dlc_artifact(const dlc_program &program, const dlc_variant &variant)
      : program(program), variant(variant), symbols(program.symbols),
        variables(program.variables), entries(program.entries), storages(variant.storages),
        bodies(variant.bodies) {}
  ~dlc_artifact();

  const char *name() const { return dlc::runtime::core::text(program.name); }
  const char *symbolName(uint32_t i) const { return dlc::runtime::core::text(symbols[i].name); }
  const char *variableName(uint32_t i) const {
    return dlc::runtime::core::text(variables[i].name);
  }
  const char *entryName(uint32_t i) const { return dlc::runtime::core::text(entries[i].name); }
  dlc::runtime::core::View<dlc_port> ports(uint32_t entry,
                                           dlc::runtime::core::PortKind kind) const {
    const dlc_entry &e = entries[entry];
    return dlc::runtime::core::View<dlc_port>(
        kind == dlc::runtime::core::PortKind::Input ? e.inputs : e.outputs);
  }

  const dlc_program &program;
  const dlc_variant &variant;
  dlc::runtime::core::View<dlc_symbol> symbols;
  dlc::runtime::core::View<dlc_variable> variables;
  dlc::runtime::core::View<dlc_entry> entries;
  dlc::runtime::core::View<dlc_storage> storages;
  dlc::runtime::core::View<dlc_body> bodies;
  dlc::runtime::core::Array<dlc::runtime::core::Kernel> kernels;
  dlc::runtime::core::Array<dlc::runtime::core::Phase> phases;
  dlc::runtime::core::Array<dlc::runtime::core::Result> results;
  uint32_t maxArgs = 0;   // of any kernel
  uint32_t maxSizes = 0;  // of any storage's layout kernels
  void *library = nullptr; // of dlopen; null for linked tables
  int file = -1;           // the memory file behind it
  std::atomic<int> references{1};
};

namespace dlc::runtime::core {

dlc_artifact *retain(const dlc_artifact *artifact);
void release(dlc_artifact *artifact);

// Where the references of a table may lead. Those of a table that was linked into the program are
// the linker's work, and may lead anywhere.
struct Reach {
  uintptr_t begin = 0, end = UINTPTR_MAX;
  uintptr_t codeBegin = 0, codeEnd = UINTPTR_MAX;
};

// Checks every reference, index, expression and count of |program| that the runtime will rely on.
// Reads nothing outside |reach|, whatever stands there.
Status validate(const dlc_program *program, const char *name, const Reach &reach = {});

// Finds the table in what an artifact's file would be in memory, checks it, and that one of its
// variants (the one called |variant|, unless that is null) runs here.
struct Unfolded;
Status checkTable(const Unfolded &image, const char *name, const char *variant);

// Makes an artifact of a table: validates, picks the variant and decodes it.
Status openTable(const dlc_program *program, const char *name, const dlc_open_options *options,
                 dlc_artifact **out);

// Makes an artifact of the bytes of a .dlca file.
Status openImage(const void *data, size_t bytes, const char *name,
                 const dlc_open_options *options, dlc_artifact **out);
Status openFile(const char *path, const dlc_open_options *options, dlc_artifact **out);

// Finds |name| among |count| names; the message says what |kind| of thing it is and lists them.
Status findName(const char *kind, const char *name, uint32_t count,
                const char *(*nameOf)(const void *context, uint32_t index), const void *context,
                uint32_t *index);
Status findEntry(const dlc_artifact &artifact, const char *name, uint32_t *entry);
Status findPort(const dlc_artifact &artifact, uint32_t entry, PortKind kind, const char *name,
                uint32_t *index);
Status findVariable(const dlc_artifact &artifact, const char *name, uint32_t *variable);
Status findSymbol(const dlc_artifact &artifact, const char *name, uint32_t *symbol);

// How an entry is called: runtime/abi/layout.h.
uint64_t layoutOf(const dlc_artifact &artifact, uint32_t entry);
void describeEntry(const dlc_artifact &artifact, uint32_t entry, char *text, size_t capacity);
// Fails unless |entry| is there and has |layout|; |signature| is its description, or null.
Status checkEntry(const dlc_artifact &artifact, uint32_t entry, uint64_t layout,
                  const char *signature);

} // namespace dlc::runtime::core

#endif
