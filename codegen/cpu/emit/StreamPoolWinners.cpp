// The gradient of max pooling with overlapping windows, element by element of dx.
//
// Positions stand in groups of as many as windows step by, in each dimension. Over those of a group
// lie few windows: with windows of 3 by 3 that step by 2, four over the first position of a group
// of four, two over the next ones, one over the last. So a loop over groups reads dy and the winner
// of each such window, compares the winner with the tap that each position is, and stores sums:
// every dx once, and in whole lines, so that a large one passes the caches.
#include "codegen/cpu/emit/StreamPools.h"

using namespace mlir;

namespace dlc::codegen::cpu {
namespace {

struct PoolGatherEmitter : PoolGradEmitter {
  PoolGatherEmitter(JobEmitter &j, const PoolGradLoops &loops)
      : PoolGradEmitter(j, loops), groups(geometry, ArrayRef(loops.image).slice(1, rank)) {}

  PoolGroups groups;

  // What a group of positions reads: dy and winners of each window that may lie over it.
  struct Over {
    int64_t back[2]; // the window's number is the group's less this
    Value dy, winners;
    Value missing; // all ones if there is no such window; null if there is
  };

  // Windows that do not exist have no winner; what is read in their place is not used. Addresses
  // that groups at a border alone need have registers of their own, set where they are needed: LLVM
  // would step them along through all groups, on the stack. So have the marks of missing windows,
  // on which it would branch in the loop over channels.
  SmallVector<Over> windowsOver(Size n, ArrayRef<Size> group, bool allExist) {
    SmallVector<Over> over;
    auto held = [&](Size o, size_t d) {
      return allExist ? o : k.max(k.min(o, k.sub(output[d], 1)), 0);
    };
    for (int64_t y = groups.reach[0]; y-- > 0;)
      for (int64_t z = groups.reach[1]; z-- > 0;) {
        Size row = k.sub(group[0], y), column = k.sub(group[1], z);
        Size at =
            k.add(k.mul(k.add(k.mul(n, output[0]), held(row, 0)), output[1]), held(column, 1));
        at = k.mul(at, channels);
        Over w{{y, z}, k.address(element, dy, at), k.address(k.i8(), winners, at), Value()};
        if (!allExist) {
          Value exists = k.both(k.inside(row, output[0]), k.inside(column, output[1]));
          w = {{y, z},
               inRegister(w.dy),
               inRegister(w.winners),
               inRegister(k.value(k.select(exists, 0, -1)))};
        }
        over.push_back(w);
      }
    return over;
  }

  Value winnersOf(const Over &w, Size c) {
    Value number = loadWinners(w.winners, c, Value());
    if (!w.missing)
      return number;
    Type type = KernelBuilder::elementOf(number.getType());
    Value marks = k.splat(k.convert(w.missing, type), lanes);
    return arith::OrIOp::create(k.builder(), k.loc(), number, marks);
  }

  // dx of the positions |parts| of a group, each {row, column} in it: the sum, in the order of
  // their numbers, of the dy of windows that it won.
  void gather(ArrayRef<Over> over, Value to, ArrayRef<std::pair<int, int>> parts) {
    eachVector(0, channels, [&](Size c, Value mask) {
      SmallVector<Value> sums(parts.size());
      for (const Over &w : over) {
        Value given, number;
        for (auto [sum, part] : llvm::zip(sums, parts)) {
          int64_t y = part.first + w.back[0] * geometry.strides[0];
          int64_t z = part.second + w.back[1] * geometry.strides[1];
          if (y >= geometry.window[0] || z >= geometry.window[1])
            continue;
          if (!given) {
            given = load(w.dy, c, mask);
            number = winnersOf(w, c);
          }
          Value hit = equals(number, tapNumber(y * geometry.window[1] + z, number));
          Value before = sum ? sum : k.zero(given.getType());
          sum = select(hit, sum ? k.sum(sum, given) : given, before);
        }
      }
      for (auto [sum, part] : llvm::zip(sums, parts)) {
        Size pixel = k.add(k.mul(image[1], part.first), part.second);
        Value result = sum ? sum : k.zero(k.vectorType(compute, lanes));
        store(result, to, k.add(k.mul(pixel, channels), c), mask);
      }
    });
  }

  // Whether all positions of a group lie in the image and all windows that may lie over them exist.
  Value isWhole(ArrayRef<Size> group, const Window &w) {
    Value whole;
    for (size_t d = 0; d < 2; ++d) {
      Value here = k.both(k.less(-1, w.origin[d]),
                          k.less(k.add(w.origin[d], geometry.strides[d] - 1), image[d]));
      Value exist = k.both(k.less(groups.reach[d] - 2, group[d]), k.less(group[d], output[d]));
      here = k.both(here, exist);
      whole = whole ? k.both(whole, here) : here;
    }
    return whole;
  }

  // All positions of a row of groups.
  void gatherRow(Size n, Size row) {
    SmallVector<std::pair<int, int>> parts;
    for (int y = 0; y < geometry.strides[0]; ++y)
      for (int z = 0; z < geometry.strides[1]; ++z)
        parts.push_back({y, z});
    k.forLoop(0, groups.counts[1], 1, [&](Value column) {
      SmallVector<Size> group{row, Size(column)};
      Window w = windowAt(n, group);
      Value to = k.address(element, dx, w.base);
      k.ifElse(
          isWhole(group, w), [&] { gather(windowsOver(n, group, true), to, parts); },
          [&] { border(n, group, w, inRegister(to), parts); });
    });
  }

  // Positions of a group, one after the other; those that lie in the image.
  void border(Size n, ArrayRef<Size> group, const Window &w, Value to,
              ArrayRef<std::pair<int, int>> parts) {
    SmallVector<Over> over = windowsOver(n, group, false);
    for (std::pair<int, int> part : parts)
      k.ifElse(
          k.both(k.inside(k.add(w.origin[0], part.first), image[0]),
                 k.inside(k.add(w.origin[1], part.second), image[1])),
          [&] { gather(over, to, {part}); }, [] {});
  }

  // Tiles of rows of groups.
  void bands(Size begin, Size end) {
    int64_t count = groups.counts[0], perImage = llvm::divideCeil(count, kBandGroups);
    k.forLoop(begin, end, 1, [&](Value tile) {
      Size n = k.div(Size(tile), perImage), first = k.mul(k.rem(Size(tile), perImage), kBandGroups);
      k.forLoop(first, k.min(k.add(first, kBandGroups), count), 1,
                [&](Value row) { gatherRow(n, Size(row)); });
    });
  }
};

} // namespace

void emitPoolWinners(JobEmitter &job, const PoolGradLoops &loops, Size begin, Size end,
                     bool around) {
  PoolGatherEmitter emitter(job, loops);
  emitter.around = around;
  emitter.bands(begin, end);
}

} // namespace dlc::codegen::cpu
