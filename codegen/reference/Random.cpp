// Counter-based random numbers: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as
// 1, 2, 3", 2011). Element i takes word i % 4 of the block whose counter is
// {lo, hi of i / 4, stream, low word of the step} under the key {lo, hi of the seed}.
#include "codegen/reference/Random.h"
#include "codegen/reference/Call.h"
#include <array>
#include <cmath>

using namespace mlir;

namespace dlc::reference {

using Block = std::array<uint32_t, 4>;

static Block philox(Block counter, uint64_t seed) {
  auto key0 = uint32_t(seed), key1 = uint32_t(seed >> 32);
  for (int round = 0; round < 10; ++round) {
    uint64_t a = uint64_t(0xD2511F53u) * counter[0], b = uint64_t(0xCD9E8D57u) * counter[2];
    counter = {uint32_t(b >> 32) ^ counter[1] ^ key0, uint32_t(b),
               uint32_t(a >> 32) ^ counter[3] ^ key1, uint32_t(a)};
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  return counter;
}

static Block blockOf(const Tensor &key, int64_t element, uint32_t stream) {
  auto block = uint64_t(element) / 4;
  return philox({uint32_t(block), uint32_t(block >> 32), stream, uint32_t(key.integer(1))},
                uint64_t(key.integer(0)));
}

uint32_t randomBits(const Tensor &key, int64_t element, uint32_t stream) {
  return blockOf(key, element, stream)[size_t(element % 4)] >> 8;
}

llvm::Error evaluate(ir::RandomUniformOp op, Call &call) {
  for (int64_t i = 0; i < call.out().count(); ++i)
    call.out().setReal(i, std::ldexp(randomBits(call.in(0), i, uint32_t(op.getStream())), -24));
  return llvm::Error::success();
}

// Box-Muller on the words (0, 1) and (2, 3) of a block; u1 is never 0.
llvm::Error evaluate(ir::RandomNormalOp op, Call &call) {
  const double tau = 2 * std::acos(-1.0);
  for (int64_t i = 0; i < call.out().count(); ++i) {
    Block words = blockOf(call.in(0), i, uint32_t(op.getStream()));
    size_t pair = size_t(i % 4) / 2 * 2;
    double u1 = std::ldexp((words[pair] >> 8) + 1, -24), u2 = std::ldexp(words[pair + 1] >> 8, -24);
    double radius = std::sqrt(-2 * std::log(u1));
    call.out().setReal(i, radius * (i % 2 ? std::sin(tau * u2) : std::cos(tau * u2)));
  }
  return llvm::Error::success();
}

llvm::Error evaluate(ir::RandomBernoulliOp op, Call &call) {
  double threshold = std::nearbyint(std::ldexp(call.in(1).real(0), 24));
  for (int64_t i = 0; i < call.out().count(); ++i)
    call.out().setInteger(i, randomBits(call.in(0), i, uint32_t(op.getStream())) < threshold);
  return llvm::Error::success();
}

llvm::Error evaluate(ir::RandomFoldOp, Call &call) {
  const Tensor &key = call.in(0);
  auto i = uint64_t(call.in(1).integer(0));
  Block words = philox({uint32_t(i), uint32_t(i >> 32), 0xFFFFFFFFu, uint32_t(key.integer(1))},
                       uint64_t(key.integer(0)));
  call.out().setInteger(0, int64_t(uint64_t(words[0]) | uint64_t(words[1]) << 32));
  call.out().setInteger(1, key.integer(1));
  return llvm::Error::success();
}

} // namespace dlc::reference
