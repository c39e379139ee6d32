#pragma once
// Softmax and its logarithm. The largest number of a line is subtracted first, so nothing overflows.
// Mirror: src/backend/typescript/matrix/softmax.ts.

#include "../math/exp.h"
#include "../math/log.h"
#include "../parallel.h"
#include "../simd/for-lanes.h"
#include "../simd/lane.h"
#include "../simd/reduce.h"
#include "../simd/widen.h"
#include "../sizes.h"
#include "columns.h"
#include "softmax-arguments.h"

namespace lockstep {
namespace {

// The larger one; NaN is passed over, and makes itself felt in the sum.
struct Above {
  static constexpr double kNeutral = -__builtin_inf();
  static constexpr bool kAssociative = false;  // a NaN that comes first would hide the next number
  template <class V>
  static V join(V a, V b) {
    return max(b, a);
  }
};

// exp(x) for x <= 0, within 2 units in the last place: x = n ln 2 + r, and the Taylor series of exp(r). What is below the
// normal numbers is 0, so that 2^n is never out of range; NaN stays.
template <class T>
struct ExpBelow;
template <>
struct ExpBelow<float> : ExpConstants<float> {
  static constexpr float kLowest = -87;
  static constexpr int kTerms = 7;
};
template <>
struct ExpBelow<double> : ExpConstants<double> {
  static constexpr double kLowest = -708;
  static constexpr int kTerms = 13;
};
constexpr double kFactorials[] = {1,    1,     2,      6,       24,       120,       720,
                                  5040, 40320, 362880, 3628800, 39916800, 479001600, 6227020800};

template <class V>
inline V expBelow(V x) {
  using T = typename V::Element;
  using C = ExpBelow<T>;
  const V n = fma(x, V(C::kLog2e), V(C::kRound)) - V(C::kRound);
  const V r = fma(n, V(-C::kLn2Low), fma(n, V(-C::kLn2High), x));
  V sum(static_cast<T>(1 / kFactorials[C::kTerms]));
#pragma GCC unroll 16
  for (int k = C::kTerms - 1; k >= 0; --k) sum = fma(sum, r, V(static_cast<T>(1 / kFactorials[k])));
  return selectGreater(V(C::kLowest), x, V(T(0)), sum * pow2(n));
}

// Memory has time meanwhile: `next` is written next.
template <class T>
inline T largest(const T* x, size_t count, const T* next) {
  return reduceLanes<T, Above, T>(0, count, [=](auto tag, size_t i) {
    __builtin_prefetch(next + i, 1);
    return tag.load(x + i);
  });
}

// The sum of exp(x - top). They are left in `to`, which may be x, or nowhere where it is null.
template <class T>
inline double sumExponentials(const T* x, size_t count, T top, T* to) {
  constexpr size_t kPiece = 512;
  T local[kPiece];
  const auto exponentials = [=](const T* from, size_t width, T* piece) {
    forVectors<T>(0, width, [=](auto tag, size_t i) {
      using V = typename decltype(tag)::Type;
      __builtin_prefetch(from + count + i);  // of the next row
      tag.store(piece + i, expBelow(tag.load(from + i) - V(top)));
    });
    return [=](auto tag, size_t i) { return elementsAt(tag, piece + i); };
  };
  if (count <= kShortRow) return reduceLanes<T>(0, count, exponentials(x, count, to == nullptr ? local : to));
  Reduction<T, Addition, double> total;
  for (size_t begin = 0; begin < count; begin += kPiece) {
    const size_t width = least(count - begin, kPiece);
    total.take(0, width, exponentials(x + begin, width, to == nullptr ? local : to + begin));
  }
  return total.fold();
}

// x times a factor, in place.
template <class T>
inline void scaleRow(T* x, size_t count, T factor) {
  forVectors<T>(0, count, [=](auto tag, size_t i) {
    using V = typename decltype(tag)::Type;
    tag.store(x + i, V(factor) * tag.load(x + i));
  });
}

// The largest elements of a block of columns, and the sums of exp(x - top), which are left in y where `keep`.
template <class T>
struct ColumnExponentials {
  T top[kColumnBlock];
  ColumnSums totals;

  ColumnExponentials(const T* x, T* y, bool keep, size_t start, size_t count, size_t inner, size_t width) {
    for (T& largest : top) largest = static_cast<T>(-__builtin_inf());
    forColumns<T>(start, count, inner, width, [&](auto tag, size_t i, size_t c, size_t) {
      using V = typename decltype(tag)::Type;
      max(V::load(x + i), V::load(top + c)).store(top + c);
    });
    forColumns<T>(start, count, inner, width, [&](auto tag, size_t i, size_t c, size_t) {
      using V = typename decltype(tag)::Type;
      const V e = expBelow(V::load(x + i) - V::load(top + c));
      addTo(totals.sums + c, e);
      if (keep) e.store(y + i);
    });
  }
};

template <class T>
void softmaxForward(const args::Softmax<T>& a, const Parallel& parallel) {
  const T* x = a.x;
  T* y = a.y;
  const size_t count = a.count;
  const auto row = [=](size_t, size_t start) {
    const double total = sumExponentials(x + start, count, largest(x + start, count, y + start), y + start);
    scaleRow(y + start, count, static_cast<T>(1 / total));
  };
  forLines(parallel, a.outer, count, a.inner, row, [&, x, y](size_t o, size_t first, size_t width) {
    const size_t start = o * count * a.inner + first;
    const ColumnExponentials<T> block(x, y, true, start, count, a.inner, width);
    T share[kColumnBlock];
    for (size_t c = 0; c < width; ++c) share[c] = static_cast<T>(1 / block.totals.sums[c]);
    forColumns<T>(start, count, a.inner, width, [&](auto tag, size_t i, size_t c, size_t) {
      using V = typename decltype(tag)::Type;
      (V::load(share + c) * V::load(y + i)).store(y + i);
    });
  });
}

template <class T>
void logSoftmaxForward(const args::Softmax<T>& a, const Parallel& parallel) {
  const T* x = a.x;
  T* y = a.y;
  const size_t count = a.count;
  const auto row = [=](size_t, size_t start) {
    const T top = largest(x + start, count, y + start);
    const T shift = static_cast<T>(log(Lane<double>(sumExponentials<T>(x + start, count, top, nullptr))).v);
    forVectors<T>(start, start + count, [=](auto tag, size_t i) {
      using V = typename decltype(tag)::Type;
      tag.store(y + i, (tag.load(x + i) - V(top)) - V(shift));
    });
  };
  forLines(parallel, a.outer, count, a.inner, row, [&, x, y](size_t o, size_t first, size_t width) {
    const size_t start = o * count * a.inner + first;
    const ColumnExponentials<T> block(x, y, false, start, count, a.inner, width);
    T shift[kColumnBlock];
    for (size_t c = 0; c < width; ++c) shift[c] = static_cast<T>(log(Lane<double>(block.totals.sums[c])).v);
    forColumns<T>(start, count, a.inner, width, [&](auto tag, size_t i, size_t c, size_t) {
      using V = typename decltype(tag)::Type;
      ((V::load(x + i) - V::load(block.top + c)) - V::load(shift + c)).store(y + i);
    });
  });
}

// dx = gradient(y, dy, total) with the total of term(y, dy) over the line: two passes.
template <class T, class Term, class Gradient>
inline void softmaxSlopes(const args::SoftmaxBackward<T>& a, const Parallel& parallel, const Term& term,
                          const Gradient& gradient) {
  const T *y = a.y, *dy = a.dy;
  T* dx = a.dx;
  const size_t count = a.count;
  const auto row = [=](size_t, size_t start) {
    const double total = reduceLanes<T>(start, start + count,
                                        [=](auto tag, size_t i) { return term(tag.load(y + i), tag.load(dy + i)); });
    const T rounded = static_cast<T>(total);
    forVectors<T>(start, start + count, [=](auto tag, size_t i) {
      using V = typename decltype(tag)::Type;
      tag.store(dx + i, gradient(tag.load(y + i), tag.load(dy + i), V(rounded)));
    });
  };
  forLines(parallel, a.outer, count, a.inner, row, [&](size_t o, size_t first, size_t width) {
    const size_t start = o * count * a.inner + first;
    ColumnSums totals;
    forColumns<T>(start, count, a.inner, width, [&](auto tag, size_t i, size_t c, size_t) {
      using V = typename decltype(tag)::Type;
      using W = WideOf<V, double>;
      W wide[V::kLanes / W::kLanes];
      widen(term(V::load(y + i), V::load(dy + i)), wide);
      double* sums = totals.sums + c;
      for (const W& part : wide) {
        (W::load(sums) + part).store(sums);
        sums += W::kLanes;
      }
    });
    T rounded[kColumnBlock];
    for (size_t c = 0; c < width; ++c) rounded[c] = static_cast<T>(totals.sums[c]);
    forColumns<T>(start, count, a.inner, width, [&](auto tag, size_t i, size_t c, size_t) {
      using V = typename decltype(tag)::Type;
      gradient(V::load(y + i), V::load(dy + i), V::load(rounded + c)).store(dx + i);
    });
  });
}

template <class T>
void softmaxBackward(const args::SoftmaxBackward<T>& a, const Parallel& parallel) {
  softmaxSlopes(
      a, parallel,
      [](auto y, auto dy) {
        return Times{y, dy};
      },
      [](auto y, auto dy, auto total) { return y * (dy - total); });
}

template <class T>
void logSoftmaxBackward(const args::SoftmaxBackward<T>& a, const Parallel& parallel) {
  softmaxSlopes(
      a, parallel, [](auto, auto dy) { return dy; },
      [](auto y, auto dy, auto total) { return fma(-exp(y), total, dy); });
}

}  // namespace
}  // namespace lockstep
