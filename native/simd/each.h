#pragma once
// The one loop of all update rules.
//
// A rule is a struct template over the element type. Its fields are the scalars of a step, in the order in which
// src/backend/typescript/rules hands them over. Its `update` takes one vector of every operand: by reference what it
// writes, by value what it only reads. It returns nothing, or `Dots`: pairs whose products are summed in double.

#include "../chunks.h"
#include "../rule.h"
#include "../sizes.h"
#include "for-lanes.h"
#include "indices.h"
#include "lane.h"
#include "reduce.h"
#include "widen.h"

namespace lockstep {
namespace {

template <class V, size_t N>
struct Dots {
  V pairs[N][2];
};

template <class V>
constexpr uint32_t kIsReference = 0;
template <class V>
constexpr uint32_t kIsReference<V&> = 1;

template <class R>
constexpr uint32_t kDotCount = 0;
template <class V, size_t N>
constexpr uint32_t kDotCount<Dots<V, N>> = N;

// Gradients as a step sees them. By 1 and infinity they are what they were, to the bit.
template <class T>
struct Clip {
  T scale, limit;

  template <class V>
  V of(V g) const {
    return min(V(limit), max(V(-limit), scale * g));
  }
};

template <class Method>
struct Signature;
template <class Rule, class Result, class... Operands>
struct Signature<Result (Rule::*)(Operands...) const> {
  static constexpr uint32_t kOperands = sizeof...(Operands);
  static constexpr uint32_t kDots = kDotCount<Result>;
  static constexpr uint32_t written() {
    uint32_t mask = 0, bit = 1;
    ((mask |= kIsReference<Operands> * bit, bit *= 2), ...);
    return mask;
  }
  // What is read to change the first operand: its gradient, say.
  static constexpr bool kClips = kOperands > 1 && (written() & 3) == 1;
};

template <template <class> class R, class T>
using SignatureOf = Signature<decltype(&R<T>::template update<Lane<T>>)>;

template <class V, size_t N>
inline void gather(double* sums, const Dots<V, N>& dots) {
  for (size_t d = 0; d < N; ++d) {
    addProductTo(sums + d * kReductionLanes, dots.pairs[d][0], dots.pairs[d][1]);
  }
}

// Rules ask for the lines to come: roots, divisions and sums in double fill the processor's window, which then does not reach as
// far ahead as that of a loop that waits for memory alone. Narrower vectors would ask for each line too often.
constexpr size_t kLeastFetchedBytes = 32;
constexpr size_t kStepBytesAhead = 1024;

// One vector, part of one, or one lane, of every operand at element i. `sums`: where this lane's dot products go, if any.
template <class S, class Tag, class Rule, class T, size_t... K>
inline void updateAt(Tag tag, const Rule& rule, const Clip<T>& clip, T* const* operands, size_t i, double* sums,
                     Indices<K...>) {
  using V = typename Tag::Type;
  if constexpr (sizeof(V) >= kLeastFetchedBytes) {
    (__builtin_prefetch(reinterpret_cast<const char*>(operands[K] + i) + kStepBytesAhead), ...);
  }
  V x[] = {tag.load(operands[K] + i)...};
  if constexpr (S::kClips) x[1] = clip.of(x[1]);
  if constexpr (S::kDots > 0) {
    gather(sums, rule.update(x[K]...));
  } else {
    rule.update(x[K]...);
  }
  (((S::written() >> K & 1) ? tag.store(operands[K] + i, x[K]) : void()), ...);
}

// A rule without fields has the size of a byte, which is no number.
template <template <class> class R, class T>
constexpr size_t kScalarCount = sizeof(R<T>) / sizeof(T);

template <template <class> class R, class T>
inline R<T> makeRule(const double* scalars) {
  R<T> rule;
  if constexpr (kScalarCount < R, T >> 0) {
    T values[kScalarCount<R, T>];
    for (size_t s = 0; s < kScalarCount<R, T>; ++s) values[s] = static_cast<T>(scalars[s]);
    __builtin_memcpy(static_cast<void*>(&rule), values, sizeof rule);
  }
  return rule;
}

// Elements [begin, end) of one tensor. Where the rule has dot products, `dots` receives kDots of them for every
// started kReductionChunk; `begin` is a multiple of it.
template <template <class> class R, class T>
void each(const double* scalars, void* const* operands, size_t begin, size_t end, double* dots) {
  using S = SignatureOf<R, T>;
  using All = typename MakeIndices<S::kOperands>::Type;
  const R<T> rule = makeRule<R, T>(scalars);
  constexpr size_t kOwn = kScalarCount<R, T>;
  const Clip<T> clip = {static_cast<T>(scalars[kOwn]), static_cast<T>(scalars[kOwn + 1])};
  T* arrays[S::kOperands];
  for (size_t k = 0; k < S::kOperands; ++k) arrays[k] = static_cast<T*>(operands[k]);

  if constexpr (S::kDots == 0) {
    // The first operand is the parameter's value, and states begin where it does (src/backend/memory.ts).
    forAlignedVectors<T>(arrays[0], begin, end,
                         [&](auto tag, size_t i) { updateAt<S>(tag, rule, clip, arrays, i, nullptr, All()); });
  } else {
    for (size_t chunk = begin; chunk < end; chunk += kReductionChunk, dots += S::kDots) {
      const size_t stop = least(end, chunk + kReductionChunk);
      LaneSums sums[S::kDots];
      forLanes<T>(chunk, stop, [&](auto tag, size_t i) {
        double* lane = sums[0].lanes + i % kReductionLanes;
        updateAt<S>(tag, rule, clip, arrays, i, lane, All());
      });
      for (size_t d = 0; d < S::kDots; ++d) dots[d] = sums[d].fold();
    }
  }
}

template <template <class> class R>
constexpr Rule describe(const char* name) {
  using S = SignatureOf<R, float>;
  static_assert(S::kOperands <= kMaxOperands && S::kDots <= kMaxDots, "raise the limit in rule.h");
  constexpr uint32_t kScalars = kScalarCount<R, float> + kClipScalars;
  static_assert(kScalars <= kMaxScalars, "raise the limit in rule.h");
  return {name, S::kOperands, S::written(), kScalars, S::kDots, &each<R, float>, &each<R, double>};
}

}  // namespace
}  // namespace lockstep
