#include <immintrin.h>

#define SIMD "../simd/avx512.h"
#define TABLE kAvx512Kernels
#define NAME "avx512"
#include "kernels.inc"
