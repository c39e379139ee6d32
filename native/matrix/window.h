#pragma once
// Which taps of an output's window meet pixels of the image, and the pixels they meet: for kernels that go tap by tap. Those
// that are products have slide.h.
// Mirror: src/backend/typescript/matrix/window.ts.

#include "../sizes.h"
#include "tasks.h"
#include "window-arguments.h"

namespace lockstep {
namespace {

using args::Window;

// Along one dimension, taps [begin, end) of a window meet pixels: the first of them `pixel`, each next one the pixel `step`
// further on.
struct Taps {
  size_t begin, end, pixel, step;
};

// quotientUp, without a division for the usual step.
inline size_t stepsTo(size_t distance, size_t step) { return step == 1 ? distance : quotientUp(distance, step); }

// Of the window that starts at pixel start - pad, with a tap at every `step` pixels. Sizes are below 2^31: no sum overflows.
inline Taps tapsFrom(size_t start, size_t pad, size_t step, size_t taps, size_t size) {
  const size_t begin = start < pad ? least(stepsTo(pad - start, step), taps) : 0;
  const size_t end = size + pad > start ? least(stepsTo(size + pad - start, step), taps) : 0;
  return {begin, end < begin ? begin : end, start + begin * step - pad, step};
}

inline Taps rowTaps(const Window& w, size_t outRow) {
  return tapsFrom(outRow * w.strideHeight, w.padTop, w.dilationHeight, w.kernelHeight, w.height);
}
inline Taps columnTaps(const Window& w, size_t outColumn) {
  return tapsFrom(outColumn * w.strideWidth, w.padLeft, w.dilationWidth, w.kernelWidth, w.width);
}

// f(image, outRow, outColumn, place) for outputs [begin, end) of a batch; `place` counts from `begin`.
template <class F>
inline void forOutputs(const Window& w, size_t begin, size_t end, const F& f) {
  const size_t pixels = w.outHeight * w.outWidth;
  size_t image = begin / pixels, row = begin % pixels / w.outWidth, column = begin % w.outWidth;
  for (size_t place = 0; place < end - begin; ++place) {
    f(image, row, column, place);
    if (++column < w.outWidth) continue;
    column = 0;
    if (++row < w.outHeight) continue;
    row = 0;
    ++image;
  }
}

// f(tap, pixel) for the taps of a window that are inside.
template <class F>
inline void forTaps(const Window& w, Taps down, Taps across, const F& f) {
  for (size_t i = down.begin, row = down.pixel; i < down.end; ++i, row += down.step) {
    for (size_t j = across.begin, column = across.pixel; j < across.end; ++j, column += across.step) {
      f(i * w.kernelWidth + j, row * w.width + column);
    }
  }
}

// Outputs to a piece of work.
inline size_t outputGrain(size_t taps, size_t channels) { return rowGrain(area(taps, channels)); }

}  // namespace
}  // namespace lockstep
