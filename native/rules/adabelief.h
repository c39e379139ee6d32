#pragma once
// AdaBelief, Zhuang et al. 2020, https://arxiv.org/abs/2010.07468, algorithm 2: the second moment is that of what the gradient
// differs from its mean by. stepSize and eps hold the correction of the root. From its authors' code: the largest of these moments
// so far, and steps of the mean alone (`adaptive` 0) until the variance of the root is known.
// Mirror: src/backend/typescript/rules/adabelief.ts.

#include "../simd/lane.h"
#include "lerp.h"

namespace lockstep {
namespace {

template <class T>
struct adabelief {
  T stepSize, rest1, beta2, rest2, eps, epsInside, weightDecay, shrink, maximize, adaptive;

  template <class V>
  void update(V& p, V g, V& m, V& s) const {
    moments(p, g, m, s);
    descend(p, m, s);
  }

  template <class V>
  void moments(V& p, V g, V& m, V& s) const {
    if (maximize != 0) g = -g;
    if (weightDecay != 0) g = g + weightDecay * p;
    p = shrink * p;
    m = lerp(m, g, rest1);
    const V surprise = g - m;
    s = beta2 * s + rest2 * surprise * surprise + epsInside;
  }

  template <class V>
  void descend(V& p, V m, V s) const {
    const V step = stepSize * m;
    p = p - (adaptive != 0 ? step / (sqrt(s) + eps) : step);
  }
};

template <class T>
struct adabeliefAmsgrad : adabelief<T> {
  template <class V>
  void update(V& p, V g, V& m, V& s, V& largest) const {
    this->moments(p, g, m, s);
    largest = max(largest, s);
    this->descend(p, m, largest);
  }
};

}  // namespace
}  // namespace lockstep
