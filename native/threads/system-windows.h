#pragma once
// Untried on Windows. Built by MinGW, the pool has worked under Wine.

#ifdef _WIN32

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <cstddef>

namespace lockstep {

class Mutex {
 public:
  void lock() { AcquireSRWLockExclusive(&lock_); }
  void unlock() { ReleaseSRWLockExclusive(&lock_); }

 private:
  friend class Condition;
  SRWLOCK lock_ = SRWLOCK_INIT;
};

class Condition {
 public:
  // The caller has locked the mutex, which others may lock while it waits.
  void wait(Mutex& mutex) { SleepConditionVariableSRW(&condition_, &mutex.lock_, INFINITE, 0); }
  void wakeAll() { WakeAllConditionVariable(&condition_); }

 private:
  CONDITION_VARIABLE condition_ = CONDITION_VARIABLE_INIT;
};

inline void yieldThread() { SwitchToThread(); }

inline void sleepFor(unsigned microseconds) { Sleep((microseconds + 999) / 1000); }

inline long processId() { return static_cast<long>(GetCurrentProcessId()); }

// A detached thread. False when the system has no thread left. `main` does not return.
template <void (*main)(size_t)>
bool startThread(size_t index, size_t stackBytes) {
  const auto entry = [](void* argument) -> DWORD {
    main(reinterpret_cast<size_t>(argument));
    return 0;
  };
  HANDLE thread = CreateThread(nullptr, stackBytes, entry, reinterpret_cast<void*>(index),
                               STACK_SIZE_PARAM_IS_A_RESERVATION, nullptr);
  if (thread == nullptr) return false;
  CloseHandle(thread);
  return true;
}

// Threads that are never joined outlive every environment: their code must not be unloaded.
inline void stayLoaded() {
  HMODULE self;
  GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS,
                     reinterpret_cast<LPCWSTR>(stayLoaded), &self);
}

}  // namespace lockstep

#endif
