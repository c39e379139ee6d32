#pragma once
// What the kernels of every target have in common: the arguments of each kernel, and the table a target exports.
// Declarations only. See Note [One definition, several instruction sets] in targets/kernels.inc.
//
// To add a matrix kernel `foo`:
//   1. matrix/arguments.h: its arguments, `template <class T> struct foo`, with a `visit` that names each one in the
//      order of the JavaScript call, says how many elements each buffer must hold, and whether it is read or written;
//      a layout comes before the sizes of its dimensions;
//   2. kernels.def: the line KERNEL(foo);
//   3. matrix/<file>.h: `template <class T> void foo(const args::foo<T>& a, const Parallel& parallel)`;
//   4. src/backend/typescript/matrix/<file>.ts: the function of the same name and argument order.
// The addon, the load-time self-test and the tests over all targets pick it up from there.

#include <cfloat>
#include <cstddef>
#include <cstdint>

namespace lockstep {

// Sizes come from JavaScript as integers up to 2^53; a wider intermediate result would round twice.
static_assert(sizeof(size_t) == 8, "sizes are taken to have 64 bits");
static_assert(FLT_EVAL_METHOD == 0, "every operation must round to its own type");

// Reductions work on chunks of this many elements and 64 virtual lanes, whatever the target and the threads: the
// order of the additions is a function of the length alone. src/backend/typescript/reduce.ts has the same numbers.
constexpr size_t kReductionChunk = 4096;
constexpr size_t kReductionLanes = 64;

// Functions here are static: every target has its own, see Note [One definition, several instruction sets].
static constexpr size_t least(size_t x, size_t y) { return x < y ? x : y; }

// Sums and products of sizes saturate instead of wrapping, so that no buffer is ever long enough for one that does not fit.
static constexpr size_t plus(size_t x, size_t y) { return x > SIZE_MAX - y ? SIZE_MAX : x + y; }
static constexpr size_t area(size_t rows, size_t columns) {
  return columns != 0 && rows > SIZE_MAX / columns ? SIZE_MAX : rows * columns;
}

// How many units hold x, and what they hold.
static constexpr size_t quotientUp(size_t x, size_t unit) { return x == 0 ? 0 : (x - 1) / unit + 1; }
static constexpr size_t roundUp(size_t x, size_t unit) { return area(quotientUp(x, unit), unit); }
static_assert(quotientUp(SIZE_MAX, 64) == SIZE_MAX / 64 + 1 && roundUp(SIZE_MAX - 1, 64) == SIZE_MAX, "");

// Bytes to which a kernel's memory is aligned, and each part that it makes of it.
constexpr size_t kAlignment = 64;

// Positions are int32.
constexpr size_t kMostPositions = 0x7fffffff;

// The unit of work a thread takes from the queue of an optimizer step: long enough for the hardware prefetchers
// (1 MB of Adam traffic), short enough to balance two threads.
constexpr size_t kStepChunk = 8 * kReductionChunk;

// How a kernel reaches the threads. The calling thread takes part; `run` returns when all tasks are done.
struct Parallel {
  size_t threads;
  void (*run)(const Parallel& parallel, size_t tasks, void (*task)(void* context, size_t index), void* context);
  // Memory, aligned to kAlignment, of the calling thread, reused from call to call and valid until the kernel returns.
  // Null when there is none left: the kernel then returns at once, and the caller reports the error. So a kernel asks for
  // it before it writes to any array, and once.
  void* (*scratch)(const Parallel& parallel, size_t bytes);
};

// What gemm can apply to C while it is in the cache: as many functions, none among them, as matrix/gemm-epilogue.h lists.
constexpr size_t kActivations = 7;

// Update rules: see simd/each.h.
constexpr size_t kMaxOperands = 8;
constexpr size_t kMaxScalars = 16;
constexpr size_t kMaxDots = 4;

using StepFunction = void (*)(const double* scalars, void* const* operands, size_t begin, size_t end, double* dots);

struct Rule {
  const char* name;
  uint32_t operands;  // arrays a tensor brings: the parameter, its gradient, its states
  uint32_t written;   // bit k: operand k is written
  uint32_t scalars;   // numbers a step brings
  uint32_t dots;      // dot products gathered per chunk
  StepFunction step32;
  StepFunction step64;
};

// Elements from the first to the last one of a matrix whose rows start `stride` elements apart.
static inline size_t extent(size_t rows, size_t columns, size_t stride) {
  if (rows == 0 || columns == 0) return 0;
  return plus(area(rows - 1, stride), columns);
}

// How an operand is repeated to fill a result [outer, rows, columns]: bit 3 operand + dimension of a layout says that the
// operand has one element where the result has many.
static inline bool isRepeated(size_t layout, size_t operand, size_t dimension) {
  return (layout >> (3 * operand + dimension) & 1) != 0;
}

// How many elements that operand has.
static inline size_t operandSize(size_t layout, size_t operand, size_t outer, size_t rows, size_t columns) {
  return area(area(isRepeated(layout, operand, 0) ? 1 : outer, isRepeated(layout, operand, 1) ? 1 : rows),
              isRepeated(layout, operand, 2) ? 1 : columns);
}

namespace args {
#include "matrix/arguments.h"
#include "matrix/norm-arguments.h"
#include "matrix/reduction-arguments.h"
#include "matrix/shape-arguments.h"
#include "matrix/random-arguments.h"
#include "matrix/window-arguments.h"
#include "matrix/attention-arguments.h"
}  // namespace args

// Everything a target exports, generated from kernels.def.
constexpr size_t kRuleCount = 0
#define RULE(name) +1
#define KERNEL(name)
#include "kernels.def"
    ;

struct KernelTable {
  const char* target;
  Rule rules[kRuleCount];
#define RULE(name)
#define KERNEL(name)                                         \
  struct {                                                   \
    void (*f32)(const args::name<float>&, const Parallel&);  \
    void (*f64)(const args::name<double>&, const Parallel&); \
  } name;
#include "kernels.def"
};

}  // namespace lockstep
