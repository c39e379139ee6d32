#include "../simd/avx512.h"
#include "table.h"

namespace lockstep {

constexpr KernelTable kAvx512Kernels = makeTable("avx512");

}  // namespace lockstep
