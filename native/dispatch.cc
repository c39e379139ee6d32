#include "dispatch.h"

#include <atomic>
#include <cstring>

#include "cpu.h"
#include "self-test.h"
#include "threads/system.h"

namespace lockstep {
namespace {

bool always() { return true; }

std::atomic<const KernelTable*> active{&kScalarKernels};

}  // namespace

// Best first: the first one that this machine can run, and that passes the self-test, is used.
Target targets[] = {
#ifdef __x86_64__
    {&kAvx512Kernels, hasAvx512, nullptr},
    {&kAvx2Kernels, hasAvx2, nullptr},
#elif defined(__aarch64__)
    {&kNeonKernels, always, nullptr},
#endif
    {&kScalarKernels, always, nullptr},
};
const size_t targetCount = sizeof targets / sizeof targets[0];

bool usable(const Target& target) { return target.fault == nullptr && target.supported(); }

void selectTarget() {
  static Mutex mutex;
  static bool isSelected = false;
  Lock lock(mutex);
  if (isSelected) return;
  isSelected = true;
  for (Target& target : targets) {
    if (target.table != &kScalarKernels && target.supported()) {
      target.fault = selfTest(*target.table, kScalarKernels);
    }
  }
  for (size_t t = targetCount; t-- > 0;) {
    if (usable(targets[t])) active.store(targets[t].table);
  }
}

const KernelTable& activeTable() { return *active.load(std::memory_order_relaxed); }

bool useTarget(const char* name) {
  for (const Target& target : targets) {
    if (std::strcmp(target.table->target, name) == 0 && usable(target)) {
      active.store(target.table);
      return true;
    }
  }
  return false;
}

}  // namespace lockstep
