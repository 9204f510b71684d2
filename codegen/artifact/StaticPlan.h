// Where everything of a program lies when all sizes are known: what the runtime works out when a
// session is prepared, worked out by the compiler.
#pragma once
#include "codegen/artifact/TableReader.h"
#include <vector>

namespace dlc::codegen {

/// Where a buffer of an entry lies: an offset from one of the addresses that the entry is given.
struct StaticPlace {
  /// The state, the arena, then each input and each output.
  enum Base : uint32_t { State = 0, Arena = 1, FirstPort = 2 };
  uint32_t base;
  int64_t offset;
};

/// One entry of one variant.
struct StaticEntry {
  std::vector<StaticPlace> places; ///< of its buffers
  int64_t scratch = 0;             ///< where in the arena the dispatches' scratch begins,
  int64_t threadScratch = 0;       ///< and that of the only thread
  int64_t planBytes = 0;           ///< what a session of one thread reserves for it
  std::vector<uint32_t> reads;     ///< derived storages that must be up to date before it,
  std::vector<uint32_t> refreshed; ///< that it brings up to date,
  std::vector<uint32_t> outdated;  ///< and that are out of date after it
};

/// The state is one block: storages at multiples of 64 bytes, then a byte for each storage, which
/// is 1 while a derived one is up to date. So a state of zeros is a valid one.
struct StaticState {
  std::vector<int64_t> offsets, bytes; ///< of the storages
  int64_t freshness = 0;               ///< where the bytes of the storages begin
  int64_t total = 0;
};

/// The state of a variant whose sizes are all known.
StaticState planState(const TableReader &table, const dlc_variant &variant);

/// Entry number `entry` of a variant whose sizes are all known.
StaticEntry planEntry(const TableReader &table, const dlc_variant &variant,
                      const StaticState &state, size_t entry);

/// The storages that derive from storage `source`, directly or not.
std::vector<uint32_t> derivedFrom(const TableReader &table, const dlc_variant &variant,
                                  uint32_t source);

/// What all storages of states, not of sessions, take together, without gaps; none where a size
/// depends on a symbol.
std::optional<int64_t> storedBytes(const TableReader &table, const dlc_variant &variant);

} // namespace dlc::codegen
