#include "library.h"

#include <cstdint>
#include <cstdio>
#include <cstring>

#include "signals.h"

#ifndef _WIN32
#include <dlfcn.h>

#define LOCKSTEP_OPENS_LIBRARIES
#include "../threads/glibc.h"
#endif

namespace lockstep::mpi {

#ifdef _WIN32

const Library* open(const char*, bool, char* problem, size_t problemBytes) {
  std::snprintf(problem, problemBytes, "MPI is not used on Windows");
  return nullptr;
}

#else

namespace {

constexpr int kSuccess = 0;
constexpr int kTag = 7;

// The largest status of a family has 32 bytes.
struct Status {
  alignas(16) unsigned char bytes[256];
};

// What a family is known by beside its functions. The library never goes, for its threads may not.
template <class Handle>
struct Constants {
  Handle world, byte, errorsReturn;
  // MPI_THREAD_FUNNELED: other threads than the one that calls exist.
  int threads;
};

template <class Handle>
struct Symbols {
  Constants<Handle> constants;
  int (*initialized)(int*);
  int (*initThread)(int*, char***, int, int*);
  int (*finalize)();
  int (*commRank)(Handle, int*);
  int (*commSize)(Handle, int*);
  int (*setErrorHandler)(Handle, Handle);
  int (*send)(const void*, int, Handle, int, int, Handle, Handle*);
  int (*receive)(void*, int, Handle, int, int, Handle, Handle*);
  int (*test)(Handle*, int*, void*);
  int (*getCount)(const void*, Handle, int*);
  int (*abort)(Handle, int);
  int (*errorString)(int, char*, int*);
  int (*libraryVersion)(char*, int*);
};

template <class Handle>
Symbols<Handle> symbols;

template <class Handle>
void keep(Handle handle, Request* request) {
  static_assert(sizeof(Handle) <= sizeof(Request), "");
  std::memcpy(request, &handle, sizeof handle);
}

template <class Handle>
Handle handleOf(const Request* request) {
  Handle handle;
  std::memcpy(&handle, request, sizeof handle);
  return handle;
}

template <class Handle>
int start(int* rank, int* size) {
  const Symbols<Handle>& mpi = symbols<Handle>;
  const auto [world, byte, errorsReturn, threads] = mpi.constants;
  int provided = 0;
  int error = mpi.initThread(nullptr, nullptr, threads, &provided);
  if (error == kSuccess) error = mpi.setErrorHandler(world, errorsReturn);
  if (error == kSuccess) error = mpi.commRank(world, rank);
  if (error == kSuccess) error = mpi.commSize(world, size);
  return error;
}

template <class Handle>
int send(const void* data, size_t bytes, int peer, Request* request) {
  const Symbols<Handle>& mpi = symbols<Handle>;
  Handle handle{};
  const auto& own = mpi.constants;
  const int error = mpi.send(data, static_cast<int>(bytes), own.byte, peer, kTag, own.world, &handle);
  keep(handle, request);
  return error;
}

template <class Handle>
int receive(void* data, size_t bytes, int peer, Request* request) {
  const Symbols<Handle>& mpi = symbols<Handle>;
  Handle handle{};
  const auto& own = mpi.constants;
  const int error = mpi.receive(data, static_cast<int>(bytes), own.byte, peer, kTag, own.world, &handle);
  keep(handle, request);
  return error;
}

template <class Handle>
int test(Request* request, bool* isDone, size_t* bytes) {
  const Symbols<Handle>& mpi = symbols<Handle>;
  Handle handle = handleOf<Handle>(request);
  Status status;
  int flag = 0, count = 0;
  int error = mpi.test(&handle, &flag, &status);
  keep(handle, request);
  *isDone = flag != 0;
  if (error != kSuccess || flag == 0 || bytes == nullptr) return error;
  error = mpi.getCount(&status, mpi.constants.byte, &count);
  *bytes = static_cast<size_t>(count);
  return error;
}

template <class Handle>
int finish() {
  return symbols<Handle>.finalize();
}

template <class Handle>
void abort() {
  symbols<Handle>.abort(symbols<Handle>.constants.world, 1);
}

// The families bound the lengths of their texts differently: none is longer.
template <class Call>
void text(Call call, char* into, size_t bytes) {
  constexpr size_t kLongest = 8192;
  char whole[kLongest + 1] = {};
  int length = 0;
  if (call(whole, &length) != kSuccess || length < 0) length = 0;
  if (static_cast<size_t>(length) > kLongest) length = static_cast<int>(kLongest);
  whole[length] = 0;
  std::snprintf(into, bytes, "%s", whole);
}

template <class Handle>
void describe(int error, char* into, size_t bytes) {
  text([error](char* whole, int* length) { return symbols<Handle>.errorString(error, whole, length); }, into, bytes);
}

template <class Handle>
void version(char* into, size_t bytes) {
  text([](char* whole, int* length) { return symbols<Handle>.libraryVersion(whole, length); }, into, bytes);
}

// Finds symbols, and remembers the first that was missing.
class Loader {
 public:
  explicit Loader(void* library) : library_(library) {}

  template <class Function>
  void get(const char* name, Function*& function) {
    void* const symbol = find(name);
    if (symbol == nullptr && missing_ == nullptr) missing_ = name;
    static_assert(sizeof symbol == sizeof function, "");
    std::memcpy(&function, &symbol, sizeof symbol);
  }

  void* find(const char* name) const { return dlsym(library_, name); }
  const char* missing() const { return missing_; }

 private:
  void* library_;
  const char* missing_ = nullptr;
};

template <class Handle>
const Library* bind(Loader& loader, const char* family, const Constants<Handle>& constants) {
  Symbols<Handle>& mpi = symbols<Handle>;
  mpi.constants = constants;
  loader.get("MPI_Initialized", mpi.initialized);
  loader.get("MPI_Init_thread", mpi.initThread);
  loader.get("MPI_Finalize", mpi.finalize);
  loader.get("MPI_Comm_rank", mpi.commRank);
  loader.get("MPI_Comm_size", mpi.commSize);
  loader.get("MPI_Comm_set_errhandler", mpi.setErrorHandler);
  loader.get("MPI_Isend", mpi.send);
  loader.get("MPI_Irecv", mpi.receive);
  loader.get("MPI_Test", mpi.test);
  loader.get("MPI_Get_count", mpi.getCount);
  loader.get("MPI_Abort", mpi.abort);
  loader.get("MPI_Error_string", mpi.errorString);
  loader.get("MPI_Get_library_version", mpi.libraryVersion);
  static Library library;
  library = {family,         start<Handle>, send<Handle>,     receive<Handle>, test<Handle>,
             finish<Handle>, abort<Handle>, describe<Handle>, version<Handle>};
  return &library;
}

void* constant(uintptr_t value) { return reinterpret_cast<void*>(value); }

// The standard's binary interface tells its version; Open MPI's handles are addresses of its own symbols; those of MPICH and
// what descends from it are numbers.
const Library* bindFamily(Loader& loader) {
  int (*abiVersion)(int*, int*) = nullptr;
  void* const found = loader.find("MPI_Abi_get_version");
  std::memcpy(&abiVersion, &found, sizeof found);
  int major = 0, minor = 0;
  if (abiVersion != nullptr && abiVersion(&major, &minor) == kSuccess && major > 0) {
    return bind<void*>(loader, "the standard ABI", {constant(0x101), constant(0x247), constant(0x143), 1024});
  }
  void* const world = loader.find("ompi_mpi_comm_world");
  if (world != nullptr) {
    return bind<void*>(loader, "Open MPI",
                       {world, loader.find("ompi_mpi_byte"), loader.find("ompi_mpi_errors_return"), 1});
  }
  return bind<int>(loader, "MPICH", {0x44000000, 0x4c00010d, 0x54000001, 1});
}

// Only one of a process may have been started, and it stays so when it has ended.
bool isTaken(const Loader& loader) {
  int (*initialized)(int*) = nullptr;
  void* const found = loader.find("MPI_Initialized");
  std::memcpy(&initialized, &found, sizeof found);
  int flag = 0;
  return initialized(&flag) != kSuccess || flag != 0;
}

}  // namespace

const Library* open(const char* path, bool isGlobal, char* problem, size_t problemBytes) {
  // Before anything of the library runs: what some of them load takes signals at once.
  saveSignals();
  void* const library = dlopen(path, RTLD_NOW | (isGlobal ? RTLD_GLOBAL : RTLD_LOCAL));
  if (library == nullptr) {
    const char* const error = dlerror();
    std::snprintf(problem, problemBytes, "%s", error == nullptr ? "it could not be opened" : error);
    restoreSignals();
    return nullptr;
  }
  Loader loader(library);
  const Library* bound = nullptr;
  if (loader.find("MPI_Init_thread") == nullptr) {
    std::snprintf(problem, problemBytes, "it is no library of MPI");
  } else {
    bound = bindFamily(loader);
    if (loader.missing() != nullptr) {
      std::snprintf(problem, problemBytes, "it has no function %s", loader.missing());
      bound = nullptr;
    } else if (isTaken(loader)) {
      std::snprintf(problem, problemBytes, "something else in this process has started MPI already");
      bound = nullptr;
    }
  }
  restoreSignals();
  return bound;
}

#endif

}  // namespace lockstep::mpi
