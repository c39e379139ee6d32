#pragma once
// Adamax, Kingma & Ba 2015, https://arxiv.org/abs/1412.6980, algorithm 2. PyTorch adds eps inside of the maximum,
// TensorFlow.js to it. Mirror: src/backend/typescript/rules/adamax.ts.

#include "../simd/lane.h"
#include "lerp.h"

namespace lockstep {
namespace {

template <class T>
struct adamax {
  T stepSize, rest1, beta2, eps, epsInside, weightDecay, shrink, maximize;

  template <class V>
  void update(V& p, V g, V& m, V& u) const {
    if (maximize != 0) g = -g;
    if (weightDecay != 0) g = g + weightDecay * p;
    m = lerp(m, g, rest1);
    u = max(beta2 * u, abs(g) + epsInside);
    p = shrink * p - stepSize * m / (u + eps);
  }
};

}  // namespace
}  // namespace lockstep
