#pragma once
// SGD with momentum, Polyak 1964; Nesterov's form as in Sutskever et al. 2013, with the rate outside the buffer.
// Mirror: src/backend/typescript/rules/momentum.ts.

namespace lockstep {
namespace {

template <class T>
struct momentum {
  T lr, keep, add, nesterov, weightDecay, shrink, maximize;

  template <class V>
  void update(V& p, V g, V& v) const {
    if (maximize != 0) g = -g;
    if (weightDecay != 0) g = g + weightDecay * p;
    v = keep * v + add * g;
    p = shrink * p - lr * (nesterov != 0 ? g + keep * v : v);
  }
};

}  // namespace
}  // namespace lockstep
