// Chooses what to compute a second time so that a straight list of steps needs less memory.
//
//   a = f(x)            a  = f(x)
//   b = g(a)            b  = g(a)
//   ..peak..     ==>    ..peak..
//   d = h(b, a)         a2 = f(x)
//                       d  = h(b, a2)
//
// A value that is used on both sides of the step where most memory is in use may be dropped before
// it and computed again for its first later use, with whatever it is computed from and is no longer
// there. Of all such values the one with the largest
//
//   (bytes freed at the peak * steps for which it was kept) / work done twice
//
// goes first, then the next peak is looked for. What was computed again may be dropped once more.
// A choice that makes another peak as high is taken back. The result depends on the list alone.
//
// Plain numbers, no IR: LimitMemory.cpp makes the list from a planned entry and writes the choice
// back.
#pragma once
#include <cstdint>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace dlc::passes {

struct RematValue {
  int64_t bytes = 0;
  bool temporary = false; ///< in the arena; others are there throughout
  int64_t next = -1;      ///< of a variable: the value that is written over it, or -1
};

struct RematStep {
  int64_t source;                     ///< the number of the step in the given list
  std::vector<int64_t> reads, writes; ///< numbers of values; reads of -1 are none
  std::optional<int64_t> work;        ///< of doing it once more; empty: it cannot be
  int64_t inner = 0;                  ///< bytes that it needs for itself while it runs
  bool again = false;                 ///< an addition, a copy of step `source`
};

class Rematerializer {
public:
  Rematerializer(std::vector<RematStep> steps, std::vector<RematValue> values);

  /// Adds steps until the temporaries take at most `bytes`, packed. False when nothing more helps.
  bool reduceTo(int64_t bytes);

  /// What the temporaries take, packed, and at most at one step.
  int64_t packedBytes() const;
  int64_t largestLiveSet() const;
  /// The list with additions, in order.
  const std::vector<RematStep> &result() const { return steps; }

private:
  struct Choice {
    std::vector<int64_t> chain; ///< positions of the steps to repeat, in order
    int64_t before = 0;         ///< the position that they are repeated before
    int64_t dropped = 0;        ///< the position of the step whose results are dropped
    double gain = 0;
  };

  using Name = std::pair<int64_t, int64_t>;

  void number();
  Name nameOf(const Choice &choice) const;
  std::vector<int64_t> liveBytes() const;
  int64_t firstUse(int64_t step, int64_t after) const;
  int64_t lastTouch(int64_t value) const;
  bool isUsedIn(int64_t value, int64_t from, int64_t to) const;
  bool collect(int64_t step, int64_t peak, Choice &choice, int64_t &kept) const;
  bool isReadable(int64_t value, int64_t at) const;
  std::optional<Choice> consider(int64_t step, int64_t peak) const;
  std::optional<Choice> best(int64_t peak) const;
  void apply(const Choice &choice);

  std::vector<RematStep> steps;
  std::vector<RematValue> values;
  std::vector<int64_t> definition;        ///< position of the step that writes a value, or -1
  std::vector<std::vector<int64_t>> uses; ///< positions, in order
  int64_t small = 0;                      ///< so many bytes are rather kept
  std::set<Name> refused; ///< choices that raised another peak
};

} // namespace dlc::passes
