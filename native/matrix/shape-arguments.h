#pragma once
// The arguments of what works on shapes, in the order of the JavaScript call.

#include "../sizes.h"
#include "layout.h"

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
