#pragma once
// A single row of C. A tile would go down the rows of B in steps that memory does not foresee; here they go by in order,
// eight at a time, and the sums wait in the first-level cache. The same chain for every element as in a tile.

#include "../simd/for-lanes.h"
#include "../sizes.h"
#include "gemm-tile.h"

namespace lockstep {
namespace {

constexpr size_t kRowColumns = 1024;

// sum[i] += a[p] * b[p][i], one term after the other.
template <class T, size_t kTerms>
inline void addRows(const T* a, size_t termStep, const T* b, size_t depth, size_t columns, T* sum) {
  T factors[kTerms];
  for (size_t p = 0; p < kTerms; ++p) factors[p] = a[p * termStep];
  forVectors<T>(0, columns, [&](auto tag, size_t i) {
    using V = typename decltype(tag)::Type;
    V total = tag.load(sum + i);
#pragma GCC unroll 8
    for (size_t p = 0; p < kTerms; ++p) total = fma(V(factors[p]), tag.load(b + p * depth + i), total);
    tag.store(sum + i, total);
  });
}

// The block of terms of `tile`, for as many columns as there are.
template <class T>
inline void multiplyRow(const Tile<T>& tile) {
  const size_t termStep = tile.a.term, depth = tile.b.term;
  T sum[kRowColumns];
  for (size_t first = 0; first < tile.c.columns; first += kRowColumns) {
    const size_t columns = least(tile.c.columns - first, kRowColumns);
    const T *a = tile.a.start, *b = tile.b.start + first;
    for (size_t i = 0; i < columns; ++i) sum[i] = 0;
    size_t p = 0;
    for (; p + 8 <= tile.terms; p += 8, a += 8 * termStep, b += 8 * depth) {
      addRows<T, 8>(a, termStep, b, depth, columns, sum);
    }
    for (; p < tile.terms; ++p, a += termStep, b += depth) addRows<T, 1>(a, termStep, b, depth, columns, sum);
    T* const c = tile.c.start + first;
    forVectors<T>(0, columns, [&](auto tag, size_t i) {
      using V = typename decltype(tag)::Type;
      tag.store(c + i, joined(tag.load(sum + i), V(tile.c.alpha), tile.c.beta, [&] { return tag.load(c + i); }));
    });
  }
}

}  // namespace
}  // namespace lockstep
