#pragma once
// Softmax and cross-entropy in one. Mirror: src/backend/typescript/matrix/cross-entropy.ts.

#include "../math/log.h"
#include "../parallel.h"
#include "../simd/for-lanes.h"
#include "../simd/lane.h"
#include "../simd/reduce.h"
#include "softmax-arguments.h"
#include "softmax.h"
#include "tasks.h"

namespace lockstep {
namespace {

template <class T>
void crossEntropy(const args::CrossEntropy<T>& a, const Parallel& parallel) {
  // What every class gets of the weight that is taken off the label: Szegedy et al. 2016, section 7,
  // https://arxiv.org/abs/1512.00567.
  const double smoothing = a.smoothing, even = smoothing / static_cast<double>(a.columns);
  forRanges(parallel, a.rows, rowGrain(a.columns), [&](size_t begin, size_t end) {
    for (size_t r = begin; r < end; ++r) {
      const T* logits = a.logits + r * a.columns;
      T* gradient = a.gradient + r * a.columns;
      if (a.labels[r] < 0) {
        a.losses[r] = 0;
        clearAll(gradient, a.columns);
        continue;
      }
      const T top = largest<T>(logits, a.columns, gradient);
      const double total = sumExponentials(logits, a.columns, top, gradient);
      scaleRow(gradient, a.columns, static_cast<T>(1 / total));
      double loss = log(Lane<double>(total)).v;
      if (smoothing > 0) {
        const double sum = reduceLanes<T>(0, a.columns, [=](auto tag, size_t c) {
          using V = typename decltype(tag)::Type;
          return tag.load(logits + c) - V(top);
        });
        loss -= even * sum;
        forVectors<T>(0, a.columns, [=](auto tag, size_t c) {
          using V = typename decltype(tag)::Type;
          tag.store(gradient + c, tag.load(gradient + c) - V(static_cast<T>(even)));
        });
      }
      const size_t label = static_cast<size_t>(a.labels[r]);
      a.losses[r] = static_cast<T>(loss - (1 - smoothing) * static_cast<double>(logits[label] - top));
      gradient[label] -= static_cast<T>(1 - smoothing);
    }
  });
}

}  // namespace
}  // namespace lockstep
