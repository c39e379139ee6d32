#pragma once
// The arguments of what draws random numbers, in the order of the JavaScript call. `offset`: how many words of
// the seed's stream come before the first one.

#include <cstddef>

namespace lockstep::args {

// out = low + (high - low) u, u uniform in [0, 1), two words each.
template <class T>
struct Uniform {
  size_t n, seed, offset;
  double low, high;
  T* out;
  template <class V>
  void visit(V& v) {
    v.size("n", n);
    v.size("seed", seed);
    v.size("offset", offset);
    v.scalar("low", low);
    v.scalar("high", high);
    v.output("out", out, n);
  }
};

// out = mean + deviation z, z standard normal, two words each.
template <class T>
struct Normal {
  size_t n, seed, offset;
  double mean, deviation;
  T* out;
  template <class V>
  void visit(V& v) {
    v.size("n", n);
    v.size("seed", seed);
    v.size("offset", offset);
    v.scalar("mean", mean);
    v.scalar("deviation", deviation);
    v.output("out", out, n);
  }
};

// out = 1 with this probability, else 0, one word each.
template <class T>
struct Bernoulli {
  size_t n, seed, offset;
  double probability;
  T* out;
  template <class V>
  void visit(V& v) {
    v.size("n", n);
    v.size("seed", seed);
    v.size("offset", offset);
    v.scalar("probability", probability);
    v.output("out", out, n);
  }
};

// y = 0 with this probability, else x / (1 - probability), one word each.
template <class T>
struct Dropout {
  size_t n, seed, offset;
  double probability;
  const T* x;
  T* y;
  template <class V>
  void visit(V& v) {
    v.size("n", n);
    v.size("seed", seed);
    v.size("offset", offset);
    v.scalar("probability", probability);
    v.inputOrOutput("x", x, n);
    v.output("y", y, n);
  }
};

}  // namespace lockstep::args
