#include "self-test.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "../dispatch.h"
#include "../self-test.h"

namespace lockstep {
namespace {

const KernelTable& scalar() { return *targets[targetCount - 1].table; }

int failures = 0;

// `name` must be at the start of what the self-test finds.
void expectNoticed(const KernelTable& broken, const char* name) {
  const char* found = selfTest(broken, scalar());
  if (found != nullptr && std::strncmp(found, name, std::strlen(name)) == 0) return;
  std::printf("the self-test does not notice that %s does nothing (it found %s)\n", name, found ? found : "no fault");
  ++failures;
}

void doNothing(const double*, void* const*, size_t, size_t, double*) {}

template <class T, template <class> class Kernel>
void ignore(const Kernel<T>&, const Parallel&) {}

}  // namespace

int checkSelfTest() {
  for (size_t t = 0; t < targetCount; ++t) {
    if (!targets[t].supported()) continue;
    const char* fault = selfTest(*targets[t].table, scalar());
    if (fault == nullptr) continue;
    std::printf("the self-test of %s finds a fault in %s\n", targets[t].table->target, fault);
    ++failures;
  }
  for (size_t r = 0; r < kRuleCount; ++r) {
    KernelTable broken = scalar();
    broken.rules[r].step32 = doNothing;
    expectNoticed(broken, broken.rules[r].name);
    broken = scalar();
    broken.rules[r].step64 = doNothing;
    expectNoticed(broken, broken.rules[r].name);
  }
#define LOCKSTEP_BREAK(field, T, name, Arguments)   \
  {                                                 \
    KernelTable broken = scalar();                  \
    broken.name.field = ignore<T, args::Arguments>; \
    expectNoticed(broken, #name " (" #T ")");       \
  }
#define LOCKSTEP_TYPED(name, Arguments, Types) Types(LOCKSTEP_BREAK, name, Arguments)
#include "../kernels.def"
#undef LOCKSTEP_BREAK
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace lockstep
