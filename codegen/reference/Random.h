// The bits behind the random ops.
#pragma once
#include "codegen/reference/Tensor.h"

namespace dlc::reference {

/// The upper 24 bits of the word that belongs to an element of a stream.
uint32_t randomBits(const Tensor &key, int64_t element, uint32_t stream);

} // namespace dlc::reference
