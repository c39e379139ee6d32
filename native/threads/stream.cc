#include "stream.h"

#include "float-environment.h"

namespace lockstep {
namespace {

std::atomic<unsigned> delay{0};

void sleepAWhile(uint64_t work) {
  const unsigned most = delay.load(std::memory_order_relaxed);
  if (most > 0) sleepFor(static_cast<unsigned>(work * 2654435761u % most));
}

}  // namespace

void delayStreams(unsigned microseconds) { delay.store(microseconds); }

void Stream::add(Work* work) {
  if (!start()) {
    FloatEnvironment environment;
    return run(work, own_);
  }
  work->next = nullptr;
  Lock lock(mutex_);
  (last_ == nullptr ? first_ : last_->next) = work;
  last_ = work;
  // Only this thread writes to it. Release: whoever sees the number finds the work.
  added_.store(added_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  if (isAsleep_) changed_.wakeAll();
}

bool Stream::start() {
  if (isStarted_) return !isLost();
  starter_ = processId();
  stayLoaded();
  return isStarted_ = startThread<threadMain>(reinterpret_cast<size_t>(this), stackBytes_);
}

void Stream::wait() {
  if (isLost()) {
    // What the parent had still to do is the parent's.
    added_.store(done_.load());
    return;
  }
  for (int spins = 0; !isDone(); ++spins) {
    if (spins < kPatience) {
      rest(spins);
      continue;
    }
    Lock lock(mutex_);
    isAwaited_ = true;
    while (!isDone()) changed_.wait(mutex_);
    isAwaited_ = false;
  }
}

bool Stream::expect(void (*tell)(void*), void* context) {
  if (isLost()) wait();
  Lock lock(mutex_);
  if (isDone()) return false;
  tell_ = tell;
  context_ = context;
  return true;
}

void Stream::close() {
  if (!isStarted_ || isLost()) return;
  isStarted_ = false;
  Lock lock(mutex_);
  closing_ = true;
  changed_.wakeAll();
  while (!hasEnded_) changed_.wait(mutex_);
}

void Stream::serve() {
  FloatEnvironment environment;
  uint64_t done = 0;
  for (Work* work = takeAll(done); work != nullptr; work = takeAll(done)) {
    while (work != nullptr) {
      Work* const next = work->next;
      sleepAWhile(done);
      run(work, memory_);
      // Release: whoever sees the number finds what the work has written.
      done_.store(++done, std::memory_order_release);
      work = next;
    }
    tellDone();
  }
  Lock lock(mutex_);
  hasEnded_ = true;
  changed_.wakeAll();
}

void Stream::run(Work* work, Memory& memory) {
  if (!closing_ && failure_ == nullptr) failure_ = work->run(work, memory);
  work->end(work);
}

// All that was added since `done` things were; null where the stream closes.
Work* Stream::takeAll(uint64_t done) {
  for (int spins = 0; spins < patience_ && added_.load(std::memory_order_acquire) == done && !closing_; ++spins) {
    rest(spins);
  }
  Lock lock(mutex_);
  isAsleep_ = true;
  while (first_ == nullptr && !closing_) changed_.wait(mutex_);
  isAsleep_ = false;
  Work* const all = first_;
  first_ = last_ = nullptr;
  return all;
}

// Whoever waits looks at the number of what is done under the same lock.
void Stream::tellDone() {
  void (*tell)(void*) = nullptr;
  {
    Lock lock(mutex_);
    if (first_ != nullptr) return;
    if (isAwaited_) changed_.wakeAll();
    tell = tell_;
    tell_ = nullptr;
  }
  if (tell != nullptr) tell(context_);
}

}  // namespace lockstep
