#pragma once
// The tile of C that stays in registers, BLIS's micro-kernel: mr = kTileRows rows of kTileVectors vectors, nr columns.
//
//                       panel of B
//                      +----------+
//             term p   |  vectors |  b.start + p * b.term
//                      +----------+
//   panel of A  term p
//                 +-+  +----------+
//    a.start      |x|  |          |
//    + i * a.row  |x|  |   sum    |  sum[i][j] += A[i][p] B[p][j], one chain of fused multiply-adds
//    + p * a.term |x|  |          |
//                 +-+  +----------+

#include "../simd/indices.h"
#include "../simd/simd.h"
#include "../sizes.h"

namespace lockstep {
namespace {

template <class T>
constexpr size_t kTileColumns = (kTileVectors * Vec<T>::kLanes);

// Where panels are, packed or not. Convolutions have terms in `runs` runs of `terms` each, and gemm in one. Term p of run r is
// at a.start + a.runs[r] + p * a.term for the first row of A, and at b.start + (r * terms + p) * b.term for B.
constexpr size_t kOneRun[] = {0};
template <class T>
struct TileOfA {
  const T* start;
  size_t row = 1, term = 1;
  const size_t* runs = kOneRun;
};
template <class T>
struct TileOfB {
  const T* start;
  size_t term;
  T* packed = nullptr;  // where a packing tile leaves the panel that it reads
};
// C = alpha sum + beta C, for as many `columns` of the tile as C has. Where beta = 0, C is not read.
template <class T>
struct TileOfC {
  T* start;
  size_t row, columns;
  T alpha, beta;
};
template <class T>
struct Tile {
  TileOfA<T> a;
  TileOfB<T> b;
  TileOfC<T> c;
  size_t terms, runs = 1;
};

// alpha sum + beta c(): c() loads what is there, and is called only where beta is not 0.
template <class V, class C>
inline V joined(V sum, V alpha, typename V::Element beta, const C& c) {
  return beta == 0 ? alpha * sum : fma(alpha, sum, V(beta) * c());
}

// For a tile that is wider than what there is of C, out of memory: `width` sums to a row. One function for all sizes of tiles.
template <class T>
[[gnu::noinline]] void joinPart(const TileOfC<T>& c, const T* sums, size_t rows, size_t width) {
  using V = Vec<T>;
  for (size_t i = 0; i < c.columns; i += V::kLanes) {
    const size_t count = least(c.columns - i, V::kLanes);
    for (size_t r = 0; r < rows; ++r) {
      T* const at = c.start + r * c.row + i;
      joined(V::load(sums + r * width + i), V(c.alpha), c.beta, [&] {
        return V::loadPart(at, count);
      }).storePart(at, count);
    }
  }
}

template <class T, size_t kRows, size_t kVectors>
inline void joinTile(const TileOfC<T>& c, Vec<T> (&sum)[kRows][kVectors]) {
  using V = Vec<T>;
  constexpr size_t kLanes = V::kLanes, kColumns = kVectors * kLanes;
  if (c.columns < kColumns) {
    T sums[kRows * kColumns];
#pragma GCC unroll 32
    for (size_t r = 0; r < kRows; ++r) {
#pragma GCC unroll 16
      for (size_t v = 0; v < kVectors; ++v) sum[r][v].store(sums + r * kColumns + v * kLanes);
    }
    return joinPart(c, sums, kRows, kColumns);
  }
  const V alpha(c.alpha), beta(c.beta);
  // All is read before anything is written: where rows are pages apart, a load that follows the store to another row waits for
  // it, for the last twelve bits of their addresses are the same.
  T* row = c.start;
#pragma GCC unroll 32
  for (size_t r = 0; r < kRows; ++r, row += c.row) {
#pragma GCC unroll 16
    for (size_t v = 0; v < kVectors; ++v) {
      sum[r][v] = c.beta == 0 ? alpha * sum[r][v] : fma(alpha, sum[r][v], beta * V::load(row + v * kLanes));
    }
  }
  row = c.start;
#pragma GCC unroll 32
  for (size_t r = 0; r < kRows; ++r, row += c.row) {
#pragma GCC unroll 16
    for (size_t v = 0; v < kVectors; ++v) sum[r][v].store(row + v * kLanes);
  }
}

// A packing tile stores the vectors of B as it uses them: the tiles below it then read a packed panel, and no pass was spent
// on packing. Only for panels as wide as the tile.
template <class T, size_t kRows, size_t kVectors, bool kPacks>
void multiplyTile(const Tile<T>& tile) {
  using V = Vec<T>;
  constexpr size_t kLanes = V::kLanes, kColumns = kVectors * kLanes;
  // Rows of B are too far apart for the hardware to foresee the next one.
  constexpr size_t kTermsAhead = 8;
  // Three rows to a pointer: x86 addresses them by the pointer and the step, or twice the step.
  constexpr size_t kGroups = (kRows + 2) / 3;
  const size_t rowStep = tile.a.row, termStepA = tile.a.term, termStepB = tile.b.term, terms = tile.terms;
  V sum[kRows][kVectors];
#pragma GCC unroll 32
  for (size_t r = 0; r < kRows; ++r) {
    // C is needed when the sums are done: ask for it now, for both ends of a row may be on lines of their own.
    __builtin_prefetch(tile.c.start + r * tile.c.row);
    __builtin_prefetch(tile.c.start + r * tile.c.row + kColumns - 1);
#pragma GCC unroll 16
    for (size_t v = 0; v < kVectors; ++v) sum[r][v] = V(T(0));
  }
  const T* b = tile.b.start;
  T* packed = tile.b.packed;
  for (size_t run = 0; run < tile.runs; ++run) {
    const T* a[kGroups];
#pragma GCC unroll 16
    for (size_t g = 0; g < kGroups; ++g) a[g] = tile.a.start + tile.a.runs[run] + 3 * g * rowStep;
#pragma GCC unroll kTileUnroll
    for (size_t p = 0; p < terms; ++p) {
      V row[kVectors];
#pragma GCC unroll 16
      for (size_t v = 0; v < kVectors; ++v) row[v] = V::load(b + v * kLanes);
      if constexpr (kPacks) {
        __builtin_prefetch(b + kTermsAhead * termStepB);
        __builtin_prefetch(b + kTermsAhead * termStepB + kColumns - 1);
#pragma GCC unroll 16
        for (size_t v = 0; v < kVectors; ++v) row[v].store(packed + v * kLanes);
        packed += kColumns;
      }
#pragma GCC unroll 32
      for (size_t r = 0; r < kRows; ++r) {
        const V factor(a[r / 3][r % 3 * rowStep]);
#pragma GCC unroll 16
        for (size_t v = 0; v < kVectors; ++v) sum[r][v] = fma(factor, row[v], sum[r][v]);
      }
#pragma GCC unroll 16
      for (size_t g = 0; g < kGroups; ++g) a[g] += termStepA;
      b += termStepB;
    }
  }
  joinTile(tile.c, sum);
}

// A tile of few rows can be wider in the same registers. More than eight vectors are no faster: eight chains keep the
// multipliers busy.
template <size_t kRows>
constexpr size_t kWideVectors = least(kTileRows* kTileVectors / kRows, 8);

// A tile one vector wide can be higher in the same registers.
constexpr size_t kSlimRows = 2 * kTileRows;

template <class T>
using TileFunction = void (*)(const Tile<T>&);

// Tiles of 1, 2, ... rows.
template <class T>
struct Tiles {
  TileFunction<T> packing[kTileRows], narrow[kTileRows];  // of kTileColumns
  TileFunction<T> wide[kTileRows];                        // of wideVectors
  TileFunction<T> slim[kSlimRows];                        // of one vector
  size_t wideVectors[kTileRows];
};
template <class T, size_t... K, size_t... S>
constexpr Tiles<T> makeTiles(Indices<K...>, Indices<S...>) {
  return {{&multiplyTile<T, K + 1, kTileVectors, true>...},
          {&multiplyTile<T, K + 1, kTileVectors, false>...},
          {&multiplyTile<T, K + 1, kWideVectors<K + 1>, false>...},
          {&multiplyTile<T, S + 1, 1, false>...},
          {kWideVectors<K + 1>...}};
}
template <class T>
constexpr Tiles<T> kTiles = makeTiles<T>(typename MakeIndices<kTileRows>::Type(),
                                         typename MakeIndices<kSlimRows>::Type());

// Those of `width` columns.
template <class T>
inline const TileFunction<T>* tilesOf(size_t width, bool packs) {
  if (width == kTileColumns<T>) return packs ? kTiles<T>.packing : kTiles<T>.narrow;
  return width == Vec<T>::kLanes ? kTiles<T>.slim : kTiles<T>.wide;
}

}  // namespace
}  // namespace lockstep
