// The bits that fusion asks instead of walking the graph, against a walk, while random graphs grow
// and their groups merge as fusion lets them, and as it does not: cycles count, too.
#include "passes/fusion/Reachability.h"
#include <gtest/gtest.h>
#include <random>
#include <set>

using dlc::passes::Reachability;

namespace {

/// The same graph as sets of readers.
class Walked {
public:
  void add() { readers.emplace_back(); }
  void connect(unsigned from, unsigned to) { readers[from].insert(to); }
  void merge(unsigned into, unsigned from) {
    readers[into].insert(readers[from].begin(), readers[from].end());
    readers[from].clear();
    for (std::set<unsigned> &list : readers)
      if (list.erase(from))
        list.insert(into);
  }
  bool reaches(unsigned from, unsigned to) const {
    std::set<unsigned> seen = {from};
    std::vector<unsigned> open = {from};
    while (!open.empty()) {
      unsigned at = open.back();
      open.pop_back();
      for (unsigned next : readers[at])
        if (seen.insert(next).second)
          open.push_back(next);
    }
    return seen.count(to);
  }

private:
  std::vector<std::set<unsigned>> readers;
};

class ReachabilityTest : public testing::TestWithParam<unsigned> {
protected:
  unsigned draw(unsigned below) { return unsigned(random() % below); }
  unsigned group() { return live[draw(unsigned(live.size()))]; }

  void add() {
    live.push_back(count++);
    bits.add();
    walked.add();
  }
  void connect(unsigned from, unsigned to) {
    bits.connect(from, to);
    walked.connect(from, to);
  }
  void merge(unsigned into, unsigned from) {
    bits.merge(into, from);
    walked.merge(into, from);
    std::erase(live, from);
  }

  /// One change: mostly edges from earlier groups to later ones, as values flow.
  void grow(bool cycles) {
    unsigned a = group(), b = group(), kind = draw(8);
    if (kind < 2)
      add();
    else if (kind < 7 && (a < b || cycles))
      connect(a, b);
    else if (kind == 7 && a != b && live.size() > 2)
      merge(a, b);
  }

  void expectTheSame() const {
    for (unsigned from : live)
      for (unsigned to : live)
        ASSERT_EQ(bits.reaches(from, to), walked.reaches(from, to)) << from << " to " << to;
  }

  std::mt19937 random{GetParam()};
  Reachability bits;
  Walked walked;
  std::vector<unsigned> live;
  unsigned count = 0;
};

TEST_P(ReachabilityTest, agrees_with_a_walk) {
  add();
  for (int step = 0; step < 120; ++step) {
    grow(/*cycles=*/GetParam() % 4 == 0);
    ASSERT_NO_FATAL_FAILURE(expectTheSame()) << "step " << step;
  }
  EXPECT_GT(count, 10u);
}

INSTANTIATE_TEST_SUITE_P(random, ReachabilityTest, testing::Range(1u, 61u));

TEST(Reachability, edges_lead_one_way) {
  Reachability bits;
  for (int i = 0; i < 4; ++i)
    bits.add();
  bits.connect(0, 1);
  bits.connect(2, 3);
  EXPECT_TRUE(bits.reaches(2, 2));
  EXPECT_TRUE(bits.reaches(0, 1));
  EXPECT_FALSE(bits.reaches(1, 0));
  EXPECT_FALSE(bits.reaches(0, 3));
  bits.merge(1, 2); // what 2 reached, those that reached 1 reach now
  EXPECT_TRUE(bits.reaches(0, 3));
  EXPECT_FALSE(bits.reaches(3, 0));
}

} // namespace
