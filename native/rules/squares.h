#pragma once
// The squared norm of a gradient. Mirror: src/backend/typescript/rules/squares.ts.

#include "../simd/each.h"

namespace lockstep {
namespace {

template <class T>
struct squares {
  template <class V>
  Dots<V, 1> update(V g) const {
    return {{{g, g}}};
  }
};

}  // namespace
}  // namespace lockstep
