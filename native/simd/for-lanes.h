#pragma once
// f(tag, i) for all i in [begin, end), a vector at a time, then lane by lane: the body is written once, over
// `typename decltype(tag)::Type`.

#include "lane.h"
#include "simd.h"
#include "twice.h"

namespace lockstep {
namespace {

template <class V>
struct Tag {
  using Type = V;
};

template <class T, class F>
inline void forLanes(size_t begin, size_t end, const F& f) {
  size_t i = begin;
  for (; i + Vec<T>::kLanes <= end; i += Vec<T>::kLanes) f(Tag<Vec<T>>(), i);
  for (; i < end; ++i) f(Tag<Lane<T>>(), i);
}

// The same, two vectors at a time.
template <class T, class F>
inline void forPairsOfVectors(size_t begin, size_t end, const F& f) {
  using Pair = Twice<Vec<T>>;
  size_t i = begin;
  for (; i + Pair::kLanes <= end; i += Pair::kLanes) f(Tag<Pair>(), i);
  forLanes<T>(i, end, f);
}

template <class T>
inline void clearAll(T* to, size_t count) {
  forLanes<T>(0, count, [&](auto tag, size_t i) { typename decltype(tag)::Type(T(0)).store(to + i); });
}

}  // namespace
}  // namespace lockstep
