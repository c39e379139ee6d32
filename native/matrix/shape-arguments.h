#pragma once
// The arguments of what works on shapes, in the order of the JavaScript call. In namespace args of kernels.h.

// out = f(a, b) over [outer, rows, columns], the operands repeated as the layout says.
template <class T>
struct BinaryArguments {
  size_t layout, outer, rows, columns;
  const T* a;
  const T* b;
  T* out;
  template <class V>
  void visit(V& v) {
    v.layout("layout", layout, 64);
    v.size("outer", outer);
    v.size("rows", rows);
    v.size("columns", columns);
    v.inputOrOutput("a", a, operandSize(layout, 0, outer, rows, columns));
    v.inputOrOutput("b", b, operandSize(layout, 1, outer, rows, columns));
    v.output("out", out, area(area(outer, rows), columns));
  }
};
#define RULE(name)
#define KERNEL(name)
#define BINARY(name) \
  template <class T> \
  using name = BinaryArguments<T>;
#include "../kernels.def"

// out = condition is not 0 ? a : b over [outer, rows, columns], the operands repeated as the layout says.
template <class T>
struct where {
  size_t layout, outer, rows, columns;
  const T* condition;
  const T* a;
  const T* b;
  T* out;
  template <class V>
  void visit(V& v) {
    v.layout("layout", layout, 512);
    v.size("outer", outer);
    v.size("rows", rows);
    v.size("columns", columns);
    v.inputOrOutput("condition", condition, operandSize(layout, 0, outer, rows, columns));
    v.inputOrOutput("a", a, operandSize(layout, 1, outer, rows, columns));
    v.inputOrOutput("b", b, operandSize(layout, 2, outer, rows, columns));
    v.output("out", out, area(area(outer, rows), columns));
  }
};

// y = min(high, max(low, x)) over n elements.
template <class T>
struct clampForward {
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
struct clampBackward {
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

// out = x [n0, n1, n2, n3] with its dimensions in another order.
template <class T>
struct permute {
  size_t order, n0, n1, n2, n3;
  const T* x;
  T* out;
  template <class V>
  void visit(V& v) {
    v.layout("order", order, 24);
    v.size("n0", n0);
    v.size("n1", n1);
    v.size("n2", n2);
    v.size("n3", n3);
    v.input("x", x, area(area(n0, n1), area(n2, n3)));
    v.output("out", out, area(area(n0, n1), area(n2, n3)));
  }
};
