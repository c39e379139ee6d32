#pragma once
// NAdam, Dozat 2016, https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ, as PyTorch has it: the gradient and the moment in
// one numerator. The steps and eps hold the correction of the root.
// Mirror: src/backend/typescript/rules/nadam.ts.

#include "../simd/lane.h"
#include "lerp.h"

namespace lockstep {
namespace {

template <class T>
struct nadam {
  T gradientStep, momentStep, rest1, beta2, rest2, eps, weightDecay, shrink, maximize;

  template <class V>
  void update(V& p, V g, V& m, V& v) const {
    if (maximize != 0) g = -g;
    if (weightDecay != 0) g = g + weightDecay * p;
    p = shrink * p;
    m = lerp(m, g, rest1);
    v = beta2 * v + rest2 * g * g;
    p = p - (gradientStep * g + momentStep * m) / (sqrt(v) + eps);
  }
};

}  // namespace
}  // namespace lockstep
