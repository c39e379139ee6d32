#pragma once
// Transcendental functions: one formula each, over the vector types of every target, so that all of them give
// the same bits. Only + - * / fma and selection; constants are exact or the nearest of their type.

template <class T>
struct MathConstants;
template <>
struct MathConstants<float> {
  static constexpr float kRound = 0x1.8p23f;  // adding it and taking it away rounds to a whole number
  static constexpr float kLn2High = 0x1.62e4p-1f, kLn2Low = 0x1.7f7d1cp-20f;
  static constexpr float kExpLow = -104, kExpHigh = 89;  // below: 0, above: infinity
  static constexpr float kTanhIsIdentity = 1e-4f;
  static constexpr int kTerms = 7;
};
template <>
struct MathConstants<double> {
  static constexpr double kRound = 0x1.8p52;
  static constexpr double kLn2High = 0x1.62e42fefa38p-1, kLn2Low = 0x1.ef35793c7673p-45;
  static constexpr double kExpLow = -746, kExpHigh = 710;
  static constexpr double kTanhIsIdentity = 1e-8;
  static constexpr int kTerms = 13;
};

constexpr double kInverseFactorials[] = {
    1.0,        1.0,         1.0 / 2,      1.0 / 6,       1.0 / 24,       1.0 / 120,       1.0 / 720,
    1.0 / 5040, 1.0 / 40320, 1.0 / 362880, 1.0 / 3628800, 1.0 / 39916800, 1.0 / 479001600, 1.0 / 6227020800};

// x = n ln 2 + r with n whole and |r| <= ln 2 / 2. ln 2 is split so that n times its high part is exact.
template <class V>
struct Reduced {
  V n, r;
};
template <class V>
inline Reduced<V> reduceByLn2(V x) {
  using T = typename V::Element;
  using C = MathConstants<T>;
  const V n = (x * V(T(1.4426950408889634)) + V(C::kRound)) - V(C::kRound);
  return {n, fma(n, V(-C::kLn2Low), fma(n, V(-C::kLn2High), x))};
}

// (exp(r) - 1 - r) / r^2 for |r| <= ln 2 / 2: the Taylor series, whose rest is below half a unit in the last
// place.
template <class V>
inline V expSeries(V r) {
  using T = typename V::Element;
  constexpr int kTerms = MathConstants<T>::kTerms;
  V sum(static_cast<T>(kInverseFactorials[kTerms]));
#pragma GCC unroll 16
  for (int k = kTerms - 1; k >= 2; --k) sum = fma(sum, r, V(static_cast<T>(kInverseFactorials[k])));
  return sum;
}

template <class V>
inline V exp(V x) {
  using T = typename V::Element;
  using C = MathConstants<T>;
  const auto [n, r] = reduceByLn2(min(V(C::kExpHigh), max(V(C::kExpLow), x)));
  const V y = fma(r * r, expSeries(r), r) + V(T(1));
  // In two steps: 2^n alone may be out of range where the result is not.
  const V half = (n * V(T(0.5)) + V(C::kRound)) - V(C::kRound);
  return y * pow2(half) * pow2(n - half);
}

// e / (e + 2) with e = exp(2 |x|) - 1, which loses no digits near zero.
template <class V>
inline V tanh(V x) {
  using T = typename V::Element;
  const V magnitude = abs(x);
  const auto [n, r] = reduceByLn2(V(T(2)) * min(V(T(20)), magnitude));
  const V scale = pow2(n);
  const V e = fma(scale, fma(r * r, expSeries(r), r), scale - V(T(1)));
  const V t = e / (e + V(T(2)));
  const V result = selectGreater(V(T(0)), x, -t, t);
  return selectGreater(V(MathConstants<T>::kTanhIsIdentity), magnitude, x, result);
}

// 1 / (1 + exp(-x)): the exponential is taken of -|x| only, which cannot overflow.
template <class V>
inline V sigmoid(V x) {
  using T = typename V::Element;
  const V e = exp(-abs(x));
  return selectGreater(V(T(0)), x, e, V(T(1))) / (V(T(1)) + e);
}

// The natural logarithm of a positive normal number; infinity and NaN stay.
inline double log(double x) {
  if (!(x < __builtin_inf())) return x;
  uint64_t bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  // x = 2^n m with m in [sqrt(1/2), sqrt(2)): the offset moves the cut from 1 to there.
  constexpr uint64_t kSqrtHalf = 0x3fe6a09e667f3bcd;
  const int64_t n = static_cast<int64_t>(bits - kSqrtHalf) >> 52;
  bits -= static_cast<uint64_t>(n) << 52;
  double m;
  __builtin_memcpy(&m, &bits, sizeof m);
  // log m = 2 artanh((m - 1) / (m + 1)) = 2 (s + s^3 / 3 + s^5 / 5 + ...), |s| <= 0.172
  const double s = (m - 1) / (m + 1), z = s * s;
  double sum = 0;
  for (int k = 23; k >= 3; k -= 2) sum = sum * z + 1.0 / k;
  using C = MathConstants<double>;
  const double d = static_cast<double>(n);
  return d * C::kLn2High + (2 * s + (d * C::kLn2Low + 2 * s * z * sum));
}
