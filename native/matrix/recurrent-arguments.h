#pragma once
// The arguments of a step of a recurrent layer, in the order of the JavaScript call. A row of gates is that of the first, then that
// of the second ...: each has `columns` numbers.

#include "../sizes.h"

namespace lockstep::args {

// From the sums [rows, 4 columns] of the gates i, f, g and o to their values, in place; then c = f before + i g and
// h = o tanh(c), with `before` the c of the step before.
template <class T>
struct LstmForward {
  size_t rows, columns;
  const T* before;
  T* gates;
  T* c;
  T* h;
  template <class V>
  void visit(V& v) {
    v.size("rows", rows);
    v.size("columns", columns);
    v.input("before", before, area(rows, columns));
    v.output("gates", gates, area(rows, area(4, columns)));
    v.output("c", c, area(rows, columns));
    v.output("h", h, area(rows, columns));
  }
};

// The gradients of lstmForward by the sums of the gates, in the place of their values, and by `before`, in the place of dc. Of h
// there are two, dy and dh, which are added.
template <class T>
struct LstmBackward {
  size_t rows, columns;
  const T* before;
  const T* c;
  const T* dy;
  const T* dh;
  T* gates;
  T* dc;
  template <class V>
  void visit(V& v) {
    v.size("rows", rows);
    v.size("columns", columns);
    v.input("before", before, area(rows, columns));
    v.input("c", c, area(rows, columns));
    v.input("dy", dy, area(rows, columns));
    v.input("dh", dh, area(rows, columns));
    v.output("gates", gates, area(rows, area(4, columns)));
    v.output("dc", dc, area(rows, columns));
  }
};

// From the sums [rows, 3 columns] of the gates r, z and n, those of the input in `gates`, to their values, in place;
// `hidden` has those of the state, of which n takes r times its part. Then h = n + z (before - n).
template <class T>
struct GruForward {
  size_t rows, columns;
  const T* before;
  const T* hidden;
  T* gates;
  T* h;
  template <class V>
  void visit(V& v) {
    v.size("rows", rows);
    v.size("columns", columns);
    v.input("before", before, area(rows, columns));
    v.input("hidden", hidden, area(rows, area(3, columns)));
    v.output("gates", gates, area(rows, area(3, columns)));
    v.output("h", h, area(rows, columns));
  }
};

// The gradients of gruForward by both sums, in the place of `gates` and `hidden`, and that by `before` but for what comes through
// `hidden`, in the place of dh. Of h there are two, dy and dh, which are added.
template <class T>
struct GruBackward {
  size_t rows, columns;
  const T* before;
  const T* dy;
  T* gates;
  T* hidden;
  T* dh;
  template <class V>
  void visit(V& v) {
    v.size("rows", rows);
    v.size("columns", columns);
    v.input("before", before, area(rows, columns));
    v.input("dy", dy, area(rows, columns));
    v.output("gates", gates, area(rows, area(3, columns)));
    v.output("hidden", hidden, area(rows, area(3, columns)));
    v.output("dh", dh, area(rows, columns));
  }
};

}  // namespace lockstep::args
