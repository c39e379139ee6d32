#include "self-test.h"

#include "element-type.h"
#include "samples.h"
#include "threads/float-environment.h"
#include "threads/pool.h"

namespace lockstep {
namespace {

// More than two vectors of any target and an odd rest.
constexpr size_t kSize = 37;
constexpr size_t kElements = kSize * kSize;
constexpr size_t kMaxBuffers = 12;

// What a kernel that takes any element type beside T is given.
template <class T>
struct OtherOf {
  using Type = double;
};
template <>
struct OtherOf<double> {
  using Type = int32_t;
};
template <>
struct OtherOf<int32_t> {
  using Type = float;
};
template <class T>
using Other = typename OtherOf<T>::Type;

template <class T>
struct Buffers {
  T floats[kMaxBuffers][kElements];
  int32_t labels[kSize];
  int32_t integers[kElements];
  uint8_t masks[2][kElements];
  Other<T> others[kElements];
  double dots[kMaxDots];

  void fill() {
    Numbers numbers;
    for (auto& buffer : floats) {
      for (T& x : buffer) x = elementFrom<T>(numbers);
    }
    for (size_t i = 0; i < kSize; ++i) labels[i] = static_cast<int32_t>(i);
    for (int32_t& n : integers) n = 0;
    for (auto& mask : masks) {
      for (uint8_t& x : mask) x = elementFrom<uint8_t>(numbers);
    }
    for (auto& x : others) x = elementFrom<Other<T>>(numbers);
    for (double& d : dots) d = 0;
  }
};

// A visitor that gives a kernel small arguments.
template <class T>
class Sample {
 public:
  // The size in the place of `single` is 1.
  explicit Sample(Buffers<T>& buffers, size_t single = SIZE_MAX) : buffers_(buffers), single_(single) {}

  // False where a kernel wants more memory than there is here: it cannot be tested.
  bool fits() const { return fits_; }

  void flag(const char*, bool& value) { value = false; }
  // What has a layout has three to five sizes, after it, whose product counts. Of the layouts, this one repeats operands
  // along different dimensions; of the orders of four dimensions, it changes the last two.
  void layout(const char*, size_t& value, size_t count) {
    value = count / 4 + 1;
    dimensions_ = true;
    sizes_ = 0;
  }
  void size(const char*, size_t& value, size_t = 0) {
    constexpr size_t kDimensions[] = {1, 2, kSize, 18, 5};
    const size_t position = sizes_++;
    value = position == single_ ? 1 : dimensions_ ? kDimensions[position % 5] : kSize;
  }
  // Different along the two dimensions, and some taps outside.
  void window(const char*, size_t& value, size_t) {
    constexpr size_t kWindows[] = {5, 4, 3, 3, 2, 3, 1, 2, 1, 1, 1, 0, 2};
    value = kWindows[windows_++ % (sizeof kWindows / sizeof kWindows[0])];
    dimensions_ = true;
  }
  void atMost(const char*, size_t, size_t) {}
  void dimensions() { dimensions_ = true; }
  void place(const char*, size_t&) {}
  void step(const char*, ptrdiff_t&) {}
  // The last dimension backwards.
  void readsAt(const size_t* sizes, size_t& start, ptrdiff_t* steps, const char*) {
    inOrder(sizes, steps);
    steps[3] = -1;
    start = sizes[3] == 0 ? 0 : sizes[3] - 1;
  }
  void writesAt(const size_t* sizes, size_t& start, ptrdiff_t* steps, const char*) {
    inOrder(sizes, steps);
    start = 0;
  }
  void choice(const char*, size_t& value, size_t count) { value = count - 1; }
  void scalar(const char*, double& value) { value = 0.75; }
  void labels(const char*, const int32_t*& values, size_t count, size_t, int32_t = 0) {
    values = buffers_.labels;
    fits_ = fits_ && count <= kSize;
  }
  // In [0, kSize), the first ones.
  void integerInput(const char*, const int32_t*& values, size_t count) {
    values = buffers_.labels;
    fits_ = fits_ && count <= kSize;
  }
  void mask(const char*, const uint8_t*& values, size_t count) { values = takeMask(count, 0); }
  void maskOutput(const char*, uint8_t*& values, size_t count) { values = takeMask(count, 1); }
  void anyInput(const char*, const void*& values, ElementType& type, size_t count) {
    type = kElementType<Other<T>>;
    values = buffers_.others;
    fits_ = fits_ && count <= kElements;
  }
  void integers(const char*, int32_t*& values, size_t count) {
    values = buffers_.integers;
    fits_ = fits_ && count <= kElements;
  }
  void input(const char*, const T*& values, size_t count) { values = take(count); }
  void optionalInput(const char*, const T*& values, bool, size_t count) { values = take(count); }
  void inputOrOutput(const char*, const T*& values, size_t count) { values = take(count); }
  void output(const char*, T*& values, size_t count) { values = take(count); }

 private:
  static void inOrder(const size_t* sizes, ptrdiff_t* steps) {
    ptrdiff_t step = 1;
    for (size_t d = 4; d-- > 0; step *= static_cast<ptrdiff_t>(sizes[d])) steps[d] = step;
  }

  uint8_t* takeMask(size_t count, size_t which) {
    fits_ = fits_ && count <= kElements;
    return buffers_.masks[which];
  }

  T* take(size_t count) {
    fits_ = fits_ && count <= kElements && next_ < kMaxBuffers;
    return fits_ ? buffers_.floats[next_++] : nullptr;
  }

  Buffers<T>& buffers_;
  size_t single_;
  size_t next_ = 0, sizes_ = 0, windows_ = 0;
  bool fits_ = true, dimensions_ = false;
};

template <class T>
bool agree(const Buffers<T>& a, const Buffers<T>& b) {
  for (size_t k = 0; k < kMaxBuffers; ++k) {
    for (size_t i = 0; i < kElements; ++i) {
      if (!same(a.floats[k][i], b.floats[k][i])) return false;
    }
  }
  for (size_t i = 0; i < kElements; ++i) {
    if (a.integers[i] != b.integers[i] || a.masks[1][i] != b.masks[1][i]) return false;
  }
  for (size_t d = 0; d < kMaxDots; ++d) {
    if (!same(a.dots[d], b.dots[d])) return false;
  }
  return true;
}

template <class T>
struct Bench {
  Buffers<T> fresh, tested, expected;
  Memory* memory;

  void prepare(Memory& scratch) {
    fresh.fill();
    memory = &scratch;
  }

  template <class Arguments>
  bool kernel(void (*run)(const Arguments&, const Parallel&), void (*reference)(const Arguments&, const Parallel&)) {
    // An array of three dimensions is too large: without its last one, then without its first.
    if (call(run, tested) && call(reference, expected)) return agree(tested, expected);
    constexpr size_t kSingles[] = {2, 0};
    for (const size_t single : kSingles) {
      call(run, tested, single);
      call(reference, expected, single);
      if (!agree(tested, expected)) return false;
    }
    return true;
  }

  bool rule(StepFunction run, StepFunction reference) {
    step(run, tested);
    step(reference, expected);
    return agree(tested, expected);
  }

 private:
  // Apart, for it is called four times for each kernel.
  template <class Arguments>
  __attribute__((noinline)) bool call(void (*run)(const Arguments&, const Parallel&), Buffers<T>& buffers,
                                      size_t single = SIZE_MAX) {
    buffers = fresh;
    Arguments arguments{};
    Sample<T> sample(buffers, single);
    arguments.visit(sample);
    if (sample.fits()) run(arguments, alone(*memory));
    return sample.fits();
  }

  void step(StepFunction run, Buffers<T>& buffers) {
    buffers = fresh;
    double scalars[kMaxScalars];
    for (size_t s = 0; s < kMaxScalars; ++s) scalars[s] = 1.0 / static_cast<double>(3 + s);
    void* operands[kMaxOperands];
    for (size_t k = 0; k < kMaxOperands; ++k) {
      operands[k] = buffers.floats[k];
      for (T& x : buffers.floats[k]) x = operandValue(k, x);
    }
    run(scalars, operands, 0, kSize, buffers.dots);
  }
};

template <class T>
Bench<T> bench;

}  // namespace

const char* selfTest(const KernelTable& table, const KernelTable& reference) {
  FloatEnvironment environment;
  Memory memory;
  bench<float>.prepare(memory);
  bench<double>.prepare(memory);
  bench<int32_t>.prepare(memory);
  bench<uint8_t>.prepare(memory);
  for (size_t r = 0; r < kRuleCount; ++r) {
    const Rule &rule = table.rules[r], &other = reference.rules[r];
    if (!bench<float>.rule(rule.step32, other.step32) || !bench<double>.rule(rule.step64, other.step64))
      return rule.name;
  }
#define LOCKSTEP_TEST(field, T, name) \
  if (!bench<T>.kernel(table.name.field, reference.name.field)) return #name " (" #T ")";
#define LOCKSTEP_TYPED(name, Arguments, Types) Types(LOCKSTEP_TEST, name)
#include "kernels.def"
#undef LOCKSTEP_TEST
  return nullptr;
}

}  // namespace lockstep
