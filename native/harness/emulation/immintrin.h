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

#else
#include_next <immintrin.h>
#endif
