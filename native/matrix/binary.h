#pragma once
// out = f(a, b): one functor for each LOCKSTEP_BINARY of kernels.def. Mirror: src/backend/typescript/matrix/binary.ts.

#include "../math/exp.h"
#include "../math/inverse.h"
#include "../math/log.h"
#include "../math/pow.h"
#include "../parallel.h"
#include "../simd/lane.h"
#include "broadcast.h"
#include "elementwise.h"
#include "plain-rows.h"
#include "shape-arguments.h"

namespace lockstep {
namespace {

namespace binary {

template <class V>
inline V add(V x, V y) {
  return x + y;
}
template <class V>
inline V sub(V x, V y) {
  return x - y;
}
template <class V>
inline V mul(V x, V y) {
  return x * y;
}
template <class V>
inline V div(V x, V y) {
  return x / y;
}

template <class V>
inline V pow(V x, V y) {
  return lockstep::pow(x, y);
}

template <class V>
inline V atan2(V y, V x) {
  return lockstep::atan2(y, x);
}

// A NaN on either side is the result.
template <class V>
inline V maximum(V x, V y) {
  return selectEqual(x, x, max(x, y), x);
}
template <class V>
inline V minimum(V x, V y) {
  return selectEqual(x, x, min(x, y), x);
}

// 1 where it is so, else 0. A NaN is only ever unequal.
template <class V>
inline V eq(V x, V y) {
  using T = typename V::Element;
  return selectEqual(x, y, V(T(1)), V(T(0)));
}
template <class V>
inline V ne(V x, V y) {
  using T = typename V::Element;
  return selectEqual(x, y, V(T(0)), V(T(1)));
}
template <class V>
inline V gt(V x, V y) {
  using T = typename V::Element;
  return selectGreater(x, y, V(T(1)), V(T(0)));
}
template <class V>
inline V ge(V x, V y) {
  return selectGreater(x, y, V(typename V::Element(1)), eq(x, y));
}
template <class V>
inline V lt(V x, V y) {
  return gt(y, x);
}
template <class V>
inline V le(V x, V y) {
  return ge(y, x);
}

template <class V>
inline V prelu(V x, V a) {
  return leaky(x, a);
}

// The logarithm is added last: where the other terms cancel, it is all that is left.
template <class V>
inline V bceWithLogits(V x, V y) {
  using T = typename V::Element;
  return max(V(T(0)), x) - x * y + log1p(exp(-abs(x)));
}

}  // namespace binary

#define LOCKSTEP_TYPED_BINARY(name, Types)                                                     \
  struct name##Of {                                                                            \
    template <class V>                                                                         \
    static V of(V x, V y) {                                                                    \
      return binary::name(x, y);                                                               \
    }                                                                                          \
  };                                                                                           \
  template <class T>                                                                           \
  void name(const args::Binary<T>& a, const Parallel& parallel) {                              \
    if constexpr (kIsFloat<T>) {                                                               \
      const Repeated<T, 2> operands(a.layout, a.outer, a.rows, a.columns, {a.a, a.b});         \
      broadcast(parallel, operands, a.out, [](auto x, auto y) { return binary::name(x, y); }); \
    } else {                                                                                   \
      forNumbers<name##Of>(a, parallel);                                                       \
    }                                                                                          \
  }
#include "../kernels.def"

}  // namespace
}  // namespace lockstep
