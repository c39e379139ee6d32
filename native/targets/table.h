#pragma once
// All rules and kernels for one target: that of the vectors in simd/simd.h.
//
// Note [One definition, several instruction sets]
// The object files of the targets hold the same templates compiled with different flags. If two of them exported the
// same symbol the linker would keep one, perhaps the AVX-512 one, and the program would die on a machine without it.
// So every header in math/, matrix/, rules/ and simd/ is in an unnamed namespace; they include nothing but intrinsics,
// <cfloat>, <cstddef>, <cstdint> and each other (one std:: function template is enough); no object has a constructor that
// runs at load, before the CPU is checked; and each object file exports one symbol, its table. scripts/check-symbols.mjs holds it to that.
//
// Note [No contraction]
// GCC may fuse a * b + c into one rounding even where both are intrinsics. -ffp-contract=off (/fp:precise) keeps what
// is written, on every target: it is what makes them equal bit for bit. fma() is for matrix/ only, never for rules/.

#include "../kernels.h"
#include "../matrix/attention.h"
#include "../matrix/batch-norm.h"
#include "../matrix/binary.h"
#include "../matrix/broadcast.h"
#include "../matrix/cast.h"
#include "../matrix/comparison.h"
#include "../matrix/conv2d.h"
#include "../matrix/copy-strided.h"
#include "../matrix/cross-entropy.h"
#include "../matrix/ctc-losses.h"
#include "../matrix/cumulative.h"
#include "../matrix/elementwise.h"
#include "../matrix/floor-division.h"
#include "../matrix/gather-along.h"
#include "../matrix/gemm.h"
#include "../matrix/group-norm.h"
#include "../matrix/half.h"
#include "../matrix/layer-norm.h"
#include "../matrix/one-hot.h"
#include "../matrix/permute.h"
#include "../matrix/pooling.h"
#include "../matrix/positions.h"
#include "../matrix/quantifiers.h"
#include "../matrix/random.h"
#include "../matrix/recurrent.h"
#include "../matrix/reduction-gradients.h"
#include "../matrix/reductions.h"
#include "../matrix/resize.h"
#include "../matrix/rms-norm.h"
#include "../matrix/rows.h"
#include "../matrix/softmax.h"
#include "../matrix/sort.h"
#include "../matrix/triangle.h"
#include "../matrix/unary.h"
#include "../rules/adabelief.h"
#include "../rules/adadelta.h"
#include "../rules/adagrad.h"
#include "../rules/adam.h"
#include "../rules/adamax.h"
#include "../rules/adan.h"
#include "../rules/ademamix.h"
#include "../rules/adopt.h"
#include "../rules/asgd.h"
#include "../rules/dot.h"
#include "../rules/lion.h"
#include "../rules/momentum.h"
#include "../rules/nadam.h"
#include "../rules/prodigy.h"
#include "../rules/rmsprop.h"
#include "../rules/rprop.h"
#include "../rules/scale.h"
#include "../rules/schedule-free.h"
#include "../rules/sgd.h"
#include "../rules/sophia.h"
#include "../rules/squares.h"
#include "../rules/swats.h"
#include "../simd/each.h"
#include "../simd/packed.h"

namespace lockstep {
namespace {

constexpr KernelTable makeTable(const char* target) {
  return {
      target,
      {
#define LOCKSTEP_RULE(name) describe<name>(#name),
#include "../kernels.def"
      },
      &stepPacked,
#define LOCKSTEP_ADDRESS(field, T, name) &name<T>,
#define LOCKSTEP_TYPED(name, Arguments, Types) {Types(LOCKSTEP_ADDRESS, name)},
#include "../kernels.def"
#undef LOCKSTEP_ADDRESS
  };
}

}  // namespace
}  // namespace lockstep
