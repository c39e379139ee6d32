#pragma once
// Where A and B are, and packed panels of them: the `width` elements of the first term, then those of the second, and so on,
// as a tile reads them.

#include "../simd/simd.h"
#include "../simd/transpose.h"
#include "../sizes.h"

namespace lockstep {
namespace {

// A side of a product: elements from one row or column to the next, and from one term to the next.
template <class T>
struct Side {
  const T* start;
  size_t step, term;

  const T* at(size_t i, size_t p) const { return start + i * step + p * term; }
};

// Elements to a line of the cache.
template <class T>
constexpr size_t kLine = 64 / sizeof(T);

// Asks memory for `terms` of `count` rows or columns whose terms are neighbours.
template <class T>
inline void prefetchTerms(Side<T> from, size_t count, size_t terms) {
  for (size_t i = 0; i < count; ++i) {
    for (size_t p = 0; p < terms; p += kLine<T>) __builtin_prefetch(from.start + i * from.step + p);
  }
}

// Packs `count` rows or columns: panel[p * width + i] = term p of number i, and anything from `count` to `width`. As many as
// `readable` of them, at least `count`, may be read. Whole vectors are stored: up to one beyond the end of the panel.
template <class T>
[[gnu::noinline]] void packPanel(Side<T> from, size_t count, size_t readable, size_t width, size_t terms, T* panel) {
  using V = Vec<T>;
  constexpr size_t kLanes = V::kLanes;
  if (from.step == 1) {
    // The last vectors of all terms first: what they store beyond `width` is in the place of the next term's first vector.
    for (size_t i = (width - 1) / kLanes * kLanes;; i -= kLanes) {
      const T* source = from.start + i;
      T* to = panel + i;
      if (i + kLanes <= readable) {
        // What the panels after this one take from this term: terms are too far apart for the hardware to foresee them.
        for (size_t p = 0; p < terms; ++p, source += from.term, to += width) {
          __builtin_prefetch(source + 2 * kLine<T>);
          V::load(source).store(to);
        }
      } else {
        const size_t part = i < count ? count - i : 0;
        for (size_t p = 0; p < terms; ++p, source += from.term, to += width) V::loadPart(source, part).store(to);
      }
      if (i == 0) return;
    }
  }
  // Terms are neighbours in memory: kLanes terms of kLanes rows or columns are turned in registers. The last of these first,
  // as above.
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
