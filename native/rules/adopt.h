#pragma once
// ADOPT, Taniguchi et al. 2024, https://arxiv.org/abs/2411.02853, algorithm 2: the gradient is divided by the root of the second
// moment without it, and limited, before it joins the first one.
// Mirror: src/backend/typescript/rules/adopt.ts.

#include "../simd/lane.h"
#include "lerp.h"

namespace lockstep {
namespace {

template <class T>
struct adopt {
  T lr, rest1, beta2, rest2, eps, clip, weightDecay, shrink, maximize;

  template <class V>
  void update(V& p, V g, V& m, V& v) const {
    if (maximize != 0) g = -g;
    if (weightDecay != 0) g = g + weightDecay * p;
    p = shrink * p;
    // A NaN stays: the second one wins where either is.
    const V scaled = g / max(V(eps), sqrt(v));
    m = lerp(m, max(V(-clip), min(V(clip), scaled)), rest1);
    p = p - lr * m;
    v = beta2 * v + rest2 * g * g;
  }
};

}  // namespace
}  // namespace lockstep
