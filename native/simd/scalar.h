#pragma once
// One lane: the scalar target, and the tail of every other one. The vector types of avx2.h, avx512.h and neon.h have
// the same members and functions in the same order.

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

inline Lane<float> sqrt(Lane<float> a) { return __builtin_sqrtf(a.v); }
inline Lane<double> sqrt(Lane<double> a) { return __builtin_sqrt(a.v); }
inline Lane<float> fma(Lane<float> a, Lane<float> b, Lane<float> c) { return __builtin_fmaf(a.v, b.v, c.v); }
inline Lane<double> fma(Lane<double> a, Lane<double> b, Lane<double> c) { return __builtin_fma(a.v, b.v, c.v); }

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

// a > b ? yes : no, lane by lane.
template <class T>
inline Lane<T> selectGreater(Lane<T> a, Lane<T> b, Lane<T> yes, Lane<T> no) {
  return a.v > b.v ? yes : no;
}

// a == b ? yes : no, lane by lane: a NaN is equal to nothing.
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

// sums[lane] += a[lane], and += a[lane] * b[lane], in double.
template <class T>
inline void addTo(double* sums, Lane<T> a) {
  *sums += static_cast<double>(a.v);
}
template <class T>
inline void addProductTo(double* sums, Lane<T> a, Lane<T> b) {
  *sums += static_cast<double>(a.v) * static_cast<double>(b.v);
}
