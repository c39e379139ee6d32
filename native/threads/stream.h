#pragma once
// Kernels that are to run later, in the order in which they were added, on a thread of their own: as a stream of CUDA.

#include <atomic>
#include <cstdint>

#include "memory.h"
#include "rest.h"
#include "system.h"

namespace lockstep {

// Something to do. It is the stream's once it is added.
struct Work {
  Work* next;
  // What is wrong, or null.
  const char* (*run)(Work* work, Memory& memory);
  // Gives back what it holds, whether or not it ran.
  void (*end)(Work* work);
};

// One thread adds and waits. The stream's own takes part in the pool's jobs as any caller does.
class Stream {
 public:
  // `patience`: how often its thread rests before it sleeps.
  explicit Stream(size_t stackBytes = kStackBytes, int patience = kPatience)
      : stackBytes_(stackBytes), patience_(patience) {}
  ~Stream() { close(); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // Where the system has no thread left, and in a forked child, the work is done at once.
  void add(Work* work);

  // Whether everything that was added is over.
  bool isDone() const { return done_.load(std::memory_order_acquire) == added_.load(std::memory_order_relaxed); }

  // Returns when everything is over.
  void wait();

  // What was wrong, since it was last asked, with some work: what was added behind it did not run. Null where nothing was. To
  // be asked once all is over.
  const char* takeFailure() { return failure_.exchange(nullptr); }

  // Has `tell` called, by the stream's thread, as soon as everything is over. False where it already is.
  bool expect(void (*tell)(void* context), void* context);

  // Waits for the work that runs, drops the rest, and ends the thread.
  void close();

 private:
  bool start();
  bool isLost() const { return isStarted_ && starter_ != processId(); }
  static void threadMain(size_t stream) { reinterpret_cast<Stream*>(stream)->serve(); }
  void serve();
  void run(Work* work, Memory& memory);
  Work* takeAll(uint64_t done);
  void tellDone();

  const size_t stackBytes_;
  const int patience_;
  std::atomic<uint64_t> added_{0}, done_{0};
  std::atomic<const char*> failure_{nullptr};
  std::atomic<bool> closing_{false};
  // Whoever adds alone knows these.
  bool isStarted_ = false;
  long starter_ = 0;
  Memory own_;  // for work that is done at once
  Memory memory_;

  Mutex mutex_;
  Condition changed_;
  // By whoever has locked it.
  Work *first_ = nullptr, *last_ = nullptr;
  bool isAsleep_ = false, isAwaited_ = false, hasEnded_ = false;
  void (*tell_)(void*) = nullptr;
  void* context_ = nullptr;
};

// For tests: before all work, every stream sleeps for a time that changes from one to the next, this long at most.
void delayStreams(unsigned microseconds);

}  // namespace lockstep
