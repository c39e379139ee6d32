#pragma once
// A library of MPI, opened at run time: nothing of it is needed to build this. Messages of bytes between two processes are
// all that is used, so that the differences between its families come down to the type of a handle and a few constants.

#include <cstddef>

namespace lockstep::mpi {

// A message on its way: a handle of either family fits.
using Request = void*;

// Of a message: MPI counts in int.
constexpr size_t kMostBytes = size_t{1} << 30;

// One thread makes all calls but open(). What returns an int returns an error code, 0 for none.
struct Library {
  const char* family;
  int (*start)(int* rank, int* size);
  int (*send)(const void* data, size_t bytes, int peer, Request* request);
  int (*receive)(void* data, size_t bytes, int peer, Request* request);
  // Whether the message has arrived, or was handed over; then also how many bytes arrived, unless `bytes` is null.
  int (*test)(Request* request, bool* isDone, size_t* bytes);
  int (*finish)();
  // Ends the processes of all ranks, this one among them.
  void (*abort)();
  // Writes what an error code means, NUL at the end.
  void (*describe)(int error, char* text, size_t bytes);
  // Writes the name and version of the library.
  void (*version)(char* text, size_t bytes);
};

// Opens the library at a path, or by a name that the system finds; null for one that the process was started with. Null, with
// what is wrong in `problem`, where that fails. `isGlobal`: its symbols are there for the libraries that it loads itself. What it
// does to the handlers of signals is undone; so must be what start() does.
const Library* open(const char* path, bool isGlobal, char* problem, size_t problemBytes);

}  // namespace lockstep::mpi
