#pragma once

#include "kernels.h"

namespace lockstep {

// Runs every rule and every matrix kernel of `table` and of `reference` on the same inputs. Returns the name of the
// first one whose outputs differ in a bit, or null when all agree. A fraction of a millisecond, once a process.
const char* selfTest(const KernelTable& table, const KernelTable& reference);

}  // namespace lockstep
