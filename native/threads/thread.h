#pragma once
// A detached thread that no signal is delivered to: the runtime's own threads handle them.

#include <cstddef>

#ifdef _WIN32
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#else
#include <pthread.h>
#include <signal.h>
#endif

namespace lockstep {

// musl's default of 128 KiB would be too little for a thread of its own.
constexpr size_t kStackBytes = 1 << 20;

// False when the system has no thread left. `main` does not return.
template <void (*main)(size_t)>
bool startThread(size_t index) {
#ifdef _WIN32
  const auto entry = [](void* argument) -> DWORD {
    main(reinterpret_cast<size_t>(argument));
    return 0;
  };
  HANDLE thread = CreateThread(nullptr, kStackBytes, entry, reinterpret_cast<void*>(index), 0, nullptr);
  if (thread == nullptr) return false;
  CloseHandle(thread);
  return true;
#else
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStackBytes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  const auto entry = [](void* argument) -> void* {
    main(reinterpret_cast<size_t>(argument));
    return nullptr;
  };
  pthread_t thread;
  const bool started = pthread_create(&thread, &attributes, entry, reinterpret_cast<void*>(index)) == 0;
  pthread_attr_destroy(&attributes);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return started;
#endif
}

}  // namespace lockstep
