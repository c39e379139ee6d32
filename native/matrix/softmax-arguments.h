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

// logProbs and gradient are [steps, batch, classes], and so many steps of each count as its input length says, all at most; targets
// are [batch, longest], each of which ends before a -1.
template <class T>
struct Ctc {
  size_t batch, steps, classes, longest, blank;
  bool isMean, zeroInfinity, gradients;
  const T* logProbs;
  const int32_t* inputLengths;
  const int32_t* targets;
  T* losses;
  T* gradient;
  template <class V>
  void visit(V& v) {
    v.size("batch", batch);
    v.size("steps", steps);
    v.size("classes", classes, 1);
    v.size("longest", longest);
    v.choice("blank", blank, classes);
    v.flag("isMean", isMean);
    v.flag("zeroInfinity", zeroInfinity);
    v.flag("gradients", gradients);
    const size_t count = area(steps, area(batch, classes));
    v.input("logProbs", logProbs, count);
    v.integerInput("inputLengths", inputLengths, batch);
    v.labels("targets", targets, area(batch, longest), classes, -1);
    v.output("losses", losses, batch);
    v.output("gradient", gradient, gradients ? count : 0);
  }
};

}  // namespace lockstep::args
