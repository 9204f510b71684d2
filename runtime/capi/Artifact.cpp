// The C API of artifacts: translation only. Contracts: dlc/runtime.h.
#include "runtime/core/Arena.h"

using namespace dlc::runtime::core;

uint32_t dlc_api_version(void) { return DLC_API_VERSION_MAJOR << 16 | DLC_API_VERSION_MINOR; }

dlc_status *dlc_status_create(dlc_code code, const char *message) {
  return fail(code, "%s", message).release();
}

dlc_status *dlc_artifact_open(const char *path, const dlc_open_options *options,
                              dlc_artifact **out) {
  return openFile(path, options, out).release();
}

dlc_status *dlc_artifact_open_memory(const void *data, size_t bytes, const char *name,
                                     const dlc_open_options *options, dlc_artifact **out) {
  return openImage(data, bytes, name, options, out).release();
}

dlc_status *dlc_artifact_open_linked(const dlc_program *(*query)(void),
                                     const dlc_open_options *options, dlc_artifact **out) {
  return openTable(query(), "linked artifact", options, out).release();
}

void dlc_artifact_free(dlc_artifact *artifact) { release(artifact); }

const char *dlc_artifact_name(const dlc_artifact *artifact) { return artifact->name(); }

const char *dlc_artifact_variant(const dlc_artifact *artifact) {
  return text(artifact->variant.name);
}

uint64_t dlc_artifact_identity(const dlc_artifact *artifact) {
  return artifact->program.identity;
}

const void *dlc_artifact_manifest(const dlc_artifact *artifact, size_t *bytes) {
  *bytes = artifact->program.manifest.count;
  return *bytes ? follow<char>(artifact->program.manifest.rel) : nullptr;
}

uint32_t dlc_artifact_entry_count(const dlc_artifact *artifact) {
  return artifact->entries.size();
}

const char *dlc_artifact_entry_name(const dlc_artifact *artifact, uint32_t entry) {
  return artifact->entryName(entry);
}

int dlc_artifact_entry_reads(const dlc_artifact *artifact, uint32_t entry) {
  return artifact->entries[entry].reads.count > 0;
}

int dlc_artifact_entry_writes(const dlc_artifact *artifact, uint32_t entry) {
  return artifact->entries[entry].writes.count > 0;
}

uint64_t dlc_artifact_entry_layout(const dlc_artifact *artifact, uint32_t entry) {
  return layoutOf(*artifact, entry);
}

void dlc_artifact_describe_entry(const dlc_artifact *artifact, uint32_t entry, char *text,
                                 size_t capacity) {
  describeEntry(*artifact, entry, text, capacity);
}

dlc_status *dlc_artifact_check_entry(const dlc_artifact *artifact, uint32_t entry,
                                     uint64_t layout, const char *signature) {
  return checkEntry(*artifact, entry, layout, signature).release();
}

uint32_t dlc_artifact_input_count(const dlc_artifact *artifact, uint32_t entry) {
  return artifact->entries[entry].inputs.count;
}

uint32_t dlc_artifact_output_count(const dlc_artifact *artifact, uint32_t entry) {
  return artifact->entries[entry].outputs.count;
}

static dlc_tensor_info infoOf(const dlc_rel &name, uint32_t dtype, uint32_t role,
                              const dlc_ref &dims) {
  dlc_tensor_info info = {};
  info.name = text(name);
  info.dtype = dtype;
  info.role = role;
  info.rank = dims.count;
  List<dlc_expr> list(dims);
  for (uint32_t i = 0; i < list.size(); ++i)
    info.dims[i] = isConstant(Expr(list[i])) ? evaluate(Expr(list[i]), {}).value : -1;
  return info;
}

static const dlc_port &portAt(const dlc_artifact *artifact, uint32_t entry, PortKind kind,
                              uint32_t index) {
  return artifact->ports(entry, kind)[index];
}

dlc_tensor_info dlc_artifact_input(const dlc_artifact *artifact, uint32_t entry, uint32_t index) {
  const dlc_port &port = portAt(artifact, entry, PortKind::Input, index);
  return infoOf(port.name, port.dtype, 0, port.dims);
}

dlc_tensor_info dlc_artifact_output(const dlc_artifact *artifact, uint32_t entry,
                                    uint32_t index) {
  const dlc_port &port = portAt(artifact, entry, PortKind::Output, index);
  return infoOf(port.name, port.dtype, 0, port.dims);
}

uint32_t dlc_artifact_variable_count(const dlc_artifact *artifact) {
  return artifact->variables.size();
}

dlc_tensor_info dlc_artifact_variable(const dlc_artifact *artifact, uint32_t variable) {
  const dlc_variable &v = artifact->variables[variable];
  return infoOf(v.name, v.dtype, v.role, v.dims);
}

uint32_t dlc_artifact_symbol_count(const dlc_artifact *artifact) {
  return artifact->symbols.size();
}

dlc_symbol_info dlc_artifact_symbol(const dlc_artifact *artifact, uint32_t symbol) {
  const dlc_symbol &s = artifact->symbols[symbol];
  return {text(s.name), s.min, s.max, s.divisor};
}

uint32_t dlc_artifact_kernel_count(const dlc_artifact *artifact) {
  return uint32_t(artifact->kernels.size());
}

const char *dlc_artifact_kernel_name(const dlc_artifact *artifact, uint32_t kernel) {
  return artifact->kernels[kernel].name;
}

dlc_status *dlc_artifact_find_entry(const dlc_artifact *artifact, const char *name,
                                    uint32_t *entry) {
  return findEntry(*artifact, name, entry).release();
}

dlc_status *dlc_artifact_find_input(const dlc_artifact *artifact, uint32_t entry,
                                    const char *name, uint32_t *index) {
  return findPort(*artifact, entry, PortKind::Input, name, index).release();
}

dlc_status *dlc_artifact_find_output(const dlc_artifact *artifact, uint32_t entry,
                                     const char *name, uint32_t *index) {
  return findPort(*artifact, entry, PortKind::Output, name, index).release();
}

dlc_status *dlc_artifact_find_variable(const dlc_artifact *artifact, const char *name,
                                       uint32_t *variable) {
  return findVariable(*artifact, name, variable).release();
}

static void copyText(const Text &text, char *to, size_t capacity) {
  if (capacity == 0)
    return;
  size_t length = strlen(text.str());
  length = length < capacity ? length : capacity - 1;
  memcpy(to, text.str(), length);
  to[length] = 0;
}

static void describePort(const dlc_artifact *artifact, const dlc_port &port, char *to,
                         size_t capacity) {
  Text text;
  describe(text, *artifact, port.dtype, port.dims);
  copyText(text, to, capacity);
}

void dlc_artifact_describe_input(const dlc_artifact *artifact, uint32_t entry, uint32_t index,
                                 char *text, size_t capacity) {
  describePort(artifact, portAt(artifact, entry, PortKind::Input, index), text, capacity);
}

void dlc_artifact_describe_output(const dlc_artifact *artifact, uint32_t entry, uint32_t index,
                                  char *text, size_t capacity) {
  describePort(artifact, portAt(artifact, entry, PortKind::Output, index), text, capacity);
}

void dlc_artifact_describe_variable(const dlc_artifact *artifact, uint32_t variable, char *to,
                                    size_t capacity) {
  Text text;
  const dlc_variable &v = artifact->variables[variable];
  describe(text, *artifact, v.dtype, v.dims);
  copyText(text, to, capacity);
}

static Status symbolsOf(const dlc_artifact *artifact, const dlc_size *sizes, size_t count,
                        Symbols &symbols) {
  if (!symbols.allocate(artifact->symbols.size()))
    return outOfMemory(artifact->symbols.size());
  return symbols.bindAll(*artifact, sizes, count);
}

static Status portDims(const dlc_artifact *artifact, const dlc_port &port, const dlc_size *sizes,
                       size_t count, int64_t *dims) {
  Symbols symbols;
  int64_t values[DLC_MAX_RANK];
  DLC_TRY(symbolsOf(artifact, sizes, count, symbols));
  DLC_TRY(evaluateDims(*artifact, port.dims, symbols, text(port.name), values));
  copyBytes(dims, values, port.dims.count * sizeof(int64_t));
  return Status();
}

dlc_status *dlc_artifact_input_dims(const dlc_artifact *artifact, uint32_t entry, uint32_t index,
                                    const dlc_size *sizes, size_t count, int64_t *dims) {
  const dlc_port &port = portAt(artifact, entry, PortKind::Input, index);
  return portDims(artifact, port, sizes, count, dims).release();
}

dlc_status *dlc_artifact_output_dims(const dlc_artifact *artifact, uint32_t entry, uint32_t index,
                                     const dlc_size *sizes, size_t count, int64_t *dims) {
  const dlc_port &port = portAt(artifact, entry, PortKind::Output, index);
  return portDims(artifact, port, sizes, count, dims).release();
}

dlc_status *dlc_artifact_arena_bytes(const dlc_artifact *artifact, uint32_t entry,
                                     const dlc_size *sizes, size_t count, uint32_t threads,
                                     int64_t *bytes) {
  Plan plan;
  Status status = makePlanFor(*artifact, entry, sizes, count, threads, plan);
  *bytes = plan.bytes;
  return status.release();
}
