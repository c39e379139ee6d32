#pragma once
// Sophia, Liu et al. 2023, https://arxiv.org/abs/2305.14342, algorithm 3: the moment over the diagonal of the Hessian, limited
// element by element.
// Mirror: src/backend/typescript/rules/sophia.ts.

#include "../simd/sign.h"
#include "lerp.h"

namespace lockstep {
namespace {

template <class T>
struct sophia {
  T lr, rest1, scale, eps, weightDecay, shrink, maximize;

  template <class V>
  void update(V& p, V g, V& m, V& h) const {
    if (maximize != 0) g = -g;
    if (weightDecay != 0) g = g + weightDecay * p;
    p = shrink * p;
    m = lerp(m, g, rest1);
    // A NaN stays: the second one wins where either is.
    p = p - lr * (sign(m) * min(V(T(1)), abs(m) / (scale * h + eps)));
  }
};

// The mean of squared gradients: of sampled labels, the diagonal of the Gauss-Newton matrix.
template <class T>
struct squareMean {
  T beta, rest;

  template <class V>
  void update(V& h, V g) const {
    h = beta * h + rest * g * g;
  }
};

}  // namespace
}  // namespace lockstep
