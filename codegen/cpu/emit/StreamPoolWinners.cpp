// The gradient of max pooling with overlapping windows, element by element of dx.
//
// Positions stand in groups of as many as windows step by, in each dimension. Over those of a group
// lie few windows: with windows of 3 by 3 that step by 2, four over the first position of a group
// of four, two over the next ones, one over the last. So a loop over groups reads dy and the winner
// of each such window, compares the winner with the tap that each position is, and stores sums:
// every dx once, and in whole lines, so that a large one passes the caches.
//
// Winners are found just before, for a row of windows at a time, and kept as bytes.
#include "codegen/cpu/emit/StreamPools.h"

using namespace mlir;

namespace dlc::codegen::cpu {
namespace {

struct PoolGatherEmitter : PoolGradEmitter {
  using PoolGradEmitter::PoolGradEmitter;

  // The winners of the windows that lie over a row of groups: a byte for each window and channel,
  // -1 where there is no such window. Rows follow each other as in a ring.
  struct Winners {
    PoolGroups groups;
    Value memory;
    int64_t rowBytes;
  };

  Size winnerRow(const Winners &all, Size o) {
    int64_t rows = all.groups.reach[0];
    return k.mul(k.rem(k.add(o, rows), rows), all.rowBytes);
  }
  Value noWinner() { return k.intConstant(k.vectorType(k.i8(), lanes), -1); }

  void fill(const Winners &all, Size from, Size bytes) {
    k.forLoop(from, k.add(from, bytes), lanes,
              [&](Value at) { k.store(noWinner(), all.memory, at); });
  }

  // |number| through an empty asm: LLVM would choose among bytes, all at the end, and has too few
  // registers for the masks of so many choices.
  Value hidden(Value number) {
    StringRef triple = k.target().triple;
    bool isX86 = triple.starts_with("x86_64"), isArm = triple.starts_with("aarch64");
    if (!isX86 && !isArm)
      return number;
    StringRef constraints = isArm ? "=w,0" : k.target().isa & kIsaAvx512 ? "=v,0" : "=x,0";
    return LLVM::InlineAsmOp::create(k.builder(), k.loc(), number.getType(), ValueRange{number}, "",
                                     constraints, /*has_side_effects=*/false,
                                     /*is_align_stack=*/false,
                                     LLVM::tailcallkind::TailCallKind::None, LLVM::AsmDialectAttr(),
                                     ArrayAttr())
        .getResult(0);
  }

  // Finds the winners of window row |o| of image |n|.
  void findWinners(const Winners &all, Size n, Size o) {
    Size row = winnerRow(all, o);
    Value exists = k.both(k.less(-1, o), k.less(o, output[0]));
    fill(all, row, k.select(exists, 0, all.rowBytes));
    k.forLoop(0, k.select(exists, output[1], 0), 1, [&](Value column) {
      Window w = windowAt(n, {o, Size(column)});
      Size to = k.add(row, k.mul(k.add(Size(column), all.groups.reach[1] - 1), channels));
      Value place = inRegister(k.address(k.i8(), all.memory, to));
      auto keep = [&](Value number, Size c) {
        k.store(k.convert(hidden(number), k.i8()), place, c);
      };
      auto whole = [&] {
        eachVector(0, channels,
                   [&](Size c, Value mask) { keep(winner(placesOf(k.add(w.base, c)), mask), c); });
      };
      auto rolled = [&] {
        eachVector(0, channels,
                   [&](Size c, Value mask) { keep(clippedWinner(w, k.add(w.base, c), mask), c); });
      };
      if (hasFewRegisters())
        rolled();
      else if (Value fits = liesInside(w))
        k.ifElse(fits, whole, rolled);
      else
        whole();
    });
  }

  // What a group of positions reads: dy and winners of each window that may lie over it.
  struct Over {
    int64_t back[2]; // the window's number is the group's less this
    Size dy, winner; // where those of channel 0 are
  };

  // Windows that do not exist have no winner; what is read as their dy is not used.
  SmallVector<Over> windowsOver(const Winners &all, Size n, ArrayRef<Size> group) {
    SmallVector<Over> over;
    auto held = [&](Size o, size_t d) { return k.max(k.min(o, k.sub(output[d], 1)), 0); };
    for (int64_t y = all.groups.reach[0]; y-- > 0;)
      for (int64_t z = all.groups.reach[1]; z-- > 0;) {
        Size row = k.sub(group[0], y), column = k.sub(group[1], z);
        Size at =
            k.add(k.mul(k.add(k.mul(n, output[0]), held(row, 0)), output[1]), held(column, 1));
        Size place = k.mul(k.add(column, all.groups.reach[1] - 1), channels);
        over.push_back({{y, z}, k.mul(at, channels), k.add(winnerRow(all, row), place)});
      }
    return over;
  }

  // dx of the positions |parts| of a group, each {row, column} in it: the sum, in the order of
  // their numbers, of the dy of windows that it won.
  void gather(const Winners &all, ArrayRef<Over> over, Size to,
              ArrayRef<std::pair<int, int>> parts) {
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
            given = load(dy, k.add(w.dy, c), mask);
            number = k.load(k.vectorType(k.i8(), lanes), all.memory, k.add(w.winner, c));
          }
          Value hit = equals(number, k.intConstant(number.getType(), y * geometry.window[1] + z));
          Value before = sum ? sum : k.zero(given.getType());
          sum = select(hit, sum ? k.sum(sum, given) : given, before);
        }
      }
      for (auto [sum, part] : llvm::zip(sums, parts)) {
        Size pixel = k.add(k.mul(image[1], part.first), part.second);
        Size at = k.add(k.add(to, k.mul(pixel, channels)), c);
        store(sum ? sum : k.zero(k.vectorType(compute, lanes)), at, mask);
        // What the next row of windows will look at, while nothing else is read.
        j.e().prefetch(element, x,
                       k.add(at, k.mul(k.mul(image[1], geometry.strides[0]), channels)));
      }
    });
  }

  // All positions of a row of groups.
  void gatherRow(const Winners &all, Size n, Size row, Size columns) {
    k.forLoop(0, columns, 1, [&](Value column) {
      SmallVector<Size> group{row, Size(column)};
      SmallVector<Over> over = windowsOver(all, n, group);
      Window w = windowAt(n, group);
      SmallVector<std::pair<int, int>> parts;
      Value fits;
      for (int y = 0; y < geometry.strides[0]; ++y)
        for (int z = 0; z < geometry.strides[1]; ++z)
          parts.push_back({y, z});
      for (size_t d = 0; d < 2; ++d) {
        Value here = k.both(k.less(-1, w.origin[d]),
                            k.less(k.add(w.origin[d], geometry.strides[d] - 1), image[d]));
        fits = fits ? k.both(fits, here) : here;
      }
      k.ifElse(
          fits, [&] { gather(all, over, w.base, parts); },
          [&] {
            for (std::pair<int, int> part : parts)
              k.ifElse(
                  k.both(k.inside(k.add(w.origin[0], part.first), image[0]),
                         k.inside(k.add(w.origin[1], part.second), image[1])),
                  [&] { gather(all, over, w.base, {part}); }, [] {});
          });
    });
  }

  // Tiles of rows of groups: window rows before the first are looked at once more.
  void bands(Size begin, Size end) {
    PoolGroups groups(geometry, ArrayRef(loops.image).slice(1, rank));
    int64_t rowBytes = groups.columns() * channels.constant();
    Winners all{groups, k.stackBuffer(groups.reach[0] * rowBytes), rowBytes};
    int64_t count = groups.counts[0], perImage = llvm::divideCeil(count, kBandGroups);
    fill(all, 0, groups.reach[0] * rowBytes);
    k.forLoop(begin, end, 1, [&](Value tile) {
      Size n = k.div(Size(tile), perImage), first = k.mul(k.rem(Size(tile), perImage), kBandGroups);
      Size past = k.min(k.add(first, kBandGroups), count);
      k.forLoop(k.sub(first, groups.reach[0] - 1), past, 1, [&](Value row) {
        findWinners(all, n, Size(row));
        gatherRow(all, n, Size(row), k.select(k.less(Size(row), first), 0, groups.counts[1]));
      });
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
