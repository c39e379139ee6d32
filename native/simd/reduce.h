#pragma once
// Reductions over 64 virtual lanes: element i goes to lane i mod 64, the lanes are folded in halves.
// Mirror: src/backend/typescript/reduce.ts.

#include "../chunks.h"
#include "../sizes.h"
#include "for-lanes.h"
#include "lane.h"
#include "simd.h"
#include "widen.h"

namespace lockstep {
namespace {

// How two numbers become one, the number that changes nothing, and whether numbers may be grouped in any way: where nothing is
// rounded, neighbours are joined before they join what came before, for which the next ones need not wait.
struct Addition {
  static constexpr double kNeutral = 0;
  static constexpr bool kAssociative = false;
  template <class V>
  static V join(V a, V b) {
    return a + b;
  }
};

// How one more joins what has been gathered of many: the same number, made where it is fastest.
template <class Operation>
struct Gathering : Operation {};
template <>
struct Gathering<Addition> : Addition {
  template <class V>
  static V join(V sum, V term) {
    return joinedSum(sum, term);
  }
};

// Folds the first 2 kHalf lanes of a vector in halves, to its first one.
template <class Operation, size_t kHalf, class V>
inline V foldVector(V x) {
  if constexpr (kHalf == 0) {
    return x;
  } else {
    return foldVector<Operation, kHalf / 2>(Operation::join(x, fromLane<kHalf>(x)));
  }
}

// The lanes hold numbers of type A: double for sums and products, that of the elements where nothing is rounded.
template <class Operation, class A>
struct Lanes {
  alignas(64) A lanes[kReductionLanes];

  Lanes() {
    // Vector by vector: the compiler would call memset, which takes longer.
    const Vec<A> neutral(static_cast<A>(Operation::kNeutral));
#pragma GCC unroll 16
    for (size_t i = 0; i < kReductionLanes; i += Vec<A>::kLanes) neutral.store(lanes + i);
  }

  // Of the lanes only the first `used` hold more than the neutral number, which joined to another leaves it as it is.
  A fold(size_t used = kReductionLanes) {
    using V = Vec<A>;
    constexpr size_t kVectors = kReductionLanes / V::kLanes;
    if constexpr (V::kLanes == 1) {  // more than there are registers
      for (size_t half = kReductionLanes / 2; half > 0; half /= 2) {
        for (size_t i = 0; half < used && i < half; ++i) {
          lanes[i] = Operation::join(Lane<A>(lanes[i]), Lane<A>(lanes[i + half])).v;
        }
      }
      return lanes[0];
    }
    V vectors[kVectors];
#pragma GCC unroll 64
    for (size_t i = 0; i < kVectors; ++i) vectors[i] = V::load(lanes + i * V::kLanes);
#pragma GCC unroll 8
    for (size_t half = kVectors / 2; half > 0; half /= 2) {
      if (half * V::kLanes >= used) continue;
#pragma GCC unroll 32
      for (size_t i = 0; i < half; ++i) vectors[i] = Operation::join(vectors[i], vectors[i + half]);
    }
    foldVector<Operation, V::kLanes / 2>(vectors[0]).store(lanes);
    return lanes[0];
  }
};
using LaneSums = Lanes<Addition, double>;

// A term of a sum: in double, where that of two floats is exact.
template <class V>
struct Times {
  using Element = typename V::Element;
  static constexpr size_t kLanes = V::kLanes;
  V a, b;
};
template <class V>
Times(V, V) -> Times<V>;

template <class V, class W>
inline void widen(Times<V> product, W* wide) {
  W other[V::kLanes / W::kLanes];
  widen(product.a, wide);
  widen(product.b, other);
  for (size_t part = 0; part < V::kLanes / W::kLanes; ++part) wide[part] = wide[part] * other[part];
}

// A term that is the elements from p on: doubles come straight from memory, where a vector of floats would be taken apart.
template <class V>
struct Elements {
  using Element = typename V::Element;
  static constexpr size_t kLanes = V::kLanes;
  const Element* p;
};

template <class V>
inline Elements<V> elementsAt(Tag<V>, const typename V::Element* p) {
  return {p};
}
template <class V>
inline V elementsAt(PartTag<V> tag, const typename V::Element* p) {
  return tag.load(p);
}

template <class V, class W>
inline void widen(Elements<V> from, W* wide) {
#pragma GCC unroll 2
  for (size_t part = 0; part < V::kLanes / W::kLanes; ++part) loadWide(from.p + part * W::kLanes, wide[part]);
}

// Asks memory for what comes some vectors after a term: the hardware foresees it up to the end of its page alone.
constexpr size_t kBytesAhead = 2048;
template <class Term>
inline void prefetchAfter(const Term&) {}
template <class V>
inline void prefetchAfter(Elements<V> term) {
  __builtin_prefetch(reinterpret_cast<const char*>(term.p) + kBytesAhead);
}
template <class V>
inline void prefetchAfter(Times<Elements<V>> product) {
  prefetchAfter(product.a);
  prefetchAfter(product.b);
}

// A term of each of two sums over the same elements.
template <class First, class Second>
struct Both {
  First first;
  Second second;
};
template <class First, class Second>
Both(First, Second) -> Both<First, Second>;

template <class First, class Second, class W>
inline void widen(Both<First, Second> terms, W* wide) {
  widen(terms.first, wide);
  widen(terms.second, wide + First::kLanes / W::kLanes);
}

// A vector of numbers A as wide as half of V, or V, or for one lane one.
template <class V, class A>
struct WideVector {
  using Type = Vec<A>;
};
template <class T, class A>
struct WideVector<Lane<T>, A> {
  using Type = Lane<A>;
};
template <class V, class A>
using WideOf = typename WideVector<V, A>::Type;

template <bool kIs>
struct Bool {
  constexpr operator bool() const { return kIs; }
};

template <class T, class Operation, class A, size_t kSums = 1>
class Reduction {
 public:
  // Takes f(tag, i), a vector, Elements, Times of two, or Both of such, for every i in [begin, end): the first one goes to lane
  // 0. After a call whose elements were no multiple of 64 there is no other. It reads through the tag: the last vector may be
  // part of one, whose other lanes are then anything.
  template <class F>
  void take(size_t begin, size_t end, const F& f) {
    if (end - begin < kReductionLanes) return takeFew(begin, end, f);
    takeMany(begin, end, f);
  }

  // The same of 64 elements or more: a part of the lanes at a time, in registers, with steps over the rest.
  template <class F>
  void takeMany(size_t begin, size_t end, const F& f) {
    const size_t whole = begin + (end - begin) / kReductionLanes * kReductionLanes;
    used_ = kReductionLanes;
#pragma GCC unroll 2
    for (size_t first = 0; first < kReductionLanes; first += kAtOnce) takeWhole(first, begin, whole, end, f);
  }

  // The same of fewer.
  template <class F>
  void takeFew(size_t begin, size_t end, const F& f) {
    if (used_ < end - begin) used_ = end - begin;
    forVectors<T>(begin, end, [&](auto tag, size_t i) {
      Vec<A> wide[kSums * kParts];
      termsAt(tag, i, f, wide);
#pragma GCC unroll 4
      for (size_t k = 0; k < kSums * kParts; ++k) {
        A* const at = all_[k / kParts].lanes + (i - begin) + k % kParts * Vec<A>::kLanes;
        Operation::join(Vec<A>::load(at), wide[k]).store(at);
      }
    });
  }

  A fold(size_t sum = 0) { return all_[sum].fold(used_); }

 private:
  static constexpr size_t kAccumulators = 8;
  static constexpr size_t kParts = Vec<T>::kLanes / Vec<A>::kLanes;
  static constexpr size_t kMost = kReductionLanes / Vec<T>::kLanes;
  static constexpr size_t kFitting = kAccumulators / (kParts * kSums);
  static constexpr size_t kVectors = least(kFitting, kMost);
  static constexpr size_t kAtOnce = kVectors * Vec<T>::kLanes;

  // All of a vector, or the neutral number from its first `count` lanes on: they join lanes where nothing more comes.
  template <class V>
  static void keep(const Tag<V>&, size_t, Vec<A>&) {}
  template <class V>
  static void keep(const PartTag<V>& tag, size_t part, Vec<A>& wide) {
    static constexpr A kPlaces[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    const Vec<A> count(static_cast<A>(tag.count) - static_cast<A>(part * Vec<A>::kLanes));
    wide = selectGreater(count, Vec<A>::load(kPlaces), wide, Vec<A>(static_cast<A>(Operation::kNeutral)));
  }

  // Of the vector at element i, or the part of one, the term of each sum.
  template <class Tag, class F>
  static void termsAt(const Tag& tag, size_t i, const F& f, Vec<A>* wide) {
    widen(f(tag, i), wide);
#pragma GCC unroll 4
    for (size_t k = 0; k < kSums * kParts; ++k) keep(tag, k % kParts, wide[k]);
  }

  // Elements [begin, whole) are a multiple of 64, and up to `end` fewer. Of each 64 those that belong to the lanes from `first`.
  template <class F>
  void takeWhole(size_t first, size_t begin, size_t whole, size_t end, const F& f) {
    Vec<A> sums[kSums][kVectors * kParts];
#pragma GCC unroll 2
    for (size_t sum = 0; sum < kSums; ++sum) {
#pragma GCC unroll 8
      for (size_t part = 0; part < kVectors * kParts; ++part) {
        sums[sum][part] = Vec<A>::load(all_[sum].lanes + first + part * Vec<A>::kLanes);
      }
    }
    size_t i = begin + first;
    const auto joinNext = [&](auto together) {
#pragma GCC unroll 8
      for (size_t v = 0; v < kVectors; ++v) {
        const size_t at = i + v * Vec<T>::kLanes;
        Vec<A> wide[kSums * kParts], next[kSums * kParts];
        const auto read = [&](size_t element, Vec<A>* terms) {
          const auto term = f(Tag<Vec<T>>(), element);
          prefetchAfter(term);
          widen(term, terms);
        };
        read(at, wide);
        if constexpr (together) read(at + kReductionLanes, next);
#pragma GCC unroll 4
        for (size_t k = 0; k < kSums * kParts; ++k) {
          if constexpr (together) wide[k] = Operation::join(wide[k], next[k]);
          Vec<A>& sum = sums[k / kParts][v * kParts + k % kParts];
          sum = Gathering<Operation>::join(sum, wide[k]);
        }
      }
      i += (together ? 2 : 1) * kReductionLanes;
    };
    if constexpr (Operation::kAssociative) {
      while (i + kReductionLanes < whole) joinNext(Bool<true>());
    }
    while (i < whole) joinNext(Bool<false>());
    const auto joinLast = [&](auto tag, size_t at, Vec<A>(&part)[kSums][kVectors * kParts], size_t v) {
      Vec<A> wide[kSums * kParts];
      termsAt(tag, at, f, wide);
#pragma GCC unroll 4
      for (size_t k = 0; k < kSums * kParts; ++k) {
        Vec<A>& sum = part[k / kParts][v * kParts + k % kParts];
        sum = Gathering<Operation>::join(sum, wide[k]);
      }
    };
#pragma GCC unroll 8
    for (size_t v = 0; v < kVectors; ++v) {
      const size_t at = i + v * Vec<T>::kLanes;
      if (at + Vec<T>::kLanes <= end) {
        joinLast(Tag<Vec<T>>(), at, sums, v);
      } else if (at < end) {
        if constexpr (Vec<T>::kLanes > 1) joinLast(PartTag<Vec<T>>{end - at}, at, sums, v);
      }
    }
#pragma GCC unroll 2
    for (size_t sum = 0; sum < kSums; ++sum) {
#pragma GCC unroll 8
      for (size_t part = 0; part < kVectors * kParts; ++part) {
        sums[sum][part].store(all_[sum].lanes + first + part * Vec<A>::kLanes);
      }
    }
  }

  Lanes<Operation, A> all_[kSums];
  size_t used_ = 0;
};

// A reduction of at most kMost elements, in registers: lanes without one hold the neutral number, which changes nothing.
template <size_t kMost, class T, class Operation, class A, class F>
inline A reduceShort(size_t begin, size_t count, const F& f) {
  Lane<A> lanes[kMost];
#pragma GCC unroll 16
  for (size_t i = 0; i < kMost; ++i) {
    lanes[i] = Lane<A>(static_cast<A>(Operation::kNeutral));
    if (i >= count) continue;
    Lane<A> wide[1];
    widen(f(Tag<Lane<T>>(), begin + i), wide);
    lanes[i] = Operation::join(lanes[i], wide[0]);
  }
#pragma GCC unroll 4
  for (size_t half = kMost / 2; half > 0; half /= 2) {
#pragma GCC unroll 8
    for (size_t i = 0; i < half; ++i) lanes[i] = Operation::join(lanes[i], lanes[i + half]);
  }
  return lanes[0].v;
}
constexpr size_t kShortRow = 8;

// The reduction of f(tag, i) over [begin, end). Of a long row it is one function for all that ask for it.
template <class T, class Operation, class A, class F>
[[gnu::noinline]] A reduceLong(size_t begin, size_t end, const F& f) {
  if (end - begin < kReductionLanes) {
    Reduction<T, Operation, A> reduction;
    reduction.takeFew(begin, end, f);
    return reduction.fold();
  }
  // By itself, so that the lanes stay in registers up to the end of the fold.
  Reduction<T, Operation, A> reduction;
  reduction.takeMany(begin, end, f);
  return reduction.fold();
}
template <class T, class Operation = Addition, class A = double, class F>
inline A reduceLanes(size_t begin, size_t end, const F& f) {
  if (end - begin <= kShortRow) return reduceShort<kShortRow, T, Operation, A>(begin, end - begin, f);
  return reduceLong<T, Operation, A>(begin, end, f);
}

}  // namespace
}  // namespace lockstep
