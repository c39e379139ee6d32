#pragma once
// The arguments of reductions and of softmax, in the order of the JavaScript call. In namespace args of kernels.h.
// An array [outer, count, inner] is reduced, or brought to the sum 1, along its middle axis.

// out[o][i] = alpha times the reduction of x[o][...][i].
template <class T>
struct ReductionArguments {
  size_t outer, count, inner;
  double alpha;
  const T* x;
  T* out;
  template <class V>
  void visit(V& v) {
    v.size("outer", outer);
    v.size("count", count);
    v.size("inner", inner);
    v.scalar("alpha", alpha);
    v.input("x", x, area(outer, area(count, inner)));
    v.output("out", out, area(outer, inner));
  }
};
template <class T>
using sum = ReductionArguments<T>;
template <class T>
using prod = ReductionArguments<T>;
template <class T>
using amax = ReductionArguments<T>;
template <class T>
using amin = ReductionArguments<T>;
template <class T>
using norm1 = ReductionArguments<T>;
template <class T>
using norm2 = ReductionArguments<T>;
template <class T>
using normInf = ReductionArguments<T>;

// out[o][i] = the number of the first of the largest, or smallest, elements of x[o][...][i].
template <class T>
struct PositionArguments {
  size_t outer, count, inner;
  const T* x;
  int32_t* out;
  template <class V>
  void visit(V& v) {
    v.size("outer", outer);
    v.size("count", count, 1);
    v.atMost("count of elements", count, kMostPositions);
    v.size("inner", inner);
    v.input("x", x, area(outer, area(count, inner)));
    v.integers("out", out, area(outer, inner));
  }
};
template <class T>
using argmax = PositionArguments<T>;
template <class T>
using argmin = PositionArguments<T>;

// dx[o][c][i] = alpha dy[o][i], plus dx[o][c][i] where `accumulate`: the gradient of a sum.
template <class T>
struct sumBackward {
  size_t outer, count, inner;
  bool accumulate;
  double alpha;
  const T* dy;
  T* dx;
  template <class V>
  void visit(V& v) {
    v.size("outer", outer);
    v.size("count", count);
    v.size("inner", inner);
    v.flag("accumulate", accumulate);
    v.scalar("alpha", alpha);
    v.input("dy", dy, area(outer, inner));
    v.output("dx", dx, area(outer, area(count, inner)));
  }
};

// dx, plus dx where `accumulate`, of y = the reduction of x.
template <class T>
struct ReductionBackwardArguments {
  size_t outer, count, inner;
  bool accumulate;
  const T* x;
  const T* y;
  const T* dy;
  T* dx;
  template <class V>
  void visit(V& v) {
    v.size("outer", outer);
    v.size("count", count);
    v.size("inner", inner);
    v.flag("accumulate", accumulate);
    v.input("x", x, area(outer, area(count, inner)));
    v.input("y", y, area(outer, inner));
    v.input("dy", dy, area(outer, inner));
    v.output("dx", dx, area(outer, area(count, inner)));
  }
};
template <class T>
using prodBackward = ReductionBackwardArguments<T>;
template <class T>
using extremeBackward = ReductionBackwardArguments<T>;
template <class T>
using norm1Backward = ReductionBackwardArguments<T>;
template <class T>
using norm2Backward = ReductionBackwardArguments<T>;
template <class T>
using normInfBackward = ReductionBackwardArguments<T>;

// y = softmax(x), or its logarithm.
template <class T>
struct SoftmaxArguments {
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
template <class T>
using softmaxForward = SoftmaxArguments<T>;
template <class T>
using logSoftmaxForward = SoftmaxArguments<T>;

// dx from the y of the forward pass.
template <class T>
struct SoftmaxBackwardArguments {
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
template <class T>
using softmaxBackward = SoftmaxBackwardArguments<T>;
template <class T>
using logSoftmaxBackward = SoftmaxBackwardArguments<T>;
