#pragma once
// The Adam phase of SWATS, Keskar & Socher 2017, https://arxiv.org/abs/1712.07628, algorithm 1: Adam with the bias
// corrections folded into the step size and eps outside of them, and the two dot products of the projection.
// Mirror: src/backend/typescript/rules/swats.ts.

#include "../simd/each.h"

namespace lockstep {
namespace {

template <class T>
struct swats {
  T stepSize, beta1, rest1, beta2, rest2, eps, weightDecay, shrink, maximize;

  template <class V>
  Dots<V, 2> update(V& w, V g, V& m, V& a) const {
    if (maximize != 0) g = -g;
    if (weightDecay != 0) g = g + weightDecay * w;
    m = beta1 * m + rest1 * g;
    a = beta2 * a + rest2 * g * g;
    const V p = -(stepSize * m / (sqrt(a) + eps));
    w = shrink * w + p;
    return {{{p, p}, {p, g}}};
  }
};

}  // namespace
}  // namespace lockstep
