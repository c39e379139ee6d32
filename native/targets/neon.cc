#include <arm_neon.h>

#define SIMD "../simd/neon.h"
#define TABLE kNeonKernels
#define NAME "neon"
#include "kernels.inc"
