#include "stream.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

#include "../threads/pool.h"
#include "../threads/stream.h"

#ifndef _WIN32
#include <sys/wait.h>
#include <unistd.h>
#endif

namespace lockstep {
namespace {

constexpr size_t kWorks = 2000, kTasks = 16;

// What a run of works leaves.
struct Log {
  size_t next = 0;  // the number of the work that is to come
  size_t disorder = 0;
  std::atomic<size_t> tasks{0}, ended{0}, told{0};
};

// A work that knows its place, and has tasks for the pool; number `bad` fails.
struct Numbered : Work {
  Log* log;
  size_t number, bad;
};

const char* runNumbered(Work* work, Memory& memory) {
  auto* const self = static_cast<Numbered*>(work);
  self->log->disorder += self->log->next++ != self->number;
  const Parallel& parallel = pool(memory);
  parallel.run(
      parallel, kTasks,
      [](void* log, size_t) { static_cast<Log*>(log)->tasks.fetch_add(1, std::memory_order_relaxed); }, self->log);
  return self->number == self->bad ? "bad" : nullptr;
}

void endNumbered(Work* work) {
  auto* const self = static_cast<Numbered*>(work);
  self->log->ended.fetch_add(1);
  delete self;
}

void add(Stream& stream, Log& log, size_t count, size_t bad = SIZE_MAX) {
  for (size_t number = 0; number < count; ++number) {
    auto* const work = new Numbered;
    work->run = runNumbered;
    work->end = endNumbered;
    work->log = &log;
    work->number = number;
    work->bad = bad;
    stream.add(work);
  }
}

bool runsInOrder() {
  Stream stream;
  for (size_t count : {size_t{1}, size_t{7}, kWorks}) {
    Log log;
    add(stream, log, count);
    stream.wait();
    if (log.disorder + (log.next != count) + (log.tasks != count * kTasks) > 0) return false;
    if (!stream.isDone() || stream.takeFailure() != nullptr) return false;
  }
  return true;
}

// Whoever asks is told once, or hears that there is nothing to wait for.
bool tells() {
  Stream stream;
  for (size_t round = 0; round < kWorks; ++round) {
    Log log;
    add(stream, log, 1 + round % 3);
    const bool expects = stream.expect([](void* log) { static_cast<Log*>(log)->told.fetch_add(1); }, &log);
    while (expects && log.told == 0) yieldThread();
    if (!stream.isDone() || log.told != (expects ? 1 : 0) || log.next != 1 + round % 3) return false;
  }
  return true;
}

bool dropsAfterFailure() {
  Stream stream;
  Log log;
  add(stream, log, 10, 4);
  stream.wait();
  if (log.next != 5 || log.ended != 10 || stream.takeFailure() == nullptr) return false;
  Log after;
  add(stream, after, 10);
  stream.wait();
  return after.next == 10 && stream.takeFailure() == nullptr;
}

// Streams that end at any time give back all that was added, and no thread of theirs goes on.
bool closes() {
  for (size_t round = 0; round < 200; ++round) {
    Log log;
    {
      Stream stream;
      add(stream, log, round);
    }
    if (log.ended != round || log.disorder > 0) return false;
  }
  return true;
}

#ifndef _WIN32
// A child has no thread of its parent's: its work is done at once, and its end waits for nobody.
bool worksForked() {
  Stream stream;
  Log before;
  add(stream, before, 3);
  const pid_t child = fork();
  if (child == 0) {
    stream.wait();
    Log log;
    add(stream, log, 5);
    const bool isDone = log.next == 5 && stream.isDone();
    stream.close();
    _exit(isDone ? EXIT_SUCCESS : EXIT_FAILURE);
  }
  int status = 0;
  waitpid(child, &status, 0);
  stream.wait();
  return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS && before.next == 3;
}
#else
bool worksForked() { return true; }
#endif

struct Check {
  const char* what;
  bool (*holds)();
};
constexpr Check kChecks[] = {
    {"runs in order", runsInOrder},
    {"tells when all is over", tells},
    {"drops what follows an error", dropsAfterFailure},
    {"closes at any time", closes},
    {"works in a forked process", worksForked},
};

}  // namespace

int checkStream() {
  usePoolThreads(3);
  bool failed = false;
  const auto check = [&failed](const char* how) {
    for (const Check& one : kChecks) {
      if (one.holds()) continue;
      std::printf("a stream %s: %s\n", how, one.what);
      failed = true;
    }
  };
  check("alone");
  delayStreams(100);
  if (!dropsAfterFailure() || !closes()) failed = true;
  delayStreams(0);
  // Streams of several environments, for which the pool is busy at times.
  std::atomic<size_t> wrong{0};
  std::vector<std::thread> environments;
  for (size_t t = 0; t < 4; ++t) {
    environments.emplace_back([&wrong] { wrong += !runsInOrder() + !tells() + !closes(); });
  }
  for (auto& environment : environments) environment.join();
  if (wrong > 0) std::printf("%zu streams beside others went wrong\n", wrong.load());
  return failed || wrong > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

}  // namespace lockstep
