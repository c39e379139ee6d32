#pragma once
// Rprop, Riedmiller & Braun 1993, https://doi.org/10.1109/ICNN.1993.298623: a step size for each element, which grows while
// its gradient keeps its sign.
// Mirror: src/backend/typescript/rules/rprop.ts.

#include "../simd/sign.h"

namespace lockstep {
namespace {

template <class T>
struct rprop {
  T fall, grow, least, most, weightDecay, shrink, maximize;

  template <class V>
  void update(V& p, V g, V& previous, V& stepSize) const {
    if (maximize != 0) g = -g;
    if (weightDecay != 0) g = g + weightDecay * p;
    const V product = g * previous, zero(T(0));
    const V otherwise = selectEqual(product, zero, V(T(1)), product);
    const V factor = selectGreater(product, zero, V(grow), selectGreater(zero, product, V(fall), otherwise));
    // A NaN stays: the second one wins where either is.
    stepSize = max(V(least), min(V(most), stepSize * factor));
    g = selectGreater(zero, product, zero, g);
    p = shrink * p - sign(g) * stepSize;
    previous = g;
  }
};

}  // namespace
}  // namespace lockstep
