#pragma once
// Depthwise convolutions, each channel with itself alone. Vectors lie along the channels; each element of a result is one
// chain of fused multiply-adds, over the taps in the kernel's order for y, over the outputs in theirs for dx and dWeight.

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

// The weight with a row of channels for each tap, or null where there is no memory for it.
template <class T>
inline T* weightByTaps(const Convolution& g, const T* weight, const Parallel& parallel) {
  const size_t channels = g.groups, taps = g.kernelHeight * g.kernelWidth;
  T* const byTaps = static_cast<T*>(parallel.scratch(parallel, area(area(channels, taps), sizeof(T))));
  if (byTaps == nullptr) return nullptr;
  for (size_t c = 0; c < channels; ++c) {
    for (size_t tap = 0; tap < taps; ++tap) byTaps[tap * channels + c] = weight[c * taps + tap];
  }
  return byTaps;
}

template <class T>
inline void convolveDepthwise(const args::Conv2dForward<T>& g, const Parallel& parallel) {
  const size_t channels = g.groups, taps = g.kernelHeight * g.kernelWidth, image = g.height * g.width * channels;
  const T* const weight = weightByTaps(g, g.weight, parallel);
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
  const T* const weight = weightByTaps(g, g.weight, parallel);
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

// Neighbouring outputs are added up in a slice, and then the slices, as in convolution-weight.h.
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
