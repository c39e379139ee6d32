#pragma once
// Panels of A and B: `width` elements of every term next to each other, so that a tile reads them in order.

#include "../simd/simd.h"
#include "../simd/transpose.h"
#include "../sizes.h"

namespace lockstep {
namespace {

// Where the elements of a matrix are: `step` from one row of A or column of B to the next, `depth` from one term to the
// next.
template <class T>
struct Side {
  const T* start;
  size_t step, depth;

  const T* at(size_t i, size_t term) const { return start + i * step + term * depth; }
};

// Elements of a line of the cache.
template <class T>
constexpr size_t kLine = 64 / sizeof(T);

// Asks for `count` rows or columns whose terms are neighbours, of which a tile will read `terms`.
template <class T>
inline void prefetchTerms(Side<T> from, size_t count, size_t terms) {
  for (size_t i = 0; i < count; ++i) {
    for (size_t p = 0; p < terms; p += kLine<T>) __builtin_prefetch(from.start + i * from.step + p);
  }
}

// panel[p * width + i] = element i of term p, for i below `count`; something from there to `width`. `readable`, at least
// `count`, elements are there to be read. Whole vectors are stored, the next one over what the last one had too much:
// up to a vector beyond the end of the panel is written.
template <class T>
[[gnu::noinline]] void packPanel(Side<T> from, size_t count, size_t readable, size_t width, size_t terms, T* panel) {
  using V = Vec<T>;
  constexpr size_t kLanes = V::kLanes;
  if (from.step == 1) {
    // Column by column of vectors, the last one first, for what it has too much lies where the first one goes.
    for (size_t i = (width - 1) / kLanes * kLanes;; i -= kLanes) {
      const T* source = from.start + i;
      T* to = panel + i;
      if (i + kLanes <= readable) {
        // For the panels after the next ones: terms are too far apart for the hardware to foresee them.
        for (size_t p = 0; p < terms; ++p, source += from.depth, to += width) {
          __builtin_prefetch(source + 2 * kLine<T>);
          V::load(source).store(to);
        }
      } else {
        const size_t part = i < count ? count - i : 0;
        for (size_t p = 0; p < terms; ++p, source += from.depth, to += width) V::loadPart(source, part).store(to);
      }
      if (i == 0) return;
    }
  }
  // Terms are neighbours in memory: square blocks of them are turned in registers. The last block first, for what it has
  // too much lies where the first one goes.
  const size_t square = terms / kLanes * kLanes;
  size_t turned = 0;
  while (turned < count && turned + kLanes <= readable) turned += kLanes;
  for (size_t i = turned; i > 0;) {
    i -= kLanes;
    const T* source = from.start + i * from.step;
    for (size_t p = 0; p < square; p += kLanes) transpose(source + p, from.step, panel + p * width + i, width);
    for (size_t p = square; p < terms; ++p) {
      for (size_t lane = 0; lane < least(kLanes, width - i); ++lane) {
        panel[p * width + i + lane] = source[lane * from.step + p];
      }
    }
  }
  for (size_t i = turned; i < width; ++i) {
    const T* source = from.start + i * from.step;
    for (size_t p = 0; p < terms; ++p) panel[p * width + i] = i < count ? source[p] : T(0);
  }
}

}  // namespace
}  // namespace lockstep
