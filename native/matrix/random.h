#pragma once
// Random numbers that depend on the seed and their place in its stream alone. Mirror: src/backend/typescript/matrix/random.ts.

#include "../parallel.h"
#include "../simd/for-lanes.h"
#include "normal-quantile.h"
#include "philox.h"
#include "random-arguments.h"
#include "tasks.h"

namespace lockstep {
namespace {

constexpr size_t kRandomGrain = 1 << 12;

// f(u, first, count): uniform numbers in [0, 1), multiples of 2^-53, two words each.
template <class F>
inline void forUniforms(const Parallel& parallel, size_t n, size_t seed, size_t offset, const F& f) {
  forRanges(parallel, n, kRandomGrain, [&](size_t begin, size_t end) {
    forWords<2>(seed, offset, begin, end, [&](const uint32_t* words, size_t first, size_t count) {
      double u[kPhiloxWords / 2];
      for (size_t i = 0; i < count; ++i) {
        // Signed: there is an instruction for these.
        const double upper = static_cast<int32_t>(words[2 * i] >> 5),
                     lower = static_cast<int32_t>(words[2 * i + 1] >> 6);
        u[i] = (upper * 0x1p26 + lower) * 0x1p-53;
      }
      f(u, first, count);
    });
  });
}

template <class T>
void uniform(const args::Uniform<T>& a, const Parallel& parallel) {
  const double range = a.high - a.low;
  forUniforms(parallel, a.n, a.seed, a.offset, [&](const double* u, size_t first, size_t count) {
    for (size_t i = 0; i < count; ++i) a.out[first + i] = static_cast<T>(a.low + range * u[i]);
  });
}

template <class T>
void normal(const args::Normal<T>& a, const Parallel& parallel) {
  forUniforms(parallel, a.n, a.seed, a.offset, [&](const double* u, size_t first, size_t count) {
    // The middle of the interval that the uniform number stands for, or how far that is from 1: never 0.
    double p[kQuantiles], z[kQuantiles];
    for (size_t i = 0; i < count; ++i) p[i] = u[i] < 0.5 ? u[i] + 0x1p-54 : 1 - u[i] - 0x1p-54;
    lowerQuantiles(p, count, z);
    for (size_t i = 0; i < count; ++i) {
      a.out[first + i] = static_cast<T>(a.mean + a.deviation * (u[i] < 0.5 ? z[i] : -z[i]));
    }
  });
}

// `yes` with this probability, in steps of 2^-32, else `no`: word < 2^32 probability, in integers.
template <class T>
struct Choice {
  T yes, no;
  uint32_t last;

  Choice(double probability, T chosen, T other) : yes(chosen), no(other) {
    const double scaled = probability * 0x1p32;
    if (!(scaled > 0)) yes = no;
    const uint64_t whole = scaled > 0 && scaled < 0x1p32 ? static_cast<uint64_t>(scaled) : uint64_t{1} << 32;
    last = static_cast<uint32_t>(static_cast<double>(whole) < scaled ? whole : whole - 1);
  }

  void choose(const uint32_t* words, size_t count, T* chosen) const {
    // Of its own: as far as the compiler knows, the array could hold this.
    const Choice own = *this;
    for (size_t i = 0; i < count; ++i) chosen[i] = words[i] <= own.last ? own.yes : own.no;
  }
};

// f(chosen, first, count): runs of n choices.
template <class T, class F>
inline void forChoices(const Parallel& parallel, size_t n, size_t seed, size_t offset, const Choice<T>& choice,
                       const F& f) {
  forRanges(parallel, n, kRandomGrain, [&](size_t begin, size_t end) {
    forWords<1>(seed, offset, begin, end, [&](const uint32_t* words, size_t first, size_t count) {
      T chosen[kPhiloxWords];
      choice.choose(words, count, chosen);
      f(chosen, first, count);
    });
  });
}

// What dropout multiplies by: 0 with this probability.
template <class T>
inline Choice<T> dropoutFactors(double probability) {
  return {probability, 0, static_cast<T>(1 / (1 - probability))};
}

template <class T>
void bernoulli(const args::Bernoulli<T>& a, const Parallel& parallel) {
  const auto copy = [&](const T* chosen, size_t first, size_t count) {
    for (size_t i = 0; i < count; ++i) a.out[first + i] = chosen[i];
  };
  forChoices(parallel, a.n, a.seed, a.offset, Choice<T>(a.probability, 1, 0), copy);
}

template <class T>
void dropout(const args::Dropout<T>& a, const Parallel& parallel) {
  const auto drop = [&](const T* factors, size_t first, size_t count) {
    forVectors<T>(0, count, [&](auto tag, size_t i) {
      using V = typename decltype(tag)::Type;
      const V factor = tag.load(factors + i), zero(T(0));
      tag.store(a.y + first + i, selectEqual(factor, zero, zero, tag.load(a.x + first + i) * factor));
    });
  };
  forChoices(parallel, a.n, a.seed, a.offset, dropoutFactors<T>(a.probability), drop);
}

}  // namespace
}  // namespace lockstep
