#pragma once

namespace lockstep {

// A kernel that gets no memory leaves all its arrays as they were, whichever of its requests fails. Returns the exit code.
int checkOutOfMemory();

}  // namespace lockstep
