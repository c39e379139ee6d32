#include "pool.h"

#include <atomic>

#include "../sizes.h"
#include "float-environment.h"
#include "system.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

namespace lockstep {
namespace {

void pause() {
#ifdef __x86_64__
  _mm_pause();
#elif defined(__aarch64__)
  __asm__ __volatile__("yield");
#endif
}

// A helper waits some 30 us for the next kernel, then some 700 us more in which whoever wants the processor gets it: JavaScript
// is at work between the kernels of a training step, and waking a sleeper for each of them took a quarter of the step.
constexpr int kSpins = 1000;
constexpr int kYields = 1000;

// musl's default of 128 KiB would be too little.
constexpr size_t kStackBytes = 1 << 20;

// Jobs are numbered. `state_` holds the number of the current job and its next unclaimed task in one word, so that a
// thread which comes late can never claim a task of another job than the one whose description it has read. A job is
// closed (no task is left of it) before the next one is described: else a late thread could see the new number of
// tasks next to the old job. After 2^32 jobs, half a day of small ones, the numbers start again at 0.
//
// Constant when the library is loaded, and without a destructor: helpers may still use it while the process exits.
class Pool {
 public:
  constexpr Pool() = default;

  void use(size_t threads) { threads_.store(threads == 0 ? 1 : threads); }
  size_t threads() const { return threads_.load(std::memory_order_relaxed); }

  void run(size_t tasks, void (*task)(void*, size_t), void* context) {
    const size_t threads = this->threads();
    if (tasks < 2 || threads < 2 || tasks > kMaxTasks || owned_.exchange(true, std::memory_order_acquire)) {
      for (size_t index = 0; index < tasks; ++index) task(context, index);
      return;
    }
    start(threads - 1);
    const uint64_t last = state_.load(std::memory_order_relaxed) >> kIndexBits;
    state_.store(last << kIndexBits | kIndexMask, std::memory_order_relaxed);
    // Whoever reads this number of tasks sees the old job closed.
    tasks_.store(tasks, std::memory_order_release);
    task_.store(task, std::memory_order_relaxed);
    context_.store(context, std::memory_order_relaxed);
    helpers_.store(threads - 1, std::memory_order_relaxed);
    done_.store(0, std::memory_order_relaxed);
    const uint64_t job = (last + 1) & kIndexMask;
    state_.store(job << kIndexBits);
    if (sleepers_.load() > 0 && !forked()) {
      Lock lock(sleep_);
      wake_.wakeAll();
    }
    work(job);
    for (int spins = 0; done_.load(std::memory_order_acquire) < tasks; ++spins) {
      if (spins < kSpins) {
        pause();
      } else {
        yieldThread();
      }
    }
    owned_.store(false, std::memory_order_release);
  }

  [[noreturn]] void help(size_t index) {
    FloatEnvironment environment;
    uint64_t seen = 0;
    for (;;) {
      seen = waitForJob(seen);
      if (index < helpers_.load(std::memory_order_relaxed)) work(seen);
    }
  }

 private:
  static constexpr unsigned kIndexBits = 32;
  static constexpr uint64_t kIndexMask = 0xFFFFFFFF;
  static constexpr size_t kMaxTasks = 0xFFFFFFFE;

  // Threads do not survive fork(): a child works alone. It starts no others, and leaves the lock of those that sleep,
  // which one of them may have held.
  bool forked() const { return started_ > 0 && starter_ != processId(); }

  void start(size_t wanted);

  // Claims and runs tasks of `job` until none is left.
  void work(uint64_t job) {
    for (;;) {
      uint64_t state = state_.load(std::memory_order_acquire);
      if (state >> kIndexBits != job) return;
      const size_t index = state & kIndexMask;
      if (index >= tasks_.load(std::memory_order_acquire)) return;
      auto* task = task_.load(std::memory_order_relaxed);
      void* context = context_.load(std::memory_order_relaxed);
      if (!state_.compare_exchange_weak(state, state + 1, std::memory_order_acq_rel)) continue;
      task(context, index);
      done_.fetch_add(1, std::memory_order_release);
    }
  }

  uint64_t waitForJob(uint64_t seen) {
    for (int spins = 0; spins < kSpins + kYields; ++spins) {
      const uint64_t job = state_.load(std::memory_order_acquire) >> kIndexBits;
      if (job != seen) return job;
      if (spins < kSpins) {
        pause();
      } else {
        yieldThread();
      }
    }
    Lock lock(sleep_);
    sleepers_.fetch_add(1);
    uint64_t job;
    while ((job = state_.load() >> kIndexBits) == seen) wake_.wait(sleep_);
    sleepers_.fetch_sub(1);
    return job;
  }

  std::atomic<size_t> threads_{1};
  std::atomic<size_t> helpers_{0};
  // By a caller, who alone reads and writes the next two.
  std::atomic<bool> owned_{false};
  size_t started_ = 0;
  long starter_ = 0;

  alignas(64) std::atomic<uint64_t> state_{0};
  alignas(64) std::atomic<size_t> done_{0};
  alignas(64) std::atomic<size_t> tasks_{0};
  std::atomic<void (*)(void*, size_t)> task_{nullptr};
  std::atomic<void*> context_{nullptr};

  Mutex sleep_;
  Condition wake_;
  std::atomic<int> sleepers_{0};
};

Pool thePool;

void helperMain(size_t index) { thePool.help(index); }

void Pool::start(size_t wanted) {
  if (started_ >= wanted || forked()) return;
  starter_ = processId();
  stayLoaded();
  while (started_ < wanted && startThread<helperMain>(started_, kStackBytes)) ++started_;
}

void* getScratch(const Parallel& caller, size_t bytes) {
  return static_cast<const Caller&>(caller).memory.scratch.get(bytes);
}

void runOnPool(const Parallel&, size_t tasks, void (*task)(void*, size_t), void* context) {
  thePool.run(tasks, task, context);
}

void runAlone(const Parallel&, size_t tasks, void (*task)(void*, size_t), void* context) {
  for (size_t index = 0; index < tasks; ++index) task(context, index);
}

}  // namespace

Caller pool(Memory& memory) { return {{thePool.threads(), runOnPool, getScratch}, memory}; }

void usePoolThreads(size_t threads) { thePool.use(threads); }

size_t poolThreads() { return thePool.threads(); }

Caller alone(Memory& memory) { return {{1, runAlone, getScratch}, memory}; }

}  // namespace lockstep
