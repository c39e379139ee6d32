#pragma once
// erf, and GELU over the normal distribution. The tail Phi(-a) = exp(-a^2 / 2) s Q(1 - s) with s = 6 / (a + 3)
// keeps its relative accuracy down to the smallest numbers; the substitution is that of Shepherd & Laframboise 1981,
// Math. Comp. 36, https://doi.org/10.1090/S0025-5718-1981-0595058-X. P and Q: minimax.py.

#include "../simd/lane.h"
#include "../simd/widen.h"
#include "exp.h"
#include "polynomial.h"

namespace lockstep {
namespace {

template <class T>
struct ErfConstants;
template <>
struct ErfConstants<float> {
  static constexpr float kTop = 15, kErfTop = 4;  // a Phi(-a) is 0 from here on, erf(a) is 1
  static constexpr float kP[] = {0x1.06eba8p-3f, -0x1.81273ep-2f,  0x1.ce2d20p-4f, -0x1.b7fbb6p-6f,
                                 0x1.5419fap-8f, -0x1.a485f8p-11f, 0x1.4ae4c6p-14f};
  // log(1 - erf(a)) for a in [0.75, 4]
  static constexpr double kL[] = {0x1.05be683906788p-13, -0x1.21174a0fc0a7ap+0, -0x1.448cbad984941p-1,
                                  -0x1.b8f678d1282a2p-4, 0x1.94a59392f03f5p-6,  -0x1.066835d6e170ap-8,
                                  0x1.a1fe22642ca75p-12, -0x1.2c0f9d091da36p-16};
  // exp(a^2 / 2) Phi(-a) is D / (sqrt(2 pi) a D + N) to 2^-25.8 for a in [0, 15]: what rounding makes of D counts
  // less the larger a is.
  static constexpr float kRootTwoPi = 0x1.40d932p+1f;
  static constexpr float kN[] = {0x1.9a2f2cp+7f, 0x1.797482p+6f, 0x1.7ad376p+4f, 0x1.3f716ep+1f, 0x1.f4f6acp-13f};
  static constexpr float kD[] = {0x1.9a2f2cp+6f, 0x1.778984p+6f, 0x1.44b2c2p+5f, 0x1.2b888ap+3f, 1};
};
template <>
struct ErfConstants<double> {
  static constexpr double kTop = 39, kErfTop = 6.5;
  static constexpr double kP[] = {0x1.06eba8214db69p-3,   -0x1.812746b0379e6p-2,  0x1.ce2f21a042b34p-4,
                                  -0x1.b82ce31284f38p-6,  0x1.565bcd0dbd921p-8,   -0x1.c02db3db49762p-11,
                                  0x1.f9a321e4b84f9p-14,  -0x1.f4d1e434bc0cfp-17, 0x1.b9df305cad6f7p-20,
                                  -0x1.5f1f40faeea79p-23, 0x1.f7b99d7c8709ap-27,  -0x1.38ac2290d3965p-30,
                                  0x1.062759c5be8ecp-34};
  // What the first two coefficients of Q leave in a double counts.
  static constexpr double kQ0 = 0x1.f1b89c231e9b7p-4, kQ0Low = 0x1.d9eb5e66905b9p-58, kQ1Low = 0x1.9c808cb2ea01dp-58;
  static constexpr double kQ[] = {
      -0x1.5bb437230bef1p-4,  0x1.3a0d052ee333ep-5,   -0x1.021e7f9bb6829p-7,  -0x1.c9212fcaa9fc8p-10,
      0x1.30a372cbba1e7p-10,  0x1.672b661c5b55ap-13,  -0x1.6d8b291c224f7p-13, -0x1.66b7e491c687ap-15,
      0x1.afb7d30f9843ep-16,  0x1.b8c09baa2add5p-17,  -0x1.284d164c8d45ep-19, -0x1.cecf171c2668cp-19,
      -0x1.3ae3b02fdf1acp-21, 0x1.45bdbe5265d1cp-21,  0x1.94878995dbf48p-22,  0x1.23b9ee8fa3066p-30,
      -0x1.ad84bb0660025p-24, -0x1.8256b29dabc7ep-25, 0x1.1f8764dc53af5p-27,  0x1.05af7551c48acp-26,
      0x1.c943a9b9d60bap-29,  -0x1.ff4afb7c975ecp-30, -0x1.fc0acb73c84d8p-31, -0x1.60d9bf9b7f65dp-34};
};

// exp(a^2 / 2) Phi(-a) for a >= 0. s is rounded: it belongs to an a that is off by some delta, which the derivative
// a g - 1 / sqrt(2 pi) brings back.
template <class V>
inline Pair<V> scaledTail(V a) {
  using T = typename V::Element;
  using C = ErfConstants<T>;
  const V three(T(3)), d = a + three, part = d - three;
  const V lost = (a - part) + (three - (d - part));
  const V s = V(T(6)) / d, t = V(T(1)) - s, slope = polynomial(t, C::kQ), first(C::kQ0);
  const V q = fma(t, slope, first);
  const V qLow = fma(t, slope, first - q) + fma(t, V(C::kQ1Low), V(C::kQ0Low));
  const V delta = fma(fma(s, d, V(T(-6))), d * V(T(1.0 / 6)), lost);
  const V g = q * s;
  return {g, fma(fma(a, g, V(T(-0.3989422804014327))), delta, fma(qLow, s, fma(q, s, -g)))};
}

// factor exp(-x) g for the scaled tail g of a, without the power of 2
template <class V>
inline V unscaledTail(V factor, const Pair<V>& g, const Reduced<V>& x) {
  const auto [e, eLow] = unscaledExp(x);
  const V product = g.high * e;
  return fma(factor, product, factor * (fma(g.high, e, -product) + fma(g.low, e, g.high * eLow)));
}

// -factor a^2 in two parts, ready for exp
template <class V>
inline Reduced<V> reduceSquare(V a, typename V::Element factor) {
  const V scaled = V(-factor) * a, square = scaled * a;
  return reduceByLn2(square, fma(scaled, a, -square));
}

template <class V>
inline V erf(V x) {
  using T = typename V::Element;
  using C = ErfConstants<T>;
  const V one(T(1)), magnitude = abs(x), a = min(V(C::kErfTop), magnitude);
  const V small = fma(magnitude, polynomial(magnitude * magnitude, C::kP), magnitude);
  if constexpr (kIsSingle<V>) {
    const V large = inDouble(a, a, [](auto d, auto) { return decltype(d)(1) - quickExp(quickPolynomial(d, C::kL)); });
    return copySign(selectGreater(V(0.75f), magnitude, small, large), x);
  } else {
    const Reduced<V> reduced = reduceSquare(a, T(1));
    const V tail = unscaledTail(pow2(reduced.n + one), scaledTail(V(T(1.4142135623730951)) * a), reduced);
    const V large = one - tail;
    return copySign(selectGreater(one, magnitude, small, large), x);
  }
}

// factor exp(a^2 / 2) Phi(-a) for a >= 0
template <class V>
inline V shortTail(V factor, V a) {
  using C = ErfConstants<float>;
  const V d = polynomial(a, C::kD);
  return factor * d / fma(V(C::kRootTwoPi), a * d, polynomial(a, C::kN));
}

// factor exp(-a^2 / 2)
template <class V>
inline V shortBell(V factor, V a) {
  const V half(-0.5f), square = a * a;
  const auto [n, q] = quickReduce(half * square, half * fma(a, a, -square));
  const V cut = max(V(ExpConstants<float>::kSplit), n), result = fma(factor, q, factor) * pow2(cut);
  return anyGreater(cut, n) ? result * pow2(n - cut) : result;
}

// |x| Phi(-|x|), which vanishes where |x| is large
template <class V>
inline V geluTail(V x) {
  using T = typename V::Element;
  const V a = min(V(ErfConstants<T>::kTop), abs(x));
  if constexpr (kIsSingle<V>) {
    return shortBell(shortTail(a, a), a);
  } else {
    const Reduced<V> reduced = reduceSquare(a, T(0.5));
    return scaleBy(unscaledTail(a, scaledTail(a), reduced), reduced.n);
  }
}

// x Phi(x) = max(x, 0) - |x| Phi(-|x|), Hendrycks & Gimpel 2016, https://arxiv.org/abs/1606.08415.
template <class V>
inline V gelu(V x) {
  using T = typename V::Element;
  return max(V(T(-0.0)), x) - geluTail(x);  // so that -0 keeps its sign
}

// Phi(x) + x exp(-x^2 / 2) / sqrt(2 pi)
template <class V>
inline V geluSlope(V x) {
  using T = typename V::Element;
  const V one(T(1)), a = min(V(ErfConstants<T>::kTop), abs(x)), density(T(-0.3989422804014327));
  V below;
  if constexpr (kIsSingle<V>) {
    below = shortBell(fma(a, density, shortTail(one, a)), a);
  } else {
    const Reduced<V> reduced = reduceSquare(a, T(0.5));
    below = scaleBy(roundedExp(reduced) * fma(a, density, scaledTail(a).high), reduced.n);
  }
  return selectGreater(V(T(0)), x, below, one - below);
}

// 2 / sqrt(pi) exp(-x^2)
template <class V>
inline V erfSlope(V x) {
  using T = typename V::Element;
  const Reduced<V> reduced = reduceSquare(min(V(ErfConstants<T>::kTop), abs(x)), T(1));
  return scaleBy(V(T(1.1283791670955126)) * roundedExp(reduced), max(V(ExpConstants<T>::kLeastExponent), reduced.n));
}

}  // namespace
}  // namespace lockstep
