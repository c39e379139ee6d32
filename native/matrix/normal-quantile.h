#pragma once
// The number below which a standard normal variable falls with probability p: Wichura, "Algorithm AS 241: the percentage
// points of the normal distribution", Applied Statistics 37 (1988), 477-484, routine PPND16.
// Mirror: src/core/normal-quantile.ts: the same operations in the same order, without fma, so
// that both give the same bits.

#include "../simd/for-lanes.h"
#include "../simd/lane.h"
#include "philox.h"

namespace lockstep {
namespace {

// Numerator and denominator, ascending powers.
struct QuantileRatio {
  double numerator[8], denominator[8];
};
constexpr QuantileRatio kQuantileCenter = {
    {3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987, 67265.7709270087,
     33430.57558358813, 2509.0809287301227},
    {1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271,
     28729.085735721943, 5226.495278852546}};
constexpr QuantileRatio kQuantileShoulder = {
    {1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684,
     0.2417807251774506, 0.022723844989269184, 0.0007745450142783414},
    {1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
     0.0005475938084995345, 1.0507500716444169e-9}};
constexpr QuantileRatio kQuantileTail = {
    {6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124,
     0.0012426609473880784, 2.7115555687434876e-5, 2.0103343992922881e-7},
    {1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133, 1.8463183175100548e-5,
     1.421511758316446e-7, 2.0442631033899397e-15}};

template <class V>
inline V quantileRatio(V x, const QuantileRatio& ratio) {
  V above(ratio.numerator[7]), below(ratio.denominator[7]);
#pragma GCC unroll 8
  for (int power = 6; power >= 0; --power) {
    above = above * x + V(ratio.numerator[power]);
    below = below * x + V(ratio.denominator[power]);
  }
  return above / below;
}

// log x = exponent ln 2 + 2 atanh(s), s = (m - 1) / (m + 1), for x = 2^exponent m with m in [sqrt(1/2), sqrt(2)).
template <class V>
inline V quantileLogarithm(V exponent, V m) {
  const V one(1.0), s = (m - one) / (m + one), square = s * s;
  V series(1.0 / 25);
#pragma GCC unroll 12
  for (int odd = 23; odd >= 1; odd -= 2) series = series * square + V(1.0 / odd);
  return exponent * V(0.6931471805599453) + V(2.0) * s * series;
}

inline void splitExponent(double x, double& exponent, double& m) {
  uint64_t bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  int32_t n = static_cast<int32_t>(bits >> 52) - 1023;
  bits = (bits & 0x000fffffffffffff) | 0x3ff0000000000000;
  __builtin_memcpy(&m, &bits, sizeof m);
  if (m > 1.4142135623730951) m /= 2, ++n;
  exponent = n;
}

constexpr size_t kQuantiles = kPhiloxWords / 2;

// z[i] = the quantile of p[i], for `count` of at most kQuantiles numbers in (0, 1/2). Six in seven are in the center; the
// others are gathered, so that vectors are full.
inline void lowerQuantiles(const double* p, size_t count, double* z) {
  uint32_t outer[kQuantiles];
  size_t outers = 0;
  forVectors<double>(0, count, [&](auto tag, size_t i) {
    using V = typename decltype(tag)::Type;
    const V q = tag.load(p + i) - V(0.5);
    tag.store(z + i, q * quantileRatio(V(0.180625) - q * q, kQuantileCenter));
  });
  for (uint32_t i = 0; i < count; ++i) {
    outer[outers] = i;
    outers += !(p[i] - 0.5 >= -0.425);
  }
  double exponent[kQuantiles], m[kQuantiles];
  for (size_t j = 0; j < outers; ++j) splitExponent(p[outer[j]], exponent[j], m[j]);
  double* const root = exponent;
  double* const value = m;
  forVectors<double>(0, outers, [&](auto tag, size_t j) {
    using V = typename decltype(tag)::Type;
    const V r = sqrt(-quantileLogarithm(tag.load(exponent + j), tag.load(m + j)));
    tag.store(root + j, r);
    tag.store(value + j, -quantileRatio(r - V(1.6), kQuantileShoulder));
  });
  for (size_t j = 0; j < outers; ++j) {
    // One in 10^11.
    if (root[j] > 5) value[j] = -quantileRatio(Lane<double>(root[j] - 5), kQuantileTail).v;
    z[outer[j]] = value[j];
  }
}

}  // namespace
}  // namespace lockstep
