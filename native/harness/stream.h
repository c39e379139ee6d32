#pragma once

namespace lockstep {

// Returns the exit code of the program.
int checkStream();

}  // namespace lockstep
