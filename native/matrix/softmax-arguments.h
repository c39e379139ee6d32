#pragma once
// The arguments of softmax, in the order of the JavaScript call. The middle axis of an array [outer, count, inner] is brought
// to the sum 1.

#include "../sizes.h"

namespace lockstep::args {

// y = softmax(x), or its logarithm.
template <class T>
struct Softmax {
  size_t outer, count, inner;
  const T* x;
  T* y;
  template <class V>
  void visit(V& v) {
    v.size("outer", outer);
    v.size("count", count);
    v.size("inner", inner);
    v.inputOrOutput("x", x, area(outer, area(count, inner)));
    v.output("y", y, area(outer, area(count, inner)));
  }
};

// dx from the y of the forward pass.
template <class T>
struct SoftmaxBackward {
  size_t outer, count, inner;
  const T* y;
  const T* dy;
  T* dx;
  template <class V>
  void visit(V& v) {
    v.size("outer", outer);
    v.size("count", count);
    v.size("inner", inner);
    v.input("y", y, area(outer, area(count, inner)));
    v.inputOrOutput("dy", dy, area(outer, area(count, inner)));
    v.output("dx", dx, area(outer, area(count, inner)));
  }
};

// Per-row loss of softmax and cross-entropy, and its gradient by the logits; 0 where the label is -1.
template <class T>
struct CrossEntropy {
  size_t rows, columns;
  double smoothing;
  const T* logits;
  const int32_t* labels;
  T* losses;
  T* gradient;
  template <class V>
  void visit(V& v) {
    v.size("rows", rows);
    v.size("columns", columns);
    v.scalar("smoothing", smoothing);
    v.input("logits", logits, area(rows, columns));
    v.labels("labels", labels, rows, columns, -1);
    v.output("losses", losses, rows);
    v.output("gradient", gradient, area(rows, columns));
  }
};

}  // namespace lockstep::args
