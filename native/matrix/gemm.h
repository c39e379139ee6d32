#pragma once
// C = alpha op(A) op(B) + beta C, then a bias and an activation. After Goto & van de Geijn 2008,
// https://doi.org/10.1145/1356052.1356053: a tile of C stays in registers, a panel of B in the first-level cache, a block
// of A in the second. Mirror: src/backend/typescript/matrix/gemm.ts.
//
// Every element of C is one chain of fused multiply-adds over each block of terms, and the blocks are added in order.
// Tile sizes, packing and threads differ between targets; the blocks depend on k alone, hence the same bits.

#include "../parallel.h"
#include "../simd/simd.h"
#include "../sizes.h"
#include "gemm-arguments.h"
#include "gemm-epilogue.h"
#include "gemm-pack.h"
#include "gemm-row.h"
#include "gemm-tile.h"
#include "tasks.h"

namespace lockstep {
namespace {

// The most terms of a block: a panel of B then takes half of a first-level cache of 32 KB.
constexpr size_t kDepth = 256;

// Rows of A that stay in the second-level cache while the columns of B go by, and columns of B that stay packed while
// the blocks of rows go by.
constexpr size_t kBlockPanels = 192 / kTileRows;
constexpr size_t kKeptColumns = 3072;

// Multiply-adds below which waking the other threads costs more than it saves.
constexpr size_t kParallelWork = 1 << 20;

// Panels of columns below which a task is not worth packing the rows of A once more.
constexpr size_t kTaskPanels = 8;

// Panels up to which what they are multiplied by is not used often enough to be worth packing.
constexpr size_t kDirectPanels = 2;

// Lines of a transposed A that stay in the first-level cache beside a panel of B.
constexpr size_t kDirectTerms = 64;

// `things` in as few parts of at most `most` as there must be, whose sizes differ by one at the most.
struct Parts {
  size_t count, size_, larger;
  Parts(size_t things, size_t most) : count(quotientUp(things, most)), size_(things / count), larger(things % count) {}
  size_t start(size_t part) const { return part * size_ + least(part, larger); }
  size_t size(size_t part) const { return size_ + (part < larger ? 1 : 0); }
};

// Rows whose distance is a multiple of this fall on so few sets of the caches that they push each other out.
constexpr size_t kAliasingBytes = 2048;

// Steps from one product of a batch to the next.
struct Strides {
  size_t a, b, c;
};

template <class T>
struct Product {
  size_t m, n, k;
  Side<T> a, b;
  T* c;
  size_t ldc;
  T alpha, beta;
  Epilogue<T> epilogue;

  static constexpr size_t kColumns = kTileVectors * Vec<T>::kLanes;

  Parts depth() const { return Parts(k, kDepth); }

  Product at(size_t item, Strides strides) const {
    Product product = *this;
    product.a.start += item * strides.a;
    product.b.start += item * strides.b;
    product.c += item * strides.c;
    return product;
  }

  // A panel of A is read where it is, unless its elements come from too many lines, or from lines in each other's way.
  bool packsA() const {
    if (a.step == 1) return k > kDirectTerms || n > kDirectPanels * kColumns;
    return a.step * sizeof(T) % kAliasingBytes == 0 && m > 64 && n > 64;
  }
};

// Where a task packs.
template <class T>
struct Workspace {
  T* b;
  T* a;
};

// A range of rows and columns of C.
struct Region {
  size_t row, rows, column, columns;

  size_t endColumn() const { return column + columns; }
};

template <class T>
struct Task {
  static constexpr size_t kColumns = Product<T>::kColumns;
  const Product<T>& g;
  Region region;
  Workspace<T> workspace;
  bool packsA;
  Parts depth, panels, blocks;  // terms, rows in tiles, tiles in blocks
  size_t wide;                  // columns of a wide tile

  Task(const Product<T>& product, Region where, Workspace<T> memory)
      : g(product),
        region(where),
        workspace(memory),
        packsA(product.packsA()),
        depth(product.depth()),
        panels(where.rows, kTileRows),
        blocks(panels.count, kBlockPanels),
        wide(kTiles<T>.wideVectors[panels.size(0) - 1] * Vec<T>::kLanes) {}

  void run() const {
    for (size_t d = 0; d < depth.count; ++d) {
      for (size_t block = 0; block < blocks.count; ++block) multiplyBlock(block, d);
    }
  }

 private:
  void multiplyBlock(size_t block, size_t d) const {
    const size_t first = blocks.start(block), last = blocks.start(block + 1);
    if (packsA) packRows(first, last, d);
    if (region.rows == 1 && g.b.step == 1) {
      return multiplyPanel(first, last, d, Panel{region.column, region.columns, region.columns, true});
    }
    size_t width;
    for (size_t column = region.column; column < region.endColumn(); column += width) {
      const size_t left = region.endColumn() - column;
      const bool inPlace = g.b.step == 1 && panels.count <= kDirectPanels && left >= kColumns;
      const bool isWide = inPlace && panels.count == 1 && left >= wide;
      width = isWide ? wide : left <= Vec<T>::kLanes ? Vec<T>::kLanes : kColumns;
      multiplyPanel(first, last, d, Panel{column, width, least(left, width), inPlace});
    }
  }

  // Columns of B: `columns` of the `width` that a tile has. Read where they are, or from where they are packed.
  struct Panel {
    size_t column, width, columns;
    bool inPlace;
  };

  void multiplyPanel(size_t first, size_t last, size_t d, Panel p) const {
    const size_t term = depth.start(d), terms = depth.size(d);
    const T* const b = g.b.at(p.column, term);
    // Where only one block of rows needs it, the next panel takes its place.
    T* const packedB = workspace.b + (blocks.count > 1 ? (p.column - region.column) * terms : 0);
    const bool tilePacks = g.b.step == 1 && p.columns == kColumns;
    if (first == 0 && !p.inPlace && !tilePacks) {
      packPanel(Side<T>{b, g.b.step, g.b.depth}, p.columns, g.n - p.column, p.width, terms, packedB);
    }
    const size_t firstRow = region.row + panels.start(first);
    for (size_t panel = first; panel < last; ++panel) {
      const size_t row = region.row + panels.start(panel), height = panels.size(panel);
      const bool packs = panel == 0 && tilePacks && !p.inPlace;
      Tile<T> tile;
      tile.terms = terms;
      if (packsA) {
        tile.a = {workspace.a + (row - firstRow) * terms, 1, height};
      } else {
        tile.a = {g.a.at(row, term), g.a.step, g.a.depth};
      }
      if (packs || p.inPlace) {
        tile.b = {b, g.b.depth, packedB};
      } else {
        tile.b = {packedB, p.width};
      }
      tile.c = {g.c + row * g.ldc + p.column, g.ldc, p.columns, g.alpha, d > 0 ? T(1) : g.beta};
      // The first panel of columns meets rows of A that no cache may have, and in six streams that soon end.
      if (p.column == region.column && !packsA && g.a.depth == 1 && panel + 1 < last) {
        prefetchTerms(Side<T>{g.a.at(row + height, term), g.a.step, 1}, panels.size(panel + 1), terms);
      }
      if (region.rows == 1 && p.inPlace) {
        multiplyRow(tile);
        continue;
      }
      tilesFor(p.width, packs)[height - 1](tile);
    }
    // While this part of C is in the cache.
    if (d + 1 == depth.count) {
      const size_t rows = region.row + panels.start(last) - firstRow;
      g.epilogue.apply(g.c + firstRow * g.ldc + p.column, g.ldc, rows, p.column, p.columns);
    }
  }

  static const TileFunction<T>* tilesFor(size_t width, bool packs) {
    if (width == kColumns) return packs ? kTiles<T>.packing : kTiles<T>.narrow;
    return width == Vec<T>::kLanes ? kTiles<T>.slim : kTiles<T>.wide;
  }

  void packRows(size_t first, size_t last, size_t d) const {
    const size_t term = depth.start(d), terms = depth.size(d);
    T* to = workspace.a;
    for (size_t panel = first; panel < last; ++panel) {
      const size_t row = region.row + panels.start(panel), height = panels.size(panel);
      packPanel(Side<T>{g.a.at(row, term), g.a.step, g.a.depth}, height, g.m - row, height, terms, to);
      to += height * terms;
    }
  }
};

// How the tiles of C are dealt out to `wanted` tasks.
template <class T>
struct Grid {
  static constexpr size_t kColumns = Product<T>::kColumns;
  Parts columns, rows;  // in panels
  size_t workspaceB, workspaceA;

  Grid(const Product<T>& g, size_t wanted)
      : columns(quotientUp(g.n, kColumns), columnsOfTask(g, wanted)),
        rows(quotientUp(g.m, kTileRows), quotientUp(quotientUp(g.m, kTileRows), quotientUp(wanted, columns.count))) {
    const size_t terms = g.depth().size(0);
    const size_t kept = rows.size(0) > kBlockPanels ? columns.size(0) : 1;
    workspaceB = kept * kColumns * terms;
    workspaceA = (g.packsA() ? least(rows.size(0), kBlockPanels) * kTileRows * terms : 0) + Vec<T>::kLanes;
  }

  size_t tasks() const { return columns.count * rows.count; }
  size_t bytes() const { return roundUp((workspaceB + workspaceA) * sizeof(T), kAlignment); }

  void run(const Product<T>& g, size_t task, void* memory) const {
    const size_t i = task % rows.count, j = task / rows.count;
    const size_t row = rows.start(i) * kTileRows, column = columns.start(j) * kColumns;
    T* const b = static_cast<T*>(memory);
    const Region region{row, least(g.m - row, rows.size(i) * kTileRows), column,
                        least(g.n - column, columns.size(j) * kColumns)};
    Task<T>(g, region, {b, b + workspaceB}).run();
  }

 private:
  // Every task reads all of its rows of A and columns of B: of the ways to deal C out, the one that reads least.
  static size_t columnsOfTask(const Product<T>& g, size_t wanted) {
    const size_t panels = quotientUp(g.n, kColumns), rowPanels = quotientUp(g.m, kTileRows);
    const size_t most = least(wanted, quotientUp(panels, kTaskPanels));
    size_t parts = most, cost = SIZE_MAX;
    for (size_t p = most; p > 0; --p) {
      const size_t rowParts = least(quotientUp(wanted, p), rowPanels), reads = p * g.m + rowParts * g.n;
      if (p * rowParts < least(wanted, most * rowPanels) || reads >= cost) continue;
      parts = p;
      cost = reads;
    }
    return least(quotientUp(panels, parts), kKeptColumns / kColumns);
  }
};

// Tasks to a thread: few, for each packs for itself, and more than one, for threads are not equally fast.
constexpr size_t kTasksPerThread = 2;

// Into how many tasks `work` multiply-adds may be dealt out.
inline size_t mostTasks(size_t work, const Parallel& parallel) {
  return parallel.threads == 1 || work < kParallelWork ? 1 : kTasksPerThread * parallel.threads;
}

// `batch` products of one kind, the first of which is `g`.
template <class T>
inline void multiply(const Product<T>& g, size_t batch, Strides strides, const Parallel& parallel) {
  // A tile of few rows or columns takes as long as one of eight.
  const size_t rows = g.m < 8 ? 8 : g.m, columns = g.n < 8 ? 8 : g.n;
  const size_t work = area(area(area(rows, columns), g.k), batch);
  const size_t most = mostTasks(work, parallel);
  const Parts groups(batch, quotientUp(batch, most));
  const Grid<T> grid(g, quotientUp(most, groups.count));
  const size_t tasks = groups.count * grid.tasks(), workers = least(tasks, most);
  char* const memory = static_cast<char*>(parallel.scratch(parallel, area(workers, grid.bytes())));
  if (memory == nullptr) return;
  forTasksUnless(workers == 1, parallel, workers, [&](size_t worker) {
    for (size_t task = worker; task < tasks; task += workers) {
      const size_t group = task % groups.count;
      for (size_t item = groups.start(group); item < groups.start(group + 1); ++item) {
        grid.run(g.at(item, strides), task / groups.count, memory + worker * grid.bytes());
      }
    }
  });
}

// What is left of C where nothing is added to it: beta C, and the epilogue.
template <class T>
inline void scaleMatrix(const Product<T>& g, const Parallel& parallel) {
  forRanges(parallel, g.m, rowGrain(g.n), [&](size_t begin, size_t end) {
    for (size_t r = begin; r < end; ++r) {
      T* const row = g.c + r * g.ldc;
      for (size_t i = 0; i < g.n; ++i) row[i] = g.beta == 0 ? T(0) : g.beta * row[i];
      g.epilogue.apply(row, g.ldc, 1, 0, g.n);
    }
  });
}

template <class T>
inline void multiplyOrScale(const args::Multiplication<T>& g, size_t batch, Strides strides,
                            const Epilogue<T>& epilogue, const Parallel& parallel) {
  if (g.m == 0 || g.n == 0 || batch == 0) return;
  const Side<T> a = g.transA ? Side<T>{g.a, 1, g.lda} : Side<T>{g.a, g.lda, 1};
  const Side<T> b = g.transB ? Side<T>{g.b, g.ldb, 1} : Side<T>{g.b, 1, g.ldb};
  const T alpha = static_cast<T>(g.alpha), beta = static_cast<T>(g.beta);
  const size_t terms = g.alpha == 0 ? 0 : g.k;
  // A column is multiplied as the row that it is in memory: vectors lie along rows.
  const bool isColumn = g.n == 1 && g.ldc == 1 && epilogue.bias == nullptr;
  const Product<T> product = isColumn ? Product<T>{1, g.m, terms, b, a, g.c, g.m, alpha, beta, epilogue}
                                      : Product<T>{g.m, g.n, terms, a, b, g.c, g.ldc, alpha, beta, epilogue};
  if (isColumn) strides = {strides.b, strides.a, strides.c};
  if (terms > 0) return multiply(product, batch, strides, parallel);
  for (size_t item = 0; item < batch; ++item) scaleMatrix(product.at(item, strides), parallel);
}

template <class T>
void gemm(const args::Gemm<T>& g, const Parallel& parallel) {
  multiplyOrScale<T>(g, 1, {0, 0, 0}, {g.biased ? g.bias : nullptr, g.activation}, parallel);
}

template <class T>
void gemmBatched(const args::GemmBatched<T>& g, const Parallel& parallel) {
  multiplyOrScale<T>(g, g.batch, {g.strideA, g.strideB, g.strideC}, {nullptr, 0}, parallel);
}

}  // namespace
}  // namespace lockstep
