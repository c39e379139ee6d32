#include "pool.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

#include "../samples.h"
#include "../threads/pool.h"

#ifndef _WIN32
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

namespace lockstep {
namespace {

constexpr size_t kMostTasks = 64;

// A job whose tasks count how often they run. Its memory is used again for the next job at once.
struct Job {
  std::atomic<int> runs[kMostTasks] = {};

  // The number of tasks that did not run exactly once.
  size_t run(size_t tasks) {
    for (auto& count : runs) count.store(0, std::memory_order_relaxed);
    Memory none;
    const Parallel& parallel = pool(none);
    parallel.run(
        parallel, tasks,
        [](void* job, size_t index) { static_cast<Job*>(job)->runs[index].fetch_add(1, std::memory_order_relaxed); },
        this);
    size_t wrong = 0;
    for (size_t i = 0; i < kMostTasks; ++i) wrong += runs[i].load(std::memory_order_relaxed) != (i < tasks ? 1 : 0);
    return wrong;
  }
};

// Jobs follow each other without a pause: a helper may come late, when the next one is already being set up.
size_t runJobs(size_t seed, size_t jobs) {
  Numbers numbers(seed);
  Job job;
  size_t wrong = 0;
  for (size_t j = 0; j < jobs; ++j) wrong += job.run(static_cast<size_t>((numbers.next() + 1) * kMostTasks / 2));
  return wrong;
}

#ifndef _WIN32
// True also where the system does not count a process's threads in /proc.
bool hasOneThread() {
  struct stat threads;
  return stat("/proc/self/task", &threads) != 0 || threads.st_nlink == 3;
}

// Processes that are forked while helpers wake up or fall asleep: these are gone there, may have held a lock, and no
// others are started. Returns the number of those that go wrong.
size_t runForked() {
  constexpr unsigned kForks = 100, kSeconds = 20, kAsleep = 5000;
  size_t wrong = 0;
  for (unsigned i = 0; i < kForks; ++i) {
    usleep(kAsleep);
    runJobs(i, i);
    const pid_t child = fork();
    if (child == 0) {
      alarm(kSeconds);
      usePoolThreads(9);
      _exit(runJobs(i, 100) == 0 && hasOneThread() ? EXIT_SUCCESS : EXIT_FAILURE);
    }
    int status = EXIT_FAILURE;
    if (child < 0 || waitpid(child, &status, 0) != child || status != EXIT_SUCCESS) ++wrong;
  }
  return wrong;
}
#else
size_t runForked() { return 0; }
#endif

}  // namespace

int checkPool() {
  constexpr size_t kJobs = 50000;
  std::atomic<size_t> wrong{0};
  for (const size_t threads : {2, 3, 7, 2}) {
    usePoolThreads(threads);
    wrong += runJobs(threads, kJobs);
    std::vector<std::thread> callers;
    for (size_t caller = 0; caller < 3; ++caller) {
      callers.emplace_back([&wrong, caller] { wrong += runJobs(caller + 100, kJobs / 4); });
    }
    for (std::thread& caller : callers) caller.join();
  }
  if (wrong > 0) std::printf("%zu tasks did not run exactly once\n", wrong.load());
  const size_t forked = runForked();
  if (forked > 0) std::printf("%zu forked processes did not do their work alone\n", forked);
  return wrong + forked == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace lockstep
