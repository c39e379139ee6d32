#pragma once

#include "kernels.h"

namespace lockstep {

// Runs every rule and every matrix kernel of `table` and of `reference` on the same inputs: self-test-call.h says which.
// Returns the name of the first one whose outputs differ in a bit, or null when all agree. Some 3 ms, much of them the scalar target's; one call at a time.
const char* selfTest(const KernelTable& table, const KernelTable& reference);

}  // namespace lockstep
