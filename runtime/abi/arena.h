/* Packs temporaries by lifetime: two that never live at once may share memory.
 *
 * The table holds lifetimes and sizes alone; offsets are computed by this code, for the sizes of a
 * call. The runtime packs to run, the compiler to know what a plan will take: one function, so that
 * the two agree to the byte. It allocates nothing, hence running may pack again.
 *
 * C99, no includes of ours.
 */
#ifndef DLC_RUNTIME_ABI_ARENA_H
#define DLC_RUNTIME_ABI_ARENA_H

#include <stdint.h>

#define DLC_ARENA_ALIGNMENT INT64_C(64)

/* A temporary: lives during steps first..last, both included. */
typedef struct dlc_block {
  int64_t bytes;
  uint32_t first, last;
  int64_t offset; /* the result, a multiple of DLC_ARENA_ALIGNMENT */
} dlc_block;

/* Whether two blocks need memory at the same time. */
static inline int dlc_live_together(const dlc_block *a, const dlc_block *b) {
  return a->first <= b->last && b->first <= a->last;
}

/* The bytes that a block takes; callers exclude overflow. */
static inline int64_t dlc_block_room(const dlc_block *block) {
  return (block->bytes + DLC_ARENA_ALIGNMENT - 1) / DLC_ARENA_ALIGNMENT * DLC_ARENA_ALIGNMENT;
}

/* The most bytes that live at one step, and that step: no packing takes less. -1 when they
 * overflow. */
static inline int64_t dlc_peak_of_blocks(const dlc_block *blocks, uint32_t count, uint32_t *step) {
  int64_t most = 0;
  uint32_t i, j;
  *step = 0;
  for (i = 0; i < count; ++i) { /* it is reached where some block's life begins */
    int64_t live = 0;
    for (j = 0; j < count; ++j)
      if (blocks[j].first <= blocks[i].first && blocks[i].first <= blocks[j].last) {
        if (blocks[j].bytes > INT64_MAX - 2 * DLC_ARENA_ALIGNMENT ||
            live > INT64_MAX - dlc_block_room(&blocks[j]))
          return -1;
        live += dlc_block_room(&blocks[j]);
      }
    if (live > most) {
      most = live;
      *step = blocks[i].first;
    }
  }
  return most;
}

static inline int64_t dlc_largest_live_set(const dlc_block *blocks, uint32_t count) {
  uint32_t step;
  return dlc_peak_of_blocks(blocks, count, &step);
}

/* In what order blocks choose their places; each is the best one for some network. */
enum {
  DLC_PACK_LARGEST = 0, /* most bytes first                     */
  DLC_PACK_AREA = 1,    /* most bytes * steps first             */
  DLC_PACK_LATEST = 2,  /* last in use first, as in a reversed run */
  DLC_PACK_PEAK = 3,    /* those of the largest live set first, then by most bytes * steps */
  DLC_PACK_ORDERS = 4
};

/* Whether |a| chooses before |b|, where the largest live set is that of step |peak|. A total order:
 * equal ones keep their numbers' order. */
static inline int dlc_packs_before(const dlc_block *blocks, uint32_t a, uint32_t b, int by,
                                   uint32_t peak) {
  const dlc_block *x = &blocks[a], *y = &blocks[b];
  if (by == DLC_PACK_PEAK) {
    int p = x->first <= peak && peak <= x->last, q = y->first <= peak && peak <= y->last;
    if (p != q)
      return p;
  }
  if (by == DLC_PACK_AREA || by == DLC_PACK_PEAK) {
    double p = (double)x->bytes * ((double)x->last - (double)x->first + 1);
    double q = (double)y->bytes * ((double)y->last - (double)y->first + 1);
    if (p != q)
      return p > q;
  }
  if (by == DLC_PACK_LATEST && x->last != y->last)
    return x->last > y->last;
  return x->bytes != y->bytes ? x->bytes > y->bytes : a < b;
}

/* A Shell sort, about n^1.3 comparisons: the C library's qsort may allocate for long inputs. */
static inline void dlc_order_blocks(const dlc_block *blocks, uint32_t count, int by, uint32_t peak,
                                    uint32_t *order) {
  uint32_t gap, i, at;
  for (i = 0; i < count; ++i)
    order[i] = i;
  for (gap = count / 2; gap > 0; gap = gap == 2 ? 1 : (uint32_t)((uint64_t)gap * 5 / 11))
    for (i = gap; i < count; ++i) {
      uint32_t moving = order[i];
      for (at = i; at >= gap && dlc_packs_before(blocks, moving, order[at - gap], by, peak);
           at -= gap)
        order[at] = order[at - gap];
      order[at] = moving;
    }
}

/* The start of the smallest gap of |bytes| bytes between the |placed| blocks, in order of offset,
 * that live together with |block|; behind them when there is none. -1: that would overflow. */
static inline int64_t dlc_best_gap(const dlc_block *blocks, const uint32_t *placed, uint32_t count,
                                   const dlc_block *block, int64_t bytes) {
  int64_t cursor = 0, best = -1, smallest = INT64_MAX;
  uint32_t i;
  for (i = 0; i < count; ++i) {
    const dlc_block *other = &blocks[placed[i]];
    int64_t gap, end;
    if (!dlc_live_together(other, block))
      continue;
    gap = other->offset - cursor;
    if (gap >= bytes && gap < smallest) {
      smallest = gap;
      best = cursor;
    }
    end = other->offset + dlc_block_room(other);
    cursor = end > cursor ? end : cursor;
  }
  if (best >= 0)
    return best;
  return cursor > INT64_MAX - bytes ? -1 : cursor;
}

/* Places the blocks in one order, each into the smallest gap that holds it among those that live
 * at the same time. Returns the bytes that they take together; -1 when those overflow. */
static inline int64_t dlc_pack_ordered(dlc_block *blocks, uint32_t count, int by, uint32_t peak,
                                       uint32_t *order) {
  int64_t total = 0;
  uint32_t i, at;
  dlc_order_blocks(blocks, count, by, peak, order);
  for (i = 0; i < count; ++i) {
    /* order[0, i) holds the placed blocks by offset, order[i, count) the others as they choose. */
    uint32_t current = order[i];
    dlc_block *block = &blocks[current];
    int64_t bytes;
    if (block->bytes > INT64_MAX - 2 * DLC_ARENA_ALIGNMENT)
      return -1;
    bytes = dlc_block_room(block);
    block->offset = dlc_best_gap(blocks, order, i, block, bytes);
    if (block->offset < 0)
      return -1;
    for (at = i; at > 0 && blocks[order[at - 1]].offset > block->offset; --at)
      order[at] = order[at - 1];
    order[at] = current;
    total = block->offset + bytes > total ? block->offset + bytes : total;
  }
  return total;
}

/* Places |count| blocks and returns the bytes that they take together; -1 when those overflow.
 *
 * Tries the orders above until one takes no more than the largest live set, and keeps the best, so
 * the result depends on the blocks alone. |order| is work space for |count| numbers. */
static inline int64_t dlc_pack_blocks(dlc_block *blocks, uint32_t count, uint32_t *order) {
  uint32_t peak;
  int64_t least = dlc_peak_of_blocks(blocks, count, &peak), total, best = -1;
  int by, chosen = 0, last = -1;
  if (least < 0)
    return -1;
  for (by = 0; by < DLC_PACK_ORDERS && best != least; ++by) {
    total = dlc_pack_ordered(blocks, count, by, peak, order);
    last = by;
    if (total >= 0 && (best < 0 || total < best)) {
      best = total;
      chosen = by;
    }
  }
  if (best >= 0 && last != chosen)
    dlc_pack_ordered(blocks, count, chosen, peak, order);
  return best;
}

#endif
