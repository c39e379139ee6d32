#pragma once
// tanh, the logistic function and what is made of it: quotients of what exp.h has in two parts, corrected once by what
// the first quotient leaves of the numerator.

// factor a / b
template <class V>
inline V correctedQuotient(V factor, const Pair<V>& a, const Pair<V>& b) {
  const V inverse = V(typename V::Element(1)) / b.high;
  const V quotient = a.high * inverse;
  const V left = fma(-quotient, b.high, a.high) + fma(-quotient, b.low, a.low);
  return fma(factor, quotient, factor * (left * inverse));
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
  const V t = correctedQuotient<V>(one, {above, fma(scale, low, lostAbove)}, {below, fma(scale, low, lostBelow)});
  return selectGreater(V(C::kIdentity), magnitude, x, copySign(t, x));
}

// factor / (1 + exp(-(x + low))) for a low that is small beside 1: the exponential is taken of -|x| only, which cannot
// overflow. The factor comes before the last scaling: the quotient may be out of range where the product is not.
template <class V>
inline V timesLogistic(V factor, V x, V low) {
  using T = typename V::Element;
  using C = ExpConstants<T>;
  const V one(T(1)), zero(T(0));
  const Reduced<V> reduced = reduceByLn2(max(V(C::kVanishes), -abs(x)), copySign(one, -x) * low);
  const auto [e, eLow] = unscaledExp(reduced);
  const V n = max(V(C::kSplit), reduced.n), scale = pow2(n);
  const auto [below, lost] = sumOfLarger(one, scale * e);
  const Pair<V> above = {selectGreater(zero, x, e, one), selectGreater(zero, x, eLow, zero)};
  const V product = correctedQuotient<V>(factor, above, {below, fma(scale, eLow, lost)});
  const V result = selectGreater(zero, x, product * scale * pow2(reduced.n - n), product);
  // What corrects the quotient is 0 there, and 0 times infinity no number.
  return selectGreater(factor, V(LogConstants<T>::kLargest), factor, result);
}

template <class V>
inline V sigmoid(V x) {
  using T = typename V::Element;
  if constexpr (!kIsSingle<V>) return timesLogistic(V(T(1)), x, V(T(0)));
  const V clamped = min(V(104), max(V(-104), x));
  return inDouble(clamped, clamped, [](auto d, auto) {
    const decltype(d) one(1);
    return one / (one + quickExp(-d));
  });
}

// x / (1 + exp(-x)), 0 in the limit.
template <class V>
inline V silu(V x) {
  using T = typename V::Element;
  const V factor = max(V(ExpConstants<T>::kVanishes), x);
  if constexpr (!kIsSingle<V>) return timesLogistic(factor, x, V(T(0)));
  return inDouble(factor, min(V(104), factor),
                  [](auto d, auto clamped) { return d / (decltype(d)(1) + quickExp(-clamped)); });
}

// 2 sqrt(2 / pi), and 0.044715 times that, in two parts each.
struct GeluTanhConstants {
  static constexpr double kHigh = 0x1.9884533d43651p+0, kLow = -0x1.cbc0d30ebfd15p-54;
  static constexpr double kCubicHigh = 0x1.2444f2a4d8b4bp-4, kCubicLow = -0x1.6c843a29d1c70p-61;
  static constexpr double kTopSingle = 16, kTopDouble = 30;  // the logistic function is 0 or 1 from here on
};

// 2 u of geluTanh
template <class V>
inline Pair<V> geluTanhArgument(V x) {
  using C = GeluTanhConstants;
  const V square = x * x, squareLow = fma(x, x, -square);
  const V cubic = V(C::kCubicHigh) * square;
  const V cubicLow = fma(V(C::kCubicHigh), square, -cubic) + fma(V(C::kCubicHigh), squareLow, V(C::kCubicLow) * square);
  const V slope = cubic + V(C::kHigh), part = slope - cubic;
  const V lost = (cubic - (slope - part)) + (V(C::kHigh) - part);
  const V u = x * slope;
  return {u, fma(x, slope, -u) + x * (lost + (cubicLow + V(C::kLow)))};
}

// x / (1 + exp(-2 u)) with u = sqrt(2 / pi) (x + 0.044715 x^3): x (1 + tanh u) / 2, Hendrycks & Gimpel 2016,
// https://arxiv.org/abs/1606.08415. 2 u comes in two parts: what it lacks in the last place comes 100-fold out of exp.
template <class V>
inline V geluTanh(V x) {
  using T = typename V::Element;
  using C = GeluTanhConstants;
  const V top(T(kIsSingle<V> ? C::kTopSingle : C::kTopDouble)), factor = max(-top, x), clamped = min(top, factor);
  if constexpr (!kIsSingle<V>) {
    const auto [u, low] = geluTanhArgument(clamped);
    return timesLogistic(factor, u, low);
  }
  return inDouble(factor, clamped, [](auto d, auto within) {
    using D = decltype(d);
    const D minusU = within * fma(D(-C::kCubicHigh) * within, within, D(-C::kHigh));
    return d / (D(1) + quickExp(minusU));
  });
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
  using C = GeluTanhConstants;
  const V top(T(kIsSingle<V> ? C::kTopSingle : C::kTopDouble)), within = min(top, max(-top, x));
  const V square = within * within, linear(static_cast<T>(C::kHigh)), cubic(static_cast<T>(C::kCubicHigh));
  return logisticSlope(within * fma(cubic, square, linear), within * fma(V(T(3)) * cubic, square, linear));
}
