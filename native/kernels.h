#pragma once
// What a target exports: a table of its rules and kernels, generated from kernels.def. Declarations only: see Note [One
// definition, several instruction sets] in targets/table.h. How to add a kernel: ARCHITECTURE.md.

#include <cstddef>

#include "matrix/attention-arguments.h"
#include "matrix/elementwise-arguments.h"
#include "matrix/gemm-arguments.h"
#include "matrix/norm-arguments.h"
#include "matrix/random-arguments.h"
#include "matrix/reduction-arguments.h"
#include "matrix/resize-arguments.h"
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
