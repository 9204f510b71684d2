// Follows runtime/core (Arena.cpp, Session.cpp) step by step; a test holds the two to each other.
#include "codegen/artifact/StaticPlan.h"
#include "runtime/abi/arena.h"
#include "llvm/ADT/STLExtras.h"

namespace dlc::codegen {
namespace {

constexpr int64_t align(int64_t bytes) {
  return (bytes + DLC_ARENA_ALIGNMENT - 1) / DLC_ARENA_ALIGNMENT * DLC_ARENA_ALIGNMENT;
}

/// Temporaries as blocks; one that takes another's memory joins its block.
class Blocks {
public:
  Blocks(const TableReader &table, llvm::ArrayRef<dlc_buffer> buffers)
      : blockOf(buffers.size(), DLC_NONE) {
    for (auto [i, buffer] : llvm::enumerate(buffers)) {
      if (buffer.alias >= 0)
        blockOf[i] = blockOf[buffer.alias];
      if (buffer.kind != DLC_BUFFER_TEMPORARY)
        continue;
      int64_t bytes = table.constant(buffer.bytes).value_or(0);
      if (buffer.alias < 0) {
        blockOf[i] = uint32_t(blocks.size());
        blocks.push_back({bytes, buffer.first, buffer.last, 0});
      } else if (blockOf[i] != DLC_NONE) {
        dlc_block &block = blocks[blockOf[i]];
        block.bytes = std::max(block.bytes, bytes);
        block.first = std::min(block.first, buffer.first);
        block.last = std::max(block.last, buffer.last);
      }
    }
    std::vector<uint32_t> order(blocks.size());
    bytes = dlc_pack_blocks(blocks.data(), uint32_t(blocks.size()), order.data());
  }

  int64_t offset(size_t buffer) const {
    return blockOf[buffer] == DLC_NONE ? 0 : blocks[blockOf[buffer]].offset;
  }
  int64_t bytes = 0;

private:
  std::vector<dlc_block> blocks;
  std::vector<uint32_t> blockOf;
};

StaticPlace placeOf(const dlc_buffer &buffer, const StaticState &state, size_t inputs,
                    int64_t offset) {
  switch (buffer.kind) {
  case DLC_BUFFER_INPUT:
    return {StaticPlace::FirstPort + buffer.index, 0};
  case DLC_BUFFER_OUTPUT:
    return {StaticPlace::FirstPort + uint32_t(inputs) + buffer.index, 0};
  case DLC_BUFFER_STORAGE:
  case DLC_BUFFER_STORAGE_NEXT:
    return {StaticPlace::State, state.offsets[buffer.index]};
  default:
    return {StaticPlace::Arena, offset};
  }
}

/// The derived storages that matter to an entry; sources stand before what derives from them.
void listDerived(const TableReader &table, const dlc_variant &variant,
                 llvm::ArrayRef<dlc_buffer> buffers, StaticEntry &entry) {
  llvm::ArrayRef<dlc_storage> storages = table.list<dlc_storage>(variant.storages);
  std::vector<bool> read(storages.size()), assigned(storages.size());
  for (const dlc_buffer &buffer : buffers) {
    if (buffer.kind == DLC_BUFFER_STORAGE)
      read[buffer.index] = true;
    if (buffer.kind == DLC_BUFFER_STORAGE_NEXT)
      assigned[buffer.index] = true;
  }
  for (uint32_t i = 0; i < storages.size(); ++i) {
    if (storages[i].variable != DLC_NONE)
      continue;
    bool renewed = assigned[i];
    for (uint32_t source : table.list<uint32_t>(storages[i].sources))
      assigned[i] = assigned[i] || assigned[source];
    if (read[i])
      entry.reads.push_back(i);
    if (assigned[i])
      (renewed ? entry.refreshed : entry.outdated).push_back(i);
  }
}

/// Whether a storage belongs to sessions, as what derives from a cache does.
bool isOfSession(const TableReader &table, const dlc_variant &variant, uint32_t index) {
  const dlc_storage &storage = table.list<dlc_storage>(variant.storages)[index];
  if (storage.variable != DLC_NONE)
    return table.variables()[storage.variable].role == DLC_ROLE_CACHE;
  return llvm::any_of(table.list<uint32_t>(storage.sources),
                      [&](uint32_t source) { return isOfSession(table, variant, source); });
}

} // namespace

StaticState planState(const TableReader &table, const dlc_variant &variant) {
  StaticState state;
  for (const dlc_storage &storage : table.list<dlc_storage>(variant.storages)) {
    state.offsets.push_back(state.freshness);
    state.bytes.push_back(table.constant(storage.bytes).value_or(0));
    state.freshness += align(state.bytes.back());
  }
  state.total =
      std::max(align(state.freshness + int64_t(state.offsets.size())), DLC_ARENA_ALIGNMENT);
  return state;
}

StaticEntry planEntry(const TableReader &table, const dlc_variant &variant,
                      const StaticState &state, size_t number) {
  const dlc_body &body = table.list<dlc_body>(variant.bodies)[number];
  auto buffers = table.list<dlc_buffer>(body.buffers);
  size_t inputs = table.entries()[number].inputs.count;
  Blocks blocks(table, buffers);
  StaticEntry entry;
  for (auto [i, buffer] : llvm::enumerate(buffers))
    entry.places.push_back(buffer.alias >= 0 ? entry.places[buffer.alias]
                                             : placeOf(buffer, state, inputs, blocks.offset(i)));
  entry.scratch = blocks.bytes;
  entry.threadScratch = entry.scratch + align(table.constant(body.scratch).value_or(0));
  entry.planBytes = entry.threadScratch + align(table.constant(body.thread_scratch).value_or(0));
  listDerived(table, variant, buffers, entry);
  return entry;
}

std::vector<uint32_t> derivedFrom(const TableReader &table, const dlc_variant &variant,
                                  uint32_t source) {
  llvm::ArrayRef<dlc_storage> storages = table.list<dlc_storage>(variant.storages);
  std::vector<uint32_t> found;
  for (uint32_t i = source + 1; i < storages.size(); ++i)
    if (llvm::any_of(table.list<uint32_t>(storages[i].sources), [&](uint32_t from) {
          return from == source || llvm::is_contained(found, from);
        }))
      found.push_back(i);
  return found;
}

std::optional<int64_t> storedBytes(const TableReader &table, const dlc_variant &variant) {
  int64_t total = 0;
  for (auto [i, storage] : llvm::enumerate(table.list<dlc_storage>(variant.storages))) {
    if (isOfSession(table, variant, uint32_t(i)))
      continue;
    std::optional<int64_t> bytes = table.constant(storage.bytes);
    if (!bytes)
      return std::nullopt;
    total += *bytes;
  }
  return total;
}

} // namespace dlc::codegen
