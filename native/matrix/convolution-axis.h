#pragma once
// One dimension of a convolution, forward and backward, as a slide (slide.h) with phases. Forward, each window gives one
// element of the result, by all taps. Backward it gives up to `stride` neighbours, each by taps of its own: the first of all
// windows are one phase, the second another (a polyphase decomposition).

#include "../sizes.h"
#include "slide.h"
#include "window-arguments.h"

namespace lockstep {
namespace {

// first, first + step, ... Arithmetic is modulo 2^64, so that either may stand for a negative number.
struct Progression {
  size_t first, step;

  size_t operator()(size_t n) const { return first + n * step; }
};

// The n-th of `taps` taps is tap(n) of the kernel and meets element offset(n) of every window, offsets rising. Window t gives
// element result(t), if it is one of [begin, end): what others would give is outside of the result.
struct Phase {
  size_t taps;
  Progression tap, offset;
  size_t begin, end;
  Progression result;

  bool hasResult(size_t t) const { return t >= begin && t < end; }
};

struct ConvolutionAxis {
  size_t size, outputs, kernel, stride, dilation, pad;
};

inline ConvolutionAxis downOf(const args::Convolution& g) {
  return {g.height, g.outHeight, g.kernelHeight, g.strideHeight, g.dilationHeight, g.padTop};
}
inline ConvolutionAxis acrossOf(const args::Convolution& g) {
  return {g.width, g.outWidth, g.kernelWidth, g.strideWidth, g.dilationWidth, g.padLeft};
}

// From x to y: window t gives output t, of all taps.
struct ForwardAxis : ConvolutionAxis {
  size_t resultSize() const { return outputs; }
  Slide slide() const { return {size, outputs, stride, (kernel - 1) * dilation + 1, static_cast<ptrdiff_t>(pad)}; }
  size_t phases() const { return 1; }
  bool coversResult() const { return true; }
  Phase phase(size_t) const { return {kernel, {0, 1}, {0, dilation}, 0, outputs, {0, 1}}; }
};

// From dy to dx. Output r has met pixel p in tap i where r stride + i dilation - pad = p. With p + pad = t stride + phase,
// those are the taps for which i dilation - phase is a multiple of the stride, in r = t - (i dilation - phase) / stride. So
// windows slide over dy, an output at a time, their last taps first, and window t gives pixels t stride + phase - pad. Size 5
// with pad 1 and stride 2, under a kernel of 3 taps:
//
//      dy            [0] y0  y1  y2
//      window 0       w2  w0             phase 0: no pixel, for -1 is outside
//                         w1             phase 1: pixel 0 = w1 y0
//      window 1           w2  w0         phase 0: pixel 1 = w2 y0 + w0 y1
//                             w1         phase 1: pixel 2 = w1 y1
//      window 2               w2  w0     phase 0: pixel 3 = w2 y1 + w0 y2
//                                 w1     phase 1: pixel 4 = w1 y2
struct BackwardAxis : ConvolutionAxis {
  size_t resultSize() const { return size; }

  // Without the windows whose pixels are all in the padding: firstWindow() is the first of the slide.
  Slide slide() const {
    const size_t first = firstWindow(), last = (size - 1 + pad) / stride;
    return {outputs, last - first + 1, 1, back() + 1, static_cast<ptrdiff_t>(back()) - static_cast<ptrdiff_t>(first)};
  }

  // Those that have taps: n dilation % stride for each tap n of the first period. Pixels of the others have met no output.
  size_t phases() const { return least(period(), kernel); }
  bool coversResult() const { return phases() == stride; }

  // That of the taps n, n + period() ...
  Phase phase(size_t n) const {
    const size_t phase = n * dilation % stride, steps = (kernel - 1 - n) / period(), last = n + steps * period();
    const size_t windows = slide().windows, start = firstWindow() * stride + phase;
    // The first and the last window may give a pixel before the first one, or behind the last.
    const size_t begin = start < pad ? 1 : 0;
    const size_t end = start + (windows - 1) * stride >= size + pad ? windows - 1 : windows;
    return {steps + 1,
            {last, 0 - period()},
            {back() - (last * dilation - phase) / stride, period() * dilation / stride},
            begin,
            end,
            {start - pad, stride}};
  }

 private:
  size_t firstWindow() const { return pad / stride; }

  // Window t sees outputs [t - back(), t].
  size_t back() const { return (kernel - 1) * dilation / stride; }

  // Taps from one of a phase to its next: stride / gcd(stride, dilation).
  size_t period() const {
    size_t divisor = stride, rest = dilation % stride;
    while (rest != 0) {
      const size_t next = divisor % rest;
      divisor = rest;
      rest = next;
    }
    return stride / divisor;
  }
};

}  // namespace
}  // namespace lockstep
