#pragma once
// One lane: the scalar target, and the tail of every other one. The vector types of avx2.h, avx512.h and neon.h have
// the same members and functions in the same order.

#include <cfloat>
#include <cstddef>
#include <cstdint>

namespace lockstep {
namespace {

static_assert(FLT_EVAL_METHOD == 0, "every operation must round to its own type");

template <class T>
constexpr bool kIsFloat = false;
template <>
constexpr bool kIsFloat<float> = true;
template <>
constexpr bool kIsFloat<double> = true;

template <class T>
struct Lane {
  using Element = T;
  static constexpr size_t kLanes = 1;
  T v;

  Lane() = default;
  Lane(T x) : v(x) {}
  static Lane load(const T* p) { return *p; }
  void store(T* p) const { *p = v; }
  // The first `count` lanes; those not loaded are zero.
  static Lane loadPart(const T* p, size_t count) { return count == 0 ? T(0) : *p; }
  void storePart(T* p, size_t count) const {
    if (count > 0) *p = v;
  }

  friend Lane operator+(Lane a, Lane b) { return a.v + b.v; }
  friend Lane operator-(Lane a, Lane b) { return a.v - b.v; }
  friend Lane operator*(Lane a, Lane b) { return a.v * b.v; }
  friend Lane operator/(Lane a, Lane b) { return a.v / b.v; }
  friend Lane operator-(Lane a) { return -a.v; }
};

// Whole numbers, modulo 2^32.
template <>
struct Lane<int32_t> {
  using Element = int32_t;
  static constexpr size_t kLanes = 1;
  int32_t v;

  Lane() = default;
  Lane(int32_t x) : v(x) {}
  explicit Lane(uint32_t x) : v(static_cast<int32_t>(x)) {}
  static Lane load(const int32_t* p) { return *p; }
  void store(int32_t* p) const { *p = v; }

  uint32_t bits() const { return static_cast<uint32_t>(v); }
  friend Lane operator+(Lane a, Lane b) { return Lane(a.bits() + b.bits()); }
  friend Lane operator-(Lane a, Lane b) { return Lane(a.bits() - b.bits()); }
  friend Lane operator*(Lane a, Lane b) { return Lane(a.bits() * b.bits()); }
  friend Lane operator-(Lane a) { return Lane(uint32_t{0} - a.bits()); }
};

inline Lane<float> sqrt(Lane<float> a) { return __builtin_sqrtf(a.v); }
inline Lane<double> sqrt(Lane<double> a) { return __builtin_sqrt(a.v); }
inline Lane<float> fma(Lane<float> a, Lane<float> b, Lane<float> c) { return __builtin_fmaf(a.v, b.v, c.v); }
inline Lane<double> fma(Lane<double> a, Lane<double> b, Lane<double> c) { return __builtin_fma(a.v, b.v, c.v); }

// a + b of a sum and what joins it.
template <class V>
inline V joinedSum(V a, V b) {
  return a + b;
}

// a > b ? a : b, so the second one wins where either is NaN: max(limit, x) lets a NaN x through.
template <class T>
inline Lane<T> max(Lane<T> a, Lane<T> b) {
  return a.v > b.v ? a : b;
}
template <class T>
inline Lane<T> min(Lane<T> a, Lane<T> b) {
  return a.v < b.v ? a : b;
}
inline Lane<float> abs(Lane<float> a) { return __builtin_fabsf(a.v); }
inline Lane<double> abs(Lane<double> a) { return __builtin_fabs(a.v); }
inline Lane<int32_t> abs(Lane<int32_t> a) { return a.v < 0 ? -a : a; }

// The magnitude of `a` with the sign of `sign`.
inline Lane<float> copySign(Lane<float> a, Lane<float> sign) { return __builtin_copysignf(a.v, sign.v); }
inline Lane<double> copySign(Lane<double> a, Lane<double> sign) { return __builtin_copysign(a.v, sign.v); }

// To a whole number: the nearest, of two the even one; downwards, upwards, towards 0. The sign stays, also that of a 0.
// 2^23 (2^52) has the last place at 1: adding it and taking it away rounds. What is larger is whole already.
template <class T>
inline Lane<T> round(Lane<T> a) {
  const T shift = static_cast<T>(sizeof(T) == sizeof(float) ? 0x1p23 : 0x1p52), magnitude = abs(a).v;
  return magnitude < shift ? copySign(Lane<T>((magnitude + shift) - shift), a) : a;
}
template <class T>
inline Lane<T> floor(Lane<T> a) {
  const Lane<T> near = round(a);
  return near.v > a.v ? near - Lane<T>(1) : near;
}
template <class T>
inline Lane<T> ceil(Lane<T> a) {
  return -floor(-a);
}
template <class T>
inline Lane<T> trunc(Lane<T> a) {
  return copySign(floor(abs(a)), a);
}

// a > b ? yes : no, lane by lane.
template <class T>
inline Lane<T> selectGreater(Lane<T> a, Lane<T> b, Lane<T> yes, Lane<T> no) {
  return a.v > b.v ? yes : no;
}

template <class T>
inline bool anyGreater(Lane<T> a, Lane<T> b) {
  return a.v > b.v;
}
// a == b ? yes : no, lane by lane: a NaN is equal to nothing.
template <class T>
inline bool hasNaN(Lane<T> a) {
  return a.v != a.v;
}

template <class T>
inline Lane<T> selectEqual(Lane<T> a, Lane<T> b, Lane<T> yes, Lane<T> no) {
  return a.v == b.v ? yes : no;
}

// 2^n for a whole number n in [-126, 127] (float) or [-1022, 1023] (double): n + bias, pushed up into the exponent.
inline Lane<float> pow2(Lane<float> n) {
  const float biased = n.v + (0x1p23f + 127);
  uint32_t bits;
  __builtin_memcpy(&bits, &biased, sizeof bits);
  bits <<= 23;
  float result;
  __builtin_memcpy(&result, &bits, sizeof bits);
  return result;
}
inline Lane<double> pow2(Lane<double> n) {
  const double biased = n.v + (0x1p52 + 1023);
  uint64_t bits;
  __builtin_memcpy(&bits, &biased, sizeof bits);
  bits <<= 52;
  double result;
  __builtin_memcpy(&result, &bits, sizeof bits);
  return result;
}

// The lanes of a vector as they are, or in double, in as many vectors as that takes.
inline void widen(Lane<float> a, Lane<float>* wide) { wide[0] = a; }
inline void widen(Lane<double> a, Lane<double>* wide) { wide[0] = a; }
inline void widen(Lane<float> a, Lane<double>* wide) { wide[0] = static_cast<double>(a.v); }
// The reverse, rounded.
inline void narrow(const Lane<double>* wide, Lane<double>& a) { a = wide[0]; }
inline void narrow(const Lane<double>* wide, Lane<float>& a) { a = static_cast<float>(wide[0].v); }
// y 2^n for a normal y and result, n given as n + 1.5 2^52: pushed up and added to the exponent.
inline Lane<double> timesPow2(Lane<double> y, Lane<double> shifted) {
  uint64_t bits, exponent;
  __builtin_memcpy(&bits, &y.v, sizeof bits);
  __builtin_memcpy(&exponent, &shifted.v, sizeof exponent);
  bits += exponent << 52;
  double result;
  __builtin_memcpy(&result, &bits, sizeof result);
  return result;
}

// x = 2^exponent mantissa for a positive normal x, with the mantissa in [sqrt(1/2), sqrt(2)): the bits of 1 less those of
// sqrt(1/2), added to those of x, move the cut between two exponents there.
constexpr uint32_t kSqrtHalf32 = 0x3f3504f3, kToCut32 = 0x3f800000 - kSqrtHalf32;
constexpr uint64_t kSqrtHalf64 = 0x3fe6a09e667f3bcd, kToCut64 = 0x3ff0000000000000 - kSqrtHalf64;
inline Lane<float> exponent(Lane<float> x) {
  uint32_t bits;
  __builtin_memcpy(&bits, &x.v, sizeof bits);
  return static_cast<float>(static_cast<int32_t>((bits + kToCut32) >> 23) - 127);
}
inline Lane<double> exponent(Lane<double> x) {
  uint64_t bits;
  __builtin_memcpy(&bits, &x.v, sizeof bits);
  return static_cast<double>(static_cast<int64_t>((bits + kToCut64) >> 52) - 1023);
}
inline Lane<float> mantissa(Lane<float> x) {
  uint32_t bits;
  __builtin_memcpy(&bits, &x.v, sizeof bits);
  bits = ((bits + kToCut32) & 0x007fffff) + kSqrtHalf32;
  float result;
  __builtin_memcpy(&result, &bits, sizeof result);
  return result;
}
inline Lane<double> mantissa(Lane<double> x) {
  uint64_t bits;
  __builtin_memcpy(&bits, &x.v, sizeof bits);
  bits = ((bits + kToCut64) & 0x000fffffffffffff) + kSqrtHalf64;
  double result;
  __builtin_memcpy(&result, &bits, sizeof result);
  return result;
}

// Lanes [kLane, 2 kLane) in the place of the first ones, and anything in the others: one lane has none.
template <size_t kLane, class T>
inline Lane<T> fromLane(Lane<T> a) {
  return a;
}

// f(x, y) in double, rounded to the type of x and y.
template <class F>
inline Lane<float> inDouble(Lane<float> x, Lane<float> y, const F& f) {
  return static_cast<float>(f(Lane<double>(x.v), Lane<double>(y.v)).v);
}
template <class V, class F>
inline V inDouble(V x, V y, const F& f) {
  return f(x, y);
}

// sums[lane] += a[lane], and += a[lane] * b[lane], in double.
template <class T>
inline void addTo(double* sums, Lane<T> a) {
  *sums += static_cast<double>(a.v);
}
template <class T>
inline void addProductTo(double* sums, Lane<T> a, Lane<T> b) {
  *sums += static_cast<double>(a.v) * static_cast<double>(b.v);
}

}  // namespace
}  // namespace lockstep
