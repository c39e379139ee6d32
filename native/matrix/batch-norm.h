#pragma once
// Batch normalisation over the rows of a matrix, Ioffe & Szegedy 2015, https://arxiv.org/abs/1502.03167. Sums go down the
// columns in the order of reduce-axis.h. Mirror: src/backend/typescript/matrix/batch-norm.ts.

#include "../parallel.h"
#include "../simd/reduce.h"
#include "../sizes.h"
#include "columns.h"
#include "norm-arguments.h"
#include "reduce-axis.h"
#include "tasks.h"

namespace lockstep {
namespace {

// Rows of a block: so many that what is computed once for each of its columns does not count.
constexpr size_t kNormRows = 1024;

// f(first, width, row, end): rows [row, end) of columns first, first + 1 ... of a matrix, over the threads.
template <class F>
inline void forNormBlocks(const Parallel& parallel, size_t rows, size_t columns, const F& f) {
  const size_t blocks = quotientUp(columns, kColumnBlock), pieces = quotientUp(rows, kNormRows);
  const size_t grain = rowGrain(least(rows, kNormRows) * least(columns, kColumnBlock));
  forRanges(parallel, blocks * pieces, grain, [&](size_t begin, size_t end) {
    for (size_t unit = begin; unit < end; ++unit) {
      const size_t first = unit % blocks * kColumnBlock, row = unit / blocks * kNormRows;
      f(first, least(columns - first, kColumnBlock), row, least(rows, row + kNormRows));
    }
  });
}

// finish(c, sum) with the sum of term(tag, i, c) over the elements i of every column c; the second of two sums comes
// `columns` later.
template <class T, size_t kSums, class Term, class Finish>
inline void sumColumns(const Parallel& parallel, const ColumnChunks<double, kSums>& chunks, const Term& term,
                       const Finish& finish) {
  reduceColumns<T, Addition>(parallel, chunks, term, [&](size_t, size_t first, size_t width, const double* sums) {
    for (size_t c = 0; c < width; ++c) finish(first + c, sums[c]);
  });
}

template <class T>
void batchNormStatistics(const args::BatchNormStatistics<T>& a, const Parallel& parallel) {
  const double rows = static_cast<double>(a.rows);
  const T *x = a.x, *mean = a.mean;
  const ColumnChunks<double> chunks(parallel, 1, a.rows, a.columns);
  if (!chunks.ready()) return;
  sumColumns<T>(
      parallel, chunks, [=](auto tag, size_t i, size_t) { return decltype(tag)::Type::load(x + i); },
      [&](size_t c, double sum) { a.mean[c] = static_cast<T>(sum / rows); });
  sumColumns<T>(
      parallel, chunks,
      [=](auto tag, size_t i, size_t c) {
        using V = typename decltype(tag)::Type;
        const V deviation = V::load(x + i) - V::load(mean + c);
        return Times{deviation, deviation};
      },
      [&](size_t c, double squares) { a.variance[c] = static_cast<T>(squares / rows); });
}

template <class T>
void batchNormForward(const args::BatchNormForward<T>& a, const Parallel& parallel) {
  forNormBlocks(parallel, a.rows, a.columns, [&](size_t first, size_t width, size_t row, size_t end) {
    T scale[kColumnBlock];
    for (size_t c = 0; c < width; ++c) {
      const double variance = static_cast<double>(a.variance[first + c]);
      scale[c] = static_cast<T>(static_cast<double>(a.weight[first + c]) / __builtin_sqrt(variance + a.eps));
    }
    const T *mean = a.mean + first, *bias = a.bias + first;
    forColumns<T>(row * a.columns + first, end - row, a.columns, width, [&](auto tag, size_t i, size_t c, size_t) {
      using V = typename decltype(tag)::Type;
      fma(V::load(a.x + i) - V::load(mean + c), V::load(scale + c), V::load(bias + c)).store(a.y + i);
    });
  });
}

template <class T>
void batchNormBackward(const args::BatchNormBackward<T>& a, const Parallel& parallel) {
  const double rows = static_cast<double>(a.rows);
  const auto rstdOf = [&](size_t c) { return 1 / __builtin_sqrt(static_cast<double>(a.variance[c]) + a.eps); };
  const T *x = a.x, *dy = a.dy, *means = a.mean;
  const size_t columns = a.columns;
  const auto term = [=](auto tag, size_t i, size_t c) {
    using V = typename decltype(tag)::Type;
    const V g = V::load(dy + i);
    return Both{g, Times{g, V::load(x + i) - V::load(means + c)}};
  };
  const ColumnChunks<double, 2> chunks(parallel, 1, a.rows, columns);
  if (!chunks.ready()) return;
  sumColumns<T>(parallel, chunks, term, [&](size_t c, double sum) {
    if (c < columns) {
      a.dBias[c] = static_cast<T>(sum);
    } else {
      a.dWeight[c - columns] = static_cast<T>(sum * rstdOf(c - columns));
    }
  });
  forNormBlocks(parallel, a.rows, a.columns, [&](size_t first, size_t width, size_t row, size_t end) {
    T scale[kColumnBlock], average[kColumnBlock], slope[kColumnBlock];
    for (size_t c = 0; c < width; ++c) {
      const double rstd = rstdOf(first + c);
      scale[c] = static_cast<T>(static_cast<double>(a.weight[first + c]) * rstd);
      average[c] = a.training ? static_cast<T>(static_cast<double>(a.dBias[first + c]) / rows) : T(0);
      slope[c] = a.training ? static_cast<T>(static_cast<double>(a.dWeight[first + c]) * rstd / rows) : T(0);
    }
    const T* mean = means + first;
    forColumns<T>(row * a.columns + first, end - row, a.columns, width, [&](auto tag, size_t i, size_t c, size_t) {
      using V = typename decltype(tag)::Type;
      const V g = V::load(dy + i) - V::load(average + c);
      (V::load(scale + c) * fma(V::load(mean + c) - V::load(x + i), V::load(slope + c), g)).store(a.dx + i);
    });
  });
}

}  // namespace
}  // namespace lockstep
