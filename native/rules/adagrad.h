#pragma once
// Adagrad, Duchi, Hazan & Singer 2011, https://jmlr.org/papers/v12/duchi11a.html. PyTorch adds eps to the root,
// TensorFlow.js to what is under it. Mirror: src/backend/typescript/rules/adagrad.ts.

#include "../simd/lane.h"

namespace lockstep {
namespace {

template <class T>
struct adagrad {
  T lr, eps, epsInside, weightDecay, shrink, maximize;

  template <class V>
  void update(V& p, V g, V& sum) const {
    if (maximize != 0) g = -g;
    if (weightDecay != 0) g = g + weightDecay * p;
    sum = sum + g * g;
    p = shrink * p - lr * g / (sqrt(sum + epsInside) + eps);
  }
};

}  // namespace
}  // namespace lockstep
