#pragma once
// What this library asks of the operating system: Mutex, Condition, startThread, yieldThread, sleepFor, processId, stayLoaded. Not
// the C++ library's, which would come along: the addon needs the C library alone, whichever it is.

// Each of these two is empty where it does not belong.
#include "system-posix.h"
#include "system-windows.h"

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
