#pragma once
// a + weight (b - a), from the end that is nearer, as torch.lerp. Mirror: src/backend/typescript/rules/lerp.ts.

namespace lockstep {
namespace {

template <class V, class T>
inline V lerp(V a, V b, T weight) {
  if (weight < T(0.5)) return a + weight * (b - a);
  return b - (b - a) * (1 - weight);
}

}  // namespace
}  // namespace lockstep
