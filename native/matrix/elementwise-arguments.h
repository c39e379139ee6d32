#pragma once
// The arguments of what goes element by element, in the order of the JavaScript call.

#include <cstddef>

#include "../element-type.h"
#include "../sizes.h"

namespace lockstep::args {

// out = f(x, alpha) over n elements.
template <class T>
struct ScalarOperation {
  size_t n;
  double alpha;
  const T* x;
  T* out;
  template <class V>
  void visit(V& v) {
    v.size("n", n);
    v.scalar("alpha", alpha);
    v.inputOrOutput("x", x, n);
    v.output("out", out, n);
  }
};

// y = f(x) over n elements.
template <class T>
struct Unary {
  size_t n;
  const T* x;
  T* y;
  template <class V>
  void visit(V& v) {
    v.size("n", n);
    v.inputOrOutput("x", x, n);
    v.output("y", y, n);
  }
};

// dx = dy f'(...) over n elements, f' in terms of what the forward pass read (x) or gave (y).
template <class T>
struct UnaryBackward {
  size_t n;
  const T* at;
  const T* dy;
  T* dx;
  template <class V>
  void visit(V& v) {
    v.size("n", n);
    v.input("at", at, n);
    v.inputOrOutput("dy", dy, n);
    v.output("dx", dx, n);
  }
};

// y = min(high, max(low, x)) over n elements.
template <class T>
struct ClampForward {
  size_t n;
  double low, high;
  const T* x;
  T* y;
  template <class V>
  void visit(V& v) {
    v.size("n", n);
    v.scalar("low", low);
    v.scalar("high", high);
    v.inputOrOutput("x", x, n);
    v.output("y", y, n);
  }
};

// dx = dy where x is in [low, high], else 0.
template <class T>
struct ClampBackward {
  size_t n;
  double low, high;
  const T* x;
  const T* dy;
  T* dx;
  template <class V>
  void visit(V& v) {
    v.size("n", n);
    v.scalar("low", low);
    v.scalar("high", high);
    v.input("x", x, n);
    v.inputOrOutput("dy", dy, n);
    v.output("dx", dx, n);
  }
};

// out = x in another element type.
template <class T>
struct Cast {
  size_t n;
  ElementType type;
  const void* x;
  T* out;
  template <class V>
  void visit(V& v) {
    v.size("n", n);
    v.anyInput("x", x, type, n);
    v.output("out", out, n);
  }
};

// out = x in a type of two bytes, which no other kernel knows: they come as bytes.
template <class T>
struct ToHalf {
  size_t n;
  const T* x;
  uint8_t* out;
  template <class V>
  void visit(V& v) {
    v.size("n", n);
    v.input("x", x, n);
    v.maskOutput("out", out, area(n, 2));
  }
};
template <class T>
struct FromHalf {
  size_t n;
  const uint8_t* x;
  T* out;
  template <class V>
  void visit(V& v) {
    v.size("n", n);
    v.mask("x", x, area(n, 2));
    v.output("out", out, n);
  }
};

// dx = dy where x > 0, else alpha dy.
template <class T>
struct LeakyReluBackward {
  size_t n;
  double alpha;
  const T* x;
  const T* dy;
  T* dx;
  template <class V>
  void visit(V& v) {
    v.size("n", n);
    v.scalar("alpha", alpha);
    v.input("x", x, n);
    v.inputOrOutput("dy", dy, n);
    v.output("dx", dx, n);
  }
};

}  // namespace lockstep::args
