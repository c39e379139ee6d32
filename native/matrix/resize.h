#pragma once
// Images made larger or smaller. First what lies above each other becomes one row of pixels, then what lies side by side; going
// back the same, output after output. Every row that is written belongs to one thread.
// Mirror: src/backend/typescript/matrix/resize.ts.

#include "../parallel.h"
#include "../simd/for-lanes.h"
#include "../sizes.h"
#include "resize-arguments.h"
#include "resize-axis.h"
#include "tasks.h"

namespace lockstep {
namespace {

// Numbers of a row, and outputs, that are worked on at once: they stay in the first-level cache.
constexpr size_t kStripNumbers = 1024, kStripOutputs = 256;

// Neighbouring outputs of a row, with places in numbers, from the first pixel that they meet.
template <class T>
struct Strip {
  struct Output {
    size_t lower, upper;
    T toLower, toUpper;
  };
  size_t first, count, origin, pixels;
  Output outputs[kStripOutputs];

  // As many as meet no more pixels than `mostPixels`, and no more than `most`; one in any case.
  Strip(const ResizeAxis& axis, size_t from, size_t channels, size_t most, size_t mostPixels)
      : first(from), count(0), origin(axis.between(from).lower), pixels(0) {
    for (; count < least(most, axis.outputs - first); ++count) {
      const Between at = axis.between(first + count);
      const size_t all = at.upper - origin + 1;
      if (count > 0 && all > mostPixels) break;
      pixels = all;
      outputs[count] = {(at.lower - origin) * channels, (at.upper - origin) * channels, static_cast<T>(1 - at.fraction),
                        static_cast<T>(at.fraction)};
    }
  }
};

// f(strip) for all outputs of a row, in their order.
template <class T, class F>
inline void forStrips(const ResizeAxis& axis, size_t channels, size_t most, size_t mostPixels, const F& f) {
  for (size_t first = 0; first < axis.outputs;) {
    const Strip<T> strip(axis, first, channels, least(most, kStripOutputs), mostPixels);
    f(strip);
    first += strip.count;
  }
}

// f(tag, k) for the channels of a pixel; one by one where they are one or three, which is the common case and no vector.
template <class T, class F>
inline void forChannels(size_t channels, const F& f) {
  if (channels == 1) return f(Tag<Lane<T>>(), 0);
  if (channels == 3) {
    for (size_t k = 0; k < 3; ++k) f(Tag<Lane<T>>(), k);
    return;
  }
  forVectors<T>(0, channels, f);
}

template <class V>
inline V mix(V a, V b, V share) {
  return a + (b - a) * share;
}

// The output of a strip that has one alone: nothing is computed of the pixels that no output meets.
template <class T>
inline void mixDirectly(const Strip<T>& strip, const T* top, const T* bottom, T share, size_t channels, T* y) {
  const auto at = strip.outputs[0];
  forChannels<T>(channels, [&](auto tag, size_t k) {
    using V = typename decltype(tag)::Type;
    const V left = mix(tag.load(top + at.lower + k), tag.load(bottom + at.lower + k), V(share));
    const V right = mix(tag.load(top + at.upper + k), tag.load(bottom + at.upper + k), V(share));
    tag.store(y + k, mix(left, right, V(at.toUpper)));
  });
}

template <class T>
inline void mixStrip(const Strip<T>& strip, const T* top, const T* bottom, T share, size_t channels, T* y) {
  T row[kStripNumbers];
  forVectors<T>(0, strip.pixels * channels, [&](auto tag, size_t i) {
    using V = typename decltype(tag)::Type;
    tag.store(row + i, mix(tag.load(top + i), tag.load(bottom + i), V(share)));
  });
  for (size_t n = 0; n < strip.count; ++n, y += channels) {
    const auto at = strip.outputs[n];
    forChannels<T>(channels, [&](auto tag, size_t k) {
      using V = typename decltype(tag)::Type;
      tag.store(y + k, mix(tag.load(row + at.lower + k), tag.load(row + at.upper + k), V(at.toUpper)));
    });
  }
}

template <class T>
void resizeBilinearForward(const args::ResizeForward<T>& g, const Parallel& parallel) {
  const ResizeAxis down = downOf(g, Resizing::kBilinear), across = acrossOf(g, Resizing::kBilinear);
  const size_t channels = g.channels, inRow = g.inWidth * channels, outRow = g.outWidth * channels;
  if (channels == 0) return;
  // Where every other pixel would be passed over, each output is computed by itself.
  const size_t mostPixels = across.ratio > 2 ? 0 : kStripNumbers / channels;
  forRanges(parallel, g.batch * g.outHeight, rowGrain(outRow), [&](size_t begin, size_t end) {
    forStrips<T>(across, channels, kStripOutputs, mostPixels, [&](const Strip<T>& strip) {
      for (size_t row = begin; row < end; ++row) {
        const Between at = down.between(row % g.outHeight);
        const T* const x = g.x + row / g.outHeight * g.inHeight * inRow + strip.origin * channels;
        const T *const top = x + at.lower * inRow, *const bottom = x + at.upper * inRow;
        T* const y = g.y + row * outRow + strip.first * channels;
        (strip.count == 1 ? mixDirectly<T> : mixStrip<T>)(strip, top, bottom, static_cast<T>(at.fraction), channels, y);
      }
    });
  });
}

template <class T>
inline void copyNumbers(const T* from, size_t count, T* to) {
  forVectors<T>(0, count, [&](auto tag, size_t i) { tag.store(to + i, tag.load(from + i)); });
}

template <class T>
void resizeNearestForward(const args::ResizeForward<T>& g, const Parallel& parallel) {
  const ResizeAxis down = downOf(g, Resizing::kNearest), across = acrossOf(g, Resizing::kNearest);
  const size_t channels = g.channels, inRow = g.inWidth * channels, outRow = g.outWidth * channels;
  forRanges(parallel, g.batch * g.outHeight, rowGrain(outRow), [&](size_t begin, size_t end) {
    forStrips<T>(across, channels, kStripOutputs, SIZE_MAX, [&](const Strip<T>& strip) {
      const T* last = nullptr;
      for (size_t row = begin; row < end; ++row) {
        const size_t line = row / g.outHeight * g.inHeight + down.nearest(row % g.outHeight);
        const T* const x = g.x + line * inRow + strip.origin * channels;
        T* const y = g.y + row * outRow + strip.first * channels;
        if (x == last) {
          copyNumbers(y - outRow, strip.count * channels, y);
          continue;
        }
        last = x;
        for (size_t n = 0; n < strip.count; ++n) {
          forChannels<T>(channels, [&](auto tag, size_t k) {
            tag.store(y + n * channels + k, tag.load(x + strip.outputs[n].lower + k));
          });
        }
      }
    });
  });
}

// Channels [first, first + width) of the pixels that a strip meets, in one row dx: of all rows [begin, end) of dy, each with its
// share, in `sums`, and then of the outputs in their order.
template <class T>
inline void addStrip(const Strip<T>& strip, const ResizeAxis& down, size_t line, size_t begin, size_t end, const T* dy,
                     size_t dyRow, size_t channels, size_t width, T* dx) {
  T sums[kStripNumbers];
  const size_t count = strip.count == 1 ? width : strip.count * channels;
  clearAll(sums, count);
  for (size_t row = begin; row < end; ++row) {
    const T share = static_cast<T>(down.between(row).weightOf(line));
    const T* const from = dy + row * dyRow;
    forVectors<T>(0, count, [&](auto tag, size_t i) {
      using V = typename decltype(tag)::Type;
      tag.store(sums + i, tag.load(sums + i) + V(share) * tag.load(from + i));
    });
  }
  for (size_t n = 0; n < strip.count; ++n) {
    const auto at = strip.outputs[n];
    const auto add = [&](T* to, T share) {
      forChannels<T>(width, [&](auto tag, size_t k) {
        using V = typename decltype(tag)::Type;
        tag.store(to + k, tag.load(to + k) + V(share) * tag.load(sums + n * channels + k));
      });
    };
    add(dx + at.lower, at.toLower);
    if (at.upper != at.lower) add(dx + at.upper, at.toUpper);
  }
}

template <class T>
inline void resizeBack(const args::ResizeBackward<T>& g, Resizing method, const Parallel& parallel) {
  const ResizeAxis down = downOf(g, method), across = acrossOf(g, method);
  const size_t channels = g.channels, inRow = g.inWidth * channels, outRow = g.outWidth * channels;
  if (channels == 0) return;
  const size_t width = least(channels, kStripNumbers), most = kStripNumbers / width;
  forRanges(parallel, g.batch * g.inHeight, rowGrain(inRow), [&](size_t begin, size_t end) {
    if (!g.accumulate) clearAll(g.dx + begin * inRow, (end - begin) * inRow);
    forStrips<T>(across, channels, most, SIZE_MAX, [&](const Strip<T>& strip) {
      for (size_t row = begin; row < end; ++row) {
        const size_t line = row % g.inHeight;
        const size_t from = down.firstAt(&Between::upper, line), to = down.firstAt(&Between::lower, line + 1);
        const T* const dy = g.dy + row / g.inHeight * g.outHeight * outRow + strip.first * channels;
        T* const dx = g.dx + row * inRow + strip.origin * channels;
        for (size_t k = 0; k < channels && from < to; k += width) {
          addStrip(strip, down, line, from, to, dy + k, outRow, channels, least(width, channels - k), dx + k);
        }
      }
    });
  });
}

template <class T>
void resizeBilinearBackward(const args::ResizeBackward<T>& g, const Parallel& parallel) {
  resizeBack(g, Resizing::kBilinear, parallel);
}

template <class T>
void resizeNearestBackward(const args::ResizeBackward<T>& g, const Parallel& parallel) {
  resizeBack(g, Resizing::kNearest, parallel);
}

}  // namespace
}  // namespace lockstep
