#pragma once
// x^y, as C's pow has it in all special cases: exp(y log |x|), in double for float32, with a logarithm in two parts for
// float64.

#include "../simd/lane.h"
#include "../simd/widen.h"
#include "exp.h"
#include "log.h"
#include "polynomial.h"

namespace lockstep {
namespace {

// log x for a positive finite x, to about 2^-66: 2 artanh(s), s = f / (2 + f), with its first terms in two parts.
template <class V>
inline Pair<V> logInTwoParts(V x) {
  using T = typename V::Element;
  const auto [n, m] = splitPositive(x);
  const V two(T(2)), f = m - V(T(1)), d = two + f, dLow = f - (d - two);
  const V s = f / d, sLow = (fma(-s, d, f) - s * dLow) / d;
  const V z = s * s, zLow = fma(s, s, -z) + two * s * sLow;
  // 2/3 + 2/5 z + 2/7 z^2 + ...
  const auto [c, cLost] = sumOfLarger(V(T(2.0 / 3)), z * polynomial(z, LogConstants<T>::kUpperR));
  const V cLow = cLost + V(T(0x1.5555555555555p-55));
  const V cube = s * z, cubeLow = fma(s, z, -cube) + fma(s, zLow, sLow * z);
  const V tail = cube * c, tailLow = fma(cube, c, -tail) + fma(cube, cLow, cubeLow * c);
  const V head = n * V(ExpConstants<T>::kLn2High);
  const auto [first, firstLost] = sumOfLarger(head, s + s);
  const auto [second, secondLost] = sumOfLarger(first, tail);
  const V low = n * V(ExpConstants<T>::kLn2Low);
  const auto [third, thirdLost] = sumOfLarger(second, low);
  return sumOfLarger(third, thirdLost + (secondLost + (firstLost + fma(two, sLow, tailLow) +
                                                       fma(n, V(ExpConstants<T>::kLn2Low), -low))));
}

// |x|^y but for the cases in which the logarithm or its product is not finite
template <class V>
inline V powOfMagnitude(V x, V y) {
  using T = typename V::Element;
  using C = ExpConstants<T>;
  const auto [l, low] = logInTwoParts(x);
  const V product = y * l;
  const V rest = fma(y, l, -product) + y * low;
  const V inRange = selectGreater(V(-C::kLow), abs(product), rest, V(T(0)));
  return exp(product, inRange);
}

// 0 for an even whole number, 1 for an odd one, else something between.
template <class V>
inline V parity(V y) {
  using T = typename V::Element;
  // Even from here on. Half of it and the number that rounds are within what is rounded to whole numbers.
  const V a = min(V(sizeof(T) == sizeof(float) ? T(0x1p24) : T(0x1p53)), abs(y)), half = V(T(0.5)) * a;
  const V shift(sizeof(T) == sizeof(float) ? T(0x1p23) : T(0x1p52)), whole = (half + shift) - shift;
  return abs(fma(V(T(-2)), whole, a));
}

template <class V>
inline V pow(V x, V y) {
  using T = typename V::Element;
  const V zero(T(0)), one(T(1)), largest(LogConstants<T>::kLargest);
  const V a = abs(x), odd = parity(y), endless = abs(y);
  V power;
  if constexpr (kIsSingle<V>) {
    power = inDouble(a, y, [](auto d, auto exponent) { return exp(exponent * log(d)); });
  } else {
    // Where one of them is 0, infinite or NaN.
    const V limit = exp(y * log(a));
    power = selectGreater(a, zero, selectGreater(max(a, endless), largest, limit, powOfMagnitude(a, y)), limit);
  }
  const V whole = selectEqual(odd, one, copySign(power, x), power);
  // A negative number has no other powers, but minus infinity has.
  const V nan(static_cast<T>(__builtin_nan("")));
  const V negative = selectGreater(odd, zero, selectGreater(one, odd, nan, whole), whole);
  const V result = selectGreater(zero, x, selectGreater(-largest, x, whole, negative), whole);
  // x^0, 1^y and (-1)^(+-infinity) are 1, whatever x and y are.
  const V ofOne = selectGreater(x, zero, one, selectGreater(endless, largest, one, result));
  return selectEqual(y, zero, one, selectEqual(a, one, ofOne, result));
}

}  // namespace
}  // namespace lockstep
