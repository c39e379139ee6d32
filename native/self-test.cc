#include "self-test.h"

#include <cmath>
#include <cstring>

#include "threads/float-environment.h"
#include "threads/pool.h"

namespace lockstep {
namespace {

// More than two vectors of any target and an odd rest.
constexpr size_t kSize = 37;
constexpr size_t kElements = kSize * kSize;
constexpr size_t kMaxBuffers = 12;

// Numbers in [-1, 1) that exercise every bit of the mantissa (the generator of Numerical Recipes).
class Numbers {
 public:
  double next() {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<double>(static_cast<int64_t>(state_) >> 11) * 0x1p-52;
  }

 private:
  uint64_t state_ = 1;
};

template <class T>
struct Memory {
  T floats[kMaxBuffers][kElements];
  int32_t labels[kSize];

  Memory() {
    Numbers numbers;
    for (auto& buffer : floats) {
      for (T& x : buffer) x = static_cast<T>(numbers.next());
    }
    for (size_t i = 0; i < kSize; ++i) labels[i] = static_cast<int32_t>(i);
  }
};

// A visitor that gives a kernel small arguments.
template <class T>
class Sample {
 public:
  explicit Sample(Memory<T>& memory) : memory_(memory) {}

  void flag(const char*, bool& value) { value = false; }
  void size(const char*, size_t& value, size_t = 0) { value = kSize; }
  void scalar(const char*, double& value) { value = 0.75; }
  void labels(const char*, const int32_t*& values, size_t, size_t) { values = memory_.labels; }
  void input(const char*, const T*& values, size_t) { values = memory_.floats[next_++]; }
  void inputOrOutput(const char*, const T*& values, size_t) { values = memory_.floats[next_++]; }
  void output(const char*, T*& values, size_t) { values = memory_.floats[next_++]; }

 private:
  Memory<T>& memory_;
  size_t next_ = 0;
};

// Equal bits, or NaN in both: the sign and payload of a NaN are not part of the promise.
template <class T>
bool same(const Memory<T>& a, const Memory<T>& b) {
  if (std::memcmp(a.floats, b.floats, sizeof a.floats) == 0) return true;
  for (size_t k = 0; k < kMaxBuffers; ++k) {
    for (size_t i = 0; i < kElements; ++i) {
      const T x = a.floats[k][i], y = b.floats[k][i];
      if (std::memcmp(&x, &y, sizeof x) != 0 && !(std::isnan(x) && std::isnan(y))) return false;
    }
  }
  return true;
}

template <class T>
struct Bench {
  const Memory<T> fresh;
  Memory<T> tested, expected;

  template <class Arguments>
  bool kernel(void (*run)(const Arguments&, const Parallel&), void (*reference)(const Arguments&, const Parallel&)) {
    call(run, tested);
    call(reference, expected);
    return same(tested, expected);
  }

  bool rule(StepFunction run, StepFunction reference) {
    step(run, tested);
    step(reference, expected);
    return same(tested, expected);
  }

 private:
  template <class Arguments>
  void call(void (*run)(const Arguments&, const Parallel&), Memory<T>& memory) {
    memory = fresh;
    Arguments arguments{};
    Sample<T> sample(memory);
    arguments.visit(sample);
    run(arguments, alone());
  }

  void step(StepFunction run, Memory<T>& memory) {
    memory = fresh;
    double scalars[kMaxScalars];
    for (size_t s = 0; s < kMaxScalars; ++s) scalars[s] = 1.0 / static_cast<double>(3 + s);
    void* operands[kMaxOperands];
    for (size_t k = 0; k < kMaxOperands; ++k) operands[k] = memory.floats[k];
    // Second moments are never negative.
    for (size_t k = 2; k < kMaxOperands; ++k) {
      for (T& x : memory.floats[k]) x = x < 0 ? -x : x;
    }
    double dots[kMaxDots] = {};
    run(scalars, operands, 0, kSize, dots);
    for (size_t d = 0; d < kMaxDots; ++d) memory.floats[kMaxBuffers - 1][d] = static_cast<T>(dots[d]);
  }
};

}  // namespace

const char* selfTest(const KernelTable& table, const KernelTable& reference) {
  FloatEnvironment environment;
  static Bench<float> floats;
  static Bench<double> doubles;
  for (size_t r = 0; r < kRuleCount; ++r) {
    const Rule &rule = table.rules[r], &other = reference.rules[r];
    if (!floats.rule(rule.step32, other.step32) || !doubles.rule(rule.step64, other.step64)) return rule.name;
  }
#define RULE(name)
#define KERNEL(name)                                                              \
  if (!floats.kernel(table.name.f32, reference.name.f32)) return #name " (float)"; \
  if (!doubles.kernel(table.name.f64, reference.name.f64)) return #name " (double)";
#include "kernels.def"
  return nullptr;
}

}  // namespace lockstep
