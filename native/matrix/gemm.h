#pragma once
// C = alpha op(A) op(B) + beta C, after Goto & van de Geijn 2008, https://doi.org/10.1145/1356052.1356053:
// panels of A and B are packed, a tile of C stays in registers. Mirror: src/backend/typescript/matrix/gemm.ts.
//
// Every element of C is one chain of fused multiply-adds over each block of terms, and the blocks are added in order.
// Tile sizes, packing and threads differ between targets; the blocks depend on k alone, hence the same bits.
#include "gemm-pack.h"
#include "gemm-tile.h"

// The most terms of a block: a panel of B then fits the first-level cache beside a panel of A.
constexpr size_t kDepth = 384;

// Panels of A that stay in the second-level cache while the columns of B go by, and what is packed at once.
constexpr size_t kBlockPanels = 144 / kTileRows;
constexpr size_t kPackedRows = kBlockPanels * kTileRows * 8;
constexpr size_t kPackedColumns = 3072;

// Multiply-adds below which waking the other threads costs more than it saves.
constexpr size_t kParallelWork = 1 << 20;

// Row panels up to which a panel of B is not used often enough to be worth packing.
constexpr size_t kDirectPanels = 2;

inline size_t least(size_t x, size_t y) { return x < y ? x : y; }
inline size_t quotientUp(size_t x, size_t unit) { return (x + unit - 1) / unit; }

// `count` things in as few parts of at most `most` as there must be, whose sizes differ by one at the most.
struct Parts {
  size_t count, parts;
  Parts(size_t things, size_t most) : count(things), parts(quotientUp(things, most)) {}
  size_t start(size_t part) const { return part * (count / parts) + least(part, count % parts); }
  size_t size(size_t part) const { return start(part + 1) - start(part); }
};

// A block of C: what is packed of A, and the columns of B, packed or where they are.
template <class T>
struct Block {
  static constexpr size_t kColumns = kTileVectors * Vec<T>::kLanes;

  Parts rows;
  size_t columns, terms;
  const T* a;
  const T* b;       // packed panels of kColumns
  const T* direct;  // columns in rows that are ldb apart, or null: all are packed
  size_t ldb;
  T* c;
  size_t ldc;
  Join<T> join;

  // Full panels of columns that are read where they are.
  size_t directColumns() const { return direct == nullptr ? 0 : columns / kColumns * kColumns; }

  // Columns [begin, end) of the rows' panels [first, last).
  void multiply(size_t first, size_t last, size_t begin, size_t end) const {
    size_t width;
    for (size_t column = begin; column < end; column += width) {
      const bool inPlace = column < directColumns();
      const size_t wide = kTiles<T>.wideVectors[rows.size(first) - 1] * Vec<T>::kLanes;
      const bool isWide = inPlace && last - first == 1 && column + wide <= least(end, directColumns());
      width = isWide ? wide : kColumns;
      for (size_t panel = first; panel < last; ++panel) {
        const size_t row = rows.start(panel), height = rows.size(panel);
        const Tile<T> tile{a + row * terms,
                           inPlace ? direct + column : b + column * terms,
                           inPlace ? ldb : kColumns,
                           c + row * ldc + column,
                           ldc,
                           terms,
                           least(end - column, width),
                           join};
        (isWide ? kTiles<T>.wide : kTiles<T>.narrow)[height - 1](tile);
      }
    }
  }

  void multiply(const Parallel& parallel, bool alone) const {
    const size_t rowTasks = quotientUp(rows.parts, kBlockPanels);
    const size_t panels = quotientUp(columns, kColumns);
    const size_t columnTasks = alone ? 1 : least(panels, quotientUp(4 * parallel.threads, rowTasks));
    const Parts split(panels, quotientUp(panels, columnTasks));
    forTasksUnless(alone, parallel, rowTasks * split.parts, [&](size_t index) {
      const size_t first = index % rowTasks * kBlockPanels, part = index / rowTasks;
      multiply(first, least(first + kBlockPanels, rows.parts), split.start(part) * kColumns,
               least(split.start(part + 1) * kColumns, columns));
    });
  }
};

// beta C, which is all there is when alpha is zero or there is no term.
template <class T>
inline void scaleMatrix(const args::gemm<T>& g, const Parallel& parallel) {
  const T beta = static_cast<T>(g.beta);
  forRanges(parallel, g.m, rowGrain(g.n), [&](size_t begin, size_t end) {
    for (size_t r = begin; r < end; ++r) {
      T* row = g.c + r * g.ldc;
      for (size_t i = 0; i < g.n; ++i) row[i] = beta == 0 ? T(0) : beta * row[i];
    }
  });
}

template <class T>
void gemm(const args::gemm<T>& g, const Parallel& parallel) {
  constexpr size_t kColumns = Block<T>::kColumns;
  if (g.m == 0 || g.n == 0) return;
  if (g.k == 0 || g.alpha == 0) return scaleMatrix(g, parallel);

  const Parts depth(g.k, kDepth);
  const size_t mostTerms = depth.size(0), mostRows = least(g.m, kPackedRows);
  const size_t mostColumns = quotientUp(least(g.n, kPackedColumns), kColumns) * kColumns;
  T* const packedB = static_cast<T*>(parallel.scratch(parallel, (mostRows + mostColumns) * mostTerms * sizeof(T)));
  if (packedB == nullptr) return;
  T* const packedA = packedB + mostColumns * mostTerms;
  const bool alone = parallel.threads == 1 || area(area(g.m, g.n), g.k) < kParallelWork;
  const bool direct = !g.transB && quotientUp(g.m, kTileRows) <= kDirectPanels;

  for (size_t j = 0; j < g.n; j += kPackedColumns) {
    const size_t columns = least(g.n - j, kPackedColumns);
    for (size_t d = 0; d < depth.parts; ++d) {
      const size_t p = depth.start(d), terms = depth.size(d);
      for (size_t i = 0; i < g.m; i += kPackedRows) {
        const Parts rows(least(g.m - i, kPackedRows), kTileRows);
        const Join<T> join{static_cast<T>(g.alpha), static_cast<T>(g.beta), d == 0};
        const Block<T> block{
            rows,  columns, terms, packedA, packedB, direct ? g.b + p * g.ldb + j : nullptr, g.ldb, g.c + i * g.ldc + j,
            g.ldc, join};
        // B stays packed while the rows go by.
        const size_t firstB = block.directColumns() / kColumns;
        const size_t panelsB = i == 0 ? quotientUp(columns, kColumns) - firstB : 0;
        forTasksUnless(alone, parallel, rows.parts + panelsB, [&](size_t panel) {
          if (panel < rows.parts) {
            const size_t row = rows.start(panel), height = rows.size(panel);
            const Side<T> side = g.transA ? Side<T>{g.a + p * g.lda + i + row, 1, g.lda}
                                          : Side<T>{g.a + (i + row) * g.lda + p, g.lda, 1};
            packPanel(side, height, height, terms, packedA + row * terms);
          } else {
            const size_t column = (firstB + panel - rows.parts) * kColumns;
            const Side<T> side = g.transB ? Side<T>{g.b + (j + column) * g.ldb + p, g.ldb, 1}
                                          : Side<T>{g.b + p * g.ldb + j + column, 1, g.ldb};
            packPanel(side, least(columns - column, kColumns), kColumns, terms, packedB + column * terms);
          }
        });
        block.multiply(parallel, alone);
      }
    }
  }
}
