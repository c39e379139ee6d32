#pragma once
// sin, cos and tan of any finite number. x = n pi / 2 + r with n whole and |r| <= 0.8, r in two parts; then
//   sin r = r + r^3 S(r^2),  cos r = 1 - r^2 / 2 + r^4 C(r^2),
// and n tells which of them, and its sign. S and C: minimax.py.

#include "../simd/lane.h"
#include "exp.h"
#include "polynomial.h"

namespace lockstep {
namespace {

template <class T>
struct TrigonometryConstants;
template <>
struct TrigonometryConstants<float> {
  static constexpr float kTwoOverPi = 0x1.45f306p-1f;
  // pi / 2: n times the first part taken from x is exact for |x| up to the limit.
  static constexpr float kFirst = 0x1.921fb6p+0f, kSecond = -0x1.777a5cp-25f, kThird = -0x1.ee59dap-50f;
  static constexpr float kLimit = 0x1p17f, kIdentity = 0x1p-13f;
  static constexpr float kS[] = {-0x1.555556p-3f, 0x1.11110ep-7f, -0x1.a01324p-13f, 0x1.6d93e2p-19f};
  static constexpr float kC[] = {0x1.555556p-5f, -0x1.6c16c0p-10f, 0x1.a0156cp-16f, -0x1.250822p-22f};
};
template <>
struct TrigonometryConstants<double> {
  static constexpr double kTwoOverPi = 0x1.45f306dc9c883p-1;
  static constexpr double kFirst = 0x1.921fb54442d18p+0, kSecond = 0x1.1a62633145c07p-54;
  static constexpr double kThird = -0x1.f1976b7ed8fbcp-110;
  static constexpr double kLimit = 0x1p20, kIdentity = 0x1p-27;
  static constexpr double kS[] = {-0x1.5555555555555p-3, 0x1.1111111111110p-7,   -0x1.a01a01a0197b8p-13,
                                  0x1.71de3a5432caap-19, -0x1.ae6453c4cf03ep-26, 0x1.61214279b89c1p-33,
                                  -0x1.aaf4d2e4505dcp-41};
  static constexpr double kC[] = {0x1.5555555555555p-5,   -0x1.6c16c16c168d1p-10, 0x1.a01a019f2bf62p-16,
                                  -0x1.27e4f9ebb3698p-22, 0x1.1eeb3bcd47fcep-29,  -0x1.905dc5c901c21p-37};
};

// 2 / pi, 32 bits a word, the first two before the point: enough for the largest number.
constexpr uint32_t kTwoOverPiWords[] = {
    0,          0,          0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599, 0x3c439041,
    0xfe5163ab, 0xdebbc561, 0xb7246e3a, 0x424dd2e0, 0x06492eea, 0x09d1921c, 0xfe1deb1c, 0xb129a73e,
    0xe88235f5, 0x2ebb4484, 0xe99c7026, 0xb45f7e41, 0x3991d639, 0x835339f4, 0x9c845f8b, 0xbdf9283b,
    0x1ff897ff, 0xde05980f, 0xef2f118b, 0x5a0a6d1f, 0x6d367ecf, 0x27cb09b7, 0x4f463f66, 0x9e5fea2d,
    0x7527bac7, 0xebe5f17b, 0x3d0739f7, 0x8a5292ea, 0x6bfb5fb1, 0x1f8d5d08, 0x56033046, 0xfc7b6bab};

// r = high + low, and what n leaves divided by 4.
struct Angle {
  double high, low, quadrant;
};

// The angle of a finite |x| >= 1, Payne & Hanek 1983, ACM SIGNUM Newsletter 18(1): of x = m 2^e only those bits of 2 / pi
// are multiplied that give neither whole turns nor less than 2^-137.
inline Angle angleOf(double x) {
  uint64_t bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  const uint64_t m = (bits & 0x000fffffffffffff) | 0x0010000000000000;
  // x 2 / pi = m 2^(e - 1) w modulo 4, w the 192 bits of 2 / pi from bit e - 1 after the point on, with the point behind
  // the first of them.
  const size_t first = static_cast<size_t>(static_cast<int64_t>(bits >> 52 & 0x7ff) - 1075 - 2 + 64);
  uint64_t product[6] = {};
  for (size_t i = 0; i < 6; ++i) {
    const size_t word = first / 32 + i, shift = first % 32;
    const uint64_t both = static_cast<uint64_t>(kTwoOverPiWords[word]) << 32 | kTwoOverPiWords[word + 1];
    const uint64_t window = both >> (32 - shift) & 0xffffffff;
    // Word i counts 2^(32 (5 - i)): what goes beyond 192 bits are whole turns.
    const uint64_t parts[] = {window * (m & 0xffffffff), window * (m >> 32)};
    for (size_t p = 0; p < 2; ++p) {
      const size_t at = 5 - i + p;
      if (at < 6) product[at] += parts[p] & 0xffffffff;
      if (at + 1 < 6) product[at + 1] += parts[p] >> 32;
    }
  }
  for (size_t i = 0; i < 5; ++i) {
    product[i + 1] += product[i] >> 32;
    product[i] &= 0xffffffff;
  }
  // Two bits of quadrant and 190 of the fraction, to the nearest quadrant: a fraction from 1/2 on counts down.
  uint64_t quadrant = product[5] >> 30 & 3;
  bool negative = (product[5] >> 29 & 1) != 0;
  product[5] &= 0x3fffffff;
  if (negative) {
    ++quadrant;
    uint64_t carry = 1;
    for (size_t i = 0; i < 6; ++i) {
      const uint64_t flipped = (product[i] ^ (i == 5 ? 0x3fffffffu : 0xffffffffu)) + carry;
      product[i] = flipped & 0xffffffff;
      carry = flipped >> 32;
    }
  }
  // The words are exact in double, and so is the sum of the first ones that are not 0, until it is full.
  double high = 0, low = 0;
  for (size_t i = 6; i-- > 0;) {
    const double term = static_cast<double>(product[i]) * pow2(Lane<double>(static_cast<double>(i) * 32 - 190)).v;
    const double sum = high + term;
    low += term - (sum - high);
    high = sum;
  }
  using C = TrigonometryConstants<double>;
  const double angle = high * C::kFirst;
  const double rest = __builtin_fma(high, C::kFirst, -angle) + (low * C::kFirst + high * C::kSecond);
  const bool flip = negative != (x < 0);
  const double turns = static_cast<double>((x < 0 ? 4 - quadrant : quadrant) & 3);
  return {flip ? -angle : angle, flip ? -rest : rest, turns};
}

template <class V>
struct AngleVector {
  V high, low, quadrant;
};

// Lane by lane where a number is too large for the short way.
template <class V>
inline void reduceLarge(V x, AngleVector<V>& reduction) {
  using T = typename V::Element;
  T from[V::kLanes], high[V::kLanes], low[V::kLanes], quadrant[V::kLanes];
  x.store(from);
  reduction.high.store(high);
  reduction.low.store(low);
  reduction.quadrant.store(quadrant);
  for (size_t i = 0; i < V::kLanes; ++i) {
    const double one = static_cast<double>(from[i]), magnitude = __builtin_fabs(one);
    if (!(magnitude > static_cast<double>(TrigonometryConstants<T>::kLimit))) continue;
    const Angle angle = magnitude < __builtin_inf() ? angleOf(one) : Angle{one - one, 0, 0};
    high[i] = static_cast<T>(angle.high);
    low[i] = static_cast<T>((angle.high - static_cast<double>(high[i])) + angle.low);
    quadrant[i] = static_cast<T>(angle.quadrant);
  }
  reduction = {V::load(high), V::load(low), V::load(quadrant)};
}

template <class V>
inline AngleVector<V> reduceByHalfPi(V x) {
  using T = typename V::Element;
  using C = TrigonometryConstants<T>;
  const V n = roundToWhole(x * V(C::kTwoOverPi));
  const V exact = fma(n, V(-C::kFirst), x);
  const V product = n * V(C::kSecond), productLow = fma(n, V(C::kSecond), -product);
  const V sum = exact - product, part = sum - exact;
  const V lost = (exact - (sum - part)) - (product + part);
  const auto [high, low] = sumOfLarger(sum, fma(n, V(-C::kThird), lost - productLow));
  // n modulo 4, from 0 on
  const V quadrant = fma(roundToWhole(fma(n, V(T(0.25)), V(T(-0.375)))), V(T(-4)), n);
  AngleVector<V> reduction = {high, low, quadrant};
  if (anyGreater(abs(x), V(C::kLimit))) reduceLarge(x, reduction);
  return reduction;
}

// Of an angle without its quadrant; and what is lost by rounding either.
template <class V>
struct SineAndCosine {
  V sine, cosine, sineRest, cosineRest;
};

template <class V>
inline SineAndCosine<V> sineAndCosine(const AngleVector<V>& angle) {
  using T = typename V::Element;
  using C = TrigonometryConstants<T>;
  const V one(T(1)), z = angle.high * angle.high, half = V(T(0.5)) * z, base = one - half;
  const V toSine = fma(angle.high * z, polynomial(z, C::kS), angle.low * base);
  const V toCosine = ((one - base) - half) + fma(z * z, polynomial(z, C::kC), -(angle.high * angle.low));
  const V sine = angle.high + toSine, cosine = base + toCosine;
  return {sine, cosine, (angle.high - sine) + toSine, (base - cosine) + toCosine};
}

// The sine of the angle, `turns` quarter turns on.
template <class V>
inline V sineOf(const AngleVector<V>& angle, V turns) {
  using T = typename V::Element;
  const V one(T(1));
  const SineAndCosine<V> both = sineAndCosine(angle);
  // 0 to 4: the cosine at 1 and 3, with the other sign at 2 and 3.
  const V quadrant = angle.quadrant + turns, fromTwo = abs(quadrant - V(T(2)));
  const V value = selectGreater(V(T(0.5)), abs(fromTwo - one), both.cosine, both.sine);
  return selectGreater(V(T(1)), abs(quadrant - V(T(2.5))), -value, value);
}

template <class V>
inline V sin(V x) {
  using T = typename V::Element;
  const V y = sineOf(reduceByHalfPi(x), V(T(0)));
  return selectGreater(V(TrigonometryConstants<T>::kIdentity), abs(x), x, y);
}

template <class V>
inline V cos(V x) {
  return sineOf(reduceByHalfPi(x), V(typename V::Element(1)));
}

// A quarter turn on, the sine is the cosine, and the cosine the sine with the other sign.
template <class V>
inline V tan(V x) {
  using T = typename V::Element;
  const AngleVector<V> angle = reduceByHalfPi(x);
  const auto [sine, cosine, sineRest, cosineRest] = sineAndCosine(angle);
  const V odd = V(T(0.5)) - abs(abs(angle.quadrant - V(T(2))) - V(T(1))), zero(T(0));
  const V above = selectGreater(odd, zero, -cosine, sine), below = selectGreater(odd, zero, sine, cosine);
  const V aboveRest = selectGreater(odd, zero, -cosineRest, sineRest);
  const V belowRest = selectGreater(odd, zero, sineRest, cosineRest);
  // A division of what is rounded, and what it leaves.
  const V quotient = above / below;
  const V y = quotient + (fma(-quotient, below, above) + (aboveRest - quotient * belowRest)) / below;
  return selectGreater(V(TrigonometryConstants<T>::kIdentity), abs(x), x, y);
}

}  // namespace
}  // namespace lockstep
