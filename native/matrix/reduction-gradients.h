#pragma once
// The gradients of reductions by their inputs, along the lines of the middle axis of [outer, count, inner] (columns.h).
// Mirror: src/backend/typescript/matrix/reduction-gradients.ts.

#include "../parallel.h"
#include "../simd/for-lanes.h"
#include "../simd/reduce.h"
#include "../simd/widen.h"
#include "columns.h"
#include "reduction-arguments.h"
#include "tasks.h"
#include "unary-functions.h"

namespace lockstep {
namespace {

template <class T>
void sumBackward(const args::SumBackward<T>& a, const Parallel& parallel) {
  const T* dy = a.dy;
  T* dx = a.dx;
  const T alpha = static_cast<T>(a.alpha);
  const size_t count = a.count, inner = a.inner;
  const bool accumulate = a.accumulate;
  forLines(
      parallel, a.outer, count, inner,
      [=](size_t o, size_t start) {
        const T slope = alpha * dy[o];
        forVectors<T>(start, start + count, [=](auto tag, size_t i) {
          using V = typename decltype(tag)::Type;
          tag.store(dx + i, accumulate ? tag.load(dx + i) + V(slope) : V(slope));
        });
      },
      [=](size_t o, size_t first, size_t width) {
        const T* slopes = dy + o * inner + first;
        forColumns<T>(o * count * inner + first, count, inner, width, [=](auto tag, size_t i, size_t c, size_t) {
          using V = typename decltype(tag)::Type;
          const V slope = V(alpha) * V::load(slopes + c);
          (accumulate ? V::load(dx + i) + slope : slope).store(dx + i);
        });
      });
}

template <class V>
inline V isEqual(V a, V b) {
  using T = typename V::Element;
  const V zero(T(0));
  return selectGreater(a, b, zero, selectGreater(b, a, zero, V(T(1))));
}

// dx = slope(x, y) scale(dy, y, ties). Where elements share a gradient (kShared), `ties` is how many do: the sum of tie(x, y)
// over the line.
struct Extreme {
  static constexpr bool kShared = true;
  template <class V>
  static V tie(V x, V y) {
    return isEqual(x, y);
  }
  static double scale(double dy, double, double ties) { return ties == 0 ? 0 : dy / ties; }
  template <class V>
  static V slope(V x, V y) {
    return isEqual(x, y);
  }
};
struct Norm1Slope {
  static constexpr bool kShared = false;
  static double scale(double dy, double, double) { return dy; }
  template <class V>
  static V slope(V x, V) {
    return sign(x);
  }
};
struct Norm2Slope {
  static constexpr bool kShared = false;
  static double scale(double dy, double y, double) { return y == 0 ? 0 : dy / y; }
  template <class V>
  static V slope(V x, V) {
    return x;
  }
};
struct NormInfSlope {
  static constexpr bool kShared = true;
  template <class V>
  static V tie(V x, V y) {
    return isEqual(abs(x), y);
  }
  static double scale(double dy, double, double ties) { return ties == 0 ? 0 : dy / ties; }
  template <class V>
  static V slope(V x, V y) {
    return isEqual(abs(x), y) * sign(x);
  }
};

template <class R, class T>
void reductionSlopes(const args::ReductionBackward<T>& a, const Parallel& parallel) {
  const T *x = a.x, *y = a.y, *dy = a.dy;
  T* dx = a.dx;
  const size_t count = a.count, inner = a.inner;
  const bool accumulate = a.accumulate;
  const auto scaleOf = [=](size_t line, double ties) {
    return static_cast<T>(R::scale(static_cast<double>(dy[line]), static_cast<double>(y[line]), ties));
  };
  const auto write = [=](size_t i, auto value, auto result, auto scale) {
    const auto gradient = scale * R::slope(value, result);
    (accumulate ? decltype(gradient)::load(dx + i) + gradient : gradient).store(dx + i);
  };
  forLines(
      parallel, a.outer, count, inner,
      [=](size_t o, size_t start) {
        const T result = y[o];
        double ties = 0;
        if constexpr (R::kShared) {
          ties = reduceLanes<T>(start, start + count, [=](auto tag, size_t i) {
            using V = typename decltype(tag)::Type;
            return R::tie(tag.load(x + i), V(result));
          });
        }
        const T scale = scaleOf(o, ties);
        forLanes<T>(start, start + count, [=](auto tag, size_t i) {
          using V = typename decltype(tag)::Type;
          write(i, V::load(x + i), V(result), V(scale));
        });
      },
      [=](size_t o, size_t first, size_t width) {
        const size_t start = o * count * inner + first, line = o * inner + first;
        ColumnSums ties;
        if constexpr (R::kShared) {
          forColumns<T>(start, count, inner, width, [&](auto tag, size_t i, size_t c, size_t) {
            using V = typename decltype(tag)::Type;
            addTo(ties.sums + c, R::tie(V::load(x + i), V::load(y + line + c)));
          });
        }
        T scale[kColumnBlock];
        for (size_t c = 0; c < width; ++c) scale[c] = scaleOf(line + c, ties.sums[c]);
        forColumns<T>(start, count, inner, width, [&](auto tag, size_t i, size_t c, size_t) {
          using V = typename decltype(tag)::Type;
          write(i, V::load(x + i), V::load(y + line + c), V::load(scale + c));
        });
      });
}

#define LOCKSTEP_REDUCTION_GRADIENT(name, Functor)                           \
  template <class T>                                                         \
  void name(const args::ReductionBackward<T>& a, const Parallel& parallel) { \
    reductionSlopes<Functor>(a, parallel);                                   \
  }
LOCKSTEP_REDUCTION_GRADIENT(extremeBackward, Extreme)
LOCKSTEP_REDUCTION_GRADIENT(norm1Backward, Norm1Slope)
LOCKSTEP_REDUCTION_GRADIENT(norm2Backward, Norm2Slope)
LOCKSTEP_REDUCTION_GRADIENT(normInfBackward, NormInfSlope)
#undef LOCKSTEP_REDUCTION_GRADIENT

// dy times the product of all other elements. Without zeros it is the product of all over the element; one zero alone has a
// gradient, the product of the others; with more zeros none has.
template <class T>
void prodBackward(const args::ReductionBackward<T>& a, const Parallel& parallel) {
  const size_t count = a.count, inner = a.inner;
  forRanges(parallel, a.outer * inner, rowGrain(count), [&](size_t begin, size_t end) {
    for (size_t line = begin; line < end; ++line) {
      const size_t start = line / inner * count * inner + line % inner;
      double product = 1;
      size_t zeros = 0;
      for (size_t r = 0; r < count; ++r) {
        const double value = static_cast<double>(a.x[start + r * inner]);
        if (value == 0) {
          ++zeros;
        } else {
          product *= value;
        }
      }
      product *= static_cast<double>(a.dy[line]);
      for (size_t r = 0; r < count; ++r) {
        const size_t i = start + r * inner;
        const double value = static_cast<double>(a.x[i]);
        const double others = value == 0 ? (zeros == 1 ? product : 0) : zeros == 0 ? product / value : 0;
        const double before = a.accumulate ? static_cast<double>(a.dx[i]) : 0;
        a.dx[i] = static_cast<T>(before + others);
      }
    }
  });
}

}  // namespace
}  // namespace lockstep
