#pragma once
// tanh, the logistic function and what is made of it: quotients, corrected once by what the first quotient leaves of the
// numerator.

#include "../simd/lane.h"
#include "../simd/widen.h"
#include "exp.h"
#include "polynomial.h"

namespace lockstep {
namespace {

// a / b
template <class V>
inline V correctedQuotient(const Pair<V>& a, const Pair<V>& b) {
  const V inverse = V(typename V::Element(1)) / b.high;
  const V quotient = a.high * inverse;
  const V left = fma(-quotient, b.high, a.high) + fma(-quotient, b.low, a.low);
  return quotient + left * inverse;
}

template <class T>
struct TanhConstants;
template <>
struct TanhConstants<float> {
  static constexpr float kIdentity = 0x1p-12f, kOne = 10;  // tanh(x) is x up to here, 1 from there on
};
template <>
struct TanhConstants<double> {
  static constexpr double kIdentity = 0x1p-27, kOne = 20;
};

// (exp(2 |x|) - 1) / (exp(2 |x|) + 1)
template <class V>
inline V tanh(V x) {
  using T = typename V::Element;
  using C = TanhConstants<T>;
  const V magnitude = abs(x), one(T(1));
  const V clamped = min(V(C::kOne), magnitude);
  const Reduced<V> reduced = reduceByLn2(clamped + clamped);
  const V scale = pow2(reduced.n);
  const auto [high, low] = sumOfLarger(reduced.r, reduced.rest);
  const V term = scale * high;
  // Where 2^n + 1 is rounded, 2^n - 1 must be as well: an error of both makes no difference.
  const V plusOne = scale + one, minusOne = plusOne - V(T(2));
  const auto [above, lostAbove] = sumOfLarger(minusOne, term);
  const auto [below, lostBelow] = sumOfLarger(plusOne, term);
  const V t = correctedQuotient<V>({above, fma(scale, low, lostAbove)}, {below, fma(scale, low, lostBelow)});
  return selectGreater(V(C::kIdentity), magnitude, x, copySign(t, x));
}

// factor / (1 + exp(-(x + low))) for a low that is small beside 1. With exp(-x) = 2^n (1 + q) the divisor is
// (1 + 2^n) + 2^n q, and what rounding takes from either sum is known.
// The exponent is cut where 2^n would be out of range, and the rest of it comes last.
template <class V>
inline V overLogisticDivisor(V factor, V x, V low) {
  using T = typename V::Element;
  using C = ExpConstants<T>;
  const V one(T(1)), within = min(V(-C::kMinusOne), max(V(C::kVanishes), x));
  const auto [n, q] = quickReduce(-within, -low);
  const V cut = min(V(-C::kSplit), n), scale = pow2(cut), sum = one + scale;
  const V divisor = fma(scale, q, sum);
  const V lost = fma(scale, q, sum - divisor) + (one - (sum - scale));
  const V inverse = one / divisor, quotient = factor * inverse;
  const V left = fma(-quotient, lost, fma(-quotient, divisor, factor));
  const V result = fma(left, inverse, quotient);
  return anyGreater(n, cut) ? result * pow2(cut - n) : result;
}

// The same where the factor may be infinite, which cannot be corrected, or -0, which would be corrected to 0.
template <class V>
inline V timesLogistic(V factor, V x, V low) {
  return selectEqual(factor + factor, factor, factor, overLogisticDivisor(factor, x, low));
}

template <class V>
inline V sigmoid(V x) {
  using T = typename V::Element;
  return overLogisticDivisor(V(T(1)), x, V(T(0)));
}

// x / (1 + exp(-x)), 0 in the limit.
template <class V>
inline V silu(V x) {
  using T = typename V::Element;
  return timesLogistic(max(V(ExpConstants<T>::kVanishes), x), x, V(T(0)));
}

// 2 sqrt(2 / pi), and 0.044715 times that, in two parts each. The high part of the first has half of the bits.
template <class T>
struct GeluTanhConstants;
template <>
struct GeluTanhConstants<float> {
  static constexpr float kHigh = 0x1.988p+0f, kLow = 0x1.14cf5p-14f;
  static constexpr float kCubicHigh = 0x1.2444f2p-4f, kCubicLow = 0x1.49b16ap-29f;
  static constexpr float kTop = 16;  // the logistic function is 0 or 1 from here on
};
template <>
struct GeluTanhConstants<double> {
  static constexpr double kHigh = 0x1.988453p+0, kLow = 0x1.ea1b284687e5ap-27;
  static constexpr double kCubicHigh = 0x1.2444f2a4d8b4bp-4, kCubicLow = -0x1.6c843a29d1c7p-61;
  static constexpr double kTop = 30;
};

// 2 u of geluTanh. slope - kHigh is exact, as it needs no bit below those of the slope.
template <class V>
inline Pair<V> geluTanhArgument(V x) {
  using C = GeluTanhConstants<typename V::Element>;
  const V high(C::kHigh), cubic(C::kCubicHigh);
  const V square = x * x, squareLow = fma(x, x, -square);
  const V slope = fma(cubic, square, high);
  const V slopeLow = fma(cubic, square, high - slope) + fma(cubic, squareLow, fma(V(C::kCubicLow), square, V(C::kLow)));
  const V u = x * slope;
  return {u, fma(x, slopeLow, fma(x, slope, -u))};
}

// x / (1 + exp(-2 u)) with u = sqrt(2 / pi) (x + 0.044715 x^3): x (1 + tanh u) / 2, Hendrycks & Gimpel 2016,
// https://arxiv.org/abs/1606.08415. 2 u comes in two parts: what it lacks in the last place comes 100-fold out of exp.
template <class V>
inline V geluTanh(V x) {
  using T = typename V::Element;
  const V top(GeluTanhConstants<T>::kTop), factor = max(-top, x);
  const auto [u, low] = geluTanhArgument(min(top, factor));
  return timesLogistic(factor, u, low);
}

// s (1 + slope (1 - s)) with s = 1 / (1 + exp(-x)); 1 - s is not taken as a difference.
template <class V>
inline V logisticSlope(V x, V slope) {
  using T = typename V::Element;
  if constexpr (!kIsSingle<V>) return sigmoid(x) * fma(slope, sigmoid(-x), V(T(1)));
  return inDouble(x, slope, [](auto d, auto times) {
    using D = decltype(d);
    const D e = quickExp(-d), s = D(1) / (D(1) + e);
    return s * fma(times * e, s, D(1));
  });
}

// The slope of silu, s in the limits
template <class V>
inline V siluSlope(V x) {
  using T = typename V::Element;
  const V top(-ExpConstants<T>::kVanishes), within = min(top, max(-top, x));
  return logisticSlope(within, within);
}

template <class V>
inline V geluTanhSlope(V x) {
  using T = typename V::Element;
  using C = GeluTanhConstants<T>;
  const V top(C::kTop), within = min(top, max(-top, x));
  const V square = within * within, linear(C::kHigh + C::kLow), cubic(C::kCubicHigh);
  return logisticSlope(within * fma(cubic, square, linear), within * fma(V(T(3)) * cubic, square, linear));
}

}  // namespace
}  // namespace lockstep
