#pragma once
// The remainder of a division as C's fmod has it, exactly.

#include "../simd/lane.h"
#include "../simd/simd.h"

namespace lockstep {
namespace {

// From here on all numbers are whole.
template <class T>
constexpr T kAllWhole = sizeof(T) == sizeof(float) ? T(0x1p23) : T(0x1p52);

// Bit by bit, for x >= y >= 0: every difference is exact. NaN for an infinite x, and where y is 0.
template <class T>
__attribute__((noinline)) T longRemainder(T x, T y) {
  if (!(x - x == 0) || y == 0) return (x - x) / y;
  T multiple = y;
  while (multiple <= x * T(0.5)) multiple += multiple;
  for (;; multiple *= T(0.5)) {
    if (x >= multiple) x -= multiple;
    if (multiple <= y) return x;
  }
}

// x - y n for the whole number n of x / y towards 0, with the sign of x.
template <class V>
inline V remainder(V x, V y) {
  using T = typename V::Element;
  const V a = abs(x), b = abs(y), quotient = floor(a / b);
  // Exact where the quotient is, for it is at most one too large.
  const V rest = fma(-quotient, b, a);
  V result = selectGreater(b, a, a, selectGreater(V(T(0)), rest, rest + b, rest));
  constexpr T kMost = 2 * kAllWhole<T> - 1;
  if (anyGreater(quotient, V(kMost))) {
    T dividends[V::kLanes], divisors[V::kLanes], results[V::kLanes], quotients[V::kLanes];
    a.store(dividends);
    b.store(divisors);
    result.store(results);
    quotient.store(quotients);
    for (size_t i = 0; i < V::kLanes; ++i) {
      if (quotients[i] > kMost) results[i] = longRemainder(dividends[i], divisors[i]);
    }
    result = V::load(results);
  }
  return copySign(result, x);
}

}  // namespace
}  // namespace lockstep
