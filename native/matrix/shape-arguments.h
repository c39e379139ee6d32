#pragma once
// The arguments of what works on shapes, in the order of the JavaScript call.

#include "../sizes.h"
#include "layout.h"
#include "strides.h"

namespace lockstep::args {

// out = f(a, b) over [outer, rows, columns], the operands repeated as the layout says.
template <class T>
struct Binary {
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

// out = condition is not 0 ? a : b over [outer, rows, columns], the operands repeated as the layout says.
template <class T>
struct Where {
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

// A mask of what holds for a and b over [outer, rows, columns], the operands repeated as the layout says.
template <class T>
struct Comparison {
  size_t layout, outer, rows, columns;
  const T* a;
  const T* b;
  uint8_t* out;
  template <class V>
  void visit(V& v) {
    v.layout("layout", layout, 64);
    v.size("outer", outer);
    v.size("rows", rows);
    v.size("columns", columns);
    v.input("a", a, operandSize(layout, 0, outer, rows, columns));
    v.input("b", b, operandSize(layout, 1, outer, rows, columns));
    v.maskOutput("out", out, area(area(outer, rows), columns));
  }
};

// As Where, with a mask for the condition.
template <class T>
struct Select {
  size_t layout, outer, rows, columns;
  const uint8_t* condition;
  const T* a;
  const T* b;
  T* out;
  template <class V>
  void visit(V& v) {
    v.layout("layout", layout, 512);
    v.size("outer", outer);
    v.size("rows", rows);
    v.size("columns", columns);
    v.mask("condition", condition, operandSize(layout, 0, outer, rows, columns));
    v.inputOrOutput("a", a, operandSize(layout, 1, outer, rows, columns));
    v.inputOrOutput("b", b, operandSize(layout, 2, outer, rows, columns));
    v.output("out", out, area(area(outer, rows), columns));
  }
};

// out = x [n0, n1, n2, n3] with its dimensions in another order.
template <class T>
struct Permute {
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

// out[outStart + the sum of i_d out_d] = x[xStart + the sum of i_d x_d] for all indices below n0, n1, n2, n3. Steps of x may be
// negative, and 0; those of out are nested.
struct Strides {
  size_t sizes[4];
  size_t xStart;
  ptrdiff_t xSteps[4];
  size_t outStart;
  ptrdiff_t outSteps[4];
};
template <class T>
struct CopyStrided : Strides {
  const T* x;
  T* out;
  template <class V>
  void visit(V& v) {
    v.dimensions();
    v.size("n0", sizes[0]);
    v.size("n1", sizes[1]);
    v.size("n2", sizes[2]);
    v.size("n3", sizes[3]);
    v.place("xStart", xStart);
    v.step("x0", xSteps[0]);
    v.step("x1", xSteps[1]);
    v.step("x2", xSteps[2]);
    v.step("x3", xSteps[3]);
    v.readsAt(sizes, xStart, xSteps, "x");
    v.place("outStart", outStart);
    v.step("out0", outSteps[0]);
    v.step("out1", outSteps[1]);
    v.step("out2", outSteps[2]);
    v.step("out3", outSteps[3]);
    v.writesAt(sizes, outStart, outSteps, "out");
    v.input("x", x, stridedExtent(sizes, xStart, xSteps));
    v.output("out", out, stridedExtent(sizes, outStart, outSteps));
  }
};

// out[r] = source[indices[r]]
template <class T>
struct GatherRows {
  size_t rows, columns, sourceRows;
  const T* source;
  const int32_t* indices;
  T* out;
  template <class V>
  void visit(V& v) {
    v.size("rows", rows);
    v.size("columns", columns);
    v.size("sourceRows", sourceRows);
    v.input("source", source, area(sourceRows, columns));
    v.labels("indices", indices, rows, sourceRows);
    v.output("out", out, area(rows, columns));
  }
};

// out[o][j][i] = source[o][index][i], where index is indices[o][j][i], or indices[j] where it is `shared` by all lines.
template <class T>
struct GatherAlong {
  size_t outer, count, picked, inner;
  bool shared;
  const T* source;
  const int32_t* indices;
  T* out;
  template <class V>
  void visit(V& v) {
    v.size("outer", outer);
    v.size("count", count);
    v.size("picked", picked);
    v.size("inner", inner);
    v.flag("shared", shared);
    v.input("source", source, area(outer, area(count, inner)));
    v.labels("indices", indices, shared ? picked : area(outer, area(picked, inner)), count);
    v.output("out", out, area(outer, area(picked, inner)));
  }
};

// out[o][index][i] += source[o][j][i], in the order of j.
template <class T>
struct ScatterAlong {
  size_t outer, count, picked, inner;
  bool shared;
  const T* source;
  const int32_t* indices;
  T* out;
  template <class V>
  void visit(V& v) {
    v.size("outer", outer);
    v.size("count", count);
    v.size("picked", picked);
    v.size("inner", inner);
    v.flag("shared", shared);
    v.input("source", source, area(outer, area(picked, inner)));
    v.labels("indices", indices, shared ? picked : area(outer, area(picked, inner)), count);
    v.output("out", out, area(outer, area(count, inner)));
  }
};

// Matrices with 0 above the diagonal that is `diagonal` right of their own, or below it where `upper`.
template <class T>
struct Triangle {
  size_t outer, rows, columns;
  bool upper;
  double diagonal;
  const T* x;
  T* out;
  template <class V>
  void visit(V& v) {
    v.size("outer", outer);
    v.size("rows", rows);
    v.size("columns", columns);
    v.flag("upper", upper);
    v.scalar("diagonal", diagonal);
    v.inputOrOutput("x", x, area(outer, area(rows, columns)));
    v.output("out", out, area(outer, area(rows, columns)));
  }
};

// out[r][c] = c is indices[r] ? onValue : offValue for c below `depth`.
template <class T>
struct OneHot {
  size_t n, depth;
  double onValue, offValue;
  const int32_t* indices;
  T* out;
  template <class V>
  void visit(V& v) {
    v.size("n", n);
    v.size("depth", depth);
    v.scalar("onValue", onValue);
    v.scalar("offValue", offValue);
    v.integerInput("indices", indices, n);
    v.output("out", out, area(n, depth));
  }
};

// out[indices[r]] = source[r], in the order of r; or += for scatterAddRows.
template <class T>
struct ScatterRows {
  size_t columns, rows, outRows;
  const T* source;
  const int32_t* indices;
  T* out;
  template <class V>
  void visit(V& v) {
    v.size("columns", columns);
    v.size("rows", rows);
    v.size("outRows", outRows);
    v.input("source", source, area(rows, columns));
    v.labels("indices", indices, rows, outRows);
    v.output("out", out, area(outRows, columns));
  }
};

}  // namespace lockstep::args
