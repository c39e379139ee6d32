#pragma once
// The kernels of the functions in unary-functions.h. Mirror: src/backend/typescript/matrix/unary.ts.

#include "../parallel.h"
#include "../simd/for-lanes.h"
#include "elementwise-arguments.h"
#include "elementwise.h"
#include "plain-rows.h"
#include "tasks.h"
#include "unary-functions.h"

namespace lockstep {
namespace {

template <class Function>
struct OfWhole {
  static int32_t of(int32_t x) { return Function::forward(Lane<int32_t>(x)).v; }
};

template <class Function, class T>
inline void forValues(const args::Unary<T>& a, const Parallel& parallel) {
  if constexpr (!kIsFloat<T>) {
    mapElements<OfWhole<Function>>(parallel, a.n, a.x, a.y);
  } else {
    forRanges(parallel, a.n, kElementGrain, [&](size_t begin, size_t end) {
      // See forElements.
      const T* x = a.x;
      T* y = a.y;
      const auto apply = [=](auto tag, size_t i) { tag.store(y + i, Function::forward(tag.load(x + i))); };
      if constexpr (kFitsTwice<Function>) {
        forPairsOfVectors<T>(begin, end, apply);
      } else {
        forVectors<T>(begin, end, apply);
      }
    });
  }
}

template <class Function, class T>
inline void forSlopes(const args::UnaryBackward<T>& a, const Parallel& parallel) {
  forElements<T>(parallel, a.n, [=](auto tag, size_t i) {
    tag.store(a.dx + i, Function::backward(tag.load(a.at + i), tag.load(a.dy + i)));
  });
}

#define LOCKSTEP_TYPED_UNARY(name, Types)                                          \
  template <class T>                                                               \
  void name##Forward(const args::Unary<T>& a, const Parallel& parallel) {          \
    forValues<name##Function>(a, parallel);                                        \
  }                                                                                \
  template <class T>                                                               \
  void name##Backward(const args::UnaryBackward<T>& a, const Parallel& parallel) { \
    forSlopes<name##Function>(a, parallel);                                        \
  }
#include "../kernels.def"

// What is left of x above a whole number.
template <class V>
inline V frac(V x) {
  return x - trunc(x);
}

// Steps, and what is left by them, have no way back: the slope is 0 or 1 wherever there is one.
#define LOCKSTEP_STEPS(name)                                                                                           \
  template <class T>                                                                                                   \
  void name(const args::Unary<T>& a, const Parallel& parallel) {                                                       \
    forElements<T>(parallel, a.n, [=](auto tag, size_t i) { tag.store(a.y + i, lockstep::name(tag.load(a.x + i))); }); \
  }
LOCKSTEP_STEPS(floor)
LOCKSTEP_STEPS(ceil)
LOCKSTEP_STEPS(round)
LOCKSTEP_STEPS(trunc)
LOCKSTEP_STEPS(sign)
LOCKSTEP_STEPS(frac)
#undef LOCKSTEP_STEPS

}  // namespace
}  // namespace lockstep
