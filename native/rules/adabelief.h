#pragma once
// AdaBelief, Zhuang et al. 2020, https://arxiv.org/abs/2010.07468, algorithm 2: the second moment is that of what the gradient
// differs from its mean by. stepSize and eps hold the correction of the root.
// Mirror: src/backend/typescript/rules/adabelief.ts.

#include "../simd/lane.h"
#include "lerp.h"

namespace lockstep {
namespace {

template <class T>
struct adabelief {
  T stepSize, rest1, beta2, rest2, eps, epsInside, weightDecay, shrink, maximize;

  template <class V>
  void update(V& p, V g, V& m, V& s) const {
    if (maximize != 0) g = -g;
    if (weightDecay != 0) g = g + weightDecay * p;
    p = shrink * p;
    m = lerp(m, g, rest1);
    const V surprise = g - m;
    s = beta2 * s + rest2 * surprise * surprise + epsInside;
    p = p - stepSize * m / (sqrt(s) + eps);
  }
};

}  // namespace
}  // namespace lockstep
