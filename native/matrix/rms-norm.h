#pragma once
// Root mean square normalisation, Zhang & Sennrich 2019, https://arxiv.org/abs/1910.07467.
// Mirror: src/backend/typescript/matrix/rms-norm.ts.

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
void rmsNormForward(const args::RmsNormForward<T>& a, const Parallel& parallel) {
  const size_t width = a.columns;
  forRanges(parallel, a.rows, rowGrain(width), [&](size_t begin, size_t end) {
    const T* weight = a.weight;
    for (size_t r = begin; r < end; ++r) {
      const T* x = a.x + r * width;
      T* y = a.y + r * width;
      const double squares = reduceLanes<T>(0, width, [=](auto tag, size_t c) {
        const auto value = tag.load(x + c);
        __builtin_prefetch(y + c, 1);
        return Times{value, value};
      });
      const T rstd = static_cast<T>(1 / __builtin_sqrt(squares / static_cast<double>(width) + a.eps));
      a.rstd[r] = rstd;
      forVectors<T>(0, width, [=](auto tag, size_t c) {
        using V = typename decltype(tag)::Type;
        __builtin_prefetch(x + width + c);
        tag.store(y + c, (tag.load(x + c) * V(rstd)) * tag.load(weight + c));
      });
    }
  });
}

template <class T>
void rmsNormBackward(const args::RmsNormBackward<T>& a, const Parallel& parallel) {
  const size_t width = a.columns;
  const bool accumulate = a.accumulate;
  const T* weight = a.weight;
  const auto row = [=](size_t r, double* sums) {
    const T* x = a.x + r * width;
    const T* dy = a.dy + r * width;
    T* dx = a.dx + r * width;
    const T rstd = a.rstd[r];
    const double products = reduceLanes<T>(0, width, [=](auto tag, size_t c) {
      __builtin_prefetch(dx + c, 1);
      return Times{tag.load(dy + c) * tag.load(weight + c), tag.load(x + c)};
    });
    const double inverse = static_cast<double>(rstd) * static_cast<double>(rstd);
    const T slope = static_cast<T>(inverse * products / static_cast<double>(width));
    forLanes<T>(0, width, [=](auto tag, size_t c) {
      using V = typename decltype(tag)::Type;
      __builtin_prefetch(x + width + c);
      __builtin_prefetch(dy + width + c);
      const V value = V::load(x + c), incoming = V::load(dy + c);
      addProductTo(sums + c, incoming, value * V(rstd));
      const V gradient = V(rstd) * fma(-value, V(slope), incoming * V::load(weight + c));
      (accumulate ? V::load(dx + c) + gradient : gradient).store(dx + c);
    });
  };
  forRowsWithSums<1>(parallel, a.rows, width, row, [&](size_t c, double sum) { a.dWeight[c] = static_cast<T>(sum); });
}

}  // namespace
}  // namespace lockstep
