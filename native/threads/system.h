#pragma once
// What this library asks of the operating system: Mutex, Condition, startThread, yieldThread, processId, stayLoaded. Not
// the C++ library's, which would come along: the addon needs the C library alone, whichever it is.

#include <cstddef>

namespace lockstep {

// Of every thread: musl's default of 128 KiB would be too little.
constexpr size_t kStackBytes = 1 << 20;

}  // namespace lockstep

#ifdef _WIN32
#include "system-windows.h"
#else
#include "system-posix.h"
#endif

namespace lockstep {

class Lock {
 public:
  explicit Lock(Mutex& mutex) : mutex_(mutex) { mutex_.lock(); }
  ~Lock() { mutex_.unlock(); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  Mutex& mutex_;
};

}  // namespace lockstep
