#include <immintrin.h>

#define SIMD "../simd/avx2.h"
#define TABLE kAvx2Kernels
#define NAME "avx2"
#include "kernels.inc"
