#pragma once
// Layer normalisation, Ba, Kiros & Hinton 2016, https://arxiv.org/abs/1607.06450.
// Mirror: src/backend/typescript/matrix/layer-norm.ts.

#include "../parallel.h"
#include "../simd/for-lanes.h"
#include "../simd/reduce.h"
#include "../simd/widen.h"
#include "norm-arguments.h"
#include "norm-rows.h"
#include "tasks.h"

namespace lockstep {
namespace {

template <class T>
void layerNormForward(const args::LayerNormForward<T>& a, const Parallel& parallel) {
  const size_t width = a.columns;
  const double columns = static_cast<double>(width);
  forRanges(parallel, a.rows, rowGrain(width), [&](size_t begin, size_t end) {
    const T *weight = a.weight, *bias = a.bias;
    for (size_t r = begin; r < end; ++r) {
      const T* x = a.x + r * width;
      T* y = a.y + r * width;
      const double total = reduceLanes<T>(0, width, [=](auto tag, size_t c) { return elementsAt(tag, x + c); });
      const T mean = static_cast<T>(total / columns);
      const double squares = reduceLanes<T>(0, width, [=](auto tag, size_t c) {
        using V = typename decltype(tag)::Type;
        // Memory has time meanwhile: y is written next, the next row of x is read after that.
        __builtin_prefetch(y + c, 1);
        const V deviation = tag.load(x + c) - V(mean);
        return Times{deviation, deviation};
      });
      const T rstd = static_cast<T>(1 / __builtin_sqrt(squares / columns + a.eps));
      a.mean[r] = mean;
      a.rstd[r] = rstd;
      forVectors<T>(0, width, [=](auto tag, size_t c) {
        using V = typename decltype(tag)::Type;
        __builtin_prefetch(x + width + c);
        const V h = (tag.load(x + c) - V(mean)) * V(rstd);
        tag.store(y + c, fma(h, tag.load(weight + c), tag.load(bias + c)));
      });
    }
  });
}

template <class T>
void layerNormBackward(const args::LayerNormBackward<T>& a, const Parallel& parallel) {
  const size_t width = a.columns;
  const double columns = static_cast<double>(width);
  const bool accumulate = a.accumulate;
  const T* weight = a.weight;
  const auto row = [=](size_t r, double* sums) {
    const T* x = a.x + r * width;
    const T* dy = a.dy + r * width;
    T* dx = a.dx + r * width;
    const T mean = a.mean[r], rstd = a.rstd[r];
    Reduction<T, Addition, double, 2> both;
    both.take(0, width, [=](auto tag, size_t c) {
      using V = typename decltype(tag)::Type;
      // Memory has time meanwhile: dx is written next, the next row is read after that.
      __builtin_prefetch(dx + c, 1);
      const V g = tag.load(dy + c) * tag.load(weight + c);
      return Both{g, Times{g, tag.load(x + c) - V(mean)}};
    });
    const double total = both.fold(0), products = both.fold(1);
    const T average = static_cast<T>(total / columns);
    const double variance = static_cast<double>(rstd) * static_cast<double>(rstd);
    const T slope = static_cast<T>(variance * products / columns);
    forLanes<T>(0, width, [=](auto tag, size_t c) {
      using V = typename decltype(tag)::Type;
      __builtin_prefetch(x + width + c);
      __builtin_prefetch(dy + width + c);
      const V deviation = V::load(x + c) - V(mean), incoming = V::load(dy + c);
      addProductTo(sums + c, incoming, deviation * V(rstd));
      addTo(sums + width + c, incoming);
      const V g = fma(incoming, V::load(weight + c), -V(average));
      const V gradient = V(rstd) * fma(-deviation, V(slope), g);
      (accumulate ? V::load(dx + c) + gradient : gradient).store(dx + c);
    });
  };
  forRowsWithSums<2>(parallel, a.rows, width, row, [&](size_t c, double sum) {
    (c < width ? a.dWeight[c] : a.dBias[c - width]) = static_cast<T>(sum);
  });
}

}  // namespace
}  // namespace lockstep
