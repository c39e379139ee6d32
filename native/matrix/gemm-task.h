#pragma once
// One task of a product, on one thread: what BLIS calls the macro-kernel, and the loops around it. gemm.h explains the words.

#include "../simd/simd.h"
#include "../sizes.h"
#include "gemm-epilogue.h"
#include "gemm-pack.h"
#include "gemm-row.h"
#include "gemm-tile.h"
#include "parts.h"

namespace lockstep {
namespace {

// The most terms of a block, BLIS's kc: a panel of B is then 16 KB with AVX2, and 32 KB with AVX-512. The order of the
// additions, and so the bits, depend on it. A panel that the first-level cache does not hold comes from the second at 9 bytes a
// cycle; half as many terms were 1 to 5 % slower on 48 KB, for C goes by twice as often.
constexpr size_t kBlockTerms = 256;

// Panels to a block of A of at most 192 rows, BLIS's mc: 192 KB of floats. Two and three times as many were within 1 % on 1 MB
// of second-level cache, so the machine's is not asked for.
constexpr size_t kBlockPanels = 192 / kTileRows;

// B is read where it is by so few panels of A, and a transposed A by so few panels of B: packing would cost more.
constexpr size_t kInPlacePanels = 2;

// Terms, each on a line of its own, of a panel of a transposed A that stay in the first-level cache beside a panel of B.
constexpr size_t kInPlaceTerms = 64;

// Rows whose distance is a multiple of this fall on so few sets of the caches that they push each other out.
constexpr size_t kAliasingBytes = 2048;

// Elements from one product of a batch to the next.
struct Strides {
  size_t a, b, c;
};

// C = alpha op(A) op(B) + beta C, and the epilogue: `a` has m rows, `b` n columns, of k terms.
template <class T>
struct Product {
  size_t m, n, k;
  Side<T> a, b;
  T* c;
  size_t ldc;
  T alpha, beta;
  Epilogue<T> epilogue;
  // Whether A is packed, and how many rows of it may be read from `a` on: in a part of a product as in the whole.
  bool packsA = isWorthPackingA();
  size_t readable = m;

  Parts termBlocks() const { return Parts(k, kBlockTerms); }

  // From here on the product `items` further in its batch.
  void skip(size_t items, Strides strides) {
    a.start += items * strides.a;
    b.start += items * strides.b;
    c += items * strides.c;
  }

  // The product `item` of a batch whose first one this is.
  Product at(size_t item, Strides strides) const {
    Product product = *this;
    product.skip(item, strides);
    return product;
  }

  // The product of these rows and columns alone.
  Product part(size_t row, size_t rows, size_t column, size_t columns) const {
    Product product = *this;
    product.m = rows;
    product.n = columns;
    product.a.start = a.at(row, 0);
    product.b.start = b.at(column, 0);
    product.c += row * ldc + column;
    if (epilogue.bias != nullptr) product.epilogue.bias += column;
    product.readable -= row;
    return product;
  }

 private:
  // A is read where it is, unless a panel's elements come from too many lines of the cache, or from lines in each other's way.
  bool isWorthPackingA() const {
    if (a.step == 1) return k > kInPlaceTerms || n > kInPlacePanels * kTileColumns<T>;
    return a.step * sizeof(T) % kAliasingBytes == 0 && m > 64 && n > 64;
  }
};

template <class T>
struct Task {
  static constexpr size_t kLanes = Vec<T>::kLanes, kColumns = kTileColumns<T>;
  Product<T> g;                 // the task's rows and columns alone
  T *packedB, *packedA;         // memory, as much as Grid says
  Parts terms, panels, blocks;  // k in blocks of terms, rows in panels of A, these in blocks of A
  size_t wide;                  // columns of a wide tile

  Task(const Product<T>& product, T* memoryB, T* memoryA)
      : g(product),
        packedB(memoryB),
        packedA(memoryA),
        terms(g.termBlocks()),
        panels(g.m, kTileRows),
        blocks(panels.count, kBlockPanels),
        wide(kTiles<T>.wideVectors[panels.size(0) - 1] * kLanes) {}

  void run() const {
    if (kLanes > 1 && g.m == 1 && g.b.term == 1 && least(g.n, g.k) >= kLanes) {
      multiplyTurnedRow(g.a, g.b, g.k, terms, TileOfC<T>{g.c, 0, g.n, g.alpha, g.beta});
      return g.epilogue.apply(g.c, g.ldc, 1, 0, g.n);
    }
    for (size_t t = 0; t < terms.count; ++t) {
      for (size_t i = 0; i < blocks.count; ++i) multiplyBlock(blockAt(i, t));
    }
  }

 private:
  // A block of A: panels [first, last), which start at `row`, of block of terms t, which are `terms` from `term` on.
  struct Block {
    size_t first, last, row, t, term, terms;
  };

  Block blockAt(size_t i, size_t t) const {
    const size_t first = blocks.start(i);
    return {first, blocks.start(i + 1), panels.start(first), t, terms.start(t), terms.size(t)};
  }

  // A panel of B: `columns` of the `width` that its tiles have.
  struct Panel {
    size_t column, columns, width;
    bool inPlace;
  };

  void multiplyBlock(const Block& block) const {
    if (g.packsA) packBlock(block);
    if (g.m == 1 && g.b.step == 1) {
      multiplyRow(
          Tile<T>{panelOfA(block, 0), {g.b.at(0, block.term), g.b.term}, partOfC(block, 0, 0, g.n), block.terms});
      return finish(block, 0, g.n);
    }
    size_t width;
    for (size_t column = 0; column < g.n; column += width) {
      const size_t left = g.n - column;
      const bool inPlace = g.b.step == 1 && panels.count <= kInPlacePanels && left >= kColumns;
      const bool isWide = inPlace && panels.count == 1 && left >= wide;
      width = isWide ? wide : left <= kLanes ? kLanes : kColumns;
      multiplyPanel(block, Panel{column, least(left, width), width, inPlace});
    }
  }

  // The first block of A packs the panel for the others, where it can in passing: by a tile.
  void multiplyPanel(const Block& block, const Panel& p) const {
    const T* const b = g.b.at(p.column, block.term);
    // Where there is one block of A alone, every panel takes the place of the one before.
    T* const packed = packedB + (blocks.count > 1 ? p.column * block.terms : 0);
    bool packs = block.first == 0 && !p.inPlace && g.b.step == 1 && p.columns == kColumns;
    if (block.first == 0 && !p.inPlace && !packs) {
      packPanel(Side<T>{b, g.b.step, g.b.term}, p.columns, g.n - p.column, p.width, block.terms, packed);
    }
    Tile<T> tile;
    tile.b = packs || p.inPlace ? TileOfB<T>{b, g.b.term, packed} : TileOfB<T>{packed, p.width};
    tile.terms = block.terms;
    for (size_t panel = block.first; panel < block.last; ++panel) {
      // Rows of A come from memory while the first panel of B goes by, as streams that end before the hardware foresees them.
      if (p.column == 0 && !g.packsA && g.a.term == 1 && panel + 1 < block.last) {
        const T* const next = g.a.at(panels.start(panel + 1), block.term);
        prefetchTerms(Side<T>{next, g.a.step, 1}, panels.size(panel + 1), block.terms);
      }
      tile.a = panelOfA(block, panel);
      tile.c = partOfC(block, panel, p.column, p.columns);
      tilesOf<T>(p.width, packs)[panels.size(panel) - 1](tile);
      if (packs) tile.b = {packed, p.width};
      packs = false;
    }
    finish(block, p.column, p.columns);
  }

  TileOfA<T> panelOfA(const Block& block, size_t panel) const {
    const size_t row = panels.start(panel);
    if (g.packsA) return {packedA + (row - block.row) * block.terms, 1, panels.size(panel)};
    return {g.a.at(row, block.term), g.a.step, g.a.term};
  }

  TileOfC<T> partOfC(const Block& block, size_t panel, size_t column, size_t columns) const {
    return {g.c + panels.start(panel) * g.ldc + column, g.ldc, columns, g.alpha, block.t > 0 ? T(1) : g.beta};
  }

  // After the last block of terms, while these rows and columns of C are in the cache.
  void finish(const Block& block, size_t column, size_t columns) const {
    if (block.t + 1 < terms.count) return;
    g.epilogue.apply(g.c + block.row * g.ldc + column, g.ldc, panels.start(block.last) - block.row, column, columns);
  }

  void packBlock(const Block& block) const {
    T* to = packedA;
    for (size_t panel = block.first; panel < block.last; ++panel) {
      const size_t row = panels.start(panel), height = panels.size(panel);
      packPanel(Side<T>{g.a.at(row, block.term), g.a.step, g.a.term}, height, g.readable - row, height, block.terms,
                to);
      to += height * block.terms;
    }
  }
};

}  // namespace
}  // namespace lockstep
