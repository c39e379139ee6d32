#define LOCKSTEP_SCALAR
#include "../simd/scalar.h"
#include "table.h"

namespace lockstep {

constexpr KernelTable kScalarKernels = makeTable("scalar");

}  // namespace lockstep
