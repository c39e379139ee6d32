#pragma once
// What the gradients of layer and RMS normalisation share: a pass over the rows that also sums, for each column, what
// its weight (and bias) gets of them. In chunks of chunkRows(columns) rows, down the rows of a chunk in their order, then
// over the chunks in theirs: see reduce-axis.h.

#include "../parallel.h"
#include "../simd/reduce.h"
#include "../sizes.h"
#include "reduce-axis.h"
#include "tasks.h"

namespace lockstep {
namespace {

// row(r, sums) adds to kSums times `columns` sums; finish(c, sum) takes the totals.
template <size_t kSums, class Row, class Finish>
inline void forRowsWithSums(const Parallel& parallel, size_t rows, size_t columns, const Row& row,
                            const Finish& finish) {
  const size_t step = chunkRows(columns), chunks = quotientUp(rows, step), width = kSums * columns;
  double* const partials = chunkPartials<double>(parallel, chunks, width);
  if (partials == nullptr) return;
  forTasks(parallel, chunks, [&](size_t chunk) {
    double* sums = partials + chunk * width;
    for (size_t c = 0; c < width; ++c) sums[c] = 0;
    const size_t first = chunk * step, last = rows - first < step ? rows : first + step;
    for (size_t r = first; r < last; ++r) row(r, sums);
  });
  if (chunks == 0) {
    for (size_t c = 0; c < width; ++c) finish(c, 0);
    return;
  }
  joinChunks<Addition>(parallel, 1, chunks, width, partials,
                       [&](size_t, size_t first, size_t count, const double* sums) {
                         for (size_t c = 0; c < count; ++c) finish(first + c, sums[c]);
                       });
}

}  // namespace
}  // namespace lockstep
