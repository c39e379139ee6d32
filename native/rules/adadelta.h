#pragma once
// Adadelta, Zeiler 2012, https://arxiv.org/abs/1212.5701, algorithm 1. `lagged`: divides by the root of the mean square
// before this gradient, as TensorFlow.js does. Mirror: src/backend/typescript/rules/adadelta.ts.

#include "../simd/lane.h"

namespace lockstep {
namespace {

template <class T>
struct adadelta {
  T lr, rho, rest, eps, lagged, weightDecay, shrink, maximize;

  template <class V>
  void update(V& p, V g, V& v, V& u) const {
    if (maximize != 0) g = -g;
    if (weightDecay != 0) g = g + weightDecay * p;
    V square = v;
    v = rho * v + rest * g * g;
    if (lagged == 0) square = v;
    const V delta = sqrt(u + eps) / sqrt(square + eps) * g;
    u = rho * u + rest * delta * delta;
    p = shrink * p - lr * delta;
  }
};

}  // namespace
}  // namespace lockstep
