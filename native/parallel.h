#pragma once
// How a kernel reaches the threads and their memory. Declarations only: threads/pool.h has it for the process.

#include <cstddef>

namespace lockstep {

// Bytes to which a kernel's memory is aligned, and each part that it makes of it.
constexpr size_t kAlignment = 64;

// The calling thread takes part; `run` returns when all tasks are done.
struct Parallel {
  size_t threads;
  void (*run)(const Parallel& parallel, size_t tasks, void (*task)(void* context, size_t index), void* context);
  // Memory, aligned to kAlignment, of the calling thread, reused from call to call and valid until the kernel returns.
  // Null when there is none left: the kernel then returns at once, and the caller reports the error. So a kernel asks for
  // it before it writes to any array, and once.
  void* (*scratch)(const Parallel& parallel, size_t bytes);
};

}  // namespace lockstep
