#include "../simd/avx2.h"
#include "table.h"

namespace lockstep {

constexpr KernelTable kAvx2Kernels = makeTable("avx2");

}  // namespace lockstep
