#pragma once
// Depthwise convolutions, each channel with itself alone. Vectors lie along the channels; each element of a result is one
// chain of fused multiply-adds, over the taps in the kernel's order for y, over the outputs in theirs for dx and dWeight.

#include "../parallel.h"
#include "../simd/for-lanes.h"
#include "../sizes.h"
#include "convolution-axis.h"
#include "convolution-weight.h"
#include "convolution.h"
#include "elementwise.h"
#include "gemm-epilogue.h"
#include "gemm.h"
#include "slide.h"
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

// Things [begin, end) of some.
struct Span {
  size_t begin, end;
};

// Those of `count` places place, place + step, ... that are in [0, size).
inline Span placesInside(ptrdiff_t place, size_t step, size_t count, size_t size) {
  const ptrdiff_t left = static_cast<ptrdiff_t>(size) - place;
  const size_t begin = place < 0 ? least(stepsTo(static_cast<size_t>(-place), step), count) : 0;
  const size_t end = left > 0 ? least(stepsTo(static_cast<size_t>(left), step), count) : 0;
  return {begin, end < begin ? begin : end};
}

// The taps of a phase that meet an element of the input, for window t.
inline Span tapsInside(const Slide& slide, const Phase& phase, size_t t) {
  const ptrdiff_t first = static_cast<ptrdiff_t>(t * slide.stride + phase.offset(0)) - slide.pad;
  return placesInside(first, phase.offset.step, phase.taps, slide.size);
}

// Those of the windows `all` that see inside with every tap of a phase; where there are none, both ends are one.
inline Span windowsInside(const Slide& slide, const Phase& phase, Span all) {
  const auto reaches = [&](size_t t) {
    const Span taps = tapsInside(slide, phase, t);
    return taps.end - taps.begin == phase.taps;
  };
  while (all.begin < all.end && !reaches(all.begin)) ++all.begin;
  while (all.begin < all.end && !reaches(all.end - 1)) --all.end;
  return all;
}

// Windows that go down and across one image after the other, each channel by itself. The weight has a row of channels for each
// tap.
template <class T>
struct DepthwiseSlide {
  static constexpr size_t kTogether = 6, kSide = 3;

  size_t channels, kernelWidth;
  Slide down, across;
  const T* weight;

  // The results of windows `all` of row r, in one phase each way, to `to`: what window t gives goes to columns.result(t).
  [[gnu::noinline]] void row(const T* image, const Phase& rows, const Phase& columns, size_t r, Span all, T* to,
                             bool accumulate) const {
    const Span taps = tapsInside(down, rows, r), inside = windowsInside(across, columns, all);
    const auto place = [&](size_t t) { return to + columns.result(t) * channels; };
    const auto alone = [&](size_t t) {
      windows<1>(image, rows, columns, r, taps, t, tapsInside(across, columns, t), place(t), accumulate);
    };
    size_t t = all.begin;
    while (t < inside.begin) alone(t++);
    for (; t + kTogether <= inside.end; t += kTogether) {
      windows<kTogether>(image, rows, columns, r, taps, t, {0, columns.taps}, place(t), accumulate);
    }
    while (t < all.end) alone(t++);
  }

 private:
  // Windows [t, t + kWindows) of row r, by the same taps: a tap's weight is read once for all of them. Where the next window sees
  // the next element, and so does the next tap, an element is read once for kSide taps.
  template <size_t kWindows>
  void windows(const T* image, const Phase& rows, const Phase& columns, size_t r, Span inRows, size_t t, Span inColumns,
               T* to, bool accumulate) const {
    const size_t width = channels, pitch = across.size * width, step = across.stride * width;
    const size_t apart = columns.result.step * width, next = columns.offset.step * width;
    const bool isDense = across.stride == 1 && columns.offset.step == 1;
    // May lie before the image: only together with the place of a tap it is one of its elements.
    const size_t origin = (r * down.stride - static_cast<size_t>(down.pad)) * pitch +
                          (t * across.stride - static_cast<size_t>(across.pad)) * width +
                          columns.offset(inColumns.begin) * width;
    const size_t firstFactor = columns.tap(inColumns.begin) * width, nextFactor = columns.tap.step * width;
    const T* const factors = weight;  // not read again through `this`
    const size_t factorRow = kernelWidth * width;
    forVectors<T>(0, width, [&](auto tag, size_t c) {
      using V = typename decltype(tag)::Type;
      V sums[kWindows];
#pragma GCC unroll 8
      for (size_t q = 0; q < kWindows; ++q) sums[q] = accumulate ? tag.load(to + q * apart + c) : V(T(0));
      for (size_t n = inRows.begin; n < inRows.end; ++n) {
        size_t from = origin + rows.offset(n) * pitch + c;
        size_t factor = rows.tap(n) * factorRow + firstFactor + c;
        size_t left = inColumns.end - inColumns.begin;
        for (; isDense && left >= kSide; left -= kSide, from += kSide * width, factor += kSide * nextFactor) {
          V side[kSide];
#pragma GCC unroll 4
          for (size_t m = 0; m < kSide; ++m) side[m] = tag.load(factors + (factor + m * nextFactor));
#pragma GCC unroll 16
          for (size_t j = 0; j < kWindows + kSide - 1; ++j) {
            V element = tag.load(image + (from + j * width));
            hold(element);
#pragma GCC unroll 4
            for (size_t m = 0; m < kSide; ++m) {
              if (j >= m && j - m < kWindows) sums[j - m] = fma(element, side[m], sums[j - m]);
            }
          }
        }
        for (; left > 0; --left, from += next, factor += nextFactor) {
          const V one = tag.load(factors + factor);
#pragma GCC unroll 8
          for (size_t q = 0; q < kWindows; ++q) sums[q] = fma(tag.load(image + (from + q * step)), one, sums[q]);
        }
      }
#pragma GCC unroll 8
      for (size_t q = 0; q < kWindows; ++q) tag.store(to + q * apart + c, sums[q]);
    });
  }
};

// Pieces of rows of windows, over the threads: f(image of the batch, r, windows of the piece).
template <class F>
inline void forRowPieces(const Parallel& parallel, size_t batch, size_t rows, size_t windows, size_t work, const F& f) {
  const size_t most = least(windows, 64), pieces = quotientUp(windows, most);
  forRanges(parallel, batch * rows * pieces, rowGrain(area(work, most)), [&](size_t begin, size_t end) {
    for (size_t unit = begin; unit < end; ++unit) {
      const size_t first = unit % pieces * most;
      f(unit / pieces / rows, unit / pieces % rows, Span{first, least(windows, first + most)});
    }
  });
}

template <class T>
inline void convolveDepthwise(const args::Conv2dForward<T>& g, const Parallel& parallel) {
  const size_t channels = g.groups, taps = g.kernelHeight * g.kernelWidth, image = g.height * g.width * channels;
  const T* const weight = weightByTaps(g, g.weight, parallel);
  if (weight == nullptr) return;
  const Epilogue<T> epilogue{g.biased ? g.bias : nullptr, g.activation};
  const ForwardAxis down{downOf(g)}, across{acrossOf(g)};
  const Phase rows = down.phase(0), columns = across.phase(0);
  const DepthwiseSlide<T> slide{channels, g.kernelWidth, down.slide(), across.slide(), weight};
  forRowPieces(parallel, g.batch, g.outHeight, g.outWidth, taps * channels, [&](size_t item, size_t r, Span all) {
    T* const y = g.y + (item * g.outHeight + r) * g.outWidth * channels;
    slide.row(g.x + item * image, rows, columns, r, all, y, false);
    epilogue.apply(y + all.begin * channels, channels, all.end - all.begin, 0, channels);
  });
}

template <class T>
inline void convolveDepthwiseBack(const args::Conv2dBackwardInput<T>& g, const Parallel& parallel) {
  const size_t channels = g.groups, image = g.height * g.width * channels,
               outputs = g.outHeight * g.outWidth * channels;
  const size_t taps = g.kernelHeight * g.kernelWidth;
  const T* const weight = weightByTaps(g, g.weight, parallel);
  if (weight == nullptr) return;
  const BackwardAxis down{downOf(g)}, across{acrossOf(g)};
  if (!g.accumulate && !(down.coversResult() && across.coversResult())) {
    forRanges(parallel, g.batch * image, kElementGrain,
              [&](size_t begin, size_t end) { clearAll(g.dx + begin, end - begin); });
  }
  const DepthwiseSlide<T> slide{channels, g.kernelWidth, down.slide(), across.slide(), weight};
  const size_t rows = slide.down.windows, columns = slide.across.windows;
  forRowPieces(parallel, g.batch, rows, columns, taps * channels, [&](size_t item, size_t r, Span all) {
    for (size_t n = 0; n < down.phases(); ++n) {
      const Phase vertical = down.phase(n);
      if (!vertical.hasResult(r)) continue;
      T* const dx = g.dx + item * image + vertical.result(r) * g.width * channels;
      for (size_t m = 0; m < across.phases(); ++m) {
        const Phase horizontal = across.phase(m);
        const size_t begin = all.begin < horizontal.begin ? horizontal.begin : all.begin;
        const size_t end = least(all.end, horizontal.end);
        if (begin >= end) continue;
        slide.row(g.dy + item * outputs, vertical, horizontal, r, {begin, end}, dx, g.accumulate);
      }
    }
  });
}

// sums[k] = the chain, continued, over those outputs `all` of a row whose tap `tap` + k is inside: the chains of kTaps neighbours
// go on together where all of them are.
template <size_t kTaps, class T>
[[gnu::noinline]] void addTaps(const Window& w, size_t channels, const T* x, const T* dy, size_t tap, Span all,
                               T* sums) {
  // Modulo 2^64, for it may lie before the row.
  const auto columnOf = [&](size_t o, size_t k) { return o * w.strideWidth + (tap + k) * w.dilationWidth - w.padLeft; };
  Span inside[kTaps], common = all;
  for (size_t k = 0; k < kTaps; ++k) {
    const ptrdiff_t first = static_cast<ptrdiff_t>(columnOf(all.begin, k));
    const Span some = placesInside(first, w.strideWidth, all.end - all.begin, w.width);
    inside[k] = {all.begin + some.begin, all.begin + some.end};
    if (common.begin < inside[k].begin) common.begin = inside[k].begin;
    common.end = least(common.end, inside[k].end);
  }
  if (common.end < common.begin) common.end = common.begin;
  forPairsOfVectors<T>(0, channels, [&](auto tag, size_t c) {
    using V = typename decltype(tag)::Type;
    V chains[kTaps];
    const auto alone = [&](size_t k, size_t begin, size_t end) {
      for (size_t o = begin; o < end; ++o) {
        chains[k] = fma(tag.load(dy + o * channels + c), tag.load(x + columnOf(o, k) * channels + c), chains[k]);
      }
    };
#pragma GCC unroll 4
    for (size_t k = 0; k < kTaps; ++k) {
      chains[k] = tag.load(sums + k * channels + c);
      alone(k, inside[k].begin, least(inside[k].end, common.begin));
    }
    for (size_t o = common.begin; o < common.end; ++o) {
      const V slope = tag.load(dy + o * channels + c);
#pragma GCC unroll 4
      for (size_t k = 0; k < kTaps; ++k) chains[k] = fma(slope, tag.load(x + columnOf(o, k) * channels + c), chains[k]);
    }
#pragma GCC unroll 4
    for (size_t k = 0; k < kTaps; ++k) {
      alone(k, inside[k].begin < common.end ? common.end : inside[k].begin, inside[k].end);
      tag.store(sums + k * channels + c, chains[k]);
    }
  });
}

// f(image, row, outputs of the row) for outputs [begin, end) of a batch.
template <class F>
inline void forRowsOf(const Window& w, size_t begin, size_t end, const F& f) {
  while (begin < end) {
    const size_t row = begin / w.outWidth, first = begin % w.outWidth, count = least(end - begin, w.outWidth - first);
    f(row / w.outHeight, row % w.outHeight, Span{first, first + count});
    begin += count;
  }
}

// Neighbouring outputs are added up in a slice, and then the slices, as in convolution-weight.h.
template <class T>
inline void convolveDepthwiseWeight(const args::Conv2dBackwardWeight<T>& g, const Parallel& parallel) {
  constexpr size_t kTogether = 3;
  const size_t channels = g.groups, taps = g.kernelHeight * g.kernelWidth, image = g.height * g.width * channels;
  const size_t size = channels * taps, outputs = outputsOf(g);
  const Parts slices(outputs, quotientUp(outputs, kSlices));
  T* const sums = static_cast<T*>(parallel.scratch(parallel, area(area(slices.count, size), sizeof(T))));
  if (sums == nullptr) return;
  forTasks(parallel, slices.count, [&](size_t slice) {
    T* const sum = sums + slice * size;
    clearAll(sum, size);
    forRowsOf(g, slices.start(slice), slices.start(slice + 1), [&](size_t item, size_t row, Span all) {
      const T* const dy = g.dy + (item * g.outHeight + row) * g.outWidth * channels;
      const Taps down = rowTaps(g, row);
      // The last output is the one whose first taps are inside, the first one that whose last taps are.
      const size_t first = columnTaps(g, all.end - 1).begin, last = columnTaps(g, all.begin).end;
      for (size_t i = down.begin, y = down.pixel; i < down.end; ++i, y += down.step) {
        const T* const x = g.x + item * image + y * g.width * channels;
        T* const to = sum + i * g.kernelWidth * channels;
        size_t j = first;
        for (; j + kTogether <= last; j += kTogether) {
          addTaps<kTogether>(g, channels, x, dy, j, all, to + j * channels);
        }
        for (; j < last; ++j) addTaps<1>(g, channels, x, dy, j, all, to + j * channels);
      }
    });
  });
  addSlices(sums, slices.count, 1, taps, channels, g.dWeight, g.accumulate, parallel);
}

}  // namespace
}  // namespace lockstep
