#include "pool.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
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

constexpr size_t kMostTasks = 1000, kManyThreads = 64, kFewThreads = 3;

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
  for (size_t j = 0; j < jobs; ++j) {
    // One in ten is large enough for shares.
    const double most = j % 10 == 0 ? kMostTasks : kMostTasks / 16;
    wrong += job.run(static_cast<size_t>((numbers.next() + 1) * most / 2));
  }
  return wrong;
}

// Two tasks that wait for each other: the first ones of two shares. True if they run where they belong: of many tasks each
// thread has a share of its own.
bool keepsShares() {
  constexpr size_t kTasks = 64;
  struct Meeting {
    std::atomic<int> here{0};
    std::thread::id threads[2];
  } meeting;
  usePoolThreads(2);
  Memory none;
  const Parallel& parallel = pool(none);
  parallel.run(
      parallel, kTasks,
      [](void* context, size_t index) {
        if (index % (kTasks / 2) != 0) return;
        Meeting& both = *static_cast<Meeting*>(context);
        both.threads[index / (kTasks / 2)] = std::this_thread::get_id();
        both.here.fetch_add(1);
        while (both.here.load() < 2) std::this_thread::yield();
      },
      &meeting);
  return meeting.threads[0] == std::this_thread::get_id() && meeting.threads[1] != meeting.threads[0];
}

#ifdef __linux__
// How often each thread of the process was put on a processor or taken from it, but for those of `others`.
std::map<std::string, std::string> switches(const std::map<std::string, std::string>& others) {
  std::map<std::string, std::string> counts;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    if (others.count(task.path()) > 0) continue;
    std::ifstream file(task.path() / "status");
    for (std::string line; std::getline(file, line);) {
      if (line.find("ctxt_switches") != std::string::npos) counts[task.path()] += line;
    }
  }
  return counts;
}

// How many helpers moved while jobs of `tasks` tasks ran on `threads` threads, after many more had worked and had all
// fallen asleep.
size_t awake(size_t threads, size_t tasks) {
  constexpr unsigned kAsleep = 200000;
  // The caller, and the thread that a sanitizer starts with the first one of the program.
  std::thread([] {}).join();
  static const auto others = switches({});
  usePoolThreads(kManyThreads);
  Job job;
  for (size_t j = 0; j < 10; ++j) job.run(kManyThreads);
  usePoolThreads(threads);
  auto before = switches(others);
  for (size_t rounds = 0; rounds < 50; ++rounds) {
    const auto last = before;
    usleep(kAsleep);
    before = switches(others);
    if (before == last) break;
  }
  for (size_t j = 0; j < 200; ++j) {
    job.run(tasks);
    if (j % 20 == 0) usleep(kAsleep / 100);
  }
  size_t moved = 0;
  for (const auto& [thread, count] : switches(others)) moved += before[thread] != count;
  return moved;
}
#else
size_t awake(size_t, size_t) { return 0; }
#endif

// Memory of which little was wanted for long is given back; what some calls want is kept for them.
bool givesBack() {
  constexpr size_t kLarge = 2 * Block::kLargeBytes;
  const auto bytesAfter = [](size_t calls, size_t often) {
    Block block;
    for (size_t i = 0; i < calls; ++i) block.get(i % often == 0 ? kLarge : 1000);
    return block.bytes();
  };
  const size_t calls = 4 * Block::kOtherCalls;
  return bytesAfter(calls, calls) < Block::kLargeBytes && bytesAfter(calls, Block::kOtherCalls / 2) >= kLarge;
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
  bool failed = false;
  for (const size_t threads : {kFewThreads, kManyThreads}) {
    const size_t tasks = threads == kFewThreads ? kManyThreads : kFewThreads, helpers = awake(threads, tasks);
    if (helpers < kFewThreads) continue;
    std::printf("%zu helpers were awake for %zu tasks on %zu threads\n", helpers, tasks, threads);
    failed = true;
  }
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
  // More threads than processors.
  usePoolThreads(kManyThreads);
  wrong += runJobs(kManyThreads, kJobs / 50);
  if (!givesBack()) {
    std::printf("scratch is kept for ever, or given back too early\n");
    failed = true;
  }
  for (size_t j = 0; j < 100 && !failed; ++j) {
    if (keepsShares()) continue;
    std::printf("a thread did not start with its own share of the tasks\n");
    failed = true;
  }
  if (wrong > 0) std::printf("%zu tasks did not run exactly once\n", wrong.load());
  const size_t forked = runForked();
  if (forked > 0) std::printf("%zu forked processes did not do their work alone\n", forked);
  return wrong + forked == 0 && !failed ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace lockstep
