#pragma once
// Where the largest or smallest elements are: the first one, and NaN before any number. The result is the same in
// whatever order elements are compared. Mirror: src/backend/typescript/matrix/positions.ts.

#include "../chunks.h"
#include "../parallel.h"
#include "../simd/reduce.h"
#include "../sizes.h"
#include "columns.h"
#include "reduction-arguments.h"
#include "reductions.h"
#include "whole-reductions.h"

namespace lockstep {
namespace {

// What is looked for: select(x, best, yes, no) is `yes` where x comes before `best`, numbers alone; better() says it of all.
struct Upwards : Largest {
  using Whole = WholeAmax;
  template <class V>
  static V select(V x, V best, V yes, V no) {
    return selectGreater(x, best, yes, no);
  }
  template <class T>
  static bool better(T x, T best) {
    return x > best || (x != x && best == best);
  }
};
struct Downwards : Smallest {
  using Whole = WholeAmin;
  template <class V>
  static V select(V x, V best, V yes, V no) {
    return selectGreater(best, x, yes, no);
  }
  template <class T>
  static bool better(T x, T best) {
    return x < best || (x != x && best == best);
  }
};

// Finds the first block that has the best element, and then the first place in that block where it stands: in a short row
// element by element.
template <class O, class T>
inline size_t positionInRow(const T* x, size_t count) {
  constexpr size_t kBlock = 256, kShort = 16;
  T best = x[0];
  size_t where = 0;
  if (count <= kShort) {
    for (size_t i = 1; i < count; ++i) {
      if (O::better(x[i], best)) best = x[i], where = i;
    }
    return where;
  }
  for (size_t first = 0; first < count; first += kBlock) {
    const size_t last = least(count, first + kBlock);
    const T number = reduceLanes<T, O, T>(first, last, [=](auto tag, size_t i) { return tag.load(x + i); });
    if (O::better(number, best)) best = number, where = first;
  }
  // Another thread may write to x meanwhile: then it may stand nowhere, and the end stops the search.
  const auto isThere = [=](T number) { return best == best ? number == best : number != number; };
  while (where + 1 < count && !isThere(x[where])) ++where;
  return where;
}

// The same for each of `width` columns, a vector of columns at a time: the best of a chunk of rows and the number of its row,
// which goes through selections as a T and is exact there, for a chunk is short.
template <class O, class T>
inline void positionsInColumns(const T* x, size_t count, size_t inner, size_t width, int32_t* out) {
  T best[kColumnBlock], chunkBest[kColumnBlock], chunkRow[kColumnBlock];
  for (size_t base = 0; base < count; base += kReductionChunk) {
    const size_t rows = least(count - base, kReductionChunk);
    for (size_t c = 0; c < width; ++c) {
      chunkBest[c] = x[base * inner + c];
      chunkRow[c] = 0;
    }
    forColumns<T>(base * inner, rows, inner, width, [&](auto tag, size_t i, size_t c, size_t r) {
      using V = typename decltype(tag)::Type;
      const V value = V::load(x + i), before = V::load(chunkBest + c), row(static_cast<T>(r));
      const auto isNumber = [](V v) { return selectGreater(abs(v), V(T(-1)), V(T(1)), V(T(0))); };
      const V place = O::select(value, before, row, V::load(chunkRow + c));
      selectGreater(isNumber(before), isNumber(value), row, place).store(chunkRow + c);
      O::join(before, value).store(chunkBest + c);
    });
    for (size_t c = 0; c < width; ++c) {
      if (base > 0 && !O::better(chunkBest[c], best[c])) continue;
      best[c] = chunkBest[c];
      out[c] = static_cast<int32_t>(base + static_cast<size_t>(chunkRow[c]));
    }
  }
}

template <class O, class T>
void findPositions(const args::Positions<T>& a, const Parallel& parallel) {
  const T* x = a.x;
  int32_t* out = a.out;
  const size_t count = a.count, inner = a.inner;
  forLines(
      parallel, a.outer, count, inner,
      [=](size_t o, size_t start) { out[o] = static_cast<int32_t>(positionInRow<O>(x + start, count)); },
      [=](size_t o, size_t first, size_t width) {
        positionsInColumns<O>(x + o * count * inner + first, count, inner, width, out + o * inner + first);
      });
}

template <class O, class T>
inline void find(const args::Positions<T>& a, const Parallel& parallel) {
  if constexpr (kIsFloat<T>) {
    findPositions<O>(a, parallel);
  } else {
    findWhole<typename O::Whole>(a, parallel);
  }
}

template <class T>
void argmax(const args::Positions<T>& a, const Parallel& parallel) {
  find<Upwards>(a, parallel);
}
template <class T>
void argmin(const args::Positions<T>& a, const Parallel& parallel) {
  find<Downwards>(a, parallel);
}

}  // namespace
}  // namespace lockstep
