#pragma once
// g = factor g. Mirror: src/backend/typescript/rules/scale.ts.

namespace lockstep {
namespace {

template <class T>
struct scale {
  T factor;

  template <class V>
  void update(V& g) const {
    g = factor * g;
  }
};

}  // namespace
}  // namespace lockstep
