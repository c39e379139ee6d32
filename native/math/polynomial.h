#pragma once
// What the functions in this folder are made of. They are transcendental ones, one formula each, over the vector types of
// every target, so that all of them give the same bits: only + - * / sqrt fma, selection and whole numbers in exponents;
// constants are exact or the nearest of their type. float32 is evaluated in double, without compensation, where that was
// measured to be faster than in two floats. Bounds of the error: test/math/bounds.json; coefficients: minimax.py.

#include "../simd/lane.h"

namespace lockstep {
namespace {

// c[0] + c[1] x + c[2] x^2 + ...: the upper terms in pairs (Estrin's scheme), which wait for each other half as often as
// Horner's. The last two steps are Horner's, so that the rounding of the others counts x^2 times.
template <class V, size_t kFirst, size_t kCount, class T, size_t N>
inline V estrin(const V* powers, const T (&c)[N]) {
  if constexpr (kCount == 1) {
    return V(c[kFirst]);
  } else {
    constexpr size_t kLog = kCount > 16 ? 4 : kCount > 8 ? 3 : kCount > 4 ? 2 : kCount > 2 ? 1 : 0;
    constexpr size_t kHalf = size_t{1} << kLog;
    return fma(powers[kLog], estrin<V, kFirst + kHalf, kCount - kHalf>(powers, c), estrin<V, kFirst, kHalf>(powers, c));
  }
}

template <class V, class T, size_t N>
inline V polynomial(V x, const T (&c)[N]) {
  static_assert(N > 2 && N <= 34, "powers of x for 32 upper terms");
  const V second = x * x, fourth = second * second, eighth = fourth * fourth;
  const V powers[] = {x, second, fourth, eighth, eighth * eighth};
  return fma(x, fma(x, estrin<V, 2, N - 2>(powers, c), V(c[1])), V(c[0]));
}

// All of it in pairs: for results that are rounded to a shorter type.
template <class V, class T, size_t N>
inline V quickPolynomial(V x, const T (&c)[N]) {
  static_assert(N > 1 && N <= 16, "powers of x for 16 terms");
  const V second = x * x, fourth = second * second;
  const V powers[] = {x, second, fourth, fourth * fourth};
  return estrin<V, 0, N>(powers, c);
}

template <class V>
constexpr bool kIsSingle = sizeof(typename V::Element) == sizeof(float);

// What a number in two parts stands for: high + low, with low below half a unit in the last place of high.
template <class V>
struct Pair {
  V high, low;
};

// The exact sum of two numbers, the first of which is the larger one or zero (Dekker 1971, Numer. Math. 18).
template <class V>
inline Pair<V> sumOfLarger(V a, V b) {
  const V sum = a + b;
  return {sum, b - (sum - a)};
}

}  // namespace
}  // namespace lockstep
