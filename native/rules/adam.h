#pragma once
// Adam, Kingma & Ba 2015, https://arxiv.org/abs/1412.6980; AMSGrad, Reddi et al. 2018,
// https://arxiv.org/abs/1904.09237; with `shrink` below one AdamW, Loshchilov & Hutter 2019,
// https://arxiv.org/abs/1711.05101. stepSize and eps hold the correction of the root, which would be another division.
// Mirror: src/backend/typescript/rules/adam.ts.

#include "../simd/lane.h"
#include "lerp.h"

namespace lockstep {
namespace {

template <class T>
struct adam {
  T stepSize, rest1, beta2, rest2, eps, weightDecay, shrink, maximize;

  template <class V>
  void update(V& p, V g, V& m, V& v) const {
    moments(p, g, m, v);
    p = p - stepSize * m / (sqrt(v) + eps);
  }

  template <class V>
  void moments(V& p, V g, V& m, V& v) const {
    if (maximize != 0) g = -g;
    if (weightDecay != 0) g = g + weightDecay * p;
    p = shrink * p;
    m = lerp(m, g, rest1);
    v = beta2 * v + rest2 * g * g;
  }
};

template <class T>
struct amsgrad : adam<T> {
  template <class V>
  void update(V& p, V g, V& m, V& v, V& largest) const {
    this->moments(p, g, m, v);
    largest = max(largest, v);
    p = p - this->stepSize * m / (sqrt(largest) + this->eps);
  }
};

// RAdam, Liu et al. 2020, https://arxiv.org/abs/1908.03265, algorithm 2: `adaptive` once the variance of the root is known.
template <class T>
struct radam : adam<T> {
  T adaptive;

  template <class V>
  void update(V& p, V g, V& m, V& v) const {
    this->moments(p, g, m, v);
    const V step = this->stepSize * m;
    p = p - (adaptive != 0 ? step / (sqrt(v) + this->eps) : step);
  }
};

}  // namespace
}  // namespace lockstep
