#pragma once
// The tile of C that stays in registers. In namespace lockstep, of every target.

// How the product of a block of terms joins C.
template <class T>
struct Join {
  T alpha, beta;
  bool first;  // the first block of terms applies beta, and does not read C where beta is zero

  template <class V>
  V operator()(V product, const T* c) const {
    if (!first) return fma(V(alpha), product, V::load(c));
    if (beta == 0) return V(alpha) * product;
    return fma(V(alpha), product, V(beta) * V::load(c));
  }
};

template <class T>
struct Tile {
  const T* a;  // a[p * rows + r]: the panel of A, as high as the tile
  const T* b;  // b[p * bStep + i]
  size_t bStep;
  T* c;  // c[r * ldc + i]
  size_t ldc, terms;
  size_t columns;  // of C that exist, at most as many as the tile is wide
  Join<T> join;
};

// kRows x kVectors vectors: one chain of fused multiply-adds for every element.
template <class T, size_t kRows, size_t kVectors>
void multiplyTile(const Tile<T>& tile) {
  using V = Vec<T>;
  constexpr size_t kColumns = kVectors * V::kLanes;
  V sum[kRows][kVectors];
#pragma GCC unroll 16
  for (size_t r = 0; r < kRows; ++r) {
    // C is needed when the sums are done: ask for it now.
    __builtin_prefetch(tile.c + r * tile.ldc);
#pragma GCC unroll 16
    for (size_t v = 0; v < kVectors; ++v) sum[r][v] = V(T(0));
  }
  const T* a = tile.a;
  const T* b = tile.b;
  for (size_t p = 0; p < tile.terms; ++p, a += kRows, b += tile.bStep) {
    V row[kVectors];
#pragma GCC unroll 16
    for (size_t v = 0; v < kVectors; ++v) row[v] = V::load(b + v * V::kLanes);
#pragma GCC unroll 16
    for (size_t r = 0; r < kRows; ++r) {
      const V factor(a[r]);
#pragma GCC unroll 16
      for (size_t v = 0; v < kVectors; ++v) sum[r][v] = fma(factor, row[v], sum[r][v]);
    }
  }
  if (tile.columns == kColumns) {
#pragma GCC unroll 16
    for (size_t r = 0; r < kRows; ++r) {
#pragma GCC unroll 16
      for (size_t v = 0; v < kVectors; ++v) {
        T* at = tile.c + r * tile.ldc + v * V::kLanes;
        tile.join(sum[r][v], at).store(at);
      }
    }
    return;
  }
  T edge[kRows][kColumns];
#pragma GCC unroll 16
  for (size_t r = 0; r < kRows; ++r) {
#pragma GCC unroll 16
    for (size_t v = 0; v < kVectors; ++v) sum[r][v].store(edge[r] + v * V::kLanes);
  }
  for (size_t r = 0; r < kRows; ++r) {
    T* c = tile.c + r * tile.ldc;
    for (size_t i = 0; i < tile.columns; ++i) tile.join(Lane<T>(edge[r][i]), c + i).store(c + i);
  }
}

// A tile of few rows can be wider in the same registers; eight chains are enough to keep the multipliers busy.
template <size_t kRows>
constexpr size_t kWideVectors = kTileRows / kRows* kTileVectors < 8 ? kTileRows / kRows* kTileVectors : 8;

template <class T>
using TileFunction = void (*)(const Tile<T>&);

// By the number of rows, from 1 to kTileRows.
template <class T>
struct Tiles {
  TileFunction<T> narrow[kTileRows];
  TileFunction<T> wide[kTileRows];
  size_t wideVectors[kTileRows];
};
template <class T, size_t... K>
constexpr Tiles<T> makeTiles(Indices<K...>) {
  return {{&multiplyTile<T, K + 1, kTileVectors>...},
          {&multiplyTile<T, K + 1, kWideVectors<K + 1>>...},
          {kWideVectors<K + 1>...}};
}
template <class T>
constexpr Tiles<T> kTiles = makeTiles<T>(typename MakeIndices<kTileRows>::Type());
