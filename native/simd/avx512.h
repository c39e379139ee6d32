#pragma once
// AVX-512 F, BW, DQ, VL, CD: 16 floats or 8 doubles. Meanings: scalar.h.

template <class T>
struct Vec;

inline __mmask16 firstLanes(size_t count) { return static_cast<__mmask16>((1u << count) - 1); }

template <>
struct Vec<float> {
  using Element = float;
  static constexpr size_t kLanes = 16;
  __m512 v;

  Vec() = default;
  Vec(__m512 x) : v(x) {}
  Vec(float x) : v(_mm512_set1_ps(x)) {}
  static Vec load(const float* p) { return _mm512_loadu_ps(p); }
  void store(float* p) const { _mm512_storeu_ps(p, v); }
  static Vec loadPart(const float* p, size_t count) { return _mm512_maskz_loadu_ps(firstLanes(count), p); }
  void storePart(float* p, size_t count) const { _mm512_mask_storeu_ps(p, firstLanes(count), v); }

  friend Vec operator+(Vec a, Vec b) { return _mm512_add_ps(a.v, b.v); }
  friend Vec operator-(Vec a, Vec b) { return _mm512_sub_ps(a.v, b.v); }
  friend Vec operator*(Vec a, Vec b) { return _mm512_mul_ps(a.v, b.v); }
  friend Vec operator/(Vec a, Vec b) { return _mm512_div_ps(a.v, b.v); }
  friend Vec operator-(Vec a) { return _mm512_xor_ps(a.v, _mm512_set1_ps(-0.0f)); }
};

template <>
struct Vec<double> {
  using Element = double;
  static constexpr size_t kLanes = 8;
  __m512d v;

  Vec() = default;
  Vec(__m512d x) : v(x) {}
  Vec(double x) : v(_mm512_set1_pd(x)) {}
  static Vec load(const double* p) { return _mm512_loadu_pd(p); }
  void store(double* p) const { _mm512_storeu_pd(p, v); }
  static Vec loadPart(const double* p, size_t count) {
    return _mm512_maskz_loadu_pd(static_cast<__mmask8>(firstLanes(count)), p);
  }
  void storePart(double* p, size_t count) const {
    _mm512_mask_storeu_pd(p, static_cast<__mmask8>(firstLanes(count)), v);
  }

  friend Vec operator+(Vec a, Vec b) { return _mm512_add_pd(a.v, b.v); }
  friend Vec operator-(Vec a, Vec b) { return _mm512_sub_pd(a.v, b.v); }
  friend Vec operator*(Vec a, Vec b) { return _mm512_mul_pd(a.v, b.v); }
  friend Vec operator/(Vec a, Vec b) { return _mm512_div_pd(a.v, b.v); }
  friend Vec operator-(Vec a) { return _mm512_xor_pd(a.v, _mm512_set1_pd(-0.0)); }
};

inline Vec<float> sqrt(Vec<float> a) { return _mm512_sqrt_ps(a.v); }
inline Vec<double> sqrt(Vec<double> a) { return _mm512_sqrt_pd(a.v); }
inline Vec<float> fma(Vec<float> a, Vec<float> b, Vec<float> c) { return _mm512_fmadd_ps(a.v, b.v, c.v); }
inline Vec<double> fma(Vec<double> a, Vec<double> b, Vec<double> c) { return _mm512_fmadd_pd(a.v, b.v, c.v); }

inline Vec<float> max(Vec<float> a, Vec<float> b) { return _mm512_max_ps(a.v, b.v); }
inline Vec<double> max(Vec<double> a, Vec<double> b) { return _mm512_max_pd(a.v, b.v); }
inline Vec<float> min(Vec<float> a, Vec<float> b) { return _mm512_min_ps(a.v, b.v); }
inline Vec<double> min(Vec<double> a, Vec<double> b) { return _mm512_min_pd(a.v, b.v); }
inline Vec<float> abs(Vec<float> a) { return _mm512_andnot_ps(_mm512_set1_ps(-0.0f), a.v); }
inline Vec<double> abs(Vec<double> a) { return _mm512_andnot_pd(_mm512_set1_pd(-0.0), a.v); }

inline Vec<float> copySign(Vec<float> a, Vec<float> sign) {
  const Vec<float> bit(-0.0f);
  return _mm512_or_ps(_mm512_andnot_ps(bit.v, a.v), _mm512_and_ps(bit.v, sign.v));
}
inline Vec<double> copySign(Vec<double> a, Vec<double> sign) {
  const Vec<double> bit(-0.0);
  return _mm512_or_pd(_mm512_andnot_pd(bit.v, a.v), _mm512_and_pd(bit.v, sign.v));
}

inline Vec<float> selectGreater(Vec<float> a, Vec<float> b, Vec<float> yes, Vec<float> no) {
  return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a.v, b.v, _CMP_GT_OQ), no.v, yes.v);
}
inline Vec<double> selectGreater(Vec<double> a, Vec<double> b, Vec<double> yes, Vec<double> no) {
  return _mm512_mask_blend_pd(_mm512_cmp_pd_mask(a.v, b.v, _CMP_GT_OQ), no.v, yes.v);
}

inline bool anyGreater(Vec<float> a, Vec<float> b) { return _mm512_cmp_ps_mask(a.v, b.v, _CMP_GT_OQ) != 0; }
inline bool anyGreater(Vec<double> a, Vec<double> b) { return _mm512_cmp_pd_mask(a.v, b.v, _CMP_GT_OQ) != 0; }

inline Vec<float> pow2(Vec<float> n) {
  const Vec<float> biased = n + Vec<float>(0x1p23f + 127);
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_castps_si512(biased.v), 23));
}
inline Vec<double> pow2(Vec<double> n) {
  const Vec<double> biased = n + Vec<double>(0x1p52 + 1023);
  return _mm512_castsi512_pd(_mm512_slli_epi64(_mm512_castpd_si512(biased.v), 52));
}

inline Vec<double> timesPow2(Vec<double> y, Vec<double> shifted) {
  const auto exponent = _mm512_slli_epi64(_mm512_castpd_si512(shifted.v), 52);
  return _mm512_castsi512_pd(_mm512_add_epi64(_mm512_castpd_si512(y.v), exponent));
}

inline Vec<float> exponent(Vec<float> x) {
  const auto moved = _mm512_srli_epi32(_mm512_add_epi32(_mm512_castps_si512(x.v), _mm512_set1_epi32(kToCut32)), 23);
  return Vec<float>(_mm512_castsi512_ps(_mm512_or_si512(moved, _mm512_castps_si512(Vec<float>(0x1p23f).v)))) -
         Vec<float>(0x1p23f + 127);
}
inline Vec<double> exponent(Vec<double> x) {
  const auto moved = _mm512_srli_epi64(_mm512_add_epi64(_mm512_castpd_si512(x.v), _mm512_set1_epi64(kToCut64)), 52);
  return Vec<double>(_mm512_castsi512_pd(_mm512_or_si512(moved, _mm512_castpd_si512(Vec<double>(0x1p52).v)))) -
         Vec<double>(0x1p52 + 1023);
}
inline Vec<float> mantissa(Vec<float> x) {
  const auto moved = _mm512_add_epi32(_mm512_castps_si512(x.v), _mm512_set1_epi32(kToCut32));
  return _mm512_castsi512_ps(
      _mm512_add_epi32(_mm512_and_si512(moved, _mm512_set1_epi32(0x007fffff)), _mm512_set1_epi32(kSqrtHalf32)));
}
inline Vec<double> mantissa(Vec<double> x) {
  const auto moved = _mm512_add_epi64(_mm512_castpd_si512(x.v), _mm512_set1_epi64(kToCut64));
  return _mm512_castsi512_pd(
      _mm512_add_epi64(_mm512_and_si512(moved, _mm512_set1_epi64(0x000fffffffffffff)), _mm512_set1_epi64(kSqrtHalf64)));
}

inline Vec<double> lowerHalf(Vec<float> a) { return _mm512_cvtps_pd(_mm512_castps512_ps256(a.v)); }
inline Vec<double> upperHalf(Vec<float> a) { return _mm512_cvtps_pd(_mm512_extractf32x8_ps(a.v, 1)); }
inline Vec<float> narrow(Vec<double> lower, Vec<double> upper) {
  return _mm512_insertf32x8(_mm512_castps256_ps512(_mm512_cvtpd_ps(lower.v)), _mm512_cvtpd_ps(upper.v), 1);
}

// The tile of C that gemm keeps in registers: rows, and vectors to a row.
constexpr size_t kTileRows = 14;
constexpr size_t kTileVectors = 2;
constexpr size_t kTileUnroll = 2;

#include "widen.h"
