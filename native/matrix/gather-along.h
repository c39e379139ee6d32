#pragma once
// Elements at indices along the middle axis of [outer, count, inner]. Mirror: src/backend/typescript/matrix/gather-along.ts.

#include "../parallel.h"
#include "../simd/for-lanes.h"
#include "../sizes.h"
#include "columns.h"
#include "shape-arguments.h"
#include "tasks.h"

namespace lockstep {
namespace {

// to[j] = from[indices[j]], four at a time: one by one, the loop takes as long as what it does.
template <class T>
inline void gatherInRow(const T* from, const int32_t* indices, size_t picked, T* to) {
  constexpr size_t kAtOnce = 4;
  const auto at = [=](size_t j) { return from[static_cast<uint32_t>(indices[j])]; };
  size_t j = 0;
  for (; j + kAtOnce <= picked; j += kAtOnce) {
    const T values[kAtOnce] = {at(j), at(j + 1), at(j + 2), at(j + 3)};
    for (size_t k = 0; k < kAtOnce; ++k) to[j + k] = values[k];
  }
  for (; j < picked; ++j) to[j] = at(j);
}

// The same for each of `kRows` rows, `count` elements apart in `from` and `picked` in `to`.
template <size_t kRows, class T>
inline void gatherInRows(const T* from, size_t count, const int32_t* indices, size_t picked, T* to) {
  for (size_t j = 0; j < picked; ++j) {
    const size_t place = static_cast<uint32_t>(indices[j]);
    T values[kRows];
    for (size_t r = 0; r < kRows; ++r) values[r] = from[r * count + place];
    for (size_t r = 0; r < kRows; ++r) to[r * picked + j] = values[r];
  }
}

// Rows that are gathered at a time where they share their indices: an index is then read once for all of them.
constexpr size_t kGatheredRows = 4;

template <class T>
inline void gatherInAllRows(const args::GatherAlong<T>& a, const Parallel& parallel) {
  constexpr size_t kRows = kGatheredRows;
  const size_t count = a.count, picked = a.picked;
  forRanges(parallel, a.outer, roundUp(rowGrain(picked), kRows), [&](size_t begin, size_t end) {
    size_t o = begin;
    for (; o + kRows <= end; o += kRows) {
      gatherInRows<kRows>(a.source + o * count, count, a.indices, picked, a.out + o * picked);
    }
    for (; o < end; ++o) gatherInRow(a.source + o * count, a.indices, picked, a.out + o * picked);
  });
}

template <class T>
void gatherAlong(const args::GatherAlong<T>& a, const Parallel& parallel) {
  const size_t picked = a.picked, inner = a.inner, plane = a.count * inner;
  // Four long rows would be too much for one task.
  if (a.shared && inner == 1 && rowGrain(picked) >= kGatheredRows) return gatherInAllRows(a, parallel);
  forRanges(parallel, a.outer * picked, rowGrain(inner), [&](size_t begin, size_t end) {
    while (begin < end) {
      // The rows of one of `outer`.
      const size_t o = begin / picked, first = begin % picked, last = least(picked, first + (end - begin));
      const T* const from = a.source + o * plane;
      T* const to = a.out + o * picked * inner;
      const int32_t* const indices = a.indices + (a.shared ? 0 : o * picked * inner);
      if (inner == 1) {
        gatherInRow(from, indices + first, last - first, to + first);
      } else if (a.shared) {
        for (size_t j = first; j < last; ++j) {
          copyAll(from + static_cast<size_t>(indices[j]) * inner, to + j * inner, inner);
        }
      } else {
        for (size_t j = first; j < last; ++j) {
          for (size_t i = 0; i < inner; ++i) {
            to[j * inner + i] = from[static_cast<size_t>(indices[j * inner + i]) * inner + i];
          }
        }
      }
      begin += last - first;
    }
  });
}

// Every line has one thread, which goes along it in order: two indices may be the same.
template <class T>
void scatterAddAlong(const args::ScatterAlong<T>& a, const Parallel& parallel) {
  const size_t picked = a.picked, count = a.count, inner = a.inner;
  const auto row = [&](size_t o, size_t) {
    const int32_t* const indices = a.indices + (a.shared ? 0 : o * picked);
    const T* const from = a.source + o * picked;
    T* const to = a.out + o * count;
    for (size_t j = 0; j < picked; ++j) to[indices[j]] += from[j];
  };
  forLines(parallel, a.outer, picked, inner, row, [&](size_t o, size_t first, size_t width) {
    for (size_t j = 0; j < picked; ++j) {
      const size_t start = (o * picked + j) * inner + first;
      const T* const from = a.source + start;
      T* const to = a.out + o * count * inner + first;
      if (a.shared) {
        T* const line = to + static_cast<size_t>(a.indices[j]) * inner;
        for (size_t c = 0; c < width; ++c) line[c] += from[c];
      } else {
        const int32_t* const indices = a.indices + start;
        for (size_t c = 0; c < width; ++c) to[static_cast<size_t>(indices[c]) * inner + c] += from[c];
      }
    }
  });
}

}  // namespace
}  // namespace lockstep
