#include "program.h"

#include <cstring>

#include "../sizes.h"
#include "../threads/rest.h"
#include "combine.h"

#ifndef _WIN32
#include <time.h>
#endif

namespace lockstep::mpi {
namespace {

double clockSeconds() {
#ifdef _WIN32
  return 0;
#else
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
#endif
}

// A number of an operation, if it is whole and below the limit.
bool readSize(double number, size_t limit, size_t& size) {
  if (!(number >= 0 && number < 9007199254740992.0)) return false;
  size = static_cast<size_t>(number);
  return static_cast<double>(size) == number && size < limit;
}

// Reads one operation after the other.
class Parser {
 public:
  Parser(const Area* areas, size_t count, int size) : areas_(areas), count_(count), size_(static_cast<size_t>(size)) {}

  bool parse(const double* numbers, Operation& operation) const {
    constexpr size_t kKinds = 7;
    size_t kind = 0;
    if (!readSize(numbers[0], kKinds, kind)) return false;
    operation = {};
    operation.kind = static_cast<Kind>(kind);
    if (operation.kind == Kind::kWait) {
      return readSize(numbers[1], SIZE_MAX, operation.messages) && readSize(numbers[2], SIZE_MAX, operation.depth);
    }
    if (!readSize(numbers[2], SIZE_MAX, operation.bytes)) return false;
    if (!locate(numbers + 3, operation.bytes, operation.data)) return false;
    if (operation.kind == Kind::kSend || operation.kind == Kind::kReceive) {
      size_t peer = 0;
      if (operation.bytes > kMostBytes || !readSize(numbers[1], size_, peer)) return false;
      operation.peer = static_cast<int>(peer);
      return true;
    }
    return locate(numbers + 5, operation.bytes, operation.left) &&
           (operation.kind == Kind::kCopy || parseCombination(numbers, operation));
  }

 private:
  bool parseCombination(const double* numbers, Operation& operation) const {
    constexpr size_t kTypes = 4;
    size_t type = 0;
    if (!readSize(numbers[1], kTypes, type)) return false;
    operation.type = static_cast<Type>(type);
    const size_t width = bytesOf(operation.type);
    return locate(numbers + 7, operation.bytes, operation.right) && operation.bytes % width == 0 &&
           isAligned(operation.data, width) && isAligned(operation.left, width) && isAligned(operation.right, width);
  }

  template <class Byte>
  bool locate(const double* place, size_t bytes, Byte*& data) const {
    size_t area = 0, offset = 0;
    if (!readSize(place[0], count_, area) || !readSize(place[1], SIZE_MAX, offset)) return false;
    const Area& found = areas_[area];
    if (offset > found.bytes || bytes > found.bytes - offset) return false;
    data = found.data + offset;
    return true;
  }

  static bool isAligned(const void* data, size_t width) { return reinterpret_cast<uintptr_t>(data) % width == 0; }

  const Area* areas_;
  size_t count_, size_;
};

// What a process has begun and not ended.
class Messages {
 public:
  Messages(const Library& library, Message* messages, const Patience& patience, Traffic& traffic)
      : library_(library), messages_(messages), patience_(patience), traffic_(traffic) {}

  Outcome begin(const Operation& operation) {
    Message& message = messages_[count_];
    message.bytes = operation.bytes;
    message.peer = operation.peer;
    message.isSend = operation.kind == Kind::kSend;
    message.isDone = false;
    const int error = message.isSend ? library_.send(operation.data, message.bytes, message.peer, &message.request)
                                     : library_.receive(operation.data, message.bytes, message.peer, &message.request);
    if (error != 0) return {Outcome::kError, error, message.peer, 0, 0};
    ++count_;
    count(message);
    return {};
  }

  // Waits until the first messages are over. The clock begins anew whenever one is.
  Outcome end(size_t wanted, size_t depth) {
    wanted = least(wanted, count_);
    // Who waits for someone who waits himself is to be told later, when the rank that is at fault has been named.
    const double seconds = patience_.seconds + static_cast<double>(depth);
    double since = 0, looked = 0;
    for (int spins = 0; done_ < wanted; ++spins) {
      bool isNews = false;
      const Outcome outcome = look(wanted, isNews);
      if (outcome.kind != Outcome::kDone) return outcome;
      if (isNews) {
        since = 0;
        spins = 0;
        continue;
      }
      pauseAfter(spins);
      if (spins < kBusy && spins % kLooks != 0) continue;
      if (patience_.isAbandoned->load(std::memory_order_relaxed)) return {Outcome::kAbandoned, 0, 0, 0, 0};
      const double now = clockSeconds();
      // Also when this process itself was stopped for a while.
      if (since == 0 || now - looked > kStopped) since = now;
      looked = now;
      if (now - since > seconds) return {Outcome::kLate, 0, late(wanted), 0, 0};
    }
    return {};
  }

  Outcome endAll(size_t depth) { return end(count_, depth); }

 private:
  // In microseconds, and in rounds of tests: messages of shared memory move only while someone asks for them.
  static constexpr unsigned kSleep = 50;
  static constexpr int kLooks = 64, kBusy = 20000;
  static constexpr double kStopped = 1;

  static void pauseAfter(int& spins) {
    if (spins < kBusy) {
      rest(spins);
    } else {
      sleepFor(kSleep);
      spins = kBusy;
    }
  }

  void count(const Message& message) {
    (message.isSend ? traffic_.sentBytes : traffic_.receivedBytes).fetch_add(message.bytes, std::memory_order_relaxed);
    (message.isSend ? traffic_.sentMessages : traffic_.receivedMessages).fetch_add(1, std::memory_order_relaxed);
  }

  // Asks for every message that is not over, and passes those at the front that are.
  Outcome look(size_t wanted, bool& isNews) {
    for (size_t i = done_; i < wanted; ++i) {
      Message& message = messages_[i];
      if (message.isDone) continue;
      size_t received = message.bytes;
      const int error = library_.test(&message.request, &message.isDone, message.isSend ? nullptr : &received);
      if (error != 0) return {Outcome::kError, error, message.peer, 0, 0};
      if (!message.isDone) continue;
      isNews = true;
      if (received != message.bytes) return {Outcome::kOtherLength, 0, message.peer, received, message.bytes};
    }
    while (done_ < wanted && messages_[done_].isDone) ++done_;
    return {};
  }

  // Who has not sent comes before who has not taken: that one may be waiting itself.
  int late(size_t wanted) const {
    int found = 0;
    bool isFound = false;
    for (size_t i = done_; i < wanted; ++i) {
      const Message& message = messages_[i];
      if (message.isDone) continue;
      if (!message.isSend) return message.peer;
      if (!isFound) found = message.peer;
      isFound = true;
    }
    return found;
  }

  const Library& library_;
  Message* const messages_;
  const Patience& patience_;
  Traffic& traffic_;
  // The first `done_` of `count_` are over.
  size_t count_ = 0, done_ = 0;
};

}  // namespace

bool readProgram(const double* numbers, size_t count, const Area* areas, size_t areaCount, int size,
                 Operation* operations) {
  const Parser parser(areas, areaCount, size);
  for (size_t i = 0; i < count; ++i) {
    if (!parser.parse(numbers + i * kFields, operations[i])) return false;
  }
  return true;
}

size_t messagesOf(const Operation* operations, size_t count) {
  size_t messages = 0;
  for (size_t i = 0; i < count; ++i) {
    if (operations[i].kind == Kind::kSend || operations[i].kind == Kind::kReceive) ++messages;
  }
  return messages;
}

Outcome runProgram(const Library& library, const Operation* operations, size_t count, Message* messages,
                   const Patience& patience, Traffic& traffic) {
  Messages begun(library, messages, patience, traffic);
  for (size_t i = 0; i < count; ++i) {
    const Operation& operation = operations[i];
    Outcome outcome{};
    switch (operation.kind) {
      case Kind::kSend:
      case Kind::kReceive:
        outcome = begun.begin(operation);
        break;
      case Kind::kWait:
        outcome = begun.end(operation.messages, operation.depth);
        break;
      case Kind::kCopy:
        std::memmove(operation.data, operation.left, operation.bytes);
        break;
      default: {
        const size_t combinations = combinationsFrom(operations + i, count - i);
        combineAll(operations + i, combinations);
        i += combinations - 1;
      }
    }
    if (outcome.kind != Outcome::kDone) return outcome;
  }
  return begun.endAll(0);
}

}  // namespace lockstep::mpi
