#include "process.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "signals.h"

#ifndef _WIN32
#include <unistd.h>
#endif

namespace lockstep::mpi {
namespace {

#ifdef _WIN32
ThreadId threadId() { return 0; }
bool isThread(ThreadId) { return false; }
#else
ThreadId threadId() { return pthread_self(); }
bool isThread(ThreadId thread) { return pthread_equal(thread, pthread_self()) != 0; }
#endif

// No destructor: the thread may still be at work when those of the process run.
union Kept {
  Kept() : communication() {}
  ~Kept() {}
  Communication communication;
};
Kept kept;

}  // namespace

Communication& own = kept.communication;

namespace {

void warn(const char* text) {
#ifndef _WIN32
  const ssize_t written = write(STDERR_FILENO, text, std::strlen(text));
  (void)written;
#endif
}

// In the communication's thread. The library tells the launcher, which ends the other ranks.
[[noreturn]] void abortAll() {
  // Until the launcher has read what was said of it: some then drop what they have not.
  constexpr unsigned kAWhile = 200000;
  own.isAbandoned = true;
  sleepFor(kAWhile);
  own.library->abort();
  std::_Exit(1);
}

const char* runAbort(Work*, lockstep::Memory&) { abortAll(); }
void endNothing(Work*) {}

void comeBack(const Job& job) {
  Lock lock(own.mutex);
  if (own.tell == nullptr) return;
  napi_call_threadsafe_function(own.tell, reinterpret_cast<void*>(static_cast<uintptr_t>(job.id)),
                                napi_tsfn_nonblocking);
}

void explain(const Outcome& outcome, char* text, size_t bytes) {
  if (outcome.kind == Outcome::kLate) {
    std::snprintf(text, bytes, "waited %g s for rank %d", own.timeoutSeconds, outcome.peer);
  } else if (outcome.kind == Outcome::kOtherLength) {
    std::snprintf(text, bytes, "rank %d sent %zu bytes where %zu are expected: it does something else than this rank",
                  outcome.peer, outcome.received, outcome.expected);
  } else {
    own.library->describe(outcome.error, text, bytes);
  }
}

[[noreturn]] void fail(const Job& job, const Outcome& outcome) {
  if (outcome.kind != Outcome::kAbandoned) {
    char message[768], reason[400];
    explain(outcome, reason, sizeof reason);
    std::snprintf(message, sizeof message, "lockstep/distributed: rank %d of %d, in %s: %s. All processes end.\n",
                  own.rank, own.size, job.label, reason);
    warn(message);
  }
  abortAll();
}

}  // namespace

void endAll(const char* message) {
  constexpr unsigned kPatient = 2000000;
  static Work work;
  warn(message);
  if (!own.isAbandoned.exchange(true) && own.library != nullptr) {
    work.run = runAbort;
    work.end = endNothing;
    own.stream.add(&work);
    sleepFor(kPatient);
  }
  std::_Exit(1);
}

void endProcess() {
  // Libraries of MPI leave by exit() when they abort, or lose the launcher: the destructors of the runtime, which come next, must
  // not run while its threads do.
  if (own.isInside && isThread(own.thread)) std::_Exit(1);
  if (!own.hasStarted || own.hasFinished || own.isAbandoned) return;
  char message[256];
  std::snprintf(
      message, sizeof message,
      "lockstep/distributed: rank %d of %d ends without close(), by an error or process.exit(). All processes end.\n",
      own.rank, own.size);
  endAll(message);
}

const char* runExchange(Work* work, lockstep::Memory&) {
  const auto* const job = static_cast<Job*>(work);
  const Patience patience{own.timeoutSeconds, &own.isAbandoned};
  const Outcome outcome = runProgram(*own.library, job->operations, job->count, job->messages, patience, own.traffic);
  if (outcome.kind != Outcome::kDone) fail(*job, outcome);
  comeBack(*job);
  return nullptr;
}

const char* runStart(Work* work, lockstep::Memory&) {
  own.thread = threadId();
  own.isInside = true;
  const int error = own.library->start(&own.rank, &own.size);
  restoreSignals();
  if (error != 0) {
    std::snprintf(own.problem, sizeof own.problem, "MPI_Init_thread gave the error %d", error);
    own.hasFailed = true;
  } else {
    own.hasStarted = true;
    // Once more, for what is registered last runs first: before what the library has registered.
    std::atexit(endProcess);
  }
  comeBack(*static_cast<Job*>(work));
  return nullptr;
}

const char* runFinish(Work* work, lockstep::Memory&) {
  own.library->finish();
  own.hasFinished = true;
  comeBack(*static_cast<Job*>(work));
  return nullptr;
}

void endJob(Work* work) {
  std::free(static_cast<Job*>(work)->messages);
  std::free(work);
}

}  // namespace lockstep::mpi
