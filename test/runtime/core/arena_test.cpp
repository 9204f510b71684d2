// Packing temporaries: never two live blocks on one byte, and no more bytes than said.
#include "runtime/abi/arena.h"

#include <gtest/gtest.h>

#include <random>

namespace {

int64_t pack(std::vector<dlc_block> &blocks) {
  std::vector<uint32_t> order(blocks.size() + 1);
  return dlc_pack_blocks(blocks.data(), uint32_t(blocks.size()), order.data());
}

// The most bytes that live at one step: no packing can take less.
int64_t peak(const std::vector<dlc_block> &blocks, uint32_t steps) {
  int64_t most = 0;
  for (uint32_t step = 0; step < steps; ++step) {
    int64_t live = 0;
    for (const dlc_block &b : blocks)
      live += b.first <= step && step <= b.last ? dlc_block_room(&b) : 0;
    most = std::max(most, live);
  }
  return most;
}

TEST(Arena, sharesMemoryBetweenLifetimes) {
  std::vector<dlc_block> blocks = {{1024, 0, 1, 0}, {1024, 2, 3, 0}};
  EXPECT_EQ(pack(blocks), 1024);
  EXPECT_EQ(blocks[0].offset, blocks[1].offset);
}

TEST(Arena, separatesBlocksThatTouchInOneStep) {
  std::vector<dlc_block> blocks = {{1024, 0, 1, 0}, {1024, 1, 2, 0}};
  EXPECT_EQ(pack(blocks), 2048);
}

TEST(Arena, takesTheSmallestGapThatFits) {
  // Three long-lived blocks leave, after two short ones, gaps of 512 and 256 bytes.
  std::vector<dlc_block> blocks = {{4096, 0, 9, 0}, {2048, 0, 9, 0}, {512, 0, 1, 0},
                               {256, 0, 1, 0},  {256, 2, 3, 0}};
  int64_t total = pack(blocks);
  EXPECT_EQ(total, 4096 + 2048 + 512 + 256);
  EXPECT_GE(blocks[4].offset, 4096 + 2048);
}

TEST(Arena, handlesNothingAndEmptyBlocks) {
  std::vector<dlc_block> none;
  EXPECT_EQ(pack(none), 0);
  std::vector<dlc_block> empty = {{0, 0, 5, 0}, {64, 0, 5, 0}};
  EXPECT_EQ(pack(empty), 64);
}

TEST(Arena, refusesBytesThatOverflow) {
  std::vector<dlc_block> blocks = {{INT64_MAX / 2, 0, 1, 0}, {INT64_MAX / 2, 0, 1, 0}, {99, 0, 1, 0}};
  EXPECT_EQ(pack(blocks), -1);
  blocks = {{INT64_MAX, 0, 1, 0}};
  EXPECT_EQ(pack(blocks), -1);
}

TEST(Arena, neverOverlapsAndSaysExactBytes) {
  std::mt19937 random(1);
  auto draw = [&](uint32_t limit) { return uint32_t(random() % limit); };
  int64_t packed = 0, needed = 0;
  for (int round = 0; round < 200; ++round) {
    std::vector<dlc_block> blocks(1 + draw(60));
    for (dlc_block &b : blocks) {
      b.bytes = draw(5) ? draw(5000) : 64 * draw(100);
      b.first = draw(40);
      b.last = b.first + draw(10);
    }
    int64_t total = pack(blocks), highest = 0;
    for (size_t i = 0; i < blocks.size(); ++i) {
      const dlc_block &a = blocks[i];
      EXPECT_EQ(a.offset % 64, 0);
      highest = std::max(highest, a.offset + dlc_block_room(&a));
      for (size_t j = 0; j < i; ++j) {
        const dlc_block &b = blocks[j];
        bool together = a.first <= b.last && b.first <= a.last;
        bool apart = a.offset + a.bytes <= b.offset || b.offset + b.bytes <= a.offset;
        ASSERT_TRUE(!together || apart || !a.bytes || !b.bytes) << "round " << round;
      }
    }
    EXPECT_EQ(total, highest);
    int64_t least = peak(blocks, 50);
    EXPECT_EQ(dlc_largest_live_set(blocks.data(), uint32_t(blocks.size())), least);
    packed += total;
    needed += least;
  }
  EXPECT_LT(double(packed), 1.1 * double(needed)) << "packing got worse";
}

// A feed-forward network of two widths: the largest block first would leave a gap between the two
// that alternate, which the order by bytes * steps does not.
TEST(Arena, triesSeveralOrders) {
  std::vector<dlc_block> blocks;
  for (uint32_t layer = 0; layer < 6; ++layer) {
    blocks.push_back({1 << 12, 4 * layer, 4 * layer + 4, 0});     // carried on
    blocks.push_back({1 << 14, 4 * layer + 2, 4 * layer + 3, 0}); // inside
    blocks.push_back({3 << 12, 4 * layer + 1, 4 * layer + 2, 0});
    blocks.push_back({1 << 11, 4 * layer + 3, 4 * layer + 4, 0});
  }
  std::vector<uint32_t> order(blocks.size());
  auto count = uint32_t(blocks.size());
  int64_t best = INT64_MAX;
  uint32_t peak = 0;
  dlc_peak_of_blocks(blocks.data(), count, &peak);
  for (int by = 0; by < DLC_PACK_ORDERS; ++by)
    best = std::min(best, dlc_pack_ordered(blocks.data(), count, by, peak, order.data()));
  EXPECT_EQ(pack(blocks), best);
}

} // namespace
