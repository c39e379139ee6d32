#pragma once
// Schedule-free learning, Defazio et al. 2024, https://arxiv.org/abs/2405.15682: p is where gradients are taken, between the
// sequence z of the steps and their average. `first`: z starts where p is.
// Mirror: src/backend/typescript/rules/schedule-free.ts.

#include "../simd/lane.h"
#include "lerp.h"

namespace lockstep {
namespace {

template <class T>
struct scheduleFreeSgd {
  T lr, share, pull, first, weightDecay, maximize;

  template <class V>
  void update(V& p, V g, V& z) const {
    if (maximize != 0) g = -g;
    move(p, g, z);
  }

  template <class V>
  void move(V& p, V g, V& z) const {
    if (first != 0) z = p;
    if (weightDecay != 0) g = g + weightDecay * p;
    p = lerp(p, z, share);
    p = p - pull * g;
    z = z - lr * g;
  }
};

template <class T>
struct scheduleFreeAdam : scheduleFreeSgd<T> {
  T beta2, rest2, correction, eps;

  template <class V>
  void update(V& p, V g, V& z, V& v) const {
    if (this->maximize != 0) g = -g;
    v = beta2 * v + rest2 * g * g;
    this->move(p, correction * g / (sqrt(v) + eps), z);
  }
};

// p + weight (z - p): between where gradients are taken and the average.
template <class T>
struct interpolate {
  T weight;

  template <class V>
  void update(V& p, V z) const {
    p = lerp(p, z, weight);
  }
};

}  // namespace
}  // namespace lockstep
