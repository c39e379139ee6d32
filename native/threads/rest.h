#pragma once
// How a thread waits for another one that is at work.

#include "system.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

namespace lockstep {

// Who waits for the next kernel does so some 30 us, then some 700 us more in which whoever wants the processor gets it:
// JavaScript is at work between the kernels of a training step, and waking a sleeper for each of them took a quarter of the
// step.
constexpr int kSpins = 1000;
constexpr int kYields = 1000;
constexpr int kPatience = kSpins + kYields;

// musl's default of 128 KiB would be too little.
constexpr size_t kStackBytes = 1 << 20;

inline void pause() {
#ifdef __x86_64__
  _mm_pause();
#elif defined(__aarch64__)
  __asm__ __volatile__("yield");
#endif
}

// `spins`: how often it has rested since it began to wait.
inline void rest(int spins) {
  if (spins < kSpins) {
    pause();
  } else {
    yieldThread();
  }
}

}  // namespace lockstep
