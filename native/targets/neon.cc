#include "../simd/neon.h"
#include "table.h"

namespace lockstep {

constexpr KernelTable kNeonKernels = makeTable("neon");

}  // namespace lockstep
