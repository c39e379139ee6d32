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
