#include "out-of-memory.h"

#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>

#include "../dispatch.h"
#include "../threads/pool.h"
#include "calls.h"

namespace lockstep {
namespace {

// As many threads as are named, all of them the caller, and memory whose request number `failing` fails.
struct Scarce : Parallel {
  size_t failing;
  mutable size_t requests = 0;

  Scarce(Memory& memory, size_t threads, size_t request)
      : Parallel{threads, alone(memory).run, get}, failing(request), memory_(memory) {}

 private:
  static void* get(const Parallel& parallel, size_t bytes) {
    const Scarce& own = static_cast<const Scarce&>(parallel);
    return ++own.requests == own.failing ? nullptr : own.memory_.scratch.get(bytes);
  }

  Memory& memory_;
};

template <class T, template <class> class Kernel>
void ignore(const Kernel<T>&, const Parallel&) {}

// Kernels that do nothing: they leave the arrays of a call as they are before it.
KernelTable idleTable() {
  KernelTable table{};
#define LOCKSTEP_IGNORE(field, T, name, Arguments) table.name.field = ignore<T, args::Arguments>;
#define LOCKSTEP_TYPED(name, Arguments, Types) Types(LOCKSTEP_IGNORE, name, Arguments)
#include "../kernels.def"
#undef LOCKSTEP_IGNORE
  return table;
}

class Check {
 public:
  void operator()(const std::string& name, const std::string& text, bool large, const Run& run) {
    for (const size_t threads : {1, 3}) {
      if (threads > 1 && !large) continue;
      for (size_t request = 1; fail(name, text, run, threads, request); ++request) {
      }
    }
  }

  int finish() const {
    std::printf("%zu kernels ask for memory\n", asking_.size());
    return faulty_.empty() && !asking_.empty() ? EXIT_SUCCESS : EXIT_FAILURE;
  }

 private:
  // False where the call makes fewer requests.
  bool fail(const std::string& name, const std::string& text, const Run& run, size_t threads, size_t request) {
    Call call, before;
    const Scarce scarce(memory_, threads, request);
    run(activeTable(), scarce, call);
    if (scarce.requests < request) return false;
    asking_.insert(name);
    run(idle_, alone(memory_), before);
    std::string what = difference(call, before);
    if (scarce.requests > request) what = "asked again";
    if (!what.empty() && faulty_.insert(name).second) {
      std::fprintf(stderr, "%s with %zu threads, without the memory of request %zu: %s; %s\n", name.c_str(), threads,
                   request, what.c_str(), text.c_str());
    }
    return true;
  }

  Memory memory_;
  const KernelTable idle_ = idleTable();
  std::set<std::string> asking_, faulty_;
};

}  // namespace

int checkOutOfMemory() {
  selectTarget();
  Check check;
  forKernelCalls([&](const std::string& name, const std::string& text, bool large, const Run& run) {
    check(name, text, large, run);
  });
  return check.finish();
}

}  // namespace lockstep
