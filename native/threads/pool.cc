#include "pool.h"

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <new>

#include "../sizes.h"
#include "float-environment.h"
#include "thread.h"

#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>
#endif

namespace lockstep {
namespace {

void pause() {
#if defined(__x86_64__) || defined(_M_X64)
  _mm_pause();
#elif defined(__aarch64__) && defined(__GNUC__)
  __asm__ __volatile__("yield");
#endif
}

void yieldThread() {
#ifdef _WIN32
  SwitchToThread();
#else
  sched_yield();
#endif
}

// A helper waits some 30 us for the next kernel, then some 700 us more in which whoever wants the processor gets it: JavaScript
// is at work between the kernels of a training step, and waking a sleeper for each of them took a quarter of the step.
constexpr int kSpins = 1000;
constexpr int kYields = 1000;

// Jobs are numbered. `state_` holds the number of the current job and its next unclaimed task in one word, so that a
// thread which comes late can never claim a task of another job than the one whose description it has read. A job is
// closed (no task is left of it) before the next one is described: else a late thread could see the new number of
// tasks next to the old job. After 2^32 jobs, half a day of small ones, the numbers start again at 0.
class Pool {
 public:
  void use(size_t threads) { threads_.store(threads == 0 ? 1 : threads); }
  size_t threads() const { return threads_.load(std::memory_order_relaxed); }

  void run(size_t tasks, void (*task)(void*, size_t), void* context) {
    const size_t threads = this->threads();
    std::unique_lock<std::mutex> owner(owner_, std::defer_lock);
    if (tasks < 2 || threads < 2 || tasks > kMaxTasks || forked() || !owner.try_lock()) {
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
    if (sleepers_.load() > 0) {
      std::lock_guard<std::mutex> lock(sleep_);
      wake_.notify_all();
    }
    work(job);
    for (int spins = 0; done_.load(std::memory_order_acquire) < tasks; ++spins) {
      if (spins < kSpins) {
        pause();
      } else {
        yieldThread();
      }
    }
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

  // Threads do not survive fork(): a child works alone.
  bool forked() {
#ifdef _WIN32
    return false;
#else
    static std::atomic<bool> inChild{false};
    static const int registered = pthread_atfork(nullptr, nullptr, [] { inChild.store(true); });
    return registered != 0 || inChild.load(std::memory_order_relaxed);
#endif
  }

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
    std::unique_lock<std::mutex> lock(sleep_);
    sleepers_.fetch_add(1);
    uint64_t job;
    while ((job = state_.load() >> kIndexBits) == seen) wake_.wait(lock);
    sleepers_.fetch_sub(1);
    return job;
  }

  std::atomic<size_t> threads_{1};
  std::atomic<size_t> helpers_{0};
  size_t started_ = 0;
  std::mutex owner_;

  alignas(64) std::atomic<uint64_t> state_{0};
  alignas(64) std::atomic<size_t> done_{0};
  alignas(64) std::atomic<size_t> tasks_{0};
  std::atomic<void (*)(void*, size_t)> task_{nullptr};
  std::atomic<void*> context_{nullptr};

  std::mutex sleep_;
  std::condition_variable wake_;
  std::atomic<int> sleepers_{0};
};

// In static storage without a destructor: helpers may still use it while the process exits.
Pool& thePool() {
  alignas(Pool) static unsigned char storage[sizeof(Pool)];
  static Pool* const instance = new (storage) Pool();
  return *instance;
}

void helperMain(size_t index) { thePool().help(index); }

void Pool::start(size_t wanted) {
  while (started_ < wanted && startThread<helperMain>(started_)) ++started_;
}

// One block a thread, which grows and is given back when the thread ends.
struct Scratch {
  void* block = nullptr;
  size_t bytes = 0;
  bool failed = false;

  ~Scratch() { std::free(block); }

  void* get(size_t wanted) {
    if (wanted > SIZE_MAX - kAlignment) return fail();
    if (wanted + kAlignment > bytes) {
      std::free(block);
      bytes = wanted + kAlignment;
      block = std::malloc(bytes);
      if (block == nullptr) return fail();
    }
    const uintptr_t address = reinterpret_cast<uintptr_t>(block);
    return reinterpret_cast<void*>(roundUp(address, kAlignment));
  }

 private:
  void* fail() {
    bytes = 0;
    failed = true;
    return nullptr;
  }
};

thread_local Scratch scratch, copies;

void* getScratch(const Parallel&, size_t bytes) { return scratch.get(bytes); }

void runOnPool(const Parallel&, size_t tasks, void (*task)(void*, size_t), void* context) {
  thePool().run(tasks, task, context);
}

void runAlone(const Parallel&, size_t tasks, void (*task)(void*, size_t), void* context) {
  for (size_t index = 0; index < tasks; ++index) task(context, index);
}

}  // namespace

Parallel pool() { return {thePool().threads(), runOnPool, getScratch}; }

void usePoolThreads(size_t threads) { thePool().use(threads); }

Parallel alone() { return {1, runAlone, getScratch}; }

void* memoryOfCopies(size_t bytes) { return copies.get(bytes); }

bool outOfMemory() {
  const bool failed = scratch.failed;
  scratch.failed = false;
  return failed;
}

}  // namespace lockstep
