#include "dispatch.h"

#include <atomic>
#include <cstring>

#include "cpu.h"
#include "self-test.h"
#include "threads/system.h"

namespace lockstep {
namespace {

bool always() { return true; }

std::atomic<const KernelTable*> active{nullptr};

}  // namespace

// Best first. The scalar one is what the others are compared with.
const Target targets[] = {
#ifdef __x86_64__
    {&kAvx512Kernels, hasAvx512},
    {&kAvx2Kernels, hasAvx2},
#elif defined(__aarch64__)
    {&kNeonKernels, always},
#endif
    {&kScalarKernels, always},
};
const size_t targetCount = sizeof targets / sizeof targets[0];

const char* faultOf(const Target& target) {
  static struct {
    bool isTested;
    const char* fault;
  } results[targetCount];
  static Mutex mutex;
  if (target.table == &kScalarKernels) return nullptr;
  Lock lock(mutex);
  auto& result = results[&target - targets];
  if (!result.isTested) result = {true, selfTest(*target.table, kScalarKernels)};
  return result.fault;
}

namespace {

// Under a hypervisor each question to the processor takes ten microseconds or more: it is asked once.
bool usable(const Target& target) {
  static struct {
    bool isAsked;
    bool isUsable;
  } answers[targetCount];
  static Mutex mutex;
  Lock lock(mutex);
  auto& answer = answers[&target - targets];
  if (!answer.isAsked) answer = {true, target.supported() && faultOf(target) == nullptr};
  return answer.isUsable;
}

}  // namespace

void selectTarget() {
  if (active.load() != nullptr) return;
  const Target* target = targets;
  while (!usable(*target)) ++target;
  const KernelTable* none = nullptr;
  active.compare_exchange_strong(none, target->table);
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
