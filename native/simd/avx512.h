#pragma once
// AVX-512 F, BW, DQ, VL, CD: 16 floats or 8 doubles. Meanings: lane.h.

#include <immintrin.h>

#include "lane.h"

namespace lockstep {
namespace {

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
// As a + b, on units that conversions to double, which a sum of floats has as many of, leave free on Zen 5.
inline Vec<double> joinedSum(Vec<double> a, Vec<double> b) { return fma(b, Vec<double>(1), a); }

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

inline Vec<float> round(Vec<float> a) {
  return _mm512_roundscale_ps(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}
inline Vec<double> round(Vec<double> a) {
  return _mm512_roundscale_pd(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}
inline Vec<float> floor(Vec<float> a) { return _mm512_roundscale_ps(a.v, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC); }
inline Vec<double> floor(Vec<double> a) { return _mm512_roundscale_pd(a.v, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC); }
inline Vec<float> ceil(Vec<float> a) { return _mm512_roundscale_ps(a.v, _MM_FROUND_TO_POS_INF | _MM_FROUND_NO_EXC); }
inline Vec<double> ceil(Vec<double> a) { return _mm512_roundscale_pd(a.v, _MM_FROUND_TO_POS_INF | _MM_FROUND_NO_EXC); }
inline Vec<float> trunc(Vec<float> a) { return _mm512_roundscale_ps(a.v, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC); }
inline Vec<double> trunc(Vec<double> a) { return _mm512_roundscale_pd(a.v, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC); }

inline Vec<float> selectGreater(Vec<float> a, Vec<float> b, Vec<float> yes, Vec<float> no) {
  return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a.v, b.v, _CMP_GT_OQ), no.v, yes.v);
}
inline Vec<double> selectGreater(Vec<double> a, Vec<double> b, Vec<double> yes, Vec<double> no) {
  return _mm512_mask_blend_pd(_mm512_cmp_pd_mask(a.v, b.v, _CMP_GT_OQ), no.v, yes.v);
}

inline bool anyGreater(Vec<float> a, Vec<float> b) { return _mm512_cmp_ps_mask(a.v, b.v, _CMP_GT_OQ) != 0; }
inline bool anyGreater(Vec<double> a, Vec<double> b) { return _mm512_cmp_pd_mask(a.v, b.v, _CMP_GT_OQ) != 0; }
inline bool hasNaN(Vec<float> a) { return _mm512_cmp_ps_mask(a.v, a.v, _CMP_UNORD_Q) != 0; }
inline bool hasNaN(Vec<double> a) { return _mm512_cmp_pd_mask(a.v, a.v, _CMP_UNORD_Q) != 0; }

inline Vec<float> selectEqual(Vec<float> a, Vec<float> b, Vec<float> yes, Vec<float> no) {
  return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a.v, b.v, _CMP_EQ_OQ), no.v, yes.v);
}
inline Vec<double> selectEqual(Vec<double> a, Vec<double> b, Vec<double> yes, Vec<double> no) {
  return _mm512_mask_blend_pd(_mm512_cmp_pd_mask(a.v, b.v, _CMP_EQ_OQ), no.v, yes.v);
}

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

inline Vec<double> wideFrom(const float* p) { return _mm512_cvtps_pd(_mm256_loadu_ps(p)); }
inline Vec<double> lowerHalf(Vec<float> a) { return _mm512_cvtps_pd(_mm512_castps512_ps256(a.v)); }
inline Vec<double> upperHalf(Vec<float> a) { return _mm512_cvtps_pd(_mm512_extractf32x8_ps(a.v, 1)); }
inline Vec<float> narrow(Vec<double> lower, Vec<double> upper) {
  return _mm512_insertf32x8(_mm512_castps256_ps512(_mm512_cvtpd_ps(lower.v)), _mm512_cvtpd_ps(upper.v), 1);
}

template <size_t kLane>
inline Vec<float> fromLane(Vec<float> a) {
  if constexpr (kLane == 8) return _mm512_shuffle_f32x4(a.v, a.v, 0x4E);
  if constexpr (kLane == 4) return _mm512_shuffle_f32x4(a.v, a.v, 0xB1);
  if constexpr (kLane == 2) return _mm512_shuffle_ps(a.v, a.v, 0x4E);
  return _mm512_shuffle_ps(a.v, a.v, 0xB1);
}
template <size_t kLane>
inline Vec<double> fromLane(Vec<double> a) {
  if constexpr (kLane == 4) return _mm512_shuffle_f64x2(a.v, a.v, 0x4E);
  if constexpr (kLane == 2) return _mm512_shuffle_f64x2(a.v, a.v, 0xB1);
  return _mm512_unpackhi_pd(a.v, a.v);
}

inline void transpose(const float* from, size_t fromStep, float* to, size_t toStep) {
  __m512 row[16], pair[16];
  for (size_t i = 0; i < 16; ++i) row[i] = _mm512_loadu_ps(from + i * fromStep);
  // 4 x 4 blocks within each quarter of four rows, ...
  for (size_t i = 0; i < 16; i += 4) {
    const __m512 a = _mm512_unpacklo_ps(row[i], row[i + 1]), b = _mm512_unpackhi_ps(row[i], row[i + 1]);
    const __m512 c = _mm512_unpacklo_ps(row[i + 2], row[i + 3]), d = _mm512_unpackhi_ps(row[i + 2], row[i + 3]);
    pair[i] = _mm512_shuffle_ps(a, c, 0x44);
    pair[i + 1] = _mm512_shuffle_ps(a, c, 0xEE);
    pair[i + 2] = _mm512_shuffle_ps(b, d, 0x44);
    pair[i + 3] = _mm512_shuffle_ps(b, d, 0xEE);
  }
  // ... then the 4 x 4 matrix of those quarters.
  __m512(&turned)[16] = row;
  for (size_t i = 0; i < 4; ++i) {
    const __m512 a = _mm512_shuffle_f32x4(pair[i], pair[i + 4], 0x44);
    const __m512 b = _mm512_shuffle_f32x4(pair[i], pair[i + 4], 0xEE);
    const __m512 c = _mm512_shuffle_f32x4(pair[i + 8], pair[i + 12], 0x44);
    const __m512 d = _mm512_shuffle_f32x4(pair[i + 8], pair[i + 12], 0xEE);
    turned[i] = _mm512_shuffle_f32x4(a, c, 0x88);
    turned[i + 4] = _mm512_shuffle_f32x4(a, c, 0xDD);
    turned[i + 8] = _mm512_shuffle_f32x4(b, d, 0x88);
    turned[i + 12] = _mm512_shuffle_f32x4(b, d, 0xDD);
  }
  for (size_t i = 0; i < 16; ++i) _mm512_storeu_ps(to + i * toStep, turned[i]);
}
inline void transpose(const double* from, size_t fromStep, double* to, size_t toStep) {
  __m512d pair[8], turned[8];
  for (size_t i = 0; i < 8; i += 2) {
    const __m512d a = _mm512_loadu_pd(from + i * fromStep), b = _mm512_loadu_pd(from + (i + 1) * fromStep);
    pair[i] = _mm512_unpacklo_pd(a, b);
    pair[i + 1] = _mm512_unpackhi_pd(a, b);
  }
  // Each holds pairs of rows i and i + 1; the 4 x 4 matrix of pairs is turned.
  for (size_t i = 0; i < 2; ++i) {
    const __m512d a = _mm512_shuffle_f64x2(pair[i], pair[i + 2], 0x44);
    const __m512d b = _mm512_shuffle_f64x2(pair[i], pair[i + 2], 0xEE);
    const __m512d c = _mm512_shuffle_f64x2(pair[i + 4], pair[i + 6], 0x44);
    const __m512d d = _mm512_shuffle_f64x2(pair[i + 4], pair[i + 6], 0xEE);
    turned[i] = _mm512_shuffle_f64x2(a, c, 0x88);
    turned[i + 2] = _mm512_shuffle_f64x2(a, c, 0xDD);
    turned[i + 4] = _mm512_shuffle_f64x2(b, d, 0x88);
    turned[i + 6] = _mm512_shuffle_f64x2(b, d, 0xDD);
  }
  for (size_t i = 0; i < 8; ++i) _mm512_storeu_pd(to + i * toStep, turned[i]);
}

// The tile of matrix/gemm-tile.h: rows, vectors to a row, and terms to a round of its loop.
constexpr size_t kTileRows = 14;
constexpr size_t kTileVectors = 2;
constexpr size_t kTileUnroll = 2;

}  // namespace
}  // namespace lockstep
