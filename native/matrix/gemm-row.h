#pragma once
// A single row of C, where B is not transposed (gemv in BLAS). Each row of B is of use once: a tile would take two vectors of
// one and go on to the next, in steps that the hardware does not foresee. Here eight rows of B go by from end to end, and the
// sums wait in the first-level cache. Every element is the same chain as in a tile.

#include "../simd/for-lanes.h"
#include "../sizes.h"
#include "gemm-tile.h"

namespace lockstep {
namespace {

// Sums at a time: 8 KB of double.
constexpr size_t kRowColumns = 1024;

// sum[j] += A[p] B[p][j] for p from 0 to kTerms, in this order.
template <class T, size_t kTerms>
inline void addTerms(const T* a, size_t termStepA, const T* b, size_t termStepB, size_t columns, T* sum) {
  T factors[kTerms];
  for (size_t p = 0; p < kTerms; ++p) factors[p] = a[p * termStepA];
  forVectors<T>(0, columns, [&](auto tag, size_t i) {
    using V = typename decltype(tag)::Type;
    V total = tag.load(sum + i);
#pragma GCC unroll 8
    for (size_t p = 0; p < kTerms; ++p) total = fma(V(factors[p]), tag.load(b + p * termStepB + i), total);
    tag.store(sum + i, total);
  });
}

// `tile` has one row, one run, and as many columns as C.
template <class T>
inline void multiplyRow(const Tile<T>& tile) {
  const size_t termStepA = tile.a.term, termStepB = tile.b.term;
  T sum[kRowColumns];
  for (size_t first = 0; first < tile.c.columns; first += kRowColumns) {
    const size_t columns = least(tile.c.columns - first, kRowColumns);
    const T *a = tile.a.start, *b = tile.b.start + first;
    for (size_t i = 0; i < columns; ++i) sum[i] = 0;
    size_t p = 0;
    for (; p + 8 <= tile.terms; p += 8, a += 8 * termStepA, b += 8 * termStepB) {
      addTerms<T, 8>(a, termStepA, b, termStepB, columns, sum);
    }
    for (; p < tile.terms; ++p, a += termStepA, b += termStepB)
      addTerms<T, 1>(a, termStepA, b, termStepB, columns, sum);
    T* const c = tile.c.start + first;
    forVectors<T>(0, columns, [&](auto tag, size_t i) {
      using V = typename decltype(tag)::Type;
      tag.store(c + i, joined(tag.load(sum + i), V(tile.c.alpha), tile.c.beta, [&] { return tag.load(c + i); }));
    });
  }
}

}  // namespace
}  // namespace lockstep
