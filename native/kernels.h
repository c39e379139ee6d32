#pragma once
// What a target exports: a table of its rules and kernels, generated from kernels.def. Declarations only: see Note [One
// definition, several instruction sets] in targets/table.h. How to add a kernel: ARCHITECTURE.md.

#include <cstddef>
#include <cstdint>

#include "matrix/attention-arguments.h"
#include "matrix/elementwise-arguments.h"
#include "matrix/gemm-arguments.h"
#include "matrix/norm-arguments.h"
#include "matrix/random-arguments.h"
#include "matrix/recurrent-arguments.h"
#include "matrix/reduction-arguments.h"
#include "matrix/resize-arguments.h"
#include "matrix/shape-arguments.h"
#include "matrix/softmax-arguments.h"
#include "matrix/window-arguments.h"
#include "parallel.h"
#include "rule.h"
#include "storage.h"

namespace lockstep {

// The element types of a kernel, as kernels.def means them: f(field, T, ...) for each, the field of the table that has it. What
// tells the type of a call is its last argument of that type: see elementPlace() in addon.cc.
#define LOCKSTEP_SINGLE_TYPES(f, ...) f(f32, float, __VA_ARGS__)
#define LOCKSTEP_FLOAT_TYPES(f, ...) LOCKSTEP_SINGLE_TYPES(f, __VA_ARGS__) f(f64, double, __VA_ARGS__)
#define LOCKSTEP_NUMBER_TYPES(f, ...) LOCKSTEP_FLOAT_TYPES(f, __VA_ARGS__) f(i32, int32_t, __VA_ARGS__)
#define LOCKSTEP_MASK_TYPES(f, ...) f(u8, uint8_t, __VA_ARGS__)
#define LOCKSTEP_ELEMENT_TYPES(f, ...) LOCKSTEP_NUMBER_TYPES(f, __VA_ARGS__) LOCKSTEP_MASK_TYPES(f, __VA_ARGS__)

constexpr size_t kRuleCount = 0
#define LOCKSTEP_RULE(name) +1
#include "kernels.def"
    ;

struct KernelTable {
  const char* target;
  Rule rules[kRuleCount];
  PackedStepFunction stepPacked;
#define LOCKSTEP_FIELD(field, T, Arguments) void (*field)(const args::Arguments<T>&, const Parallel&);
#define LOCKSTEP_TYPED(name, Arguments, Types) \
  struct {                                     \
    Types(LOCKSTEP_FIELD, Arguments)           \
  } name;
#include "kernels.def"
#undef LOCKSTEP_FIELD
};

// The target of each file in targets/: those that this build has.
extern const KernelTable kScalarKernels, kAvx2Kernels, kAvx512Kernels, kNeonKernels;

}  // namespace lockstep
