// Which register tile and filter form a convolution gets. A pure function, tested as a table.
#pragma once
#include "codegen/cpu/emit/Conv.h"
#include "codegen/cpu/emit/ConvLines.h"
#include <optional>

namespace dlc::codegen::cpu {

enum class ConvKind { Forward, InputGrad, FilterGrad };

// The facts that a choice may rest on; sizes that are symbolic are empty.
struct ConvLoops {
  ConvKind kind = ConvKind::Forward;
  std::optional<int64_t> pixels;      // batch * out..
  std::optional<int64_t> channels;    // per group, of x
  std::optional<int64_t> filters;     // per group
  std::optional<int64_t> taps;        // product of the window
  std::optional<int64_t> innerWindow; // extent of the window's last dimension
  std::optional<int64_t> linePixels;  // of y
  // A line of pixels that are rows of the tiles and what it sees: of y going forward, of x for an
  // input gradient whose innermost stride is 1. Empty when some number of it is symbolic.
  std::optional<LineTaps> line;
  bool depthwise = false;
  std::optional<int64_t> depthwiseChannels; // of all groups
  int64_t groups = 1;
  bool filterPanels = false;     // the filter is a variable stored in panels
  int64_t panelWidth = kPanelWidth; // columns of one, stored or packed
  bool partialAvailable = false; // filter gradient: see emitConvFilterGrad
  int64_t accumulatorBits = 32;
  int64_t inputBits = 32;
  bool bf16 = false; // type of the operands
  std::optional<FilterRows> filterRows; // of a filter gradient, where they are known
};

// Columns of the result and steps of one tap's reduction, per group.
inline std::optional<int64_t> columnsOf(const ConvLoops &loops) {
  return loops.kind == ConvKind::InputGrad ? loops.channels : loops.filters;
}
inline std::optional<int64_t> reductionOf(const ConvLoops &loops) {
  return loops.kind == ConvKind::InputGrad ? loops.filters : loops.channels;
}

// Whether lanes may run along the reduction: the filter, as it is stored, is contiguous there.
bool canReduceLanes(const ConvLoops &loops);

// Bytes of the blocks that a thread copies, of a schedule that does (ConvSchedule::copiesBlocks).
int64_t copiedBytesOfX(const ConvSchedule &schedule, const ConvLoops &loops,
                       const CpuTarget &target);
int64_t copiedBytesOfDy(const ConvSchedule &schedule, const ConvLoops &loops,
                        const CpuTarget &target);

// Bytes of the block of dy that a thread packs in pairs (ConvSchedule::pairsGradient) for a tile of
// |columns| columns, and whether its lines allow that.
int64_t packedPairBytes(const FilterRows &rows, int64_t pixelBlock, int64_t columns);
bool canPackPairs(const ConvLoops &loops);

// Whether tiles of a schedule read so narrow a part of the filter's panels that copies pay
// (ConvSchedule::copiesColumns).
bool narrowsPanels(const ConvSchedule &schedule, const ConvLoops &loops, const CpuTarget &target);

ConvSchedule chooseConv(const ConvLoops &loops, const CpuTarget &target);

} // namespace dlc::codegen::cpu
