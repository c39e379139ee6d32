#pragma once
// A single row of C (gemv in BLAS). Each row of B is of use once: a tile would take two vectors of one and go on to the next, in
// steps that the hardware does not foresee. Here eight rows of B go by from end to end, and the sums wait in the first-level
// cache. Every element is the same chain as in a tile.

#include "../simd/for-lanes.h"
#include "../simd/transpose.h"
#include "../sizes.h"
#include "gemm-pack.h"
#include "gemm-tile.h"
#include "parts.h"

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

// Where B is transposed, squares of it are turned on their way, so that a lane has a column of C. Its columns are then rows in
// memory, which are read from end to end; to pack them first took half as long again. Two vectors of sums wait less for
// each other than one; rows a multiple of a page apart push each other out of the cache, and
// with one take two thirds of the time.
constexpr size_t kTurnedVectors = 2;
constexpr size_t kAliasingTurned = 4096;

// sum[v] += A[p] B[p][v] for the terms from `from` on, of squares that begin at `start`.
template <class T, size_t kVectors>
inline void addSquares(Side<T> a, Side<T> b, size_t start, size_t from, size_t terms, Vec<T> (&sum)[kVectors]) {
  constexpr size_t kLanes = Vec<T>::kLanes;
  alignas(64) T squares[kVectors][kLanes * kLanes];
#pragma GCC unroll 2
  for (size_t v = 0; v < kVectors; ++v) transpose(b.at(v * kLanes, start), b.step, squares[v], kLanes);
  const auto addTerm = [&](size_t i) {
    const Vec<T> factor(*a.at(0, from + i));
#pragma GCC unroll 2
    for (size_t v = 0; v < kVectors; ++v) {
      sum[v] = fma(factor, Vec<T>::load(squares[v] + (from - start + i) * kLanes), sum[v]);
    }
  };
  if (terms == kLanes) {
#pragma GCC unroll 16
    for (size_t i = 0; i < kLanes; ++i) addTerm(i);
  } else {
    for (size_t i = 0; i < terms; ++i) addTerm(i);
  }
}

// Columns [0, kVectors vectors) of one row of C, the first `skipped` of which are there already.
template <size_t kVectors, class T>
inline void multiplyTurned(Side<T> a, Side<T> b, size_t k, const Parts& blocks, TileOfC<T> c, size_t skipped) {
  using V = Vec<T>;
  constexpr size_t kLanes = V::kLanes;
  for (size_t t = 0; t < blocks.count; ++t) {
    V sum[kVectors];
#pragma GCC unroll 2
    for (size_t v = 0; v < kVectors; ++v) sum[v] = V(T(0));
    for (size_t p = blocks.start(t); p < blocks.start(t + 1); p += kLanes) {
      // The last square of all ends with the terms.
      addSquares(a, b, least(p, k - kLanes), p, least(kLanes, blocks.start(t + 1) - p), sum);
    }
    T sums[kVectors * kLanes];
#pragma GCC unroll 2
    for (size_t v = 0; v < kVectors; ++v) sum[v].store(sums + v * kLanes);
    joinPart(TileOfC<T>{c.start + skipped, 0, kVectors * kLanes - skipped, c.alpha, t > 0 ? T(1) : c.beta},
             sums + skipped, 1, 0);
  }
}

// C has a vector of columns at least, and k terms fill one.
template <class T>
inline void multiplyTurnedRow(Side<T> a, Side<T> b, size_t k, const Parts& blocks, TileOfC<T> c) {
  constexpr size_t kLanes = Vec<T>::kLanes, kMost = kTurnedVectors * kLanes;
  T* const row = c.start;
  size_t column = 0;
  const bool isAliasing = b.step * sizeof(T) % kAliasingTurned == 0;
  for (; !isAliasing && column + kMost <= c.columns; column += kMost) {
    c.start = row + column;
    multiplyTurned<kTurnedVectors>(a, {b.at(column, 0), b.step, 1}, k, blocks, c, 0);
  }
  while (column < c.columns) {
    const size_t first = least(column, c.columns - kLanes);
    c.start = row + first;
    multiplyTurned<1>(a, {b.at(first, 0), b.step, 1}, k, blocks, c, column - first);
    column = first + kLanes;
  }
}

}  // namespace
}  // namespace lockstep
