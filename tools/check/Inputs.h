// Inputs for checking an entry: drawn from a seed, so that every failure can be repeated.
//
// An argument may state its domain, `{dlc.name = "x", dlc.range = [0.5, 4.0]}`: labels of a loss,
// the argument of a logarithm. Without one floats are drawn from [-2, 2] and integers from [-5, 5].
#pragma once
#include "codegen/reference/Evaluator.h"
#include <random>

namespace dlc::check {

enum class InputKind {
  Ordinary, ///< floats from the domain, a third of them on a coarse grid so that ties happen
  Special,  ///< half of the floats are NaN, infinities, zeros of both signs, subnormal or extreme
  Smooth,   ///< floats from the domain, never on the grid: for finite differences
};

/// The inputs and the variables that an entry reads.
struct EntryData {
  reference::NamedTensors inputs;
  reference::State state;
};

/// Draws all arguments of an entry. Fails where a size has no value under `bindings`.
llvm::Expected<EntryData> drawInputs(ir::EntryOp entry, const reference::Bindings &bindings,
                                     InputKind kind, uint64_t seed);

/// The domain that an argument states.
struct Range {
  double low, high;
};
std::optional<Range> statedRange(ir::EntryOp entry, unsigned argument);

} // namespace dlc::check
