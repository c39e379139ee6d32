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

// f(tag, i) for all i below `count`, over the threads; see forVectors. What f captures by value is copied where the loop is,
// and stays in registers: the compiler cannot know that what is written leaves the original as it is.
template <class T, class F>
inline void forElements(const Parallel& parallel, size_t count, const F& f) {
  forRanges(parallel, count, kElementGrain, [&](size_t begin, size_t end) {
    const F own = f;
    forVectors<T>(begin, end, own);
  });
}

template <class V>
inline V leaky(V x, V alpha) {
  return selectGreater(x, V(typename V::Element(0)), x, alpha * x);
}

template <class T>
void addScalar(const args::ScalarOperation<T>& a, const Parallel& parallel) {
  const T alpha = static_cast<T>(a.alpha);
  forElements<T>(parallel, a.n, [=](auto tag, size_t i) {
    using V = typename decltype(tag)::Type;
    tag.store(a.out + i, tag.load(a.x + i) + V(alpha));
  });
}

template <class T>
void mulScalar(const args::ScalarOperation<T>& a, const Parallel& parallel) {
  const T alpha = static_cast<T>(a.alpha);
  forElements<T>(parallel, a.n, [=](auto tag, size_t i) {
    using V = typename decltype(tag)::Type;
    tag.store(a.out + i, V(alpha) * tag.load(a.x + i));
  });
}

template <class T>
void clampForward(const args::ClampForward<T>& a, const Parallel& parallel) {
  const T low = static_cast<T>(a.low), high = static_cast<T>(a.high);
  forElements<T>(parallel, a.n, [=](auto tag, size_t i) {
    using V = typename decltype(tag)::Type;
    tag.store(a.y + i, min(V(high), max(V(low), tag.load(a.x + i))));
  });
}

template <class T>
void clampBackward(const args::ClampBackward<T>& a, const Parallel& parallel) {
  const T low = static_cast<T>(a.low), high = static_cast<T>(a.high);
  forElements<T>(parallel, a.n, [=](auto tag, size_t i) {
    using V = typename decltype(tag)::Type;
    const V x = tag.load(a.x + i), zero(T(0));
    const V dy = selectGreater(V(low), x, zero, tag.load(a.dy + i));
    tag.store(a.dx + i, selectGreater(x, V(high), zero, dy));
  });
}

template <class T>
void leakyReluForward(const args::ScalarOperation<T>& a, const Parallel& parallel) {
  const T alpha = static_cast<T>(a.alpha);
  forElements<T>(parallel, a.n, [=](auto tag, size_t i) {
    using V = typename decltype(tag)::Type;
    tag.store(a.out + i, leaky(tag.load(a.x + i), V(alpha)));
  });
}

template <class T>
void leakyReluBackward(const args::LeakyReluBackward<T>& a, const Parallel& parallel) {
  const T alpha = static_cast<T>(a.alpha);
  forElements<T>(parallel, a.n, [=](auto tag, size_t i) {
    using V = typename decltype(tag)::Type;
    const V dy = tag.load(a.dy + i);
    tag.store(a.dx + i, selectGreater(tag.load(a.x + i), V(T(0)), dy, V(alpha) * dy));
  });
}

template <class T>
void unitStep(const args::ScalarOperation<T>& a, const Parallel& parallel) {
  const T alpha = static_cast<T>(a.alpha);
  forElements<T>(parallel, a.n, [=](auto tag, size_t i) {
    using V = typename decltype(tag)::Type;
    const V x = tag.load(a.x + i);
    tag.store(a.out + i, selectGreater(x, V(T(0)), V(T(1)), selectEqual(x, x, V(alpha), x)));
  });
}

template <class T>
void huber(const args::ScalarOperation<T>& a, const Parallel& parallel) {
  const T alpha = static_cast<T>(a.alpha);
  forElements<T>(parallel, a.n, [=](auto tag, size_t i) {
    using V = typename decltype(tag)::Type;
    const V x = tag.load(a.x + i), slope = min(V(alpha), max(V(-alpha), x));
    tag.store(a.out + i, (x - V(T(0.5)) * slope) * slope);
  });
}

}  // namespace
}  // namespace lockstep
