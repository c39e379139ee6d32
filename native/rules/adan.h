#pragma once
// Adan, Xie et al. 2022, https://arxiv.org/abs/2208.06677, algorithm 1: Nesterov's momentum by the differences of gradients. The
// steps and eps hold the correction of the root.
// Mirror: src/backend/typescript/rules/adan.ts.

#include "../simd/lane.h"

namespace lockstep {
namespace {

template <class T>
struct adan {
  T momentStep, differenceStep, beta1, rest1, beta2, rest2, beta3, rest3, eps, hasPrevious, shrink, divisor, maximize;

  template <class V>
  void update(V& p, V g, V& m, V& n, V& v, V& previous) const {
    if (maximize != 0) g = -g;
    const V difference = hasPrevious != 0 ? g - previous : V(T(0));
    m = beta1 * m + rest1 * g;
    n = beta2 * n + rest2 * difference;
    const V ahead = g + beta2 * difference;
    v = beta3 * v + rest3 * ahead * ahead;
    p = shrink * p;
    p = (p - (momentStep * m + differenceStep * n) / (sqrt(v) + eps)) / divisor;
    previous = g;
  }
};

}  // namespace
}  // namespace lockstep
