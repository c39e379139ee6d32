#pragma once
// exp and expm1. x = n ln 2 + r with n whole and |r| <= ln 2 / 2; exp(x) = 2^n (1 + r + r^2 P(r)).
// P: minimax.py; the short one where 1 + r is what its error is measured by, and not r.

#include "../simd/lane.h"
#include "polynomial.h"

namespace lockstep {
namespace {

template <class T>
struct ExpConstants;
template <>
struct ExpConstants<float> {
  static constexpr float kRound = 0x1.8p23f;  // adding it and taking it away rounds to a whole number
  static constexpr float kLog2e = 0x1.715476p+0f;
  static constexpr float kLn2High = 0x1.62e4p-1f, kLn2Low = 0x1.7f7d1cp-20f;  // n times the high part is exact
  static constexpr float kLow = -104, kHigh = 89;                             // below: 0, above: infinity
  static constexpr float kSplit = -100;     // 2^n down to here is normal, and so is the rest of the smallest results
  static constexpr float kVanishes = -114;  // x exp(x) is 0 down from here
  static constexpr float kLeastExponent = -200;  // 2^n is 0 down from here
  static constexpr float kMinusOne = -20;        // expm1 is -1 from here on
  static constexpr float kIdentity = 1e-10f;     // expm1(x) is x up to here
  static constexpr float kP[] = {0x1.000000p-1f, 0x1.555556p-3f,  0x1.5554e8p-5f,
                                 0x1.1110acp-7f, 0x1.6d43b8p-10f, 0x1.a17eacp-13f};
  static constexpr float kShortP[] = {0x1.fffffcp-2f, 0x1.555490p-3f, 0x1.5558f4p-5f, 0x1.123a6ap-7f, 0x1.6a2358p-10f};
};
template <>
struct ExpConstants<double> {
  static constexpr double kRound = 0x1.8p52;
  static constexpr double kLog2e = 0x1.71547652b82fep+0;
  static constexpr double kLn2High = 0x1.62e42fefa38p-1, kLn2Low = 0x1.ef35793c7673p-45;
  static constexpr double kLow = -746, kHigh = 710;
  static constexpr double kSplit = -1000;
  static constexpr double kVanishes = -756;
  static constexpr double kLeastExponent = -1500;
  static constexpr double kMinusOne = -40;
  static constexpr double kIdentity = 1e-20;
  static constexpr double kP[] = {0x1.0000000000000p-1,  0x1.5555555555557p-3,  0x1.5555555555558p-5,
                                  0x1.11111111100bdp-7,  0x1.6c16c16c151ccp-10, 0x1.a01a01abf8a8ep-13,
                                  0x1.a01a01ad0ca59p-16, 0x1.71de01fce71cfp-19, 0x1.27e4cca2d4ee8p-22,
                                  0x1.af4e56d3373b2p-26, 0x1.1f8b95345c29ap-29};
  static constexpr auto& kShortP = kP;
};

template <class V>
inline V roundToWhole(V x) {
  const V shift(ExpConstants<typename V::Element>::kRound);
  return (x + shift) - shift;
}

// exp(x + low) = 2^n (1 + q), for a low that is small beside 1, with all of the rounding errors left in.
template <class V>
struct Quick {
  V n, q;
};

template <class V>
inline Quick<V> quickReduce(V x, V low) {
  using C = ExpConstants<typename V::Element>;
  const V n = fma(x, V(C::kLog2e), V(C::kRound)) - V(C::kRound);
  const V r = fma(n, V(-C::kLn2Low), fma(n, V(-C::kLn2High), x)) + low;
  return {n, fma(r * r, polynomial(r, C::kShortP), r)};
}

// x = n ln 2 + r + (what r leaves out); exp(x) = 2^n (1 + r + rest).
template <class V>
struct Reduced {
  V n, r, rest;
};

template <class V>
inline Reduced<V> reduceByLn2(V x) {
  using C = ExpConstants<typename V::Element>;
  const V n = fma(x, V(C::kLog2e), V(C::kRound)) - V(C::kRound);
  const V exact = fma(n, V(-C::kLn2High), x);
  const V r = fma(n, V(-C::kLn2Low), exact);
  const V left = fma(n, V(-C::kLn2Low), exact - r);
  return {n, r, fma(r * r, polynomial(r, C::kP), left)};
}

// Of x + low, for a low that is small beside 1.
template <class V>
inline Reduced<V> reduceByLn2(V x, V low) {
  const Reduced<V> reduced = reduceByLn2(x);
  return {reduced.n, reduced.r, fma(low, V(typename V::Element(1)) + (reduced.r + reduced.rest), reduced.rest)};
}

// 2^-n times the exponential.
template <class V>
inline Pair<V> unscaledExp(const Reduced<V>& x) {
  const auto [sum, lost] = sumOfLarger(V(typename V::Element(1)), x.r);
  return sumOfLarger(sum, lost + x.rest);
}

// y 2^n in two steps, as 2^n alone may be out of range where the result is not. Rounds once for |y| in [1/4, 4].
template <class V>
inline V scaleBy(V y, V n) {
  const V half = roundToWhole(n * V(typename V::Element(0.5)));
  return y * pow2(half) * pow2(n - half);
}

template <class V>
inline V clampForExp(V x) {
  using C = ExpConstants<typename V::Element>;
  return min(V(C::kHigh), max(V(C::kLow), x));
}

// 2^-n times the exponential, in one part.
template <class V>
inline V roundedExp(const Reduced<V>& x) {
  const auto [sum, lost] = sumOfLarger(V(typename V::Element(1)), x.r);
  return sum + (lost + x.rest);
}

template <class V>
inline V exp(V x) {
  const Reduced<V> reduced = reduceByLn2(clampForExp(x));
  return scaleBy(roundedExp(reduced), reduced.n);
}

// exp(x + low) for a low that is small beside 1.
template <class V>
inline V exp(V x, V low) {
  const Reduced<V> reduced = reduceByLn2(clampForExp(x), low);
  return scaleBy(roundedExp(reduced), reduced.n);
}

// With half of 2^n, which is never out of range.
template <class V>
inline V expm1(V x) {
  using T = typename V::Element;
  using C = ExpConstants<T>;
  const Reduced<V> reduced = reduceByLn2(min(V(C::kHigh), max(V(C::kMinusOne), x)));
  const V scale = pow2(reduced.n - V(T(1)));
  const auto [high, low] = sumOfLarger(reduced.r, reduced.rest);
  const auto [shift, lostShift] = sumOfLarger(scale, V(T(-0.5)));
  const auto [sum, lost] = sumOfLarger(shift, scale * high);
  const V half = sum + (fma(scale, low, lost) + lostShift);
  return selectGreater(V(C::kIdentity), abs(x), x, half + half);
}

// For results that are rounded to float: within 2^-28.9 of the true value, for |x| <= 700. What the rounding to a whole
// number leaves in the last bits is n, ready to be added to the exponent.
constexpr double kQuickExp[] = {0x1.0000000261955p+0, 0x1.0000009c1aa4ap+0, 0x1.fffffaaee3ec9p-2, 0x1.55540a5c0ffb0p-3,
                                0x1.55589a555c880p-5, 0x1.126d1daf63dc0p-7, 0x1.6ab99d3fb9b9dp-10};
template <class D>
inline D quickExp(D x) {
  using C = ExpConstants<double>;
  const D shifted = fma(x, D(C::kLog2e), D(C::kRound)), n = shifted - D(C::kRound);
  const D r = fma(n, D(-0x1.62e42fefa39efp-1), x);
  return timesPow2(quickPolynomial(r, kQuickExp), shifted);
}

}  // namespace
}  // namespace lockstep
