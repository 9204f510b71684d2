#include "passes/memory/Rematerialize.h"
#include "runtime/abi/arena.h"
#include <algorithm>

namespace dlc::passes {
namespace {

/// A value of such a share of the peak is rather kept than computed again: statistics of a
/// normalisation.
constexpr int64_t kSmallShare = 4096;
/// More steps are never repeated for one value: the work would not be worth it.
constexpr size_t kMaxChain = 96;

} // namespace

Rematerializer::Rematerializer(std::vector<RematStep> given, std::vector<RematValue> known)
    : steps(std::move(given)), values(std::move(known)) {
  number();
}

void Rematerializer::number() {
  definition.assign(values.size(), -1);
  uses.assign(values.size(), {});
  for (int64_t at = 0; at < int64_t(steps.size()); ++at) {
    for (int64_t value : steps[at].reads)
      if (value >= 0)
        uses[value].push_back(at);
    for (int64_t value : steps[at].writes)
      definition[value] = at;
  }
}

int64_t Rematerializer::lastTouch(int64_t value) const {
  return uses[value].empty() ? definition[value] : uses[value].back();
}

/// Holds wherever the steps stand: the value dropped and the one that is computed next.
Rematerializer::Name Rematerializer::nameOf(const Choice &choice) const {
  const std::vector<int64_t> &next = steps[choice.before].writes;
  return {steps[choice.dropped].writes[0], next.empty() ? -1 : next[0]};
}

bool Rematerializer::isUsedIn(int64_t value, int64_t from, int64_t to) const {
  auto use = std::lower_bound(uses[value].begin(), uses[value].end(), from);
  return use != uses[value].end() && *use < to;
}

std::vector<int64_t> Rematerializer::liveBytes() const {
  std::vector<int64_t> change(steps.size() + 1, 0);
  for (size_t value = 0; value < values.size(); ++value) {
    if (!values[value].temporary || definition[value] < 0)
      continue;
    dlc_block block = {values[value].bytes, 0, 0, 0};
    change[definition[value]] += dlc_block_room(&block);
    change[lastTouch(int64_t(value)) + 1] -= dlc_block_room(&block);
  }
  int64_t live = 0;
  for (size_t at = 0; at < steps.size(); ++at) {
    live += change[at];
    change[at] = live + steps[at].inner;
  }
  change.pop_back();
  return change;
}

int64_t Rematerializer::largestLiveSet() const {
  std::vector<int64_t> live = liveBytes();
  return live.empty() ? 0 : *std::max_element(live.begin(), live.end());
}

int64_t Rematerializer::packedBytes() const {
  std::vector<dlc_block> blocks;
  for (size_t value = 0; value < values.size(); ++value)
    if (values[value].temporary && definition[value] >= 0)
      blocks.push_back({values[value].bytes, uint32_t(definition[value]),
                        uint32_t(lastTouch(int64_t(value))), 0});
  for (size_t at = 0; at < steps.size(); ++at)
    if (steps[at].inner)
      blocks.push_back({steps[at].inner, uint32_t(at), uint32_t(at), 0});
  std::vector<uint32_t> order(blocks.size());
  return dlc_pack_blocks(blocks.data(), uint32_t(blocks.size()), order.data());
}

/// The first use of a result of `step` behind `after`; the number of steps when there is none.
int64_t Rematerializer::firstUse(int64_t step, int64_t after) const {
  auto first = int64_t(steps.size());
  for (int64_t value : steps[step].writes) {
    auto use = std::upper_bound(uses[value].begin(), uses[value].end(), after);
    if (use != uses[value].end())
      first = std::min(first, *use);
  }
  return first;
}

/// Whether a value outside the arena still holds at position `at` what it held.
bool Rematerializer::isReadable(int64_t value, int64_t at) const {
  int64_t next = values[value].next;
  return next < 0 || definition[next] < 0 || definition[next] >= at;
}

/// Adds `step` and the steps that it needs to the chain, operands first, and to `kept` the bytes
/// that must live over the peak for it, and do not yet.
bool Rematerializer::collect(int64_t step, int64_t peak, Choice &choice, int64_t &kept) const {
  if (std::find(choice.chain.begin(), choice.chain.end(), step) != choice.chain.end())
    return true;
  if (!steps[step].work || choice.chain.size() >= kMaxChain)
    return false;
  for (int64_t value : steps[step].reads) {
    if (value < 0)
      continue;
    if (!values[value].temporary) {
      if (!isReadable(value, choice.before))
        return false;
      continue;
    }
    int64_t last = lastTouch(value);
    if (last >= choice.before)
      continue;
    if (last >= peak || values[value].bytes <= small)
      kept += last < peak ? values[value].bytes : 0;
    else if (!collect(definition[value], peak, choice, kept))
      return false;
  }
  choice.chain.push_back(step);
  return true;
}

/// What dropping the results of `step` over the peak would bring.
std::optional<Rematerializer::Choice> Rematerializer::consider(int64_t step, int64_t peak) const {
  Choice choice;
  choice.dropped = step;
  choice.before = firstUse(step, peak);
  if (choice.before == int64_t(steps.size()) || refused.count(nameOf(choice)))
    return std::nullopt;
  int64_t kept = 0, freed = 0;
  if (!collect(step, peak, choice, kept))
    return std::nullopt;
  std::sort(choice.chain.begin(), choice.chain.end());
  double work = 1;
  for (int64_t repeated : choice.chain) {
    work += double(*steps[repeated].work);
    for (int64_t value : steps[repeated].writes)
      if (values[value].temporary && lastTouch(value) > peak &&
          !isUsedIn(value, peak, choice.before))
        freed += values[value].bytes;
  }
  if (freed <= kept)
    return std::nullopt;
  int64_t since = step;
  for (int64_t value : steps[step].writes)
    for (int64_t use : uses[value])
      since = use < peak ? std::max(since, use) : since;
  choice.gain = double(freed - kept) * double(choice.before - since) / work;
  return choice;
}

std::optional<Rematerializer::Choice> Rematerializer::best(int64_t peak) const {
  std::optional<Choice> found;
  for (int64_t step = 0; step < peak; ++step) {
    bool large = std::any_of(
        steps[step].writes.begin(), steps[step].writes.end(), [&](int64_t value) {
          return values[value].temporary && values[value].bytes > small &&
                 lastTouch(value) > peak && !isUsedIn(value, peak, peak + 1);
        });
    if (!large)
      continue;
    std::optional<Choice> choice = consider(step, peak);
    if (choice && (!found || choice->gain > found->gain))
      found = std::move(choice);
  }
  return found;
}

void Rematerializer::apply(const Choice &choice) {
  std::vector<int64_t> renamed(values.size(), -1);
  std::vector<RematStep> additions;
  for (int64_t position : choice.chain) {
    RematStep copy = steps[position];
    copy.again = true;
    for (int64_t &value : copy.reads)
      if (value >= 0 && renamed[value] >= 0)
        value = renamed[value];
    for (int64_t &value : copy.writes) {
      renamed[value] = int64_t(values.size());
      values.push_back({values[value].bytes, true, -1});
      value = renamed[value];
    }
    additions.push_back(std::move(copy));
  }
  for (size_t at = choice.before; at < steps.size(); ++at)
    for (int64_t &value : steps[at].reads)
      if (value >= 0 && renamed[value] >= 0 && values[value].temporary)
        value = renamed[value];
  steps.insert(steps.begin() + choice.before, additions.begin(), additions.end());
  number();
}

bool Rematerializer::reduceTo(int64_t bytes) {
  size_t most = 5 * steps.size() + 16;
  while (steps.size() < most) {
    std::vector<int64_t> live = liveBytes();
    if (live.empty())
      return true;
    int64_t peak = std::max_element(live.begin(), live.end()) - live.begin();
    small = live[peak] / kSmallShare;
    if (live[peak] <= bytes && packedBytes() <= bytes)
      return true;
    std::optional<Choice> choice = best(peak);
    if (!choice)
      return false;
    std::vector<RematStep> before = steps;
    size_t known = values.size();
    Name name = nameOf(*choice);
    apply(*choice);
    if (largestLiveSet() <= live[peak])
      continue;
    steps = std::move(before);
    values.resize(known);
    number();
    refused.insert(name);
  }
  return false;
}

} // namespace dlc::passes
