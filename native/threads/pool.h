#pragma once
#include "memory.h"

namespace lockstep {

// How a kernel reaches the threads and the memory of the thread that calls it.
struct Caller : Parallel {
  Memory& memory;
};

// The process's threads. Lazy: the first call that has work for them starts them. Never joined and never freed, so
// that nothing can hang or crash at exit. A caller that finds them busy (another worker_thread) works alone.
Caller pool(Memory& memory);

// How many threads work on a call, the caller included. At least 1.
void usePoolThreads(size_t threads);
size_t poolThreads();

// The same interface with the calling thread alone.
Caller alone(Memory& memory);

}  // namespace lockstep
