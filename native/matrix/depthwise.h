#pragma once
// Convolutions of each channel with itself alone: vectors lie along the channels, and every output, every pixel of dx and
// every weight is one chain of fused multiply-adds over the taps, or the outputs, in their order.

#include "../parallel.h"
#include "../simd/for-lanes.h"
#include "../sizes.h"
#include "convolution-weight.h"
#include "convolution.h"
#include "gemm-epilogue.h"
#include "gemm.h"
#include "tasks.h"
#include "window-arguments.h"
#include "window.h"

namespace lockstep {
namespace {

// to[c][r] = from[r][c]
template <class T>
inline void turn(const T* from, size_t rows, size_t columns, T* to) {
  for (size_t r = 0; r < rows; ++r) {
    for (size_t c = 0; c < columns; ++c) to[c * rows + r] = from[r * columns + c];
  }
}

// Weights as a row of channels for each tap.
template <class T>
inline T* turnedWeight(const Convolution& g, const T* weight, const Parallel& parallel) {
  const size_t taps = g.kernelHeight * g.kernelWidth;
  T* const turned = static_cast<T*>(parallel.scratch(parallel, area(area(g.groups, taps), sizeof(T))));
  if (turned != nullptr) turn(weight, g.groups, taps, turned);
  return turned;
}

template <class T>
inline void convolveDepthwise(const args::Conv2dForward<T>& g, const Parallel& parallel) {
  const size_t channels = g.groups, taps = g.kernelHeight * g.kernelWidth, image = g.height * g.width * channels;
  const T* const weight = turnedWeight(g, g.weight, parallel);
  if (weight == nullptr) return;
  const Epilogue<T> epilogue{g.biased ? g.bias : nullptr, g.activation};
  forRanges(parallel, outputsOf(g), outputGrain(taps, channels), [&](size_t begin, size_t end) {
    forOutputs(g, begin, end, [&](size_t item, size_t row, size_t column, size_t place) {
      const T* const x = g.x + item * image;
      T* const y = g.y + (begin + place) * channels;
      const Taps down = rowTaps(g, row), across = columnTaps(g, column);
      forVectors<T>(0, channels, [&](auto tag, size_t c) {
        typename decltype(tag)::Type sum(T(0));
        forTaps(g, down, across, [&](size_t tap, size_t pixel) {
          sum = fma(tag.load(x + pixel * channels + c), tag.load(weight + tap * channels + c), sum);
        });
        tag.store(y + c, sum);
      });
    });
    epilogue.apply(g.y + begin * channels, channels, end - begin, 0, channels);
  });
}

template <class T>
inline void convolveDepthwiseBack(const args::Conv2dBackwardInput<T>& g, const Parallel& parallel) {
  const size_t channels = g.groups, image = g.height * g.width * channels, outputs = g.outHeight * g.outWidth;
  const T* const weight = turnedWeight(g, g.weight, parallel);
  if (weight == nullptr) return;
  forTasks(parallel, g.batch, [&](size_t item) {
    T* const dx = g.dx + item * image;
    if (!g.accumulate) clearAll(dx, image);
    forOutputs(g, 0, outputs, [&](size_t, size_t row, size_t column, size_t place) {
      const T* const dy = g.dy + (item * outputs + place) * channels;
      forTaps(g, rowTaps(g, row), columnTaps(g, column), [&](size_t tap, size_t pixel) {
        T* const to = dx + pixel * channels;
        forVectors<T>(0, channels, [&](auto tag, size_t c) {
          tag.store(to + c, fma(tag.load(dy + c), tag.load(weight + tap * channels + c), tag.load(to + c)));
        });
      });
    });
  });
}

// Slice by slice: the outputs of the first ones in their order, then those of the next.
template <class T>
inline void convolveDepthwiseWeight(const args::Conv2dBackwardWeight<T>& g, const Parallel& parallel) {
  const size_t channels = g.groups, taps = g.kernelHeight * g.kernelWidth, image = g.height * g.width * channels;
  const size_t size = channels * taps, outputs = outputsOf(g);
  const Parts slices(outputs, quotientUp(outputs, kSlices));
  T* const sums = static_cast<T*>(parallel.scratch(parallel, area(area(slices.count, size), sizeof(T))));
  if (sums == nullptr) return;
  forTasks(parallel, slices.count, [&](size_t slice) {
    T* const sum = sums + slice * size;
    clearAll(sum, size);
    const size_t begin = slices.start(slice);
    forOutputs(g, begin, slices.start(slice + 1), [&](size_t item, size_t row, size_t column, size_t place) {
      const T* const x = g.x + item * image;
      const T* const dy = g.dy + (begin + place) * channels;
      forTaps(g, rowTaps(g, row), columnTaps(g, column), [&](size_t tap, size_t pixel) {
        forVectors<T>(0, channels, [&](auto tag, size_t c) {
          T* const to = sum + tap * channels + c;
          tag.store(to, fma(tag.load(dy + c), tag.load(x + pixel * channels + c), tag.load(to)));
        });
      });
    });
  });
  addSlices(sums, slices.count, 1, taps, channels, g.dWeight, g.accumulate, parallel);
}

}  // namespace
}  // namespace lockstep
