#pragma once
// What a process does for a collective operation: a list of messages and sums, made in TypeScript, that a thread works
// through without coming back to JavaScript.

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "library.h"

namespace lockstep::mpi {

// The numbers that stand for them are those of src/distributed/program.ts.
enum class Kind : uint8_t { kSend, kReceive, kWait, kCopy, kSum, kMin, kMax };
enum class Type : uint8_t { kFloat, kDouble, kInt32, kUint8 };

struct Operation {
  Kind kind;
  // Of the elements that are added or compared.
  Type type;
  int peer;
  // Of a wait: how many messages, of those begun so far, must be over, and how many ranks may be waiting for each other in a row.
  size_t messages, depth;
  // What is sent or written.
  unsigned char* data;
  const unsigned char *left, *right;
  size_t bytes;
};

// Memory that operations may name a part of.
struct Area {
  unsigned char* data;
  size_t bytes;
};

// What was sent and received.
struct Traffic {
  std::atomic<uint64_t> sentBytes{0}, sentMessages{0}, receivedBytes{0}, receivedMessages{0};
};

// Numbers of one operation in a list, offsets and sizes in bytes:
// [kSend or kReceive, peer, bytes, area, offset], [kWait, messages, depth], [kCopy, -, bytes, area, offset, area that is read,
// offset], [kSum ..., type, bytes, area, offset, area of the left operand, offset, area of the right one, offset].
constexpr size_t kFields = 9;

// Reads the list. False where one is not of the memory, or aligned, or of a rank that there is none of. `operations` has room for
// `count`.
bool readProgram(const double* numbers, size_t count, const Area* areas, size_t areaCount, int size,
                 Operation* operations);

// A message that was begun.
struct Message {
  Request request;
  size_t bytes;
  int peer;
  bool isSend, isDone;
};

size_t messagesOf(const Operation* operations, size_t count);

struct Outcome {
  enum Kind { kDone, kError, kLate, kOtherLength, kAbandoned } kind;
  // An error of MPI.
  int error;
  // The rank whose message did not come, or was not taken, in time; or had this many bytes, and not those expected.
  int peer;
  size_t received, expected;
};

// How long to wait for others, and what makes it end.
struct Patience {
  double seconds;
  const std::atomic<bool>* isAbandoned;
};

// `messages` has room for messagesOf().
Outcome runProgram(const Library& library, const Operation* operations, size_t count, Message* messages,
                   const Patience& patience, Traffic& traffic);

}  // namespace lockstep::mpi
