#pragma once
// The arguments of reductions, in the order of the JavaScript call. An array [outer, count, inner] is reduced along its middle
// axis.

#include "../sizes.h"

namespace lockstep::args {

// out[o][i] = alpha times the reduction of x[o][...][i].
template <class T>
struct Reduction {
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

// out[o][i] = the number of the first of the largest, or smallest, elements of x[o][...][i].
template <class T>
struct Positions {
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

// values[o][...][i] = the first `picked` of x[o][...][i] in order; places: their numbers on that axis.
template <class T>
struct SortAlong {
  size_t outer, count, picked, inner;
  bool descending;
  const T* x;
  T* values;
  int32_t* places;
  template <class V>
  void visit(V& v) {
    v.size("outer", outer);
    v.size("count", count);
    v.size("picked", picked);
    v.size("inner", inner);
    v.atMost("count of elements", count, kMostPositions);
    v.atMost("count of those picked", picked, count);
    v.flag("descending", descending);
    v.input("x", x, area(outer, area(count, inner)));
    v.output("values", values, area(outer, area(picked, inner)));
    v.integers("places", places, area(outer, area(picked, inner)));
  }
};

// out[o][i] = what holds for the elements of x[o][...][i].
template <class T>
struct Quantifier {
  size_t outer, count, inner;
  const T* x;
  T* out;
  template <class V>
  void visit(V& v) {
    v.size("outer", outer);
    v.size("count", count);
    v.size("inner", inner);
    v.input("x", x, area(outer, area(count, inner)));
    v.output("out", out, area(outer, inner));
  }
};

// out[o][r][i] = the reduction of x[o][0 .. r][i], without x[o][r][i] where `exclusive`; of x[o][r ..][i] where `reverse`.
template <class T>
struct Cumulative {
  size_t outer, count, inner;
  bool exclusive, reverse;
  const T* x;
  T* out;
  template <class V>
  void visit(V& v) {
    v.size("outer", outer);
    v.size("count", count);
    v.size("inner", inner);
    v.flag("exclusive", exclusive);
    v.flag("reverse", reverse);
    v.inputOrOutput("x", x, area(outer, area(count, inner)));
    v.output("out", out, area(outer, area(count, inner)));
  }
};

// dx[o][c][i] = alpha dy[o][i], plus dx[o][c][i] where `accumulate`: the gradient of a sum.
template <class T>
struct SumBackward {
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
struct ReductionBackward {
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

// out[0] = alpha times the sum of what pairs of elements of a and b give.
template <class T>
struct PairSum {
  size_t n;
  double alpha;
  const T* a;
  const T* b;
  T* out;
  template <class V>
  void visit(V& v) {
    v.size("n", n);
    v.scalar("alpha", alpha);
    v.input("a", a, n);
    v.input("b", b, n);
    v.output("out", out, 1);
  }
};

}  // namespace lockstep::args
