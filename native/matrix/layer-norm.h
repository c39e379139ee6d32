#pragma once
// Layer normalisation, Ba, Kiros & Hinton 2016, https://arxiv.org/abs/1607.06450.
// Mirror: src/backend/typescript/matrix/layer-norm.ts.

template <class T>
void layerNormForward(const args::layerNormForward<T>& a, const Parallel& parallel) {
  const double columns = static_cast<double>(a.columns);
  forRanges(parallel, a.rows, rowGrain(a.columns), [&](size_t begin, size_t end) {
    for (size_t r = begin; r < end; ++r) {
      const T* x = a.x + r * a.columns;
      T* y = a.y + r * a.columns;
      const double total = sumLanes<T>(
          0, a.columns, [&](double* sums, auto tag, size_t c) { addTo(sums, decltype(tag)::Type::load(x + c)); });
      const T mean = static_cast<T>(total / columns);
      const double squares = sumLanes<T>(0, a.columns, [&](double* sums, auto tag, size_t c) {
        using V = typename decltype(tag)::Type;
        const V deviation = V::load(x + c) - V(mean);
        addProductTo(sums, deviation, deviation);
      });
      const T rstd = static_cast<T>(1 / __builtin_sqrt(squares / columns + a.eps));
      a.mean[r] = mean;
      a.rstd[r] = rstd;
      forLanes<T>(0, a.columns, [&](auto tag, size_t c) {
        using V = typename decltype(tag)::Type;
        const V h = (V::load(x + c) - V(mean)) * V(rstd);
        fma(h, V::load(a.weight + c), V::load(a.bias + c)).store(y + c);
      });
    }
  });
}

template <class T>
void layerNormBackward(const args::layerNormBackward<T>& a, const Parallel& parallel) {
  const double columns = static_cast<double>(a.columns);
  forRanges(parallel, a.rows, rowGrain(a.columns), [&](size_t begin, size_t end) {
    for (size_t r = begin; r < end; ++r) {
      const T* x = a.x + r * a.columns;
      const T* dy = a.dy + r * a.columns;
      T* dx = a.dx + r * a.columns;
      const T mean = a.mean[r], rstd = a.rstd[r];
      const double total = sumLanes<T>(0, a.columns, [&](double* sums, auto tag, size_t c) {
        using V = typename decltype(tag)::Type;
        addProductTo(sums, V::load(dy + c), V::load(a.weight + c));
      });
      const double products = sumLanes<T>(0, a.columns, [&](double* sums, auto tag, size_t c) {
        using V = typename decltype(tag)::Type;
        addProductTo(sums, V::load(dy + c) * V::load(a.weight + c), V::load(x + c) - V(mean));
      });
      const T average = static_cast<T>(total / columns);
      const double variance = static_cast<double>(rstd) * static_cast<double>(rstd);
      const T slope = static_cast<T>(variance * products / columns);
      forLanes<T>(0, a.columns, [&](auto tag, size_t c) {
        using V = typename decltype(tag)::Type;
        const V g = fma(V::load(dy + c), V::load(a.weight + c), -V(average));
        const V gradient = V(rstd) * fma(V(mean) - V::load(x + c), V(slope), g);
        (a.accumulate ? V::load(dx + c) + gradient : gradient).store(dx + c);
      });
    }
  });
}

template <class T>
void layerNormWeightBackward(const args::layerNormWeightBackward<T>& a, const Parallel& parallel) {
  forColumnBlocks(parallel, a.rows, a.columns, [&](size_t first, size_t width) {
    ColumnSums weight, bias;
    for (size_t r = 0; r < a.rows; ++r) {
      const T mean = a.mean[r], rstd = a.rstd[r];
      const size_t start = r * a.columns + first;
      forLanes<T>(0, width, [&](auto tag, size_t c) {
        using V = typename decltype(tag)::Type;
        const V dy = V::load(a.dy + start + c);
        addProductTo(weight.sums + c, dy, (V::load(a.x + start + c) - V(mean)) * V(rstd));
        addTo(bias.sums + c, dy);
      });
    }
    for (size_t c = 0; c < width; ++c) {
      a.dWeight[first + c] = static_cast<T>(weight.sums[c]);
      a.dBias[first + c] = static_cast<T>(bias.sums[c]);
    }
  });
}
