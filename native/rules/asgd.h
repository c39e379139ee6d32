#pragma once
// Averaged SGD, Polyak & Juditsky 1992, https://doi.org/10.1137/0330046, as PyTorch has it: a decaying rate, and the average
// of the iterates in `average`.
// Mirror: src/backend/typescript/rules/asgd.ts.

namespace lockstep {
namespace {

template <class T>
struct asgd {
  T rate, shrink, share, weightDecay, maximize;

  template <class V>
  void update(V& p, V g, V& average) const {
    if (maximize != 0) g = -g;
    if (weightDecay != 0) g = g + weightDecay * p;
    p = shrink * p;
    p = p - rate * g;
    average = share == 1 ? p : average + share * (p - average);
  }
};

}  // namespace
}  // namespace lockstep
