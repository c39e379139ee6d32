#pragma once
// Batch normalisation over the rows of a matrix, Ioffe & Szegedy 2015, https://arxiv.org/abs/1502.03167.
// Mirror: src/backend/typescript/matrix/batch-norm.ts.

template <class T>
void batchNormStatistics(const args::batchNormStatistics<T>& a, const Parallel& parallel) {
  const double rows = static_cast<double>(a.rows);
  forColumnBlocks(parallel, a.rows, a.columns, [&](size_t first, size_t width) {
    ColumnSums block, squares;
    T* mean = a.mean + first;
    forBlock<T>(a.rows, a.columns, first, width,
                [&](auto tag, size_t i, size_t c) { addTo(block.sums + c, decltype(tag)::Type::load(a.x + i)); });
    for (size_t c = 0; c < width; ++c) mean[c] = static_cast<T>(block.sums[c] / rows);
    forBlock<T>(a.rows, a.columns, first, width, [&](auto tag, size_t i, size_t c) {
      using V = typename decltype(tag)::Type;
      const V deviation = V::load(a.x + i) - V::load(mean + c);
      addProductTo(squares.sums + c, deviation, deviation);
    });
    for (size_t c = 0; c < width; ++c) a.variance[first + c] = static_cast<T>(squares.sums[c] / rows);
  });
}

template <class T>
void batchNormForward(const args::batchNormForward<T>& a, const Parallel& parallel) {
  forColumnBlocks(parallel, a.rows, a.columns, [&](size_t first, size_t width) {
    T scale[kColumnBlock];
    for (size_t c = 0; c < width; ++c) {
      const double variance = static_cast<double>(a.variance[first + c]);
      scale[c] = static_cast<T>(static_cast<double>(a.weight[first + c]) / __builtin_sqrt(variance + a.eps));
    }
    forBlock<T>(a.rows, a.columns, first, width, [&](auto tag, size_t i, size_t c) {
      using V = typename decltype(tag)::Type;
      const V deviation = V::load(a.x + i) - V::load(a.mean + first + c);
      fma(deviation, V::load(scale + c), V::load(a.bias + first + c)).store(a.y + i);
    });
  });
}

template <class T>
void batchNormBackward(const args::batchNormBackward<T>& a, const Parallel& parallel) {
  const double rows = static_cast<double>(a.rows);
  forColumnBlocks(parallel, a.rows, a.columns, [&](size_t first, size_t width) {
    const T* mean = a.mean + first;
    ColumnSums block, products;
    forBlock<T>(a.rows, a.columns, first, width, [&](auto tag, size_t i, size_t c) {
      using V = typename decltype(tag)::Type;
      const V dy = V::load(a.dy + i);
      addTo(block.sums + c, dy);
      addProductTo(products.sums + c, dy, V::load(a.x + i) - V::load(mean + c));
    });
    T scale[kColumnBlock], average[kColumnBlock], slope[kColumnBlock];
    for (size_t c = 0; c < width; ++c) {
      const double rstd = 1 / __builtin_sqrt(static_cast<double>(a.variance[first + c]) + a.eps);
      scale[c] = static_cast<T>(static_cast<double>(a.weight[first + c]) * rstd);
      a.dWeight[first + c] = static_cast<T>(products.sums[c] * rstd);
      a.dBias[first + c] = static_cast<T>(block.sums[c]);
      average[c] = a.training ? static_cast<T>(block.sums[c] / rows) : T(0);
      slope[c] = a.training ? static_cast<T>(products.sums[c] * rstd * rstd / rows) : T(0);
    }
    forBlock<T>(a.rows, a.columns, first, width, [&](auto tag, size_t i, size_t c) {
      using V = typename decltype(tag)::Type;
      const V g = V::load(a.dy + i) - V::load(average + c);
      (V::load(scale + c) * fma(V::load(mean + c) - V::load(a.x + i), V::load(slope + c), g)).store(a.dx + i);
    });
  });
}
