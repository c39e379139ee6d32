#pragma once
// AVX2 + FMA: 8 floats or 4 doubles. Meanings: lane.h.

#include <immintrin.h>

#include "lane.h"

namespace lockstep {
namespace {

template <class T>
struct Vec;

// All bits of the lanes below `count`, none of the others.
constexpr int32_t kMasks[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
inline __m256i firstFloats(size_t count) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(kMasks + 8 - count));
}
inline __m256i firstDoubles(size_t count) { return firstFloats(2 * count); }

template <>
struct Vec<float> {
  using Element = float;
  static constexpr size_t kLanes = 8;
  __m256 v;

  Vec() = default;
  Vec(__m256 x) : v(x) {}
  Vec(float x) : v(_mm256_set1_ps(x)) {}
  static Vec load(const float* p) { return _mm256_loadu_ps(p); }
  void store(float* p) const { _mm256_storeu_ps(p, v); }
  static Vec loadPart(const float* p, size_t count) { return _mm256_maskload_ps(p, firstFloats(count)); }
  // In up to three pieces: a masked store takes AMD's processors a dozen cycles.
  void storePart(float* p, size_t count) const {
    if (count == kLanes) return store(p);
    __m128 rest = _mm256_castps256_ps128(v);
    if ((count & 4) != 0) {
      _mm_storeu_ps(p, rest);
      rest = _mm256_extractf128_ps(v, 1);
      p += 4;
    }
    if ((count & 2) != 0) {
      _mm_storel_pi(reinterpret_cast<__m64*>(p), rest);
      rest = _mm_movehl_ps(rest, rest);
      p += 2;
    }
    if ((count & 1) != 0) _mm_store_ss(p, rest);
  }

  friend Vec operator+(Vec a, Vec b) { return _mm256_add_ps(a.v, b.v); }
  friend Vec operator-(Vec a, Vec b) { return _mm256_sub_ps(a.v, b.v); }
  friend Vec operator*(Vec a, Vec b) { return _mm256_mul_ps(a.v, b.v); }
  friend Vec operator/(Vec a, Vec b) { return _mm256_div_ps(a.v, b.v); }
  friend Vec operator-(Vec a) { return _mm256_xor_ps(a.v, _mm256_set1_ps(-0.0f)); }
};

template <>
struct Vec<double> {
  using Element = double;
  static constexpr size_t kLanes = 4;
  __m256d v;

  Vec() = default;
  Vec(__m256d x) : v(x) {}
  Vec(double x) : v(_mm256_set1_pd(x)) {}
  static Vec load(const double* p) { return _mm256_loadu_pd(p); }
  void store(double* p) const { _mm256_storeu_pd(p, v); }
  static Vec loadPart(const double* p, size_t count) { return _mm256_maskload_pd(p, firstDoubles(count)); }
  void storePart(double* p, size_t count) const {
    if (count == kLanes) return store(p);
    __m128d rest = _mm256_castpd256_pd128(v);
    if ((count & 2) != 0) {
      _mm_storeu_pd(p, rest);
      rest = _mm256_extractf128_pd(v, 1);
      p += 2;
    }
    if ((count & 1) != 0) _mm_store_sd(p, rest);
  }

  friend Vec operator+(Vec a, Vec b) { return _mm256_add_pd(a.v, b.v); }
  friend Vec operator-(Vec a, Vec b) { return _mm256_sub_pd(a.v, b.v); }
  friend Vec operator*(Vec a, Vec b) { return _mm256_mul_pd(a.v, b.v); }
  friend Vec operator/(Vec a, Vec b) { return _mm256_div_pd(a.v, b.v); }
  friend Vec operator-(Vec a) { return _mm256_xor_pd(a.v, _mm256_set1_pd(-0.0)); }
};

inline Vec<float> sqrt(Vec<float> a) { return _mm256_sqrt_ps(a.v); }
inline Vec<double> sqrt(Vec<double> a) { return _mm256_sqrt_pd(a.v); }
inline Vec<float> fma(Vec<float> a, Vec<float> b, Vec<float> c) { return _mm256_fmadd_ps(a.v, b.v, c.v); }
inline Vec<double> fma(Vec<double> a, Vec<double> b, Vec<double> c) { return _mm256_fmadd_pd(a.v, b.v, c.v); }
// As a + b, on units that conversions to double, which a sum of floats has as many of, leave free on Zen; before Skylake Intel's
// processors had one unit for additions and two for this.
inline Vec<double> joinedSum(Vec<double> a, Vec<double> b) { return fma(b, Vec<double>(1), a); }

inline Vec<float> max(Vec<float> a, Vec<float> b) { return _mm256_max_ps(a.v, b.v); }
inline Vec<double> max(Vec<double> a, Vec<double> b) { return _mm256_max_pd(a.v, b.v); }
inline Vec<float> min(Vec<float> a, Vec<float> b) { return _mm256_min_ps(a.v, b.v); }
inline Vec<double> min(Vec<double> a, Vec<double> b) { return _mm256_min_pd(a.v, b.v); }
inline Vec<float> abs(Vec<float> a) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), a.v); }
inline Vec<double> abs(Vec<double> a) { return _mm256_andnot_pd(_mm256_set1_pd(-0.0), a.v); }

inline Vec<float> copySign(Vec<float> a, Vec<float> sign) {
  const Vec<float> bit(-0.0f);
  return _mm256_or_ps(_mm256_andnot_ps(bit.v, a.v), _mm256_and_ps(bit.v, sign.v));
}
inline Vec<double> copySign(Vec<double> a, Vec<double> sign) {
  const Vec<double> bit(-0.0);
  return _mm256_or_pd(_mm256_andnot_pd(bit.v, a.v), _mm256_and_pd(bit.v, sign.v));
}

inline Vec<float> round(Vec<float> a) { return _mm256_round_ps(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
inline Vec<double> round(Vec<double> a) { return _mm256_round_pd(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
inline Vec<float> floor(Vec<float> a) { return _mm256_round_ps(a.v, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC); }
inline Vec<double> floor(Vec<double> a) { return _mm256_round_pd(a.v, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC); }
inline Vec<float> ceil(Vec<float> a) { return _mm256_round_ps(a.v, _MM_FROUND_TO_POS_INF | _MM_FROUND_NO_EXC); }
inline Vec<double> ceil(Vec<double> a) { return _mm256_round_pd(a.v, _MM_FROUND_TO_POS_INF | _MM_FROUND_NO_EXC); }
inline Vec<float> trunc(Vec<float> a) { return _mm256_round_ps(a.v, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC); }
inline Vec<double> trunc(Vec<double> a) { return _mm256_round_pd(a.v, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC); }

inline Vec<float> selectGreater(Vec<float> a, Vec<float> b, Vec<float> yes, Vec<float> no) {
  return _mm256_blendv_ps(no.v, yes.v, _mm256_cmp_ps(a.v, b.v, _CMP_GT_OQ));
}
inline Vec<double> selectGreater(Vec<double> a, Vec<double> b, Vec<double> yes, Vec<double> no) {
  return _mm256_blendv_pd(no.v, yes.v, _mm256_cmp_pd(a.v, b.v, _CMP_GT_OQ));
}

inline bool anyGreater(Vec<float> a, Vec<float> b) {
  return _mm256_movemask_ps(_mm256_cmp_ps(a.v, b.v, _CMP_GT_OQ)) != 0;
}
inline bool anyGreater(Vec<double> a, Vec<double> b) {
  return _mm256_movemask_pd(_mm256_cmp_pd(a.v, b.v, _CMP_GT_OQ)) != 0;
}
inline bool hasNaN(Vec<float> a) { return _mm256_movemask_ps(_mm256_cmp_ps(a.v, a.v, _CMP_UNORD_Q)) != 0; }
inline bool hasNaN(Vec<double> a) { return _mm256_movemask_pd(_mm256_cmp_pd(a.v, a.v, _CMP_UNORD_Q)) != 0; }

inline Vec<float> selectEqual(Vec<float> a, Vec<float> b, Vec<float> yes, Vec<float> no) {
  return _mm256_blendv_ps(no.v, yes.v, _mm256_cmp_ps(a.v, b.v, _CMP_EQ_OQ));
}
inline Vec<double> selectEqual(Vec<double> a, Vec<double> b, Vec<double> yes, Vec<double> no) {
  return _mm256_blendv_pd(no.v, yes.v, _mm256_cmp_pd(a.v, b.v, _CMP_EQ_OQ));
}

inline Vec<float> pow2(Vec<float> n) {
  const Vec<float> biased = n + Vec<float>(0x1p23f + 127);
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_castps_si256(biased.v), 23));
}
inline Vec<double> pow2(Vec<double> n) {
  const Vec<double> biased = n + Vec<double>(0x1p52 + 1023);
  return _mm256_castsi256_pd(_mm256_slli_epi64(_mm256_castpd_si256(biased.v), 52));
}

inline Vec<double> timesPow2(Vec<double> y, Vec<double> shifted) {
  const auto exponent = _mm256_slli_epi64(_mm256_castpd_si256(shifted.v), 52);
  return _mm256_castsi256_pd(_mm256_add_epi64(_mm256_castpd_si256(y.v), exponent));
}

inline Vec<float> exponent(Vec<float> x) {
  const auto moved = _mm256_srli_epi32(_mm256_add_epi32(_mm256_castps_si256(x.v), _mm256_set1_epi32(kToCut32)), 23);
  return Vec<float>(_mm256_castsi256_ps(_mm256_or_si256(moved, _mm256_castps_si256(Vec<float>(0x1p23f).v)))) -
         Vec<float>(0x1p23f + 127);
}
inline Vec<double> exponent(Vec<double> x) {
  const auto moved = _mm256_srli_epi64(_mm256_add_epi64(_mm256_castpd_si256(x.v), _mm256_set1_epi64x(kToCut64)), 52);
  return Vec<double>(_mm256_castsi256_pd(_mm256_or_si256(moved, _mm256_castpd_si256(Vec<double>(0x1p52).v)))) -
         Vec<double>(0x1p52 + 1023);
}
inline Vec<float> mantissa(Vec<float> x) {
  const auto moved = _mm256_add_epi32(_mm256_castps_si256(x.v), _mm256_set1_epi32(kToCut32));
  return _mm256_castsi256_ps(
      _mm256_add_epi32(_mm256_and_si256(moved, _mm256_set1_epi32(0x007fffff)), _mm256_set1_epi32(kSqrtHalf32)));
}
inline Vec<double> mantissa(Vec<double> x) {
  const auto moved = _mm256_add_epi64(_mm256_castpd_si256(x.v), _mm256_set1_epi64x(kToCut64));
  return _mm256_castsi256_pd(_mm256_add_epi64(_mm256_and_si256(moved, _mm256_set1_epi64x(0x000fffffffffffff)),
                                              _mm256_set1_epi64x(kSqrtHalf64)));
}

inline Vec<double> wideFrom(const float* p) { return _mm256_cvtps_pd(_mm_loadu_ps(p)); }
inline Vec<double> lowerHalf(Vec<float> a) { return _mm256_cvtps_pd(_mm256_castps256_ps128(a.v)); }
inline Vec<double> upperHalf(Vec<float> a) { return _mm256_cvtps_pd(_mm256_extractf128_ps(a.v, 1)); }
inline Vec<float> narrow(Vec<double> lower, Vec<double> upper) {
  return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm256_cvtpd_ps(lower.v)), _mm256_cvtpd_ps(upper.v), 1);
}

template <size_t kLane>
inline Vec<float> fromLane(Vec<float> a) {
  if constexpr (kLane == 4) return _mm256_permute2f128_ps(a.v, a.v, 0x01);
  return _mm256_shuffle_ps(a.v, a.v, kLane == 2 ? 0x4E : 0xB1);
}
template <size_t kLane>
inline Vec<double> fromLane(Vec<double> a) {
  if constexpr (kLane == 2) return _mm256_permute2f128_pd(a.v, a.v, 0x01);
  return _mm256_unpackhi_pd(a.v, a.v);
}

inline void transpose(const float* from, size_t fromStep, float* to, size_t toStep) {
  __m256 row[8], pair[8];
  for (size_t i = 0; i < 4; ++i) {
    // Rows i and i + 4 side by side: the 4 x 4 blocks are then where the shuffles within halves can reach them.
    const float* near = from + i * fromStep;
    const float* far = from + (i + 4) * fromStep;
    row[i] = _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(near)), _mm_loadu_ps(far), 1);
    row[i + 4] = _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(near + 4)), _mm_loadu_ps(far + 4), 1);
  }
  for (size_t i = 0; i < 8; i += 4) {
    pair[i] = _mm256_unpacklo_ps(row[i], row[i + 1]);
    pair[i + 1] = _mm256_unpackhi_ps(row[i], row[i + 1]);
    pair[i + 2] = _mm256_unpacklo_ps(row[i + 2], row[i + 3]);
    pair[i + 3] = _mm256_unpackhi_ps(row[i + 2], row[i + 3]);
    _mm256_storeu_ps(to + i * toStep, _mm256_shuffle_ps(pair[i], pair[i + 2], 0x44));
    _mm256_storeu_ps(to + (i + 1) * toStep, _mm256_shuffle_ps(pair[i], pair[i + 2], 0xEE));
    _mm256_storeu_ps(to + (i + 2) * toStep, _mm256_shuffle_ps(pair[i + 1], pair[i + 3], 0x44));
    _mm256_storeu_ps(to + (i + 3) * toStep, _mm256_shuffle_ps(pair[i + 1], pair[i + 3], 0xEE));
  }
}
inline void transpose(const double* from, size_t fromStep, double* to, size_t toStep) {
  const __m256d a = _mm256_loadu_pd(from), b = _mm256_loadu_pd(from + fromStep);
  const __m256d c = _mm256_loadu_pd(from + 2 * fromStep), d = _mm256_loadu_pd(from + 3 * fromStep);
  const __m256d even = _mm256_unpacklo_pd(a, b), odd = _mm256_unpackhi_pd(a, b);
  const __m256d farEven = _mm256_unpacklo_pd(c, d), farOdd = _mm256_unpackhi_pd(c, d);
  _mm256_storeu_pd(to, _mm256_permute2f128_pd(even, farEven, 0x20));
  _mm256_storeu_pd(to + toStep, _mm256_permute2f128_pd(odd, farOdd, 0x20));
  _mm256_storeu_pd(to + 2 * toStep, _mm256_permute2f128_pd(even, farEven, 0x31));
  _mm256_storeu_pd(to + 3 * toStep, _mm256_permute2f128_pd(odd, farOdd, 0x31));
}

// The tile of matrix/gemm-tile.h: rows, vectors to a row, and terms to a round of its loop.
constexpr size_t kTileRows = 6;
constexpr size_t kTileVectors = 2;
constexpr size_t kTileUnroll = 4;

}  // namespace
}  // namespace lockstep
