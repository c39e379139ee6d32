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

#else
#include_next <immintrin.h>
#endif
