#pragma once
// Advanced SIMD of arm64: 4 floats or 2 doubles. Meanings: lane.h.

#include <arm_neon.h>

#include "lane.h"

namespace lockstep {
namespace {

template <class T>
struct Vec;

template <>
struct Vec<float> {
  using Element = float;
  static constexpr size_t kLanes = 4;
  float32x4_t v;

  Vec() = default;
  Vec(float32x4_t x) : v(x) {}
  Vec(float x) : v(vdupq_n_f32(x)) {}
  static Vec load(const float* p) { return vld1q_f32(p); }
  void store(float* p) const { vst1q_f32(p, v); }
  // Lane by lane, each only where it exists: never by way of the stack, whose load would wait for narrower stores.
  static Vec loadPart(const float* p, size_t count) {
    if (count >= kLanes) return load(p);
    float32x4_t v = vdupq_n_f32(0);
    if (count > 0) v = vld1q_lane_f32(p, v, 0);
    if (count > 1) v = vld1q_lane_f32(p + 1, v, 1);
    if (count > 2) v = vld1q_lane_f32(p + 2, v, 2);
    return v;
  }
  void storePart(float* p, size_t count) const {
    if (count >= kLanes) return store(p);
    if (count > 0) vst1q_lane_f32(p, v, 0);
    if (count > 1) vst1q_lane_f32(p + 1, v, 1);
    if (count > 2) vst1q_lane_f32(p + 2, v, 2);
  }

  friend Vec operator+(Vec a, Vec b) { return vaddq_f32(a.v, b.v); }
  friend Vec operator-(Vec a, Vec b) { return vsubq_f32(a.v, b.v); }
  friend Vec operator*(Vec a, Vec b) { return vmulq_f32(a.v, b.v); }
  friend Vec operator/(Vec a, Vec b) { return vdivq_f32(a.v, b.v); }
  friend Vec operator-(Vec a) { return vnegq_f32(a.v); }
};

template <>
struct Vec<double> {
  using Element = double;
  static constexpr size_t kLanes = 2;
  float64x2_t v;

  Vec() = default;
  Vec(float64x2_t x) : v(x) {}
  Vec(double x) : v(vdupq_n_f64(x)) {}
  static Vec load(const double* p) { return vld1q_f64(p); }
  void store(double* p) const { vst1q_f64(p, v); }
  static Vec loadPart(const double* p, size_t count) {
    if (count >= kLanes) return load(p);
    const float64x2_t zero = vdupq_n_f64(0);
    return count > 0 ? vld1q_lane_f64(p, zero, 0) : zero;
  }
  void storePart(double* p, size_t count) const {
    if (count >= kLanes) return store(p);
    if (count > 0) vst1q_lane_f64(p, v, 0);
  }

  friend Vec operator+(Vec a, Vec b) { return vaddq_f64(a.v, b.v); }
  friend Vec operator-(Vec a, Vec b) { return vsubq_f64(a.v, b.v); }
  friend Vec operator*(Vec a, Vec b) { return vmulq_f64(a.v, b.v); }
  friend Vec operator/(Vec a, Vec b) { return vdivq_f64(a.v, b.v); }
  friend Vec operator-(Vec a) { return vnegq_f64(a.v); }
};

inline Vec<float> sqrt(Vec<float> a) { return vsqrtq_f32(a.v); }
inline Vec<double> sqrt(Vec<double> a) { return vsqrtq_f64(a.v); }
inline Vec<float> fma(Vec<float> a, Vec<float> b, Vec<float> c) { return vfmaq_f32(c.v, a.v, b.v); }
inline Vec<double> fma(Vec<double> a, Vec<double> b, Vec<double> c) { return vfmaq_f64(c.v, a.v, b.v); }

// Not vmaxq: it returns NaN where either is NaN.
inline Vec<float> max(Vec<float> a, Vec<float> b) { return vbslq_f32(vcgtq_f32(a.v, b.v), a.v, b.v); }
inline Vec<double> max(Vec<double> a, Vec<double> b) { return vbslq_f64(vcgtq_f64(a.v, b.v), a.v, b.v); }
inline Vec<float> min(Vec<float> a, Vec<float> b) { return vbslq_f32(vcltq_f32(a.v, b.v), a.v, b.v); }
inline Vec<double> min(Vec<double> a, Vec<double> b) { return vbslq_f64(vcltq_f64(a.v, b.v), a.v, b.v); }
inline Vec<float> abs(Vec<float> a) { return vabsq_f32(a.v); }
inline Vec<double> abs(Vec<double> a) { return vabsq_f64(a.v); }

inline Vec<float> copySign(Vec<float> a, Vec<float> sign) { return vbslq_f32(vdupq_n_u32(0x80000000), sign.v, a.v); }
inline Vec<double> copySign(Vec<double> a, Vec<double> sign) {
  return vbslq_f64(vdupq_n_u64(0x8000000000000000), sign.v, a.v);
}

inline Vec<float> round(Vec<float> a) { return vrndnq_f32(a.v); }
inline Vec<double> round(Vec<double> a) { return vrndnq_f64(a.v); }
inline Vec<float> floor(Vec<float> a) { return vrndmq_f32(a.v); }
inline Vec<double> floor(Vec<double> a) { return vrndmq_f64(a.v); }
inline Vec<float> ceil(Vec<float> a) { return vrndpq_f32(a.v); }
inline Vec<double> ceil(Vec<double> a) { return vrndpq_f64(a.v); }
inline Vec<float> trunc(Vec<float> a) { return vrndq_f32(a.v); }
inline Vec<double> trunc(Vec<double> a) { return vrndq_f64(a.v); }

inline Vec<float> selectGreater(Vec<float> a, Vec<float> b, Vec<float> yes, Vec<float> no) {
  return vbslq_f32(vcgtq_f32(a.v, b.v), yes.v, no.v);
}
inline Vec<double> selectGreater(Vec<double> a, Vec<double> b, Vec<double> yes, Vec<double> no) {
  return vbslq_f64(vcgtq_f64(a.v, b.v), yes.v, no.v);
}

inline bool anyGreater(Vec<float> a, Vec<float> b) { return vmaxvq_u32(vcgtq_f32(a.v, b.v)) != 0; }
inline bool anyGreater(Vec<double> a, Vec<double> b) {
  return vmaxvq_u32(vreinterpretq_u32_u64(vcgtq_f64(a.v, b.v))) != 0;
}
inline bool hasNaN(Vec<float> a) { return vminvq_u32(vceqq_f32(a.v, a.v)) == 0; }
inline bool hasNaN(Vec<double> a) { return vminvq_u32(vreinterpretq_u32_u64(vceqq_f64(a.v, a.v))) == 0; }

inline Vec<float> selectEqual(Vec<float> a, Vec<float> b, Vec<float> yes, Vec<float> no) {
  return vbslq_f32(vceqq_f32(a.v, b.v), yes.v, no.v);
}
inline Vec<double> selectEqual(Vec<double> a, Vec<double> b, Vec<double> yes, Vec<double> no) {
  return vbslq_f64(vceqq_f64(a.v, b.v), yes.v, no.v);
}

inline Vec<float> pow2(Vec<float> n) {
  const Vec<float> biased = n + Vec<float>(0x1p23f + 127);
  return vreinterpretq_f32_u32(vshlq_n_u32(vreinterpretq_u32_f32(biased.v), 23));
}
inline Vec<double> pow2(Vec<double> n) {
  const Vec<double> biased = n + Vec<double>(0x1p52 + 1023);
  return vreinterpretq_f64_u64(vshlq_n_u64(vreinterpretq_u64_f64(biased.v), 52));
}

inline Vec<double> timesPow2(Vec<double> y, Vec<double> shifted) {
  const auto exponent = vshlq_n_u64(vreinterpretq_u64_f64(shifted.v), 52);
  return vreinterpretq_f64_u64(vaddq_u64(vreinterpretq_u64_f64(y.v), exponent));
}

inline Vec<float> exponent(Vec<float> x) {
  const auto moved = vshrq_n_u32(vaddq_u32(vreinterpretq_u32_f32(x.v), vdupq_n_u32(kToCut32)), 23);
  const auto bits = vorrq_u32(moved, vreinterpretq_u32_f32(vdupq_n_f32(0x1p23f)));
  return Vec<float>(vreinterpretq_f32_u32(bits)) - Vec<float>(0x1p23f + 127);
}
inline Vec<double> exponent(Vec<double> x) {
  const auto moved = vshrq_n_u64(vaddq_u64(vreinterpretq_u64_f64(x.v), vdupq_n_u64(kToCut64)), 52);
  const auto bits = vorrq_u64(moved, vreinterpretq_u64_f64(vdupq_n_f64(0x1p52)));
  return Vec<double>(vreinterpretq_f64_u64(bits)) - Vec<double>(0x1p52 + 1023);
}
inline Vec<float> mantissa(Vec<float> x) {
  const auto moved = vaddq_u32(vreinterpretq_u32_f32(x.v), vdupq_n_u32(kToCut32));
  const auto bits = vaddq_u32(vandq_u32(moved, vdupq_n_u32(0x007fffff)), vdupq_n_u32(kSqrtHalf32));
  return vreinterpretq_f32_u32(bits);
}
inline Vec<double> mantissa(Vec<double> x) {
  const auto moved = vaddq_u64(vreinterpretq_u64_f64(x.v), vdupq_n_u64(kToCut64));
  const auto bits = vaddq_u64(vandq_u64(moved, vdupq_n_u64(0x000fffffffffffff)), vdupq_n_u64(kSqrtHalf64));
  return vreinterpretq_f64_u64(bits);
}

inline Vec<double> wideFrom(const float* p) { return vcvt_f64_f32(vld1_f32(p)); }
inline Vec<double> lowerHalf(Vec<float> a) { return vcvt_f64_f32(vget_low_f32(a.v)); }
inline Vec<double> upperHalf(Vec<float> a) { return vcvt_high_f64_f32(a.v); }
inline Vec<float> narrow(Vec<double> lower, Vec<double> upper) {
  return vcvt_high_f32_f64(vcvt_f32_f64(lower.v), upper.v);
}

template <size_t kLane>
inline Vec<float> fromLane(Vec<float> a) {
  return vextq_f32(a.v, a.v, kLane);
}
template <size_t kLane>
inline Vec<double> fromLane(Vec<double> a) {
  return vextq_f64(a.v, a.v, kLane);
}

inline void transpose(const float* from, size_t fromStep, float* to, size_t toStep) {
  const float32x4_t a = vld1q_f32(from), b = vld1q_f32(from + fromStep);
  const float32x4_t c = vld1q_f32(from + 2 * fromStep), d = vld1q_f32(from + 3 * fromStep);
  // a0 b0 a2 b2 and a1 b1 a3 b3: pairs that 64-bit lanes hold together.
  const float64x2_t even = vreinterpretq_f64_f32(vtrn1q_f32(a, b)), odd = vreinterpretq_f64_f32(vtrn2q_f32(a, b));
  const float64x2_t farEven = vreinterpretq_f64_f32(vtrn1q_f32(c, d));
  const float64x2_t farOdd = vreinterpretq_f64_f32(vtrn2q_f32(c, d));
  vst1q_f32(to, vreinterpretq_f32_f64(vtrn1q_f64(even, farEven)));
  vst1q_f32(to + toStep, vreinterpretq_f32_f64(vtrn1q_f64(odd, farOdd)));
  vst1q_f32(to + 2 * toStep, vreinterpretq_f32_f64(vtrn2q_f64(even, farEven)));
  vst1q_f32(to + 3 * toStep, vreinterpretq_f32_f64(vtrn2q_f64(odd, farOdd)));
}
inline void transpose(const double* from, size_t fromStep, double* to, size_t toStep) {
  const float64x2_t a = vld1q_f64(from), b = vld1q_f64(from + fromStep);
  vst1q_f64(to, vtrn1q_f64(a, b));
  vst1q_f64(to + toStep, vtrn2q_f64(a, b));
}

// The tile of matrix/gemm-tile.h: rows, vectors to a row, and terms to a round of its loop.
constexpr size_t kTileRows = 8;
constexpr size_t kTileVectors = 3;
constexpr size_t kTileUnroll = 2;

}  // namespace
}  // namespace lockstep
