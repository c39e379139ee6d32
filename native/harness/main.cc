// A program without Node that shows what the package promises of its kernels:
//   harness kernels [target...]   same bits on every target and every number of threads; prints a hash of them
//   harness threads [target...]   the same, of the calls that are large enough for several threads
//   harness self-test             the load-time self-test passes, and notices every kernel that is replaced
//   harness sweep [function...]   how far each function is from the true values, for every float32; see sweep.h
//   harness sample [function...]  the same for one float32 in 997
//   harness out-of-memory         a kernel that gets no memory changes nothing
//   harness pool                  every task of a job runs exactly once, whoever calls and however often
//   harness stream                what is queued runs in its order, and ends whatever happens

#include <cstdlib>
#include <cstring>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "../threads/float-environment.h"
#include "compare.h"
#include "out-of-memory.h"
#include "self-test.h"
#include "stream.h"
#include "pool.h"
#include "sweep.h"

namespace lockstep {
namespace {

bool wanted(const Target& target, char** names, int count) {
  if (count == 0) return target.supported();
  for (int i = 0; i < count; ++i) {
    if (std::strcmp(target.table->target, names[i]) == 0) return true;
  }
  return false;
}

int compareKernels(char** names, int count, bool largeOnly) {
  // The first one is compared with: scalar, the last in the list, unless others are named.
  std::vector<const KernelTable*> tables;
  for (size_t t = targetCount; t-- > 0;) {
    if (!wanted(targets[t], names, count)) continue;
    if (!targets[t].supported()) {
      std::fprintf(stderr, "this machine cannot run %s\n", targets[t].table->target);
      return EXIT_FAILURE;
    }
    tables.push_back(targets[t].table);
  }
  if (tables.empty()) {
    std::fprintf(stderr, "there is no such target\n");
    return EXIT_FAILURE;
  }
  Comparison comparison(tables, largeOnly);
  const Take add = [&](const std::string& name, const std::string& text, bool large, const Run& run) {
    comparison.add(name, text, large, run);
  };
  forRuleCalls(add);
  forKernelCalls(add);
  comparison.print();
  if (comparison.failures() > 0) std::fprintf(stderr, "%zu calls differ\n", comparison.failures());
  return comparison.failures() == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

// Every call has arrays of its own: memory that goes back to the system comes again as pages that fault, and takes longer than
// the kernels.
void keepMemory() {
#ifdef __GLIBC__
  constexpr int kMost = 32 << 20;  // more is refused
  mallopt(M_MMAP_THRESHOLD, kMost);
  mallopt(M_TRIM_THRESHOLD, 0x7fffffff);
#endif
}

}  // namespace
}  // namespace lockstep

int main(int count, char** words) {
  using namespace lockstep;
  keepMemory();
  FloatEnvironment environment;
  const char* mode = count > 1 ? words[1] : "";
  if (std::strcmp(mode, "kernels") == 0) return compareKernels(words + 2, count - 2, false);
  if (std::strcmp(mode, "threads") == 0) return compareKernels(words + 2, count - 2, true);
  if (std::strcmp(mode, "self-test") == 0) return checkSelfTest();
  if (std::strcmp(mode, "out-of-memory") == 0) return checkOutOfMemory();
  if (std::strcmp(mode, "pool") == 0) return checkPool();
  if (std::strcmp(mode, "stream") == 0) return checkStream();
  if (std::strcmp(mode, "sweep") == 0) return sweep(words + 2, count - 2, 1);
  if (std::strcmp(mode, "sample") == 0) return sweep(words + 2, count - 2, 997);
  std::fprintf(
      stderr,
      "usage: harness kernels [target...] | threads [target...] | sweep [function...] | sample [function...] | "
      "self-test | out-of-memory | pool | stream\n");
  return 2;
}
