#pragma once
// Whole rows of a matrix. Mirror: src/backend/typescript/matrix/rows.ts.

#include "../parallel.h"
#include "../simd/for-lanes.h"
#include "columns.h"
#include "shape-arguments.h"
#include "tasks.h"

namespace lockstep {
namespace {

template <class T>
void gatherRows(const args::GatherRows<T>& a, const Parallel& parallel) {
  forRanges(parallel, a.rows, rowGrain(a.columns), [&](size_t begin, size_t end) {
    for (size_t r = begin; r < end; ++r) {
      const T* from = a.source + static_cast<size_t>(a.indices[r]) * a.columns;
      T* to = a.out + r * a.columns;
      copyAll(from, to, a.columns);
    }
  });
}

// join(from, to) for every row: what is there after it. Every column has one thread, which goes down the rows in their order:
// two of them may go to one row of `out`.
template <class T, class Join>
inline void scatter(const args::ScatterRows<T>& a, const Parallel& parallel, const Join& join) {
  forColumnBlocks(parallel, a.rows, a.columns, [&](size_t first, size_t width) {
    for (size_t r = 0; r < a.rows; ++r) {
      const T* from = a.source + r * a.columns + first;
      T* to = a.out + static_cast<size_t>(a.indices[r]) * a.columns + first;
      forVectors<T>(0, width, [&](auto tag, size_t c) {
        tag.store(to + c, join(tag.load(from + c), [&] { return tag.load(to + c); }));
      });
    }
  });
}

template <class T>
void scatterAddRows(const args::ScatterRows<T>& a, const Parallel& parallel) {
  scatter(a, parallel, [](auto from, const auto& to) { return to() + from; });
}

template <class T>
void scatterRows(const args::ScatterRows<T>& a, const Parallel& parallel) {
  scatter<T>(a, parallel, [](auto from, const auto&) { return from; });
}

}  // namespace
}  // namespace lockstep
