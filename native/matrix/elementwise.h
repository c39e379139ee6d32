#pragma once
// Element by element. Mirror: src/backend/typescript/matrix/elementwise.ts.

#include "../parallel.h"
#include "../simd/for-lanes.h"
#include "elementwise-arguments.h"
#include "tasks.h"

namespace lockstep {
namespace {

// Elements to a piece: a few microseconds of work in the second-level cache.
constexpr size_t kElementGrain = 1 << 15;

// f(tag, i) for all i below `count`, over the threads; see forLanes.
template <class T, class F>
inline void forElements(const Parallel& parallel, size_t count, const F& f) {
  forRanges(parallel, count, kElementGrain, [&](size_t begin, size_t end) { forLanes<T>(begin, end, f); });
}

template <class T>
void addScalar(const args::ScalarOperation<T>& a, const Parallel& parallel) {
  const T alpha = static_cast<T>(a.alpha);
  forElements<T>(parallel, a.n, [&](auto tag, size_t i) {
    using V = typename decltype(tag)::Type;
    (V::load(a.x + i) + V(alpha)).store(a.out + i);
  });
}

template <class T>
void mulScalar(const args::ScalarOperation<T>& a, const Parallel& parallel) {
  const T alpha = static_cast<T>(a.alpha);
  forElements<T>(parallel, a.n, [&](auto tag, size_t i) {
    using V = typename decltype(tag)::Type;
    (V(alpha) * V::load(a.x + i)).store(a.out + i);
  });
}

template <class T>
void clampForward(const args::ClampForward<T>& a, const Parallel& parallel) {
  const T low = static_cast<T>(a.low), high = static_cast<T>(a.high);
  forElements<T>(parallel, a.n, [&](auto tag, size_t i) {
    using V = typename decltype(tag)::Type;
    min(V(high), max(V(low), V::load(a.x + i))).store(a.y + i);
  });
}

template <class T>
void clampBackward(const args::ClampBackward<T>& a, const Parallel& parallel) {
  const T low = static_cast<T>(a.low), high = static_cast<T>(a.high);
  forElements<T>(parallel, a.n, [&](auto tag, size_t i) {
    using V = typename decltype(tag)::Type;
    const V x = V::load(a.x + i), zero(T(0));
    const V dy = selectGreater(V(low), x, zero, V::load(a.dy + i));
    selectGreater(x, V(high), zero, dy).store(a.dx + i);
  });
}

}  // namespace
}  // namespace lockstep
