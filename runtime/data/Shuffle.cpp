// The order of samples: a pure function of (seed, pass).
#include "dlc/data.h"

#include <numeric>

namespace dlc::runtime {
namespace {

// SplitMix64 (Steele, Lea, Flood 2014): a counter through a mixing function, so that any seed will
// do and streams of nearby seeds are unrelated.
class SplitMix {
public:
  explicit SplitMix(uint64_t seed) : state(seed) {}

  uint64_t next() {
    uint64_t z = state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

  // Uniform in [0, bound): the high half of a 128-bit product, rejecting the few draws that would
  // favour some values (Lemire 2019).
  uint64_t below(uint64_t bound) {
    unsigned __int128 product = static_cast<unsigned __int128>(next()) * bound;
    for (uint64_t reject = -bound % bound; static_cast<uint64_t>(product) < reject;)
      product = static_cast<unsigned __int128>(next()) * bound;
    return static_cast<uint64_t>(product >> 64);
  }

private:
  uint64_t state;
};

} // namespace

void permutation(uint64_t seed, uint64_t pass, std::vector<int64_t> &order) {
  std::iota(order.begin(), order.end(), 0);
  // The pass goes through the mixer too: seed 1, pass 2 must not be seed 2, pass 1.
  SplitMix random(SplitMix(seed).next() ^ SplitMix(~pass).next());
  for (size_t i = order.size(); i > 1; --i)
    std::swap(order[i - 1], order[random.below(i)]);
}

} // namespace dlc::runtime
