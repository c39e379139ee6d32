#pragma once
#ifndef _WIN32

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include <cstddef>

#ifdef __APPLE__
#include <dlfcn.h>
#endif

#include "glibc.h"

namespace lockstep {

class Mutex {
 public:
  void lock() { pthread_mutex_lock(&mutex_); }
  void unlock() { pthread_mutex_unlock(&mutex_); }

 private:
  friend class Condition;
  pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
};

class Condition {
 public:
  // The caller has locked the mutex, which others may lock while it waits.
  void wait(Mutex& mutex) { pthread_cond_wait(&condition_, &mutex.mutex_); }
  void wakeAll() { pthread_cond_broadcast(&condition_); }

 private:
  pthread_cond_t condition_ = PTHREAD_COND_INITIALIZER;
};

inline void yieldThread() { sched_yield(); }

inline void sleepFor(unsigned microseconds) { usleep(microseconds); }

inline long processId() { return getpid(); }

// A detached thread that no signal is delivered to: the runtime's own threads handle them. False when the system has no
// thread left. `main` does not return.
template <void (*main)(size_t)>
bool startThread(size_t index, size_t stackBytes) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, stackBytes);
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
}

// Threads that are never joined outlive every environment: their code must not be unloaded. ELF has a flag for the linker
// (native/sources.gypi).
inline void stayLoaded() {
#ifdef __APPLE__
  // Untried.
  Dl_info self;
  if (dladdr(reinterpret_cast<void*>(stayLoaded), &self) != 0) dlopen(self.dli_fname, RTLD_LAZY | RTLD_NODELETE);
#endif
}

}  // namespace lockstep

#endif
