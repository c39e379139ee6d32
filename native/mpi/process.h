#pragma once
// What a process has one of: a library of MPI, the thread that makes all calls of it, and an end that the other ranks are told.

#include <node_api.h>

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "../threads/stream.h"
#include "library.h"
#include "program.h"

#ifndef _WIN32
#include <pthread.h>
#endif

namespace lockstep::mpi {

#ifdef _WIN32
using ThreadId = int;
#else
using ThreadId = pthread_t;
#endif

// What libraries of MPI need to start.
constexpr size_t kLargeStack = 8 << 20;

constexpr size_t kLongestLabel = 160;

// Of the process, and never given back: a rank that communicates no more has ended, or ends. What is not atomic is the
// environment's thread's, or the communication's once the environment has started it.
struct Communication {
  // The environment that has opened the library: no other one may.
  std::atomic<napi_env> owner{nullptr};
  // It sleeps at once: what a program brought is for JavaScript, whose thread may have this one's processor alone.
  Stream stream{kLargeStack, 0};
  const Library* library = nullptr;
  double timeoutSeconds = 0;
  // Of the environment: calls that have not come back.
  size_t calls = 0;
  bool isStarting = false, isFinishing = false;

  int rank = 0, size = 1;
  char problem[256] = {};
  Traffic traffic;
  // Between the two the ranks belong together.
  std::atomic<bool> hasStarted{false}, hasFailed{false}, hasFinished{false};
  std::atomic<bool> isAbandoned{false};
  // The communication's, once it is inside.
  ThreadId thread{};
  std::atomic<bool> isInside{false};

  Mutex mutex;
  // Null when the environment has ended. By whoever has locked it.
  napi_threadsafe_function tell = nullptr;
};

// Never destroyed: the thread may still be at work when the destructors of the process run.
extern Communication& own;

struct Job : Work {
  uint32_t id;
  // Null for what only starts or finishes.
  Operation* operations;
  Message* messages;
  size_t count;
  char label[kLongestLabel];
};

// What the thread does of a job; each then comes back by `own.tell`.
const char* runStart(Work* work, lockstep::Memory&);
const char* runExchange(Work* work, lockstep::Memory&);
const char* runFinish(Work* work, lockstep::Memory&);
void endJob(Work* work);

// In any other thread: without this rank the others would wait in vain. Where the communication's does not answer, the launcher
// will see that this process ends badly.
[[noreturn]] void endAll(const char* message);

// For atexit(): of the process, by whatever way it ends but a signal.
void endProcess();

}  // namespace lockstep::mpi
