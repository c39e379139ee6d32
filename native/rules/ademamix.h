#pragma once
// AdEMAMix, Pagliardini, Ablin & Grangier 2024, https://arxiv.org/abs/2409.03137, algorithm 1: Adam with a second, slow mean of
// the gradients. The steps and eps hold the correction of the root.
// Mirror: src/backend/typescript/rules/ademamix.ts.

#include "../simd/lane.h"
#include "lerp.h"

namespace lockstep {
namespace {

template <class T>
struct ademamix {
  T fastStep, slowStep, rest1, beta2, rest2, rest3, eps, shrink, maximize;

  template <class V>
  void update(V& p, V g, V& fast, V& v, V& slow) const {
    if (maximize != 0) g = -g;
    p = shrink * p;
    fast = lerp(fast, g, rest1);
    slow = lerp(slow, g, rest3);
    v = beta2 * v + rest2 * g * g;
    p = p - (fastStep * fast + slowStep * slow) / (sqrt(v) + eps);
  }
};

}  // namespace
}  // namespace lockstep
