#pragma once
// RMSprop, Tieleman & Hinton 2012 (lecture 6.5); centered: Graves 2013, https://arxiv.org/abs/1308.0850. PyTorch adds eps
// to the root and multiplies the velocity by the rate; TensorFlow.js adds eps to what is under the root, and what joins the
// velocity has the rate (`add`). Mirror: src/backend/typescript/rules/rmsprop.ts.

#include "../simd/lane.h"
#include "lerp.h"

namespace lockstep {
namespace {

template <class T>
struct rmsprop {
  T lr, alpha, rest, eps, epsInside, momentum, add, weightDecay, shrink, maximize;

  template <class V>
  void update(V& p, V g, V& v) const {
    g = direction(p, g);
    v = average(v, g);
    p = shrink * p - lr * g / root(v);
  }

  template <class V>
  V direction(V p, V g) const {
    if (maximize != 0) g = -g;
    if (weightDecay != 0) g = g + weightDecay * p;
    return g;
  }

  template <class V>
  V average(V v, V g) const {
    return alpha * v + rest * g * g;
  }

  template <class V>
  V root(V square) const {
    return sqrt(square + epsInside) + eps;
  }
};

template <class T>
struct rmspropMomentum : rmsprop<T> {
  template <class V>
  void update(V& p, V g, V& v, V& buffer) const {
    g = this->direction(p, g);
    v = this->average(v, g);
    buffer = this->momentum * buffer + this->add * g / this->root(v);
    p = this->shrink * p - this->lr * buffer;
  }
};

template <class T>
struct rmspropCentered : rmsprop<T> {
  template <class V>
  void update(V& p, V g, V& v, V& mean) const {
    g = this->direction(p, g);
    v = this->average(v, g);
    mean = lerp(mean, g, this->rest);
    p = this->shrink * p - this->lr * g / this->root(v - mean * mean);
  }
};

template <class T>
struct rmspropCenteredMomentum : rmsprop<T> {
  template <class V>
  void update(V& p, V g, V& v, V& mean, V& buffer) const {
    g = this->direction(p, g);
    v = this->average(v, g);
    mean = lerp(mean, g, this->rest);
    buffer = this->momentum * buffer + this->add * g / this->root(v - mean * mean);
    p = this->shrink * p - this->lr * buffer;
  }
};

}  // namespace
}  // namespace lockstep
