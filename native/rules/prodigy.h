#pragma once
// Prodigy, Mishchenko & Defazio 2023, https://arxiv.org/abs/2306.06101, algorithm 4: Adam whose rate is an estimate of how far the
// solution is, and the two sums that the next estimate is made of, for which a gradient counts `weight` and `share`. `first`: here
// everything starts.
// Mirror: src/backend/typescript/rules/prodigy.ts.

#include "../simd/each.h"

namespace lockstep {
namespace {

template <class T>
struct prodigy {
  T rate, beta1, moment, beta2, square, beta3, weight, share, eps, first, weightDecay, shrink, maximize;

  template <class V>
  Dots<V, 2> update(V& p, V g, V& m, V& v, V& s, V& start) const {
    if (maximize != 0) g = -g;
    if (weightDecay != 0) g = g + weightDecay * p;
    if (first != 0) start = p;
    const V way = start - p;
    m = beta1 * m + moment * g;
    v = beta2 * v + square * g * g;
    s = beta3 * s + share * g;
    p = shrink * p;
    p = p - rate * m / (sqrt(v) + eps);
    return {{{weight * g, way}, {abs(s), V(T(1))}}};
  }
};

}  // namespace
}  // namespace lockstep
