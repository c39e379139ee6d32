#pragma once
// What the processor has and the operating system lets us use.

namespace lockstep {

bool hasAvx2();
bool hasAvx512();

}  // namespace lockstep
