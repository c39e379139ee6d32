#pragma once
// Reductions of an array, or along an axis of one. Mirror: src/backend/typescript/matrix/reductions.ts.

#include "../parallel.h"
#include "../simd/reduce.h"
#include "reduce-axis.h"
#include "reduction-arguments.h"
#include "whole-reductions.h"

namespace lockstep {
namespace {

struct Multiplying {
  static constexpr double kNeutral = 1;
  static constexpr bool kAssociative = false;
  template <class V>
  static V join(V a, V b) {
    return a * b;
  }
};

// Once NaN, always NaN: the comparison with -1 fails for it alone. Of equal numbers, such as zeros, the last one stays.
struct Largest {
  static constexpr double kNeutral = -__builtin_inf();
  static constexpr bool kAssociative = true;
  template <class V>
  static V join(V a, V b) {
    return selectGreater(abs(a), V(-1), max(a, b), a);
  }
};
struct Smallest {
  static constexpr double kNeutral = __builtin_inf();
  static constexpr bool kAssociative = true;
  template <class V>
  static V join(V a, V b) {
    return selectGreater(abs(a), V(-1), min(a, b), a);
  }
};

// A reduction: what it takes of an element, how two numbers become one, in which type, and what becomes of the last.
struct Plain {
  template <class Tag, class T>
  static auto term(Tag tag, const T* x) {
    return elementsAt(tag, x);
  }
  template <class A>
  static A finish(A number) {
    return number;
  }
};
struct Magnitudes : Plain {
  template <class Tag, class T>
  static auto term(Tag tag, const T* x) {
    return abs(tag.load(x));
  }
};
struct Sum : Plain {
  using Whole = WholeSum;
  using Operation = Addition;
  template <class T>
  using Number = double;
};
struct Prod : Plain {
  using Whole = WholeProd;
  using Operation = Multiplying;
  template <class T>
  using Number = double;
};
struct Amax : Plain {
  using Whole = WholeAmax;
  using Operation = Largest;
  template <class T>
  using Number = T;
};
struct Amin : Plain {
  using Whole = WholeAmin;
  using Operation = Smallest;
  template <class T>
  using Number = T;
};
struct Norm1 : Magnitudes {
  using Operation = Addition;
  template <class T>
  using Number = double;
};
struct NormInf : Magnitudes {
  using Operation = Largest;
  template <class T>
  using Number = T;
};
struct Norm2 {
  using Operation = Addition;
  template <class T>
  using Number = double;
  template <class Tag, class T>
  static auto term(Tag tag, const T* at) {
    const auto x = tag.load(at);
    return Times{x, x};
  }
  static double finish(double number) { return __builtin_sqrt(number); }
};

template <class R, class T>
void reduceFloats(const args::Reduction<T>& a, const Parallel& parallel) {
  using A = typename R::template Number<T>;
  const double alpha = a.alpha;
  const T* x = a.x;
  const size_t inner = a.inner;
  const auto term = [=](auto tag, size_t i, size_t = 0) { return R::term(tag, x + i); };
  const auto result = [=](A number) { return static_cast<T>(alpha * static_cast<double>(R::finish(number))); };
  if (inner == 1) {
    return reduceRows<T, typename R::Operation, A>(parallel, a.outer, a.count, term,
                                                   [&](size_t o, A number) { a.out[o] = result(number); });
  }
  const ColumnChunks<A> chunks(parallel, a.outer, a.count, inner);
  if (!chunks.ready()) return;
  reduceColumns<T, typename R::Operation>(parallel, chunks, term,
                                          [&](size_t o, size_t first, size_t width, const A* numbers) {
                                            T* out = a.out + o * inner + first;
                                            for (size_t c = 0; c < width; ++c) out[c] = result(numbers[c]);
                                          });
}

template <class R, class T>
inline void reduce(const args::Reduction<T>& a, const Parallel& parallel) {
  if constexpr (kIsFloat<T>) {
    reduceFloats<R>(a, parallel);
  } else {
    reduceWhole<typename R::Whole>(a, parallel);
  }
}

#define LOCKSTEP_REDUCTION(name, Functor)                            \
  template <class T>                                                 \
  void name(const args::Reduction<T>& a, const Parallel& parallel) { \
    reduce<Functor>(a, parallel);                                    \
  }
LOCKSTEP_REDUCTION(sum, Sum)
LOCKSTEP_REDUCTION(prod, Prod)
LOCKSTEP_REDUCTION(amax, Amax)
LOCKSTEP_REDUCTION(amin, Amin)
LOCKSTEP_REDUCTION(norm1, Norm1)
LOCKSTEP_REDUCTION(norm2, Norm2)
LOCKSTEP_REDUCTION(normInf, NormInf)
#undef LOCKSTEP_REDUCTION

// out = alpha times the sum of term(tag, x, y) over all pairs.
template <class T, class Term>
inline void sumPairs(const args::PairSum<T>& a, const Parallel& parallel, const Term& term) {
  const T *x = a.a, *y = a.b;
  reduceRows<T, Addition, double>(
      parallel, 1, a.n, [=](auto tag, size_t i) { return term(tag, x + i, y + i); },
      [&](size_t, double total) { a.out[0] = static_cast<T>(a.alpha * total); });
}

template <class T>
void squaredDistance(const args::PairSum<T>& a, const Parallel& parallel) {
  sumPairs(a, parallel, [](auto tag, const T* x, const T* y) {
    const auto difference = tag.load(x) - tag.load(y);
    return Times{difference, difference};
  });
}

template <class T>
void dotProduct(const args::PairSum<T>& a, const Parallel& parallel) {
  sumPairs(a, parallel, [](auto tag, const T* x, const T* y) { return Times{elementsAt(tag, x), elementsAt(tag, y)}; });
}

}  // namespace
}  // namespace lockstep
