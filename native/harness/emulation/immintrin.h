// In place of the compiler's <immintrin.h> where LOCKSTEP_EMULATE_AVX512 is on: AVX-512 in terms of AVX2, from SIMDe.
// SIMDe includes <immintrin.h> itself, for AVX2: that one is the compiler's.
#ifndef LOCKSTEP_EMULATION
#define LOCKSTEP_EMULATION
#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/x86/avx512.h>

// What SIMDe 0.7.4 does not have.
#undef _mm512_cvtps_pd
#define _mm512_cvtps_pd emulatedWiden
static inline simde__m512d emulatedWiden(simde__m256 a) {
  simde__m512d_private result;
  result.m256d[0] = _mm256_cvtps_pd(_mm256_castps256_ps128(a));
  result.m256d[1] = _mm256_cvtps_pd(_mm256_extractf128_ps(a, 1));
  return simde__m512d_from_private(result);
}
#undef _mm512_cvtpd_ps
#define _mm512_cvtpd_ps emulatedNarrow
static inline simde__m256 emulatedNarrow(simde__m512d a) {
  const simde__m512d_private halves = simde__m512d_to_private(a);
  return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm256_cvtpd_ps(halves.m256d[0])),
                              _mm256_cvtpd_ps(halves.m256d[1]), 1);
}
#undef _mm512_extractf32x8_ps
#define _mm512_extractf32x8_ps(a, half) (simde__m512_to_private(a).m256[half])
#undef _mm512_shuffle_f32x4
#define _mm512_shuffle_f32x4 emulatedShuffle
static inline simde__m512 emulatedShuffle(simde__m512 a, simde__m512 b, int choices) {
  const simde__m512_private x = simde__m512_to_private(a), y = simde__m512_to_private(b);
  simde__m512_private result;
  for (int i = 0; i < 4; ++i) result.m128[i] = (i < 2 ? x : y).m128[choices >> 2 * i & 3];
  return simde__m512_from_private(result);
}
#undef _mm512_shuffle_f64x2
#define _mm512_shuffle_f64x2(a, b, choices) \
  _mm512_castps_pd(emulatedShuffle(_mm512_castpd_ps(a), _mm512_castpd_ps(b), choices))

#undef _mm512_maskz_loadu_ps
#define _mm512_maskz_loadu_ps emulatedLoad
static inline simde__m512 emulatedLoad(unsigned mask, const float* p) {
  simde__m512_private result = {};
  for (int i = 0; i < 16; ++i) result.f32[i] = mask >> i & 1 ? p[i] : 0;
  return simde__m512_from_private(result);
}
#undef _mm512_mask_storeu_ps
#define _mm512_mask_storeu_ps emulatedStore
static inline void emulatedStore(float* p, unsigned mask, simde__m512 a) {
  const simde__m512_private lanes = simde__m512_to_private(a);
  for (int i = 0; i < 16; ++i) {
    if (mask >> i & 1) p[i] = lanes.f32[i];
  }
}
#undef _mm512_maskz_loadu_pd
#define _mm512_maskz_loadu_pd emulatedLoad
static inline simde__m512d emulatedLoad(unsigned mask, const double* p) {
  simde__m512d_private result = {};
  for (int i = 0; i < 8; ++i) result.f64[i] = mask >> i & 1 ? p[i] : 0;
  return simde__m512d_from_private(result);
}
#undef _mm512_mask_storeu_pd
#define _mm512_mask_storeu_pd emulatedStore
static inline void emulatedStore(double* p, unsigned mask, simde__m512d a) {
  const simde__m512d_private lanes = simde__m512d_to_private(a);
  for (int i = 0; i < 8; ++i) {
    if (mask >> i & 1) p[i] = lanes.f64[i];
  }
}
// SIMDe 0.7.4 has it, and rounds to halves.
#undef _mm512_roundscale_ps
#define _mm512_roundscale_ps(a, mode) emulatedRound<mode>(a)
template <int kMode>
static inline simde__m512 emulatedRound(simde__m512 a) {
  const simde__m512_private lanes = simde__m512_to_private(a);
  simde__m512_private result;
  for (int i = 0; i < 2; ++i) result.m256[i] = _mm256_round_ps(lanes.m256[i], kMode);
  return simde__m512_from_private(result);
}
#undef _mm512_roundscale_pd
#define _mm512_roundscale_pd(a, mode) emulatedRound<mode>(a)
template <int kMode>
static inline simde__m512d emulatedRound(simde__m512d a) {
  const simde__m512d_private lanes = simde__m512d_to_private(a);
  simde__m512d_private result;
  for (int i = 0; i < 2; ++i) result.m256d[i] = _mm256_round_pd(lanes.m256d[i], kMode);
  return simde__m512d_from_private(result);
}

#else
#include_next <immintrin.h>
#endif
