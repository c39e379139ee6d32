#pragma once
// Loops over all i in [begin, end), a vector at a time: f(tag, i), whose body is written once, over
// `typename decltype(tag)::Type`, with tag.load(pointer) and tag.store(pointer, vector).

#include "lane.h"
#include "simd.h"
#include "twice.h"

namespace lockstep {
namespace {

template <class V>
struct Tag {
  using Type = V;
  static V load(const typename V::Element* p) { return V::load(p); }
  static void store(typename V::Element* p, V x) { x.store(p); }
};

// The first `count` lanes of a vector; the others are computed with zeros.
template <class V>
struct PartTag {
  using Type = V;
  size_t count;
  V load(const typename V::Element* p) const { return V::loadPart(p, count); }
  void store(typename V::Element* p, V x) const { x.storePart(p, count); }
};

// The rest is part of a vector: for what reads and writes through the tag alone. One more body, where lanes one by one would
// be a loop, of which the compiler makes several.
template <class T, class F>
inline void forVectors(size_t begin, size_t end, const F& f) {
  using V = Vec<T>;
  size_t i = begin;
  for (; i + V::kLanes <= end; i += V::kLanes) f(Tag<V>(), i);
  if constexpr (V::kLanes > 1) {
    if (i < end) f(PartTag<V>{end - i}, i);
  }
}

// The rest is done lane by lane, as Lane<T>: for sums, to which a lane too many would add.
template <class T, class F>
inline void forLanes(size_t begin, size_t end, const F& f) {
  size_t i = begin;
  for (; i + Vec<T>::kLanes <= end; i += Vec<T>::kLanes) f(Tag<Vec<T>>(), i);
  if constexpr (Vec<T>::kLanes > 1) {
    for (; i < end; ++i) f(Tag<Lane<T>>(), i);
  }
}

// As forVectors, two vectors at a time.
template <class T, class F>
inline void forPairsOfVectors(size_t begin, size_t end, const F& f) {
  using Pair = Twice<Vec<T>>;
  size_t i = begin;
  for (; i + Pair::kLanes <= end; i += Pair::kLanes) f(Tag<Pair>(), i);
  forVectors<T>(i, end, f);
}

// Below this a vector that lies on two lines of the cache costs nothing.
constexpr size_t kAlignedElements = 4096;

// As forVectors, with part of a vector first, so that no other one of the array `at` lies on two lines.
template <class T, class F>
inline void forAlignedVectors(const T* at, size_t begin, size_t end, const F& f) {
  using V = Vec<T>;
  if constexpr (V::kLanes == 1) return forVectors<T>(begin, end, f);
  size_t i = begin, stop = begin;
  if (end - begin >= kAlignedElements) {
    const size_t past = reinterpret_cast<uintptr_t>(at + begin) / sizeof(T) % V::kLanes;
    stop += (V::kLanes - past) % V::kLanes;
  }
  // Twice, for the compiler to make one body of both parts.
  for (;; stop = end) {
    if (i < stop) f(PartTag<V>{stop - i}, i);
    i = stop;
    if (i == end) return;
    for (; i + V::kLanes <= end; i += V::kLanes) f(Tag<V>(), i);
  }
}

template <class T>
inline void clearAll(T* to, size_t count) {
  forVectors<T>(0, count, [&](auto tag, size_t i) { tag.store(to + i, T(0)); });
}

// Bit for bit. Vectors, where there are some, begin sooner than the C library's function, and rows are often short.
template <class T>
inline void copyAll(const T* from, T* to, size_t count) {
  if constexpr (kIsFloat<T>) {
    forVectors<T>(0, count, [&](auto tag, size_t i) { tag.store(to + i, tag.load(from + i)); });
  } else {
    __builtin_memcpy(to, from, count * sizeof(T));
  }
}

}  // namespace
}  // namespace lockstep
