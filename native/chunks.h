#pragma once
// How long arrays are cut, whatever the target and the threads.

#include <cstddef>

namespace lockstep {

// Reductions work on chunks of this many elements and 64 virtual lanes: the order of the additions is a function of the
// length alone. src/backend/contract/reduction-order.ts has the same numbers.
constexpr size_t kReductionChunk = 4096;
constexpr size_t kReductionLanes = 64;

// The unit of work a thread takes from the queue of an optimizer step: long enough for the hardware prefetchers
// (1 MB of Adam traffic), short enough to balance two threads.
constexpr size_t kStepChunk = 8 * kReductionChunk;

}  // namespace lockstep
