#include "runtime/core/Artifact.h"

#include "runtime/core/Isa.h"

#include <cstring>
#include <dlfcn.h>
#include <unistd.h>

using namespace dlc::runtime::core;

dlc_artifact::~dlc_artifact() {
  if (library)
    dlclose(library);
  if (file >= 0)
    close(file);
}

namespace dlc::runtime::core {

dlc_artifact *retain(const dlc_artifact *artifact) {
  auto *shared = const_cast<dlc_artifact *>(artifact);
  shared->references.fetch_add(1, std::memory_order_relaxed);
  return shared;
}

void release(dlc_artifact *artifact) {
  if (artifact && artifact->references.fetch_sub(1, std::memory_order_acq_rel) == 1)
    destroy(artifact);
}

// Fills the artifact's kernels and phases from its variant.
static bool decode(dlc_artifact &artifact) {
  View<dlc_kernel> kernels(artifact.variant.kernels);
  size_t phaseCount = 0, resultCount = 0;
  for (uint32_t k = 0; k < kernels.size(); ++k) {
    phaseCount += kernels[k].phases.count;
    resultCount += kernels[k].results.count;
  }
  if (!artifact.kernels.allocate(kernels.size()) || !artifact.phases.allocate(phaseCount) ||
      !artifact.results.allocate(resultCount))
    return false;
  uint32_t nextPhase = 0, nextResult = 0;
  for (uint32_t k = 0; k < kernels.size(); ++k) {
    const dlc_kernel &kernel = kernels[k];
    View<dlc_phase> phases(kernel.phases);
    View<dlc_result> results(kernel.results);
    artifact.kernels[k] = {text(kernel.name),
                           follow<char>(kernel.where),
                           kernel.args,
                           kernel.sizes,
                           nextPhase,
                           phases.size(),
                           nextResult,
                           results.size(),
                           Expr(kernel.scratch),
                           Expr(kernel.thread_scratch)};
    if (kernel.args > artifact.maxArgs)
      artifact.maxArgs = kernel.args;
    for (uint32_t p = 0; p < phases.size(); ++p)
      artifact.phases[nextPhase++] = {followFunction<dlc_phase_fn>(phases[p].fn),
                                      Expr(phases[p].tiles), Expr(phases[p].grain)};
    for (uint32_t r = 0; r < results.size(); ++r)
      artifact.results[nextResult++] = {results[r].dtype, Expr(results[r].elements)};
  }
  for (uint32_t s = 0; s < artifact.storages.size(); ++s)
    if (artifact.storages[s].sizes.count > artifact.maxSizes)
      artifact.maxSizes = artifact.storages[s].sizes.count;
  return true;
}

Status openTable(const dlc_program *program, const char *name, const dlc_open_options *options,
                 dlc_artifact **out) {
  DLC_TRY(validate(program, name));
  uint32_t index;
  DLC_TRY(pickVariant(*program, name, options ? options->variant : nullptr, &index));
  auto *artifact = create<dlc_artifact>(*program, View<dlc_variant>(program->variants)[index]);
  if (!artifact || !decode(*artifact)) {
    destroy(artifact);
    return outOfMemory(sizeof(dlc_artifact));
  }
  *out = artifact;
  return Status();
}

Status findName(const char *kind, const char *name, uint32_t count,
                const char *(*nameOf)(const void *, uint32_t), const void *context,
                uint32_t *index) {
  Text names;
  for (uint32_t i = 0; i < count; ++i) {
    if (strcmp(nameOf(context, i), name) == 0) {
      *index = i;
      return Status();
    }
    names.add("%s%s", i ? ", " : "", nameOf(context, i));
  }
  if (count == 0)
    return fail(DLC_NOT_FOUND, "no %s is called \"%s\"; there is none at all", kind, name);
  return fail(DLC_NOT_FOUND, "no %s is called \"%s\"; there are: %s", kind, name, names.str());
}

Status findEntry(const dlc_artifact &artifact, const char *name, uint32_t *entry) {
  auto nameOf = [](const void *context, uint32_t i) {
    return static_cast<const dlc_artifact *>(context)->entryName(i);
  };
  return findName("entry", name, artifact.entries.size(), nameOf, &artifact, entry);
}

Status findPort(const dlc_artifact &artifact, uint32_t entry, PortKind kind, const char *name,
                uint32_t *index) {
  View<dlc_port> ports = artifact.ports(entry, kind);
  auto nameOf = [](const void *context, uint32_t i) {
    return text((*static_cast<const View<dlc_port> *>(context))[i].name);
  };
  Text what;
  what.add("%s of entry \"%s\"", kind == PortKind::Input ? "input" : "output",
           artifact.entryName(entry));
  return findName(what.str(), name, ports.size(), nameOf, &ports, index);
}

Status findVariable(const dlc_artifact &artifact, const char *name, uint32_t *variable) {
  auto nameOf = [](const void *context, uint32_t i) {
    return static_cast<const dlc_artifact *>(context)->variableName(i);
  };
  return findName("variable", name, artifact.variables.size(), nameOf, &artifact, variable);
}

Status findSymbol(const dlc_artifact &artifact, const char *name, uint32_t *symbol) {
  auto nameOf = [](const void *context, uint32_t i) {
    return static_cast<const dlc_artifact *>(context)->symbolName(i);
  };
  return findName("symbol", name, artifact.symbols.size(), nameOf, &artifact, symbol);
}

} // namespace dlc::runtime::core
