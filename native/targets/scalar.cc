#define SIMD "../simd/single.h"
#define TABLE kScalarKernels
#define NAME "scalar"
#include "kernels.inc"
