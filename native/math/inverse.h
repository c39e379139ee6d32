#pragma once
// Inverse trigonometric functions, sinh and cosh with the inverses of all three, and logarithms and powers of 2 and 10. All
// formulas are in double, which float32 is rounded from. kAtan, kShortAsin: minimax.py.

#include "../simd/lane.h"
#include "../simd/widen.h"
#include "exp.h"
#include "log.h"
#include "polynomial.h"
#include "pow.h"

namespace lockstep {
namespace {

// f(x) in double, rounded to the type of x.
template <class V, class F>
inline V inDouble(V x, const F& f) {
  return inDouble(x, x, [&f](auto d, auto) { return f(d); });
}

struct InverseConstants {
  static constexpr double kHalfPi = 0x1.921fb54442d18p+0, kHalfPiLow = 0x1.1a62633145c07p-54;
  static constexpr double kLn2 = 0x1.62e42fefa39efp-1, kLn2Low = 0x1.abc9e3b39803fp-56;
  static constexpr double kLn10 = 0x1.26bb1bbb55516p+1;
  // 1 / ln 2 and 1 / ln 10
  static constexpr double kLog2e = 0x1.71547652b82fep+0, kLog2eLow = 0x1.777d0ffda0d24p-56;
  static constexpr double kLog10e = 0x1.bcb7b1526e50ep-2, kLog10eLow = 0x1.95355baaafad3p-57;
  static constexpr double kLarge = 0x1p28;  // x^2 + 1 is x^2 from here on
  static constexpr double kAtan[] = {
      -0x1.5555555555555p-2,  0x1.9999999999983p-3, -0x1.249249249161ep-3, 0x1.c71c71c6a476ep-4,
      -0x1.745d17354b30fp-4,  0x1.3b13afd50e759p-4, -0x1.1110fcbd1b5a1p-4, 0x1.e1e03dbc385edp-5,
      -0x1.af1bdc6666bfbp-5,  0x1.85cf0a5e761afp-5, -0x1.62de519694cfbp-5, 0x1.42f48573ccaa8p-5,
      -0x1.21a18fcf6b38dp-5,  0x1.f37258b065cadp-6, -0x1.8ff32b02be4e0p-6, 0x1.1d95bf5894878p-6,
      -0x1.5c35802acb39dp-7,  0x1.5a281f10ecb9ap-8, -0x1.09f6d78b221e5p-9, 0x1.25b92cbaec5c8p-11,
      -0x1.9c6aa69b72015p-14, 0x1.135c4952921c2p-17};
  static constexpr double kShortAsin[] = {0x1.555555555c818p-3, 0x1.3333330fc7d8dp-4,  0x1.6db6f82e251e2p-5,
                                          0x1.f1be276633053p-6, 0x1.6f3d8ba334815p-6,  0x1.14a1450711c25p-6,
                                          0x1.15be7df6a4decp-6, 0x1.bd82adb235460p-11, 0x1.d403d988efc15p-6};
};

// The angle in [0, pi] between the x axis and the point (x, y), for y >= 0: t + t^3 P(t^2) of the smaller one over the larger.
template <class D>
inline D angleOf(D x, D y) {
  using C = InverseConstants;
  const D zero(0.0), one(1.0), a = abs(x), less = min(a, y), more = max(a, y);
  // 0 / 0, and infinity / infinity
  const D t = selectEqual(less, more, selectEqual(more, zero, zero, one), less / more), z = t * t;
  const D low = fma(t * z, polynomial(z, C::kAtan), t);
  const D right = selectGreater(y, a, (D(C::kHalfPi) - low) + D(C::kHalfPiLow), low);
  const D left = (D(2 * C::kHalfPi) - right) + D(2 * C::kHalfPiLow);
  return selectEqual(x, x, selectGreater(copySign(one, x), zero, right, left), x);
}

template <class V>
inline V atan(V x) {
  return inDouble(x, [](auto d) { return copySign(angleOf(decltype(d)(1.0), abs(d)), d); });
}

template <class V>
inline V atan2(V y, V x) {
  return inDouble(y, x, [](auto dy, auto dx) { return copySign(angleOf(dx, abs(dy)), dy); });
}

// 1 - x^2 in one rounding; NaN beyond 1
template <class D>
inline D cosineOf(D sine) {
  return sqrt(fma(-sine, sine, D(1.0)));
}

// asin(a) for a up to 1/2, and half of acos(a) from there to 1: close enough to be rounded to float32, without a division.
template <class D>
inline D shortArc(D a) {
  using C = InverseConstants;
  const D half(0.5), rest = fma(-half, a, half), z = selectGreater(a, half, rest, a * a);
  const D sine = selectGreater(a, half, sqrt(rest), a);
  return fma(sine * z, quickPolynomial(z, C::kShortAsin), sine);
}

template <class V>
inline V asin(V x) {
  return inDouble(x, [](auto d) {
    using D = decltype(d);
    const D a = abs(d);
    if constexpr (kIsSingle<V>) {
      const D arc = shortArc(a);
      return copySign(selectGreater(a, D(0.5), D(InverseConstants::kHalfPi) - (arc + arc), arc), d);
    } else {
      return copySign(angleOf(cosineOf(d), a), d);
    }
  });
}

template <class V>
inline V acos(V x) {
  return inDouble(x, [](auto d) {
    using D = decltype(d);
    if constexpr (kIsSingle<V>) {
      const D a = abs(d), arc = shortArc(a), halfPi(InverseConstants::kHalfPi);
      const D outside = selectGreater(d, D(0.0), arc + arc, (halfPi - arc) + (halfPi - arc));
      return selectGreater(a, D(0.5), outside, halfPi - copySign(arc, d));
    } else {
      return angleOf(d, cosineOf(d));
    }
  });
}

// exp(x) / 2, which is in range where exp(x) just is not
template <class D>
inline D halfExp(D x) {
  const Reduced<D> reduced = reduceByLn2(min(D(711.0), x));
  return scaleBy(roundedExp(reduced), reduced.n - D(1.0));
}

// Below 1 the two halves would cancel: (m + m / (m + 1)) / 2 with m = exp(x) - 1.
template <class V>
inline V sinh(V x) {
  return inDouble(x, [](auto d) {
    using D = decltype(d);
    const D a = abs(d), one(1.0), half = halfExp(a), m = expm1(min(one, a));
    const D y = selectGreater(a, one, half - D(0.25) / half, D(0.5) * (m + m / (m + one)));
    return copySign(y, d);
  });
}

template <class V>
inline V cosh(V x) {
  return inDouble(x, [](auto d) {
    const auto half = halfExp(abs(d));
    return half + decltype(d)(0.25) / half;
  });
}

// log(x + sqrt(x^2 + 1)) for x >= 0, the 1 taken out
template <class V>
inline V asinh(V x) {
  return inDouble(x, [](auto d) {
    using D = decltype(d);
    using C = InverseConstants;
    const D a = abs(d), one(1.0), large(C::kLarge), within = min(large, a), square = within * within;
    const D near = log1p(within + square / (one + sqrt(one + square)));
    return copySign(selectGreater(a, large, log(a) + D(C::kLn2), near), d);
  });
}

// log(x + sqrt(x^2 - 1)), by x - 1
template <class V>
inline V acosh(V x) {
  return inDouble(x, [](auto d) {
    using D = decltype(d);
    using C = InverseConstants;
    const D large(C::kLarge), t = min(large, d) - D(1.0);
    const D near = log1p(t + sqrt(t) * sqrt(t + D(2.0)));
    return selectGreater(d, large, log(d) + D(C::kLn2), near);
  });
}

// log((1 + x) / (1 - x)) / 2
template <class V>
inline V atanh(V x) {
  return inDouble(x, [](auto d) {
    using D = decltype(d);
    const D a = abs(d);
    return copySign(D(0.5) * log1p((a + a) / (D(1.0) - a)), d);
  });
}

// The logarithm times factor + low: of a power of the base exactly the exponent.
template <class V>
inline V logTimes(V x, double factor, double low) {
  if constexpr (kIsSingle<V>) {
    return inDouble(x, [=](auto d) { return log(d) * decltype(d)(factor); });
  } else {
    const auto [l, rest] = logInTwoParts(x);
    const V product = l * V(factor);
    const V left = fma(l, V(factor), -product) + fma(l, V(low), rest * V(factor));
    return orSpecialLog(x, product + left);
  }
}

template <class V>
inline V log2(V x) {
  return logTimes(x, InverseConstants::kLog2e, InverseConstants::kLog2eLow);
}

template <class V>
inline V log10(V x) {
  return logTimes(x, InverseConstants::kLog10e, InverseConstants::kLog10eLow);
}

// The whole part of x goes to the exponent.
template <class V>
inline V exp2(V x) {
  return inDouble(x, [](auto d) {
    using D = decltype(d);
    using C = InverseConstants;
    const D within = min(D(1025.0), max(D(-1076.0), d)), n = roundToWhole(within), r = within - n;
    const D product = r * D(C::kLn2), low = fma(r, D(C::kLn2), -product) + r * D(C::kLn2Low);
    const Reduced<D> reduced = reduceByLn2(product, low);
    return scaleBy(roundedExp(reduced), reduced.n + n);
  });
}

}  // namespace
}  // namespace lockstep
