#pragma once
// C = alpha op(A) op(B) + beta C, then a bias and an activation. Mirror: src/backend/typescript/matrix/gemm.ts.
// Blocked as in Goto & van de Geijn 2008, https://doi.org/10.1145/1356052.1356053; in brackets the letters of BLIS.
//
//                                           op(B) k x n
//                                     +-----------------------------+
//                                     |         :         :         |
//                                     |---------+--+---+--+---------|
//                                     |         :  | b |  :         |  block of terms (kc)
//                                     |---------+--+---+--+---------|
//           op(A) m x k               |         :         :         |
//                                     +-----------------------------+
//   +-----------------------------+   +-----------------------------+
//   |         |         |         |   |         :         :         |
//   |.........+=========+.........|   |.........+=========+.........|
//   |         |  block  |         |   |         |         |         |
//   |         |---------|         |   |         |  +---+  |         |
//   |         |    a    |         |   |         |  | c |  |  task   |
//   |         |---------|         |   |         |  +---+  |         |
//   |         |  of A   |         |   |         |         |         |
//   |.........+=========+.........|   |.........+=========+.........|
//   |         |         |         |   |         :         :         |
//   +-----------------------------+   +-----------------------------+
//                                               C m x n
//
// side            op(A) or op(B) where it lies, transposed or not: rows, or columns, of k terms each
// block of terms  at most 256 of them (kc)
// task            a rectangle of C for one thread, which packs for itself; at most nc columns
// block of A      as many rows of a task (mc) as stay in the second-level cache, in a block of terms
// panel           a: the rows of a tile (mr); b: the columns of a tile (nr), which stay in the first-level cache
// tile            c: what a panel of A and one of B add to C, in registers
//
//   for each task                      Grid, over the threads
//     for each block of terms          Task
//       for each block of A            packed where that pays
//         for each panel of B          packed while the first block of A goes by
//           for each panel of A
//             the tile                 multiplyTile
//
// An element of C is one chain of fused multiply-adds over each block of terms, and the blocks are added in order. Tiles,
// packing and tasks differ between targets, but blocks of terms depend on k alone: hence the same bits.

#include "../parallel.h"
#include "../simd/simd.h"
#include "../sizes.h"
#include "gemm-arguments.h"
#include "gemm-epilogue.h"
#include "gemm-pack.h"
#include "gemm-task.h"
#include "gemm-tile.h"
#include "parts.h"
#include "tasks.h"

namespace lockstep {
namespace {

// The most columns of a task, BLIS's nc: panels of B stay packed while the blocks of A go by.
constexpr size_t kTaskColumns = 3072;

// Panels of B below which a task is not worth packing the rows of A once more.
constexpr size_t kTaskPanels = 8;

// How C is dealt out, in whole tiles, to about `wanted` tasks, and what memory one of them takes.
template <class T>
struct Grid {
  static constexpr size_t kColumns = kTileColumns<T>;
  Parts columns, rows;  // of tasks, in panels of B and of A
  size_t sizeB, sizeA;  // elements that a task packs at a time

  Grid(const Product<T>& g, size_t wanted)
      : columns(quotientUp(g.n, kColumns), panelsOfTask(g, wanted)),
        rows(quotientUp(g.m, kTileRows), quotientUp(quotientUp(g.m, kTileRows), quotientUp(wanted, columns.count))) {
    const size_t terms = g.termBlocks().size(0);
    // Panels of B are kept for further blocks of A alone.
    sizeB = (rows.size(0) > kBlockPanels ? columns.size(0) : 1) * kColumns * terms;
    // packPanel writes up to a vector more.
    sizeA = (g.packsA ? least(rows.size(0), kBlockPanels) * kTileRows * terms : 0) + Vec<T>::kLanes;
  }

  size_t tasks() const { return columns.count * rows.count; }
  size_t bytes() const { return roundUp((sizeB + sizeA) * sizeof(T), kAlignment); }

  // What is divided for a task is divided once for all products of a batch.
  Task<T> taskOf(const Product<T>& g, size_t task, void* memory) const {
    const size_t i = task % rows.count, j = task / rows.count;
    const size_t row = rows.start(i) * kTileRows, column = columns.start(j) * kColumns;
    T* const packed = static_cast<T*>(memory);
    return Task<T>(g.part(row, least(g.m - row, rows.size(i) * kTileRows), column,
                          least(g.n - column, columns.size(j) * kColumns)),
                   packed, packed + sizeB);
  }

 private:
  // The most panels of B of a task. Each task reads its rows of A and its columns of B: of the ways to have enough tasks, the
  // one in which all of them together read least.
  static size_t panelsOfTask(const Product<T>& g, size_t wanted) {
    const size_t panels = quotientUp(g.n, kColumns), rowPanels = quotientUp(g.m, kTileRows);
    const size_t most = least(wanted, quotientUp(panels, kTaskPanels));
    size_t parts = most, cost = SIZE_MAX;
    for (size_t p = most; p > 0; --p) {
      const size_t rowParts = least(quotientUp(wanted, p), rowPanels), reads = p * g.m + rowParts * g.n;
      if (p * rowParts < least(wanted, most * rowPanels) || reads >= cost) continue;
      parts = p;
      cost = reads;
    }
    return least(quotientUp(panels, parts), kTaskColumns / kColumns);
  }
};

// `batch` products, the first of which is `g`, in groups of neighbours. Where there are fewer groups than tasks are wanted,
// every product is dealt out as well.
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
      Task<T> next =
          grid.taskOf(g.at(groups.start(group), strides), task / groups.count, memory + worker * grid.bytes());
      for (size_t left = groups.size(group); left > 0; --left) {
        next.run();
        next.g.skip(1, strides);
      }
    }
  });
}

// What is left of a product without terms: beta C, and the epilogue.
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
  // Vectors lie along rows: a column without gaps is multiplied as the row that it is in memory, op(B)^T op(A)^T. Not with a
  // bias, which is one number for a column.
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
