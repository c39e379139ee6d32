#pragma once
#include "../parallel.h"

namespace lockstep {

// The process's threads. Lazy: the first call that has work for them starts them. Never joined and never freed, so
// that nothing can hang or crash at exit. A caller that finds them busy (another worker_thread) works alone.
Parallel pool();

// How many threads work on a call, the caller included. At least 1.
void usePoolThreads(size_t threads);

// The same interface with the calling thread alone.
Parallel alone();

// Memory of the calling thread, beside what `scratch` gives and as long as it: for what a call must have of its own. Null
// when there is none left.
void* memoryOfCopies(size_t bytes);

// True once since the last call when scratch() had to return null on this thread.
bool outOfMemory();

}  // namespace lockstep
