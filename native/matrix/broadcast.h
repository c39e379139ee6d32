#pragma once
// Operands that are repeated to fill a result [outer, rows, columns]: what a layout says.
// Mirror: src/backend/typescript/matrix/broadcast.ts.

#include "../parallel.h"
#include "../simd/for-lanes.h"
#include "../simd/indices.h"
#include "../sizes.h"
#include "elementwise.h"
#include "layout.h"
#include "shape-arguments.h"
#include "tasks.h"

namespace lockstep {
namespace {

template <class T, size_t N>
struct Repeated {
  size_t sizes[3];
  const T* operands[N];
  size_t steps[N][3];  // elements from one index of a dimension to the next, 0 where the operand is repeated

  Repeated(size_t layout, size_t outer, size_t rows, size_t columns, const T* const (&arrays)[N])
      : sizes{outer, rows, columns} {
    for (size_t k = 0; k < N; ++k) {
      operands[k] = arrays[k];
      size_t step = 1;
      for (size_t d = 3; d-- > 0;) {
        steps[k][d] = isRepeated(layout, k, d) ? 0 : step;
        if (steps[k][d] != 0) step *= sizes[d];
      }
    }
  }
};

// One vector of operand k; kFixed has its bit set where the operand has one element for the whole row.
template <bool kFixed, class Tag, class T>
inline typename Tag::Type operandAt(Tag tag, const T* row, size_t c) {
  if constexpr (kFixed) {
    return *row;
  } else {
    return tag.load(row + c);
  }
}

template <size_t kFixed, class Tag, class T, class F, size_t... K>
inline typename Tag::Type applyAt(Tag tag, const F& f, const T* const* rows, size_t c, Indices<K...>) {
  return f(operandAt<(kFixed >> K & 1) != 0>(tag, rows[K], c)...);
}

// Elements [begin, end) of the result: part of a row, then as many whole rows as have the same `outer`, and so on.
template <size_t kFixed, class T, size_t N, class F>
inline void broadcastRange(const Repeated<T, N>& a, size_t begin, size_t end, T* out, const F& f) {
  const size_t columns = a.sizes[2];
  while (begin < end) {
    const size_t row = begin / columns, first = begin % columns;
    const size_t o = row / a.sizes[1], r = row % a.sizes[1];
    const T* rows[N];
    size_t steps[N];
    for (size_t k = 0; k < N; ++k) {
      rows[k] = a.operands[k] + o * a.steps[k][0] + r * a.steps[k][1] + first * a.steps[k][2];
      steps[k] = a.steps[k][1];
    }
    const size_t left = end - begin, whole = left / columns;
    const bool isPart = first != 0 || whole == 0;
    const size_t count = !isPart ? columns : least(left, columns - first);
    size_t n = isPart ? 1 : least(whole, a.sizes[1] - r);
    T* to = out + begin;
    begin += n * count;
    for (; n > 0; --n, to += count) {
      forVectors<T>(0, count, [&](auto tag, size_t c) {
        tag.store(to + c, applyAt<kFixed>(tag, f, rows, c, typename MakeIndices<N>::Type()));
      });
      for (size_t k = 0; k < N; ++k) rows[k] += steps[k];
    }
  }
}

// out = f(operands...), with one loop for each set of operands that have one element for a row.
template <size_t kFixed = 0, class T, size_t N, class F>
inline void broadcast(const Parallel& parallel, const Repeated<T, N>& a, T* out, const F& f) {
  size_t fixed = 0;
  for (size_t k = 0; k < N; ++k) fixed |= static_cast<size_t>(a.steps[k][2] == 0) << k;
  if (fixed == kFixed) {
    const size_t n = a.sizes[0] * a.sizes[1] * a.sizes[2];
    forRanges(parallel, n, kElementGrain,
              [&](size_t begin, size_t end) { broadcastRange<kFixed>(a, begin, end, out, f); });
  } else if constexpr (kFixed + 1 < size_t{1} << N) {
    broadcast<kFixed + 1>(parallel, a, out, f);
  }
}

template <class T>
void where(const args::Where<T>& a, const Parallel& parallel) {
  const Repeated<T, 3> operands(a.layout, a.outer, a.rows, a.columns, {a.condition, a.a, a.b});
  broadcast(parallel, operands, a.out,
            [](auto condition, auto x, auto y) { return selectEqual(condition, decltype(x)(T(0)), y, x); });
}

}  // namespace
}  // namespace lockstep
