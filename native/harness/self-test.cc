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
void expectNoticed(const KernelTable& broken, const char* name, const char* where = "all calls") {
  const char* found = selfTest(broken, scalar());
  if (found != nullptr && std::strncmp(found, name, std::strlen(name)) == 0) return;
  std::printf("the self-test does not notice that %s is wrong where %s (it found %s)\n", name, where,
              found ? found : "no fault");
  ++failures;
}

void doNothing(const double*, void* const*, size_t, size_t, double*) {}

template <class T, template <class> class Kernel>
void ignore(const Kernel<T>&, const Parallel&) {}

// Kernels that are wrong in some calls only: in one element, where it is said.
size_t wrongRest;

template <class T>
void spoil(T* values, size_t count) {
  if (count > 0) values[count - 1] += 1;
}

template <class T>
void wrongExp(const args::Unary<T>& a, const Parallel& parallel) {
  const auto& kernels = scalar().expForward;
  if constexpr (sizeof(T) == sizeof(float)) kernels.f32(a, parallel);
  if constexpr (sizeof(T) == sizeof(double)) kernels.f64(a, parallel);
  if (a.n % (64 / sizeof(T)) == wrongRest) spoil(a.y, a.n);
}

void wrongAdam(const double* scalars, void* const* operands, size_t begin, size_t end, double* dots) {
  for (const Rule& rule : scalar().rules) {
    if (std::strcmp(rule.name, "adam") == 0) rule.step32(scalars, operands, begin, end, dots);
  }
  if (end % 16 == wrongRest) spoil(static_cast<float*>(operands[0]), end);
}

template <class Arguments>
using Condition = bool (*)(const Arguments&);

// `original`, but for the calls that meet a condition.
template <class Arguments>
struct Unless {
  static inline void (*original)(const Arguments&, const Parallel&);
  static inline Condition<Arguments> isWrong;
  static void run(const Arguments& a, const Parallel& parallel) {
    if (!isWrong(a)) original(a, parallel);
  }
};

// A kernel that does nothing where `isWrong` holds must be noticed.
template <class Arguments, class Kernel>
void expectCondition(const char* name, const char* where, const Kernel& kernelOf, Condition<Arguments> isWrong) {
  KernelTable broken = scalar();
  auto& kernel = kernelOf(broken);
  Unless<Arguments>::original = kernel;
  Unless<Arguments>::isWrong = isWrong;
  kernel = Unless<Arguments>::run;
  expectNoticed(broken, name, where);
}

void checkRests() {
  for (wrongRest = 0; wrongRest < 16; ++wrongRest) {
    KernelTable broken = scalar();
    broken.expForward.f32 = wrongExp<float>;
    expectNoticed(broken, "expForward (float)");
    broken = scalar();
    for (Rule& rule : broken.rules) {
      if (std::strcmp(rule.name, "adam") == 0) rule.step32 = wrongAdam;
    }
    expectNoticed(broken, "adam");
    if (wrongRest >= 8) continue;
    broken = scalar();
    broken.expForward.f64 = wrongExp<double>;
    expectNoticed(broken, "expForward (double)");
  }
}

void checkConditions() {
#define LOCKSTEP_EXPECT(name, Arguments, condition)                                               \
  expectCondition<args::Arguments<float>>(                                                        \
      #name " (float)", #condition, [](KernelTable & table) -> auto& { return table.name.f32; },  \
      [](const args::Arguments<float>& a) { return condition; });                                 \
  expectCondition<args::Arguments<double>>(                                                       \
      #name " (double)", #condition, [](KernelTable & table) -> auto& { return table.name.f64; }, \
      [](const args::Arguments<double>& a) { return condition; })
  LOCKSTEP_EXPECT(gemm, Gemm, a.transA && !a.transB);
  LOCKSTEP_EXPECT(gemm, Gemm, a.transB && !a.biased);
  LOCKSTEP_EXPECT(gemm, Gemm, a.transA && a.transB && a.biased);
  LOCKSTEP_EXPECT(gemm, Gemm, a.activation == 3);
  LOCKSTEP_EXPECT(gemm, Gemm, a.activation == 6);
  LOCKSTEP_EXPECT(gemm, Gemm, a.beta == 0);
  LOCKSTEP_EXPECT(gemm, Gemm, a.beta == 1);
  LOCKSTEP_EXPECT(gemm, Gemm, a.n > 64);
  LOCKSTEP_EXPECT(gemmBatched, GemmBatched, a.transA && a.transB && a.batch > 1);
  LOCKSTEP_EXPECT(conv2dForward, Conv2dForward, a.biased && a.groups > 1);
  LOCKSTEP_EXPECT(conv2dBackwardInput, Conv2dBackwardInput, a.accumulate && a.padTop > 0);
  LOCKSTEP_EXPECT(maxPool2dBackward, MaxPool2dBackward, a.accumulate);
  LOCKSTEP_EXPECT(avgPool2dBackward, AvgPool2dBackward, a.countIncludePad && !a.accumulate);
  LOCKSTEP_EXPECT(sumBackward, SumBackward, a.accumulate && a.inner > 1);
  LOCKSTEP_EXPECT(layerNormBackward, LayerNormBackward, a.accumulate && a.columns > 32);
  LOCKSTEP_EXPECT(cumsum, Cumulative, a.exclusive && a.reverse);
  LOCKSTEP_EXPECT(softmaxForward, Softmax, a.inner == 1 && a.count % 8 == 7);
  LOCKSTEP_EXPECT(softmaxForward, Softmax, a.inner > 1 && a.inner % 8 == 5);
  LOCKSTEP_EXPECT(softmaxForward, Softmax, a.x == a.y);
  LOCKSTEP_EXPECT(reluForward, Unary, a.n > 64);
  LOCKSTEP_EXPECT(attentionForward, AttentionForward, a.causal != 0 && a.masked != 0 && a.keys > 16);
#undef LOCKSTEP_EXPECT
}

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
  KernelTable broken = scalar();
  broken.stepPacked = [](const Rule&, const double*, uint32_t, const PackedOperands&, size_t, size_t) {};
  expectNoticed(broken, "stepPacked");
#define LOCKSTEP_BREAK(field, T, name, Arguments)   \
  {                                                 \
    KernelTable broken = scalar();                  \
    broken.name.field = ignore<T, args::Arguments>; \
    expectNoticed(broken, #name " (" #T ")");       \
  }
#define LOCKSTEP_TYPED(name, Arguments, Types) Types(LOCKSTEP_BREAK, name, Arguments)
#include "../kernels.def"
#undef LOCKSTEP_BREAK
  checkRests();
  checkConditions();
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace lockstep
