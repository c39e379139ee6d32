#include "pool.h"

#include <atomic>
#include <cstdlib>
#include <new>

#include "../sizes.h"
#include "float-environment.h"
#include "rest.h"
#include "system.h"

namespace lockstep {
namespace {

// Threads that a job may have, the caller included.
constexpr size_t kMostThreads = 1024;

// Tasks to a thread from which on each one has a share of its own: then the same thread comes back to the same pages with
// every step, which the system has put near the processor that wrote to them first.
constexpr size_t kSharedTasks = 8;

// Where a helper sleeps. Helpers are numbered from 1; the caller is 0.
struct Helper {
  Mutex mutex;
  Condition wake;
  std::atomic<bool> asleep{false};
};

// A job is described by atomics, which its threads read while the next job may already be set up. Its tasks lie in queues, one
// or as many as it has threads: a queue is the number of the job and its next unclaimed task in one word. A thread claims
// a task by exchanging the word, after it has read the description. Why that is the description of this job, however late the
// thread: the queues of the last job are closed before anything of the next one is stored (each store of the description is a
// release). So who has read (acquire) anything of the next job can no longer exchange a word of the last one; and a word of
// the next job is stored (release) when all of its description is. After 2^32 jobs, half a day of small ones, the numbers start
// again at 0.
//
// Constant when the library is loaded, and without a destructor: helpers may still use it while the process exits.
class Pool {
 public:
  constexpr Pool() = default;

  void use(size_t threads) { threads_.store(threads == 0 ? 1 : least(threads, kMostThreads)); }
  size_t threads() const { return threads_.load(std::memory_order_relaxed); }

  void run(size_t tasks, void (*task)(void*, size_t), void* context) {
    const size_t wanted = least(threads(), tasks);
    // The acquire is for what only an owner touches: it comes after the release of the last one.
    if (wanted < 2 || tasks > kMostTasks || owned_.exchange(true, std::memory_order_acquire)) {
      for (size_t index = 0; index < tasks; ++index) task(context, index);
      return;
    }
    start(wanted - 1);
    const size_t threads = least(wanted, started_ + 1), queues = tasks < threads * kSharedTasks ? 1 : threads;
    // Relaxed: the releases below come after it.
    for (size_t q = 0; q < opened_; ++q) queues_[q].next.store(closed(last_), std::memory_order_relaxed);
    opened_ = queues;
    last_ = (last_ + 1) & kTaskMask;
    tasks_.store(tasks, std::memory_order_release);
    queueCount_.store(queues, std::memory_order_release);
    task_.store(task, std::memory_order_release);
    context_.store(context, std::memory_order_release);
    width_.store(threads, std::memory_order_release);
    // Whoever adds to it has claimed a task, after the releases that follow.
    done_.store(0, std::memory_order_relaxed);
    for (size_t q = 0; q < queues; ++q) {
      queues_[q].next.store(last_ << kTaskBits | firstOf(q, queues, tasks), std::memory_order_release);
    }
    job_.store(last_, std::memory_order_release);
    wakeBehind(0, threads);
    work(0, last_);
    // Acquire: what the tasks wrote is seen when they are counted as done.
    for (int spins = 0; done_.load(std::memory_order_acquire) < tasks; ++spins) rest(spins);
    owned_.store(false, std::memory_order_release);
  }

  [[noreturn]] void help(size_t number) {
    FloatEnvironment environment;
    uint64_t seen = 0;
    for (;;) {
      seen = waitForJob(number, seen);
      wakeBehind(number, width_.load(std::memory_order_acquire));
      work(number, seen);
    }
  }

 private:
  static constexpr unsigned kTaskBits = 32;
  static constexpr uint64_t kTaskMask = 0xFFFFFFFF;
  static constexpr size_t kMostTasks = 0xFFFFFFFE;

  struct alignas(64) Queue {
    std::atomic<uint64_t> next{0};
  };

  static uint64_t closed(uint64_t job) { return job << kTaskBits | kTaskMask; }
  static size_t firstOf(size_t queue, size_t queues, size_t tasks) { return queue * tasks / queues; }

  // Threads do not survive fork(): a child works alone. It starts no others, and leaves the locks of those that sleep,
  // which they may have held.
  bool forked() const { return started_ > 0 && starter_ != processId(); }

  void start(size_t wanted);

  // Every thread of a job wakes two others, so that all are awake after a few turns. All who write to the flag exchange it: either
  // this one finds that the helper has fallen asleep, or the helper, whose exchange then reads what this one wrote, sees the
  // job for which it is woken when it looks once more.
  void wakeBehind(size_t number, size_t width) {
    for (size_t next = 2 * number + 1; next <= 2 * number + 2 && next < width; ++next) {
      Helper& helper = *helpers_[next];
      if (!helper.asleep.exchange(false, std::memory_order_acq_rel) || forked()) continue;
      Lock lock(helper.mutex);
      helper.wake.wakeAll();
    }
  }

  // Claims and runs tasks of `job` until none is left: of the thread's own queue, then of the others.
  void work(size_t number, uint64_t job) {
    const size_t queues = queueCount_.load(std::memory_order_acquire);
    for (size_t q = 0; q < queues; ++q) {
      const size_t done = empty((number + q) % queues, job);
      // Release: see run(). Once for the queue, for all threads write to this line.
      if (done > 0) done_.fetch_add(done, std::memory_order_release);
    }
  }

  // How many tasks of the queue it has run.
  size_t empty(size_t queue, uint64_t job) {
    std::atomic<uint64_t>& next = queues_[queue].next;
    for (size_t done = 0;;) {
      uint64_t word = next.load(std::memory_order_acquire);
      const size_t index = word & kTaskMask, tasks = tasks_.load(std::memory_order_acquire);
      const size_t queues = queueCount_.load(std::memory_order_acquire);
      if (word >> kTaskBits != job || index >= firstOf(queue + 1, queues, tasks)) return done;
      auto* task = task_.load(std::memory_order_acquire);
      void* context = context_.load(std::memory_order_acquire);
      // Relaxed: what the task reads was written before the word that `load` has acquired. Others only add to this one.
      if (!next.compare_exchange_weak(word, word + 1, std::memory_order_relaxed)) continue;
      task(context, index);
      ++done;
    }
  }

  // The first job after `seen` that has work for this helper. One that is not among the threads in use sleeps at once.
  uint64_t waitForJob(size_t number, uint64_t seen) {
    const auto hasJob = [&] {
      const uint64_t job = job_.load(std::memory_order_acquire);
      if (job == seen) return false;
      seen = job;
      return number < width_.load(std::memory_order_acquire);
    };
    for (int spins = 0; spins < kPatience && number < threads(); ++spins) {
      if (hasJob()) return seen;
      rest(spins);
    }
    Helper& self = *helpers_[number];
    Lock lock(self.mutex);
    for (;;) {
      self.asleep.exchange(true, std::memory_order_acq_rel);
      if (hasJob()) break;
      self.wake.wait(self.mutex);
    }
    self.asleep.exchange(false, std::memory_order_acq_rel);
    return seen;
  }

  std::atomic<size_t> threads_{1};
  // By a caller, who alone reads and writes what follows; but `helpers_`, which is written before the width that leads to it.
  std::atomic<bool> owned_{false};
  size_t started_ = 0, opened_ = 0;
  uint64_t last_ = 0;
  long starter_ = 0;
  Helper* helpers_[kMostThreads] = {};

  // Apart from what threads write while others wait for it.
  alignas(64) std::atomic<uint64_t> job_{0};
  alignas(64) std::atomic<size_t> done_{0};
  alignas(64) std::atomic<size_t> tasks_{0};
  std::atomic<size_t> queueCount_{1}, width_{0};
  std::atomic<void (*)(void*, size_t)> task_{nullptr};
  std::atomic<void*> context_{nullptr};
  Queue queues_[kMostThreads];
};

Pool thePool;

void helperMain(size_t number) { thePool.help(number); }

void Pool::start(size_t wanted) {
  if (started_ >= wanted || forked()) return;
  starter_ = processId();
  stayLoaded();
  while (started_ < wanted) {
    void* const place = std::malloc(sizeof(Helper));
    if (place == nullptr) return;
    helpers_[started_ + 1] = new (place) Helper;
    if (!startThread<helperMain>(started_ + 1, kStackBytes)) return std::free(place);
    ++started_;
  }
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
