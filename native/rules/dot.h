#pragma once
// The dot product of two arrays, in double. Mirror: src/backend/typescript/rules/dot.ts.

#include "../simd/each.h"

namespace lockstep {
namespace {

template <class T>
struct dot {
  template <class V>
  Dots<V, 1> update(V x, V y) const {
    return {{{x, y}}};
  }
};

}  // namespace
}  // namespace lockstep
