#pragma once
// log and log1p. x = 2^n (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)); with s = f / (2 + f) and z = s^2
//   log(1 + f) = f - (f^2 / 2 - s (f^2 / 2 + z R(z))),
// as in FreeBSD's e_log.c (https://cgit.freebsd.org/src/tree/lib/msun/src/e_log.c). R: minimax.py.

#include "../simd/lane.h"
#include "exp.h"
#include "polynomial.h"

namespace lockstep {
namespace {

template <class T>
struct LogConstants;
template <>
struct LogConstants<float> {
  static constexpr float kSmallestNormal = 0x1p-126f, kLargest = 0x1.fffffep127f;
  static constexpr float kSubnormalScale = 0x1p24f, kSubnormalExponent = -24;
  static constexpr float kIdentity = 0x1p-26f;  // log1p(x) is x up to here
  static constexpr float kR[] = {0x1.555556p-1f, 0x1.9999ecp-2f, 0x1.245bf2p-2f, 0x1.ddde50p-3f};
};
template <>
struct LogConstants<double> {
  static constexpr double kSmallestNormal = 0x1p-1022, kLargest = 0x1.fffffffffffffp1023;
  static constexpr double kSubnormalScale = 0x1p53, kSubnormalExponent = -53;
  static constexpr double kIdentity = 0x1p-54;
  static constexpr double kR[] = {0x1.5555555555555p-1, 0x1.9999999999a3ap-2, 0x1.2492492476692p-2,
                                  0x1.c71c7201ff537p-3, 0x1.745cf8c2a17edp-3, 0x1.3b1c42bf11682p-3,
                                  0x1.0fbd3d1a064d2p-3, 0x1.0c11348cee62ap-3};
  static constexpr double kUpperR[] = {0x1.9999999999a3ap-2, 0x1.2492492476692p-2, 0x1.c71c7201ff537p-3,
                                       0x1.745cf8c2a17edp-3, 0x1.3b1c42bf11682p-3, 0x1.0fbd3d1a064d2p-3,
                                       0x1.0c11348cee62ap-3};
};

// n ln 2 + log(1 + f + low), for a low that is small beside f
template <class V>
inline V logSum(V n, V f, V low) {
  using T = typename V::Element;
  using C = LogConstants<T>;
  const V s = f / (V(T(2)) + f), z = s * s, half = V(T(0.5)) * f * f;
  const V series = s * fma(z, polynomial(z, C::kR), half);
  const auto [sum, lost] = sumOfLarger(n * V(ExpConstants<T>::kLn2High), f);
  return sum + (lost + (fma(n, V(ExpConstants<T>::kLn2Low), series + low) - half));
}

// What the logarithm of x is where x is no positive finite number, else y.
template <class V>
inline V orSpecialLog(V x, V y) {
  using T = typename V::Element;
  const V zero(T(0)), infinity(static_cast<T>(__builtin_inf())), nan(static_cast<T>(__builtin_nan("")));
  const V positive = selectGreater(x, V(LogConstants<T>::kLargest), x, y);
  const V zeroOrNan = fma(x, x, -infinity);
  return selectGreater(x, zero, positive, selectGreater(zero, x, nan, zeroOrNan));
}

template <class V>
struct Split {
  V exponent, mantissa;
};

// A positive number, which may be subnormal.
template <class V>
inline Split<V> splitPositive(V x) {
  using T = typename V::Element;
  using C = LogConstants<T>;
  const V least(C::kSmallestNormal);
  const V normal = selectGreater(least, x, x * V(C::kSubnormalScale), x);
  const V offset = selectGreater(least, x, V(C::kSubnormalExponent), V(T(0)));
  return {exponent(normal) + offset, mantissa(normal)};
}

template <class V>
inline V log(V x) {
  using T = typename V::Element;
  const auto [n, m] = splitPositive(x);
  return orSpecialLog(x, logSum(n, m - V(T(1)), V(T(0))));
}

// The logarithm of the rounded 1 + x, and what the rounding lost brought to the scale of f.
template <class V>
inline V log1p(V x) {
  using T = typename V::Element;
  const V one(T(1)), u = one + x, part = u - one;
  const V lost = (one - (u - part)) + (x - part);
  const V n = exponent(u);
  const auto [f, low] = sumOfLarger(mantissa(u) - one, lost * pow2(-min(n, V(T(64)))));
  const V y = orSpecialLog(u, logSum(n, f, low));
  return selectGreater(V(LogConstants<T>::kIdentity), abs(x), x, y);
}

// log(1 + exp(x))
template <class V>
inline V softplus(V x) {
  using T = typename V::Element;
  return max(V(T(0)), x) + log1p(exp(-abs(x)));
}

}  // namespace
}  // namespace lockstep
