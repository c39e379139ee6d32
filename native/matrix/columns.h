#pragma once
// Down the columns of a matrix: a block of columns at a time, all rows of a block while it is in the cache. Sums go down
// the rows in their order, in double, whatever the vectors and the threads.

#include "../chunks.h"
#include "../parallel.h"
#include "../simd/for-lanes.h"
#include "../sizes.h"
#include "tasks.h"

namespace lockstep {
namespace {

constexpr size_t kColumnBlock = kReductionLanes;

struct ColumnSums {
  double sums[kColumnBlock] = {};
};

// f(first, width) for blocks of columns, over the threads.
template <class F>
inline void forColumnBlocks(const Parallel& parallel, size_t rows, size_t columns, const F& f) {
  const size_t blocks = rowGrain(rows * kColumnBlock);
  forRanges(parallel, columns, blocks * kColumnBlock, [&](size_t begin, size_t end) {
    for (size_t first = begin; first < end; first += kColumnBlock) {
      f(first, least(end - first, kColumnBlock));
    }
  });
}

// The lines of [outer, count, inner] along its middle axis: row(o, start) for each where inner = 1, with its first
// element, else columns(o, first, width) for each block of them.
template <class Row, class Columns>
inline void forLines(const Parallel& parallel, size_t outer, size_t count, size_t inner, const Row& row,
                     const Columns& columns) {
  if (inner == 1) {
    return forRanges(parallel, outer, rowGrain(count), [&](size_t begin, size_t end) {
      for (size_t o = begin; o < end; ++o) row(o, o * count);
    });
  }
  const size_t blocks = quotientUp(inner, kColumnBlock);
  forRanges(parallel, outer * blocks, rowGrain(count * kColumnBlock), [&](size_t begin, size_t end) {
    for (size_t unit = begin; unit < end; ++unit) {
      const size_t first = unit % blocks * kColumnBlock;
      columns(unit / blocks, first, least(inner - first, kColumnBlock));
    }
  });
}

// f(tag, i, c, r) for the elements i of a block of columns that starts at element `start`, row by row.
template <class T, class F>
inline void forColumns(size_t start, size_t count, size_t inner, size_t width, const F& f) {
  for (size_t r = 0; r < count; ++r) {
    const size_t row = start + r * inner;
    forLanes<T>(0, width, [&](auto tag, size_t c) { f(tag, row + c, c, r); });
  }
}

}  // namespace
}  // namespace lockstep
