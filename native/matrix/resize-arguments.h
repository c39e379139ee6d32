#pragma once
// The arguments of what makes images larger or smaller, in the order of the JavaScript call.

#include "../sizes.h"

namespace lockstep::args {

// x [batch, inHeight, inWidth, channels], y [batch, outHeight, outWidth, channels].
struct Resize {
  size_t batch, inHeight, inWidth, outHeight, outWidth, channels;
  bool alignCorners, halfPixelCenters;

  size_t sizeX() const { return area(area(area(batch, inHeight), inWidth), channels); }
  size_t sizeY() const { return area(area(area(batch, outHeight), outWidth), channels); }

  template <class V>
  void visitResize(V& v) {
    v.size("batch", batch);
    v.window("inHeight", inHeight, 1);
    v.window("inWidth", inWidth, 1);
    v.window("outHeight", outHeight, 1);
    v.window("outWidth", outWidth, 1);
    v.size("channels", channels);
    v.flag("alignCorners", alignCorners);
    v.flag("halfPixelCenters", halfPixelCenters);
  }
};

template <class T>
struct ResizeForward : Resize {
  const T* x;
  T* y;
  template <class V>
  void visit(V& v) {
    visitResize(v);
    v.input("x", x, sizeX());
    v.output("y", y, sizeY());
  }
};

// The gradient by x, plus dx where `accumulate`.
template <class T>
struct ResizeBackward : Resize {
  bool accumulate;
  const T* dy;
  T* dx;
  template <class V>
  void visit(V& v) {
    visitResize(v);
    v.flag("accumulate", accumulate);
    v.input("dy", dy, sizeY());
    v.output("dx", dx, sizeX());
  }
};

}  // namespace lockstep::args
