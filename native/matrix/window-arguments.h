#pragma once
// The arguments of convolutions and of pooling, in the order of the JavaScript call. Images are [batch, height,
// width, channels].

#include "../sizes.h"
#include "gemm-arguments.h"

namespace lockstep::args {

// Where the windows over an image lie: tap (i, j) of the window of output (r, s) meets the pixel
// (r strideHeight + i dilationHeight - padTop, s strideWidth + j dilationWidth - padLeft), which may lie outside.
struct Window {
  size_t height, width, outHeight, outWidth, kernelHeight, kernelWidth;
  size_t strideHeight, strideWidth, dilationHeight, dilationWidth, padTop, padLeft;

  template <class V>
  void visitWindow(V& v) {
    v.window("height", height, 1);
    v.window("width", width, 1);
    v.window("outHeight", outHeight, 1);
    v.window("outWidth", outWidth, 1);
    v.window("kernelHeight", kernelHeight, 1);
    v.window("kernelWidth", kernelWidth, 1);
    v.window("strideHeight", strideHeight, 1);
    v.window("strideWidth", strideWidth, 1);
    v.window("dilationHeight", dilationHeight, 1);
    v.window("dilationWidth", dilationWidth, 1);
    v.window("padTop", padTop, 0);
    v.window("padLeft", padLeft, 0);
  }
};

// `groups` convolutions side by side, each of `channels` channels to `outChannels`. A weight is
// [groups * outChannels, kernelHeight, kernelWidth, channels].
struct Convolution : Window {
  size_t groups, batch, channels, outChannels;

  size_t sizeX() const { return area(area(area(batch, height), width), area(groups, channels)); }
  size_t sizeY() const { return area(area(area(batch, outHeight), outWidth), area(groups, outChannels)); }
  size_t sizeWeight() const { return area(area(area(groups, outChannels), area(kernelHeight, kernelWidth)), channels); }

  // At least as many elements as a row of outputs reaches over in x, or a row of pixels in dy: BorderedImages copies them.
  size_t reach() const {
    const size_t down = (kernelHeight - 1) * dilationHeight + strideHeight + 2;
    const size_t outputs = (outWidth - 1) * strideWidth, across = (kernelWidth - 1) * dilationWidth + 2;
    return area(area(down, (outputs > width ? outputs : width) + across),
                area(groups, channels > outChannels ? channels : outChannels));
  }

  // What reaches over more sees mostly border, and is refused: the copy would have no bound.
  size_t mostReach() const {
    const size_t x = least(sizeX(), size_t(1) << 48), y = least(sizeY(), size_t(1) << 48);
    return (size_t(1) << 24) + 16 * (x + y);
  }

  template <class V>
  void visitConvolution(V& v) {
    visitWindow(v);
    v.window("groups", groups, 1);
    v.size("batch", batch);
    v.size("channels", channels, 1);
    v.size("outChannels", outChannels, 1);
    v.atMost("numbers that a row of outputs reaches over", reach(), mostReach());
  }
};

// y = activation(the convolution of x + bias), as gemm's; pixels outside count as 0.
template <class T>
struct Conv2dForward : Convolution {
  size_t activation;
  bool biased;
  const T* x;
  const T* weight;
  const T* bias;
  T* y;
  template <class V>
  void visit(V& v) {
    visitConvolution(v);
    v.choice("activation", activation, kActivations);
    v.flag("biased", biased);
    v.input("x", x, sizeX());
    v.input("weight", weight, sizeWeight());
    v.optionalInput("bias", bias, biased, area(groups, outChannels));
    v.output("y", y, sizeY());
  }
};

// The gradient by x, plus dx where `accumulate`.
template <class T>
struct Conv2dBackwardInput : Convolution {
  bool accumulate;
  const T* weight;
  const T* dy;
  T* dx;
  template <class V>
  void visit(V& v) {
    visitConvolution(v);
    v.flag("accumulate", accumulate);
    v.input("weight", weight, sizeWeight());
    v.input("dy", dy, sizeY());
    v.output("dx", dx, sizeX());
  }
};

// The gradient by the weight, plus dWeight where `accumulate`.
template <class T>
struct Conv2dBackwardWeight : Convolution {
  bool accumulate;
  const T* x;
  const T* dy;
  T* dWeight;
  template <class V>
  void visit(V& v) {
    visitConvolution(v);
    v.flag("accumulate", accumulate);
    v.input("x", x, sizeX());
    v.input("dy", dy, sizeY());
    v.output("dWeight", dWeight, sizeWeight());
  }
};

// Each channel by itself: y [batch, outHeight, outWidth, channels].
struct Pooling : Window {
  size_t batch, channels;

  size_t sizeX() const { return area(area(area(batch, height), width), channels); }
  size_t sizeY() const { return area(area(area(batch, outHeight), outWidth), channels); }

  template <class V>
  void visitPooling(V& v) {
    visitWindow(v);
    v.size("batch", batch);
    v.size("channels", channels);
  }
};

// The number of a pixel in its image is an int32.
struct MaxPooling : Pooling {
  template <class V>
  void visitMaxPooling(V& v) {
    visitPooling(v);
    v.atMost("pixels of an image, height times width,", area(height, width), kMostPositions);
  }
};

// y = the largest pixel, positions = its row times `width` plus its column; -infinity and -1 where a window has no pixel.
template <class T>
struct MaxPool2dForward : MaxPooling {
  const T* x;
  int32_t* positions;
  T* y;
  template <class V>
  void visit(V& v) {
    visitMaxPooling(v);
    v.input("x", x, sizeX());
    v.integers("positions", positions, sizeY());
    v.output("y", y, sizeY());
  }
};

// Without positions: for what does not go back.
template <class T>
struct MaxPool2d : MaxPooling {
  const T* x;
  T* y;
  template <class V>
  void visit(V& v) {
    visitMaxPooling(v);
    v.input("x", x, sizeX());
    v.output("y", y, sizeY());
  }
};

// The gradient by x, plus dx where `accumulate`: positions outside of their window get nothing.
template <class T>
struct MaxPool2dBackward : MaxPooling {
  bool accumulate;
  const int32_t* positions;
  const T* dy;
  T* dx;
  template <class V>
  void visit(V& v) {
    visitMaxPooling(v);
    v.flag("accumulate", accumulate);
    v.labels("positions", positions, sizeY(), area(height, width), -1, true);
    v.input("dy", dy, sizeY());
    v.output("dx", dx, sizeX());
  }
};

// y = the sum of the pixels / how many there are: those inside, or with `countIncludePad` also those of the padding,
// which is as wide on the right and below as on the left and above.
template <class T>
struct AvgPool2dForward : Pooling {
  bool countIncludePad;
  const T* x;
  T* y;
  template <class V>
  void visit(V& v) {
    visitPooling(v);
    v.flag("countIncludePad", countIncludePad);
    v.input("x", x, sizeX());
    v.output("y", y, sizeY());
  }
};

// The gradient by x, plus dx where `accumulate`.
template <class T>
struct AvgPool2dBackward : Pooling {
  bool countIncludePad, accumulate;
  const T* dy;
  T* dx;
  template <class V>
  void visit(V& v) {
    visitPooling(v);
    v.flag("countIncludePad", countIncludePad);
    v.flag("accumulate", accumulate);
    v.input("dy", dy, sizeY());
    v.output("dx", dx, sizeX());
  }
};

}  // namespace lockstep::args
