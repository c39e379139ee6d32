#pragma once

namespace lockstep {

// How far the functions of UNARY in kernels.def are from the true values, one line each:
//   <name> <float32 or float64> <largest error in units in the last place> <an input where it occurs, in hexadecimal>
// `names`: which functions; all where there is none. `stride`: every how manieth float32. Returns the exit code.
int sweep(char** names, int count, unsigned stride);

}  // namespace lockstep
