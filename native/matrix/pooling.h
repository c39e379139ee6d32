#pragma once
// Pooling: one number of the pixels of each window, channel by channel. Windows may overlap, so going back a whole image
// belongs to one thread, which adds the gradients of its outputs in their order.
// Mirror: src/backend/typescript/matrix/pooling.ts.

#include "../parallel.h"
#include "../simd/for-lanes.h"
#include "../simd/reduce.h"
#include "../sizes.h"
#include "tasks.h"
#include "window-arguments.h"
#include "window.h"

namespace lockstep {
namespace {

using args::Pooling;

// f(x, output, down, across, row, column) for every output: x is its image, `output` its number in the batch, `row` and
// `column` its place in the image. The outputs go over the threads.
template <class T, class F>
inline void forPools(const Pooling& g, const T* x, const Parallel& parallel, const F& f) {
  const size_t outputs = g.batch * g.outHeight * g.outWidth, image = g.height * g.width * g.channels;
  const size_t grain = outputGrain(least(g.kernelHeight, g.height) * least(g.kernelWidth, g.width), g.channels);
  forRanges(parallel, outputs, grain, [&](size_t begin, size_t end) {
    forOutputs(g, begin, end, [&](size_t item, size_t row, size_t column, size_t place) {
      f(x + item * image, begin + place, rowTaps(g, row), columnTaps(g, column), row, column);
    });
  });
}

// f(dx, output, pixel, row, column) for every pixel in the window of every output: `pixel` is its number in the image, dx
// where its gradient is. The images, which start as zeros unless they are `kept`, go over the threads.
template <class T, class F>
inline void forPoolsBack(const Pooling& g, bool kept, T* images, const Parallel& parallel, const F& f) {
  const size_t outputs = g.outHeight * g.outWidth, image = g.height * g.width * g.channels;
  forTasks(parallel, g.batch, [&](size_t item) {
    T* const dx = images + item * image;
    if (!kept) clearAll(dx, image);
    forOutputs(g, 0, outputs, [&](size_t, size_t row, size_t column, size_t place) {
      forTaps(g, rowTaps(g, row), columnTaps(g, column),
              [&](size_t, size_t pixel) { f(dx + pixel * g.channels, item * outputs + place, pixel, row, column); });
    });
  });
}

// The bits of an integer as a number of type T: selections move them, and nothing computes with them.
template <class T>
struct Integer;
template <>
struct Integer<float> {
  using Type = int32_t;
};
template <>
struct Integer<double> {
  using Type = int64_t;
};
template <class T>
inline T bitsAs(size_t value) {
  const typename Integer<T>::Type integer = static_cast<typename Integer<T>::Type>(value);
  T number;
  __builtin_memcpy(&number, &integer, sizeof number);
  return number;
}

// The largest of the pixels of a window, and its number as bits.
template <class V>
struct Found {
  V best, where;
};

// The first one of the largest, or the first NaN.
template <class Tag, class T>
[[gnu::noinline]] auto findLargestOrNaN(Tag tag, const Pooling& g, Taps down, Taps across, const T* x) {
  using V = typename Tag::Type;
  const size_t first = down.pixel * g.width + across.pixel;
  Found<V> found{tag.load(x + first * g.channels), V(bitsAs<T>(first))};
  forTaps(g, down, across, [&](size_t, size_t pixel) {
    const V value = tag.load(x + pixel * g.channels);
    const auto ifBetter = [&](V yes, V no) {
      return selectEqual(value, value, selectGreater(value, found.best, yes, no),
                         selectEqual(found.best, found.best, yes, no));
    };
    found.where = ifBetter(V(bitsAs<T>(pixel)), found.where);
    found.best = ifBetter(value, found.best);
  });
  return found;
}

// The same. The usual window has no NaN and no infinity: 0 times what it has stays 0.
template <class Tag, class T>
inline auto findLargest(Tag tag, const Pooling& g, Taps down, Taps across, const T* x) {
  using V = typename Tag::Type;
  const size_t across1 = across.step * g.channels, down1 = down.step * g.width;
  size_t pixel = down.pixel * g.width + across.pixel;
  V best = tag.load(x + pixel * g.channels), where(bitsAs<T>(pixel)), zero(T(0));
  for (size_t i = down.begin; i < down.end; ++i, pixel += down1) {
    const T* at = x + pixel * g.channels;
    size_t here = pixel;
    for (size_t j = across.begin; j < across.end; ++j, at += across1, here += across.step) {
      const V value = tag.load(at);
      where = selectGreater(value, best, V(bitsAs<T>(here)), where);
      best = max(value, best);
      zero = fma(value, V(T(0)), zero);
    }
  }
  return hasNaN(zero) ? findLargestOrNaN(tag, g, down, across, x) : Found<V>{best, where};
}

template <class T>
inline int32_t integerOf(T bits) {
  typename Integer<T>::Type integer;
  __builtin_memcpy(&integer, &bits, sizeof integer);
  return static_cast<int32_t>(integer);
}

// All lanes, or the first ones.
template <class V>
inline void storePositions(const Tag<V>&, V where, int32_t* positions) {
  typename V::Element bits[V::kLanes];
  where.store(bits);
#pragma GCC unroll 16
  for (size_t i = 0; i < V::kLanes; ++i) positions[i] = integerOf(bits[i]);
}
template <class V>
inline void storePositions(const PartTag<V>& tag, V where, int32_t* positions) {
  typename V::Element bits[V::kLanes];
  where.store(bits);
  for (size_t i = 0; i < tag.count; ++i) positions[i] = integerOf(bits[i]);
}

// Writes the largest, and has keep(tag, where, i) take the positions of those from output element i on.
template <class T, class Keep>
inline void poolLargest(const Pooling& g, const T* images, T* y, const Parallel& parallel, const Keep& keep) {
  const size_t channels = g.channels;
  forPools(g, images, parallel, [&](const T* x, size_t output, Taps down, Taps across, size_t, size_t) {
    const size_t start = output * channels;
    if (down.begin == down.end || across.begin == across.end) {
      for (size_t i = start; i < start + channels; ++i) {
        y[i] = static_cast<T>(-__builtin_inf());
        keep(Tag<Lane<T>>(), Lane<T>(bitsAs<T>(SIZE_MAX)), i);
      }
      return;
    }
    forVectors<T>(0, channels, [&](auto tag, size_t c) {
      const auto found = findLargest(tag, g, down, across, x + c);
      tag.store(y + start + c, found.best);
      keep(tag, found.where, start + c);
    });
  });
}

template <class T>
void maxPool2dForward(const args::MaxPool2dForward<T>& g, const Parallel& parallel) {
  poolLargest(g, g.x, g.y, parallel,
              [&](auto tag, auto where, size_t i) { storePositions(tag, where, g.positions + i); });
}

template <class T>
void maxPool2d(const args::MaxPool2d<T>& g, const Parallel& parallel) {
  poolLargest(g, g.x, g.y, parallel, [](auto, auto, size_t) {});
}

// Whether no pixel is in two windows: then what one window gives a pixel is all that the pixel gets.
inline bool areApart(const Window& w) {
  return (w.kernelHeight - 1) * w.dilationHeight < w.strideHeight &&
         (w.kernelWidth - 1) * w.dilationWidth < w.strideWidth;
}
// Whether every pixel is in a window.
inline bool areAllSeen(const Window& w) {
  return w.dilationHeight == 1 && w.dilationWidth == 1 && w.kernelHeight >= w.strideHeight &&
         w.kernelWidth >= w.strideWidth && w.outHeight * w.strideHeight >= w.height + w.padTop &&
         w.outWidth * w.strideWidth >= w.width + w.padLeft;
}

template <class T>
void maxPool2dBackward(const args::MaxPool2dBackward<T>& g, const Parallel& parallel) {
  const size_t channels = g.channels;
  const auto add = [&](auto isFirst) {
    return [&, isFirst](T* dx, size_t output, size_t pixel, size_t, size_t) {
      const T* const dy = g.dy + output * channels;
      const int32_t* const positions = g.positions + output * channels;
      const int32_t here = static_cast<int32_t>(pixel);
      for (size_t c = 0; c < channels; ++c) dx[c] = (isFirst ? T(0) : dx[c]) + (positions[c] == here ? dy[c] : T(0));
    };
  };
  const bool isOnly = !g.accumulate && areApart(g);
  if (isOnly) return forPoolsBack(g, areAllSeen(g), g.dx, parallel, add(Bool<true>()));
  forPoolsBack(g, g.accumulate, g.dx, parallel, add(Bool<false>()));
}

// The taps of a window along one dimension that are inside, or `withPad` also those on the padding, which is as wide behind
// as in front.
inline size_t countTaps(bool withPad, Taps taps, size_t start, size_t pad, size_t kernel, size_t step, size_t size) {
  return withPad ? least(kernel, stepsTo(size + 2 * pad > start ? size + 2 * pad - start : 0, step))
                 : taps.end - taps.begin;
}

// What the sum over a window is divided by.
template <class T>
inline T windowSize(const Window& w, bool withPad, size_t row, size_t column) {
  const size_t down =
      countTaps(withPad, rowTaps(w, row), row * w.strideHeight, w.padTop, w.kernelHeight, w.dilationHeight, w.height);
  const size_t across = countTaps(withPad, columnTaps(w, column), column * w.strideWidth, w.padLeft, w.kernelWidth,
                                  w.dilationWidth, w.width);
  const size_t count = down * across;
  return static_cast<T>(count == 0 ? 1 : count);
}

template <class T>
void avgPool2dForward(const args::AvgPool2dForward<T>& g, const Parallel& parallel) {
  const size_t channels = g.channels;
  forPools(g, g.x, parallel, [&](const T* x, size_t output, Taps down, Taps across, size_t row, size_t column) {
    const T size = windowSize<T>(g, g.countIncludePad, row, column);
    T* const y = g.y + output * channels;
    forVectors<T>(0, channels, [&](auto tag, size_t c) {
      using V = typename decltype(tag)::Type;
      V sum(T(0));
      forTaps(g, down, across, [&](size_t, size_t pixel) { sum = sum + tag.load(x + pixel * channels + c); });
      tag.store(y + c, sum / V(size));
    });
  });
}

template <class T>
void avgPool2dBackward(const args::AvgPool2dBackward<T>& g, const Parallel& parallel) {
  const size_t channels = g.channels;
  forPoolsBack(g, g.accumulate, g.dx, parallel, [&](T* dx, size_t output, size_t, size_t row, size_t column) {
    const T size = windowSize<T>(g, g.countIncludePad, row, column);
    const T* const dy = g.dy + output * channels;
    forVectors<T>(0, channels, [&](auto tag, size_t c) {
      using V = typename decltype(tag)::Type;
      tag.store(dx + c, tag.load(dx + c) + tag.load(dy + c) / V(size));
    });
  });
}

}  // namespace
}  // namespace lockstep
