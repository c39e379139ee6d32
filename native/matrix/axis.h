#pragma once
// A convolution along one of its dimensions, in both directions.

#include "../sizes.h"
#include "slide.h"
#include "window-arguments.h"

namespace lockstep {
namespace {

// Taps of a kernel along one dimension, in the order of what they see: tap first + n step sees place offset + n distance of
// the window.
struct TapOrder {
  size_t count;
  ptrdiff_t first, step;
  size_t offset, distance;

  size_t tap(size_t n) const { return static_cast<size_t>(first + static_cast<ptrdiff_t>(n) * step); }
  size_t place(size_t n) const { return offset + n * distance; }
};

// Outputs [begin, end) of a slide are elements origin + t step of a dimension of the result.
struct Places {
  size_t begin, end;
  ptrdiff_t origin;
  size_t step;

  bool has(size_t t) const { return t >= begin && t < end; }
  size_t at(size_t t) const { return static_cast<size_t>(origin + static_cast<ptrdiff_t>(t * step)); }
};

// Outputs that the same taps meet.
struct Phase {
  TapOrder taps;
  Places places;
};

// A dimension of a convolution.
struct Axis {
  size_t size, outputs, kernel, stride, dilation, pad;

  size_t reach() const { return (kernel - 1) * dilation + 1; }
};

inline Axis downOf(const args::Convolution& g) {
  return {g.height, g.outHeight, g.kernelHeight, g.strideHeight, g.dilationHeight, g.padTop};
}
inline Axis acrossOf(const args::Convolution& g) {
  return {g.width, g.outWidth, g.kernelWidth, g.strideWidth, g.dilationWidth, g.padLeft};
}

// From x to y: every output meets all taps.
struct ForwardAxis : Axis {
  size_t resultSize() const { return outputs; }
  Slide slide() const { return {size, outputs, stride, reach(), static_cast<ptrdiff_t>(pad)}; }
  size_t phases() const { return 1; }
  bool meetsAll() const { return true; }
  Phase phase(size_t) const { return {{kernel, 0, 1, 0, dilation}, {0, outputs, 0, 1}}; }
};

// From dy to dx: pixel p = t stride + phase - pad meets the taps i for which i dilation - phase is a multiple of the stride,
// in outputs t - (i dilation - phase) / stride: a slide over dy, phase by phase, in steps of one.
struct BackwardAxis : Axis {
  size_t resultSize() const { return size; }

  Slide slide() const {
    const size_t first = pad / stride, last = (size - 1 + pad) / stride;
    return {outputs, last - first + 1, 1, back() + 1, static_cast<ptrdiff_t>(back()) - static_cast<ptrdiff_t>(first)};
  }

  // Others meet no tap.
  size_t phases() const { return least(period(), kernel); }
  bool meetsAll() const { return phases() == stride; }

  Phase phase(size_t n) const {
    const size_t phase = n * dilation % stride, last = n + (kernel - 1 - n) / period() * period();
    const size_t first = pad / stride, outputs = slide().outputs, start = first * stride + phase;
    // Only where the first or the last step is not a whole one.
    const size_t begin = start < pad ? 1 : 0,
                 end = start + (outputs - 1) * stride >= size + pad ? outputs - 1 : outputs;
    return {{(last - n) / period() + 1, static_cast<ptrdiff_t>(last), -static_cast<ptrdiff_t>(period()),
             back() - (last * dilation - phase) / stride, period() * dilation / stride},
            {begin, end, static_cast<ptrdiff_t>(start) - static_cast<ptrdiff_t>(pad), stride}};
  }

 private:
  // Outputs that the last tap is behind.
  size_t back() const { return (kernel - 1) * dilation / stride; }

  // Taps from one of a phase to the next.
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
