#pragma once
// C = alpha op(A) op(B) + beta C, after Goto & van de Geijn 2008, https://doi.org/10.1145/1356052.1356053:
// panels of A and B are packed, a tile of C stays in registers. Mirror: src/backend/typescript/matrix/gemm.ts.
//
// Every element of C is one chain of fused multiply-adds over each block of kDepth terms, and the blocks are added in
// order. Tile sizes, packing and threads differ between targets; this order does not, hence the same bits.

constexpr size_t kDepth = 256;

// Rows of A that stay in the second-level cache while the columns of B go by, and what is packed at once.
constexpr size_t kBlockRows = kTileRows * 24;
constexpr size_t kPackedRows = kBlockRows * 8;
constexpr size_t kPackedColumns = 3072;

// Multiply-adds below which waking the other threads costs more than it saves.
constexpr size_t kParallelWork = 1 << 18;

template <class T>
constexpr size_t kTileColumns = kTileVectors* Vec<T>::kLanes;

// Where `count` elements along one side of a matrix start, and the step along each of its two sides.
template <class T>
struct Side {
  const T* start;
  size_t step;   // to the next of the `width` elements of a panel
  size_t depth;  // to the next term of the product
};

// panel[p * width + i] = element i of term p, zero from `count` on.
template <class T>
inline void packPanel(Side<T> from, size_t count, size_t width, size_t terms, T* panel) {
  if (from.step == 1) {
    for (size_t p = 0; p < terms; ++p) {
      const T* source = from.start + p * from.depth;
      T* target = panel + p * width;
      for (size_t i = 0; i < count; ++i) target[i] = source[i];
      for (size_t i = count; i < width; ++i) target[i] = 0;
    }
    return;
  }
  for (size_t i = 0; i < width; ++i) {
    const T* source = from.start + i * from.step;
    for (size_t p = 0; p < terms; ++p) panel[p * width + i] = i < count ? source[p * from.depth] : T(0);
  }
}

// How the product of a block joins C.
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
inline void multiplyTile(size_t terms, const T* a, const T* b, T* c, size_t ldc, size_t rows, size_t columns,
                         const Join<T>& join) {
  using V = Vec<T>;
  V sum[kTileRows][kTileVectors];
#pragma GCC unroll 16
  for (size_t r = 0; r < kTileRows; ++r) {
#pragma GCC unroll 4
    for (size_t v = 0; v < kTileVectors; ++v) sum[r][v] = V(T(0));
  }
  for (size_t p = 0; p < terms; ++p, a += kTileRows, b += kTileColumns<T>) {
    V row[kTileVectors];
#pragma GCC unroll 4
    for (size_t v = 0; v < kTileVectors; ++v) row[v] = V::load(b + v * V::kLanes);
#pragma GCC unroll 16
    for (size_t r = 0; r < kTileRows; ++r) {
      const V factor(a[r]);
#pragma GCC unroll 4
      for (size_t v = 0; v < kTileVectors; ++v) sum[r][v] = fma(factor, row[v], sum[r][v]);
    }
  }
  if (rows == kTileRows && columns == kTileColumns<T>) {
#pragma GCC unroll 16
    for (size_t r = 0; r < kTileRows; ++r) {
#pragma GCC unroll 4
      for (size_t v = 0; v < kTileVectors; ++v) {
        T* at = c + r * ldc + v * V::kLanes;
        join(sum[r][v], at).store(at);
      }
    }
    return;
  }
  T edge[kTileRows][kTileColumns<T>];
#pragma GCC unroll 16
  for (size_t r = 0; r < kTileRows; ++r) {
#pragma GCC unroll 4
    for (size_t v = 0; v < kTileVectors; ++v) sum[r][v].store(edge[r] + v * V::kLanes);
  }
  for (size_t r = 0; r < rows; ++r) {
    for (size_t i = 0; i < columns; ++i) join(Lane<T>(edge[r][i]), c + r * ldc + i).store(c + r * ldc + i);
  }
}

// One packed block of A times one packed block of B.
template <class T>
struct Block {
  const T* a;
  const T* b;
  T* c;
  size_t rows, columns, terms, ldc;
  Join<T> join;

  // The tiles whose rows are in [firstRow, endRow) and columns in [firstColumn, endColumn).
  void multiply(size_t firstRow, size_t endRow, size_t firstColumn, size_t endColumn) const {
    constexpr size_t kColumns = kTileColumns<T>;
    for (size_t j = firstColumn; j < endColumn; j += kColumns) {
      for (size_t i = firstRow; i < endRow; i += kTileRows) {
        multiplyTile(terms, a + i * terms, b + j * terms, c + i * ldc + j, ldc,
                     i + kTileRows <= rows ? kTileRows : rows - i, j + kColumns <= columns ? kColumns : columns - j,
                     join);
      }
    }
  }

  void multiply(const Parallel& parallel, bool alone) const {
    constexpr size_t kColumns = kTileColumns<T>;
    const size_t rowTasks = (rows + kBlockRows - 1) / kBlockRows;
    const size_t panels = (columns + kColumns - 1) / kColumns;
    size_t columnTasks = alone ? 1 : (4 * parallel.threads + rowTasks - 1) / rowTasks;
    if (columnTasks > panels) columnTasks = panels;
    const size_t panelsPerTask = (panels + columnTasks - 1) / columnTasks;
    const auto task = [&](size_t index) {
      const size_t row = index % rowTasks * kBlockRows;
      const size_t column = index / rowTasks * panelsPerTask * kColumns;
      const size_t endColumn = column + panelsPerTask * kColumns;
      multiply(row, row + kBlockRows < rows ? row + kBlockRows : rows, column,
               endColumn < columns ? endColumn : columns);
    };
    forTasksUnless(alone, parallel, rowTasks * columnTasks, task);
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
  constexpr size_t kColumns = kTileColumns<T>;
  if (g.m == 0 || g.n == 0) return;
  if (g.k == 0 || g.alpha == 0) return scaleMatrix(g, parallel);

  const auto least = [](size_t x, size_t y) { return x < y ? x : y; };
  const auto roundUp = [](size_t x, size_t unit) { return (x + unit - 1) / unit * unit; };
  const size_t mostRows = roundUp(least(g.m, kPackedRows), kTileRows);
  const size_t mostColumns = roundUp(least(g.n, kPackedColumns), kColumns);
  const size_t mostTerms = least(g.k, kDepth);
  T* const packedB = static_cast<T*>(parallel.scratch(parallel, (mostRows + mostColumns) * mostTerms * sizeof(T)));
  if (packedB == nullptr) return;
  T* const packedA = packedB + mostColumns * mostTerms;
  const bool alone = parallel.threads == 1 || area(area(g.m, g.n), g.k) < kParallelWork;

  for (size_t j = 0; j < g.n; j += kPackedColumns) {
    const size_t columns = least(g.n - j, kPackedColumns);
    for (size_t p = 0; p < g.k; p += kDepth) {
      const size_t terms = least(g.k - p, kDepth);
      for (size_t i = 0; i < g.m; i += kPackedRows) {
        const size_t rows = least(g.m - i, kPackedRows);
        const size_t panelsA = (rows + kTileRows - 1) / kTileRows;
        const size_t panelsB = i == 0 ? (columns + kColumns - 1) / kColumns : 0;
        const auto pack = [&](size_t panel) {
          if (panel < panelsA) {
            const size_t r = panel * kTileRows;
            const Side<T> side =
                g.transA ? Side<T>{g.a + p * g.lda + i + r, 1, g.lda} : Side<T>{g.a + (i + r) * g.lda + p, g.lda, 1};
            packPanel(side, least(rows - r, kTileRows), kTileRows, terms, packedA + r * terms);
          } else {
            const size_t c = (panel - panelsA) * kColumns;
            const Side<T> side =
                g.transB ? Side<T>{g.b + (j + c) * g.ldb + p, g.ldb, 1} : Side<T>{g.b + p * g.ldb + j + c, 1, g.ldb};
            packPanel(side, least(columns - c, kColumns), kColumns, terms, packedB + c * terms);
          }
        };
        forTasksUnless(alone, parallel, panelsA + panelsB, pack);
        const Join<T> join{static_cast<T>(g.alpha), static_cast<T>(g.beta), p == 0};
        Block<T>{packedA, packedB, g.c + i * g.ldc + j, rows, columns, terms, g.ldc, join}.multiply(parallel, alone);
      }
    }
  }
}
