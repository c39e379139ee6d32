#pragma once
// The sign of a number, for rules and for functions of one number. Mirror: src/backend/typescript/sign.ts.

#include "lane.h"

namespace lockstep {
namespace {

// 1, -1, or x itself where it is 0 or NaN
template <class V>
inline V sign(V x) {
  using T = typename V::Element;
  const V zero(T(0));
  return selectGreater(x, zero, V(T(1)), selectGreater(zero, x, V(T(-1)), x));
}

}  // namespace
}  // namespace lockstep
