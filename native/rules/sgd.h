#pragma once
// Stochastic gradient descent, Robbins & Monro 1951. Mirror: src/backend/typescript/rules/sgd.ts.

namespace lockstep {
namespace {

template <class T>
struct sgd {
  T lr, weightDecay, maximize;

  template <class V>
  void update(V& p, V g) const {
    if (maximize != 0) g = -g;
    if (weightDecay != 0) g = g + weightDecay * p;
    p = p - lr * g;
  }
};

}  // namespace
}  // namespace lockstep
