// Which register tile and filter form a convolution gets. A pure function, tested as a table.
#pragma once
#include "codegen/cpu/emit/Conv.h"
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
  bool depthwise = false;
  std::optional<int64_t> depthwiseChannels; // of all groups
  bool filterPanels = false;                // the filter is a variable stored in panels
  bool partialAvailable = false;            // filter gradient: see emitConvFilterGrad
  int64_t accumulatorBits = 32;
  bool bf16 = false; // type of the operands
};

ConvSchedule chooseConv(const ConvLoops &loops, const CpuTarget &target);

} // namespace dlc::codegen::cpu
