#pragma once
// Lion, Chen et al. 2023, https://arxiv.org/abs/2302.06675, algorithm 2.
// Mirror: src/backend/typescript/rules/lion.ts.

#include "../simd/sign.h"

namespace lockstep {
namespace {

template <class T>
struct lion {
  T lr, beta1, rest1, beta2, rest2, weightDecay, shrink, maximize;

  template <class V>
  void update(V& p, V g, V& m) const {
    if (maximize != 0) g = -g;
    if (weightDecay != 0) g = g + weightDecay * p;
    p = shrink * p;
    p = p - lr * sign(beta1 * m + rest1 * g);
    m = beta2 * m + rest2 * g;
  }
};

}  // namespace
}  // namespace lockstep
