#pragma once
// The tile of C that stays in registers. In namespace lockstep, of every target.

#include "../simd/indices.h"
#include "../simd/simd.h"
#include "../sizes.h"

namespace lockstep {
namespace {

// What becomes of C where a block of terms joins it: the first block replaces it or scales it by beta, the others add.
enum class Join { kReplace, kScale, kAdd };

template <class T>
struct Tile {
  const T* a;  // a[r * rowStep + p * termStep]
  size_t rowStep, termStep;
  const T* b;  // b[p * depth + i]
  size_t depth;
  T* packed;  // where a packing tile puts what it reads of B: packed[p * the tile's width + i]
  T* c;       // c[r * ldc + i]
  size_t ldc, terms;
  size_t columns;  // that exist, at most as many as the tile is wide
  Join join;
  T alpha, beta;
  // Of terms in runs: there are `runs` runs of `terms`, of which A has the r-th from a + starts[r] on.
  const size_t* starts;
  size_t runs;
};

// Adds up the terms. load(b, v, p): vector v of the row of B for term p, which is at b.
template <class T, size_t kRows, size_t kVectors, class Load>
inline void multiplyTerms(const Tile<T>& tile, Vec<T> (&sum)[kRows][kVectors], const Load& load) {
  using V = Vec<T>;
  // Three rows to a pointer: x86 addresses them by the pointer and the step, or twice the step.
  constexpr size_t kGroups = (kRows + 2) / 3;
  const T* a[kGroups];
  const T* b = tile.b;
  const size_t rowStep = tile.rowStep, termStep = tile.termStep, depth = tile.depth;
#pragma GCC unroll 8
  for (size_t g = 0; g < kGroups; ++g) a[g] = tile.a + 3 * g * rowStep;
#pragma GCC unroll kTileUnroll
  for (size_t p = 0; p < tile.terms; ++p) {
    V row[kVectors];
#pragma GCC unroll 16
    for (size_t v = 0; v < kVectors; ++v) row[v] = load(b + v * V::kLanes, v, p);
#pragma GCC unroll 16
    for (size_t r = 0; r < kRows; ++r) {
      const V factor(a[r / 3][r % 3 * rowStep]);
#pragma GCC unroll 16
      for (size_t v = 0; v < kVectors; ++v) sum[r][v] = fma(factor, row[v], sum[r][v]);
    }
#pragma GCC unroll 8
    for (size_t g = 0; g < kGroups; ++g) a[g] += termStep;
    b += depth;
  }
}

// The same, and leaves a packed panel of B behind: the tiles below this one find it in order, for two stores a term.
template <class T, size_t kRows, size_t kVectors>
inline void multiplyAndPack(const Tile<T>& tile, Vec<T> (&sum)[kRows][kVectors]) {
  using V = Vec<T>;
  constexpr size_t kLanes = V::kLanes, kColumns = kVectors * kLanes;
  // Rows of B are too far apart for the hardware to foresee the next one.
  constexpr size_t kTermsAhead = 8;
  T* const packed = tile.packed;
  const size_t columns = tile.columns, ahead = kTermsAhead * tile.depth;
  if (columns == kColumns) {
    multiplyTerms(tile, sum, [&](const T* b, size_t v, size_t p) {
      if (v == 0) __builtin_prefetch(b + ahead);
      if (v == kVectors - 1) __builtin_prefetch(b + ahead + kLanes - 1);
      const V row = V::load(b);
      row.store(packed + p * kColumns + v * kLanes);
      return row;
    });
    return;
  }
  multiplyTerms(tile, sum, [&](const T* b, size_t v, size_t p) {
    const size_t first = v * kLanes;
    const V row = columns > first ? V::loadPart(b, least(columns - first, kLanes)) : V(T(0));
    row.store(packed + p * kColumns + first);
    return row;
  });
}

// C = f(sum, C) for every vector; f gets C as a function, for what is not called is not read.
template <class T, size_t kRows, size_t kVectors, class F>
inline void joinTile(const Tile<T>& tile, const Vec<T> (&sum)[kRows][kVectors], const F& f) {
  using V = Vec<T>;
  constexpr size_t kLanes = V::kLanes;
  const size_t ldc = tile.ldc, columns = tile.columns;
  T* c = tile.c;
  if (columns == kVectors * kLanes) {
#pragma GCC unroll 16
    for (size_t r = 0; r < kRows; ++r, c += ldc) {
#pragma GCC unroll 16
      for (size_t v = 0; v < kVectors; ++v) {
        T* const at = c + v * kLanes;
        f(sum[r][v], [&] { return V::load(at); }).store(at);
      }
    }
    return;
  }
#pragma GCC unroll 16
  for (size_t v = 0; v < kVectors; ++v) {
    if (columns <= v * kLanes) return;
    const size_t count = least(columns - v * kLanes, kLanes);
    T* at = c + v * kLanes;
#pragma GCC unroll 16
    for (size_t r = 0; r < kRows; ++r, at += ldc)
      f(sum[r][v], [&] { return V::loadPart(at, count); }).storePart(at, count);
  }
}

// What becomes of an element of C, which is read through `c` where it is needed.
template <class V, class C>
inline V joined(V sum, V alpha, V beta, Join join, const C& c) {
  switch (join) {
    case Join::kReplace:
      return alpha * sum;
    case Join::kScale:
      return fma(alpha, sum, beta * c());
    default:
      return fma(alpha, sum, c());
  }
}

// kRows x kVectors vectors: one chain of fused multiply-adds for every element.
template <class T, size_t kRows, size_t kVectors, bool kPacks, bool kInRuns>
void multiplyTile(const Tile<T>& tile) {
  using V = Vec<T>;
  V sum[kRows][kVectors];
#pragma GCC unroll 16
  for (size_t r = 0; r < kRows; ++r) {
    // C is needed when the sums are done: ask for it now, for both ends of a row may be on lines of their own.
    __builtin_prefetch(tile.c + r * tile.ldc);
    __builtin_prefetch(tile.c + r * tile.ldc + kVectors * V::kLanes - 1);
#pragma GCC unroll 16
    for (size_t v = 0; v < kVectors; ++v) sum[r][v] = V(T(0));
  }
  const auto addTerms = [&](const Tile<T>& run) {
    if constexpr (kPacks) {
      multiplyAndPack(run, sum);
    } else {
      multiplyTerms(run, sum, [](const T* b, size_t, size_t) { return V::load(b); });
    }
  };
  if constexpr (kInRuns) {
    Tile<T> run = tile;
    for (size_t r = 0; r < tile.runs; ++r) {
      run.a = tile.a + tile.starts[r];
      addTerms(run);
      run.b += tile.terms * tile.depth;
      run.packed += tile.terms * kVectors * V::kLanes;
    }
  } else {
    addTerms(tile);
  }
  const V alpha(tile.alpha), beta(tile.beta);
  switch (tile.join) {
    case Join::kReplace:
      return joinTile(tile, sum, [&](V x, const auto& c) { return joined(x, alpha, beta, Join::kReplace, c); });
    case Join::kScale:
      return joinTile(tile, sum, [&](V x, const auto& c) { return joined(x, alpha, beta, Join::kScale, c); });
    case Join::kAdd:
      return joinTile(tile, sum, [&](V x, const auto& c) { return joined(x, alpha, beta, Join::kAdd, c); });
  }
}

// A tile of few rows can be wider in the same registers; eight chains are enough to keep the multipliers busy.
template <size_t kRows>
constexpr size_t kWideVectors = least(kTileRows / kRows * kTileVectors, 8);

template <class T>
using TileFunction = void (*)(const Tile<T>&);

// A tile one vector wide can be higher in the same registers.
constexpr size_t kSlimRows = 2 * kTileRows;

// By the number of rows, from 1 to kTileRows.
template <class T>
struct TilesOfHeights {
  TileFunction<T> packing[kTileRows];
  TileFunction<T> narrow[kTileRows];
  TileFunction<T> wide[kTileRows];
};
template <class T>
struct Tiles {
  TilesOfHeights<T> inOneRun, inRuns;
  TileFunction<T> slimInRuns[kSlimRows];
  size_t wideVectors[kTileRows];
};
template <class T, bool kInRuns, size_t... K>
constexpr TilesOfHeights<T> makeTilesOfHeights(Indices<K...>) {
  return {{&multiplyTile<T, K + 1, kTileVectors, true, kInRuns>...},
          {&multiplyTile<T, K + 1, kTileVectors, false, kInRuns>...},
          {&multiplyTile<T, K + 1, kWideVectors<K + 1>, false, kInRuns>...}};
}
template <class T, size_t... K, size_t... S>
constexpr Tiles<T> makeTiles(Indices<K...> heights, Indices<S...>) {
  return {makeTilesOfHeights<T, false>(heights),
          makeTilesOfHeights<T, true>(heights),
          {&multiplyTile<T, S + 1, 1, false, true>...},
          {kWideVectors<K + 1>...}};
}
template <class T>
constexpr Tiles<T> kTiles = makeTiles<T>(typename MakeIndices<kTileRows>::Type(),
                                         typename MakeIndices<kSlimRows>::Type());

}  // namespace
}  // namespace lockstep
