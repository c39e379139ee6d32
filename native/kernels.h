#pragma once
// What a target exports: a table of its rules and kernels, generated from kernels.def. Declarations only: see Note [One
// definition, several instruction sets] in targets/table.h.
//
// To add a matrix kernel `foo`:
//   1. matrix/<family>-arguments.h: its arguments, `template <class T> struct Foo`, with a `visit` that names each one in the
//      order of the JavaScript call, says how many elements each buffer must hold, and whether it is read or written;
//      a layout comes before the sizes of its dimensions;
//   2. kernels.def: the line LOCKSTEP_KERNEL(foo, Foo);
//   3. matrix/<file>.h: `template <class T> void foo(const args::Foo<T>& a, const Parallel& parallel)`; a new file is
//      included by targets/table.h;
//   4. src/backend/typescript/matrix/<file>.ts: the function of the same name and argument order.
// The addon, the load-time self-test and the tests over all targets pick it up from there.

#include <cstddef>

#include "matrix/attention-arguments.h"
#include "matrix/elementwise-arguments.h"
#include "matrix/gemm-arguments.h"
#include "matrix/norm-arguments.h"
#include "matrix/random-arguments.h"
#include "matrix/reduction-arguments.h"
#include "matrix/shape-arguments.h"
#include "matrix/softmax-arguments.h"
#include "matrix/window-arguments.h"
#include "parallel.h"
#include "rule.h"

namespace lockstep {

constexpr size_t kRuleCount = 0
#define LOCKSTEP_RULE(name) +1
#include "kernels.def"
    ;

struct KernelTable {
  const char* target;
  Rule rules[kRuleCount];
#define LOCKSTEP_KERNEL(name, Arguments)                          \
  struct {                                                        \
    void (*f32)(const args::Arguments<float>&, const Parallel&);  \
    void (*f64)(const args::Arguments<double>&, const Parallel&); \
  } name;
#include "kernels.def"
};

// The target of each file in targets/: those that this build has.
extern const KernelTable kScalarKernels, kAvx2Kernels, kAvx512Kernels, kNeonKernels;

}  // namespace lockstep
