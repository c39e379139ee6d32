#pragma once
// The vectors of a target, Vec<float> and Vec<double>: those of the instructions that the compiler may use. One lane where
// it has none of them, and in targets/scalar.cc, which says so by LOCKSTEP_SCALAR: every arm64 has NEON.

#if defined(LOCKSTEP_SCALAR)
#include "scalar.h"
#elif defined(__AVX512F__) || defined(LOCKSTEP_EMULATED_AVX512)
#include "avx512.h"
#elif defined(__AVX2__)
#include "avx2.h"
#elif defined(__ARM_NEON) || defined(_M_ARM64)
#include "neon.h"
#else
#include "scalar.h"
#endif

namespace lockstep {
namespace {

// Keeps a vector in its register. Where an operand may lie in memory GCC reads what was loaded again at every use, and most
// arrays of JavaScript begin where a vector straddles two lines of the cache.
template <class V>
inline void hold([[maybe_unused]] V& x) {
#if defined(__x86_64__) && !defined(LOCKSTEP_EMULATED_AVX512)
  __asm__("" : "+v"(x.v));
#endif
}

}  // namespace
}  // namespace lockstep
