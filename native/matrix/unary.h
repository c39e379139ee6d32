#pragma once
// The kernels of the functions in unary-functions.h. Mirror: src/backend/typescript/matrix/unary.ts.

template <class Function, class T>
inline void forValues(const args::UnaryArguments<T>& a, const Parallel& parallel) {
  forRanges(parallel, a.n, kElementGrain, [&](size_t begin, size_t end) {
    const auto apply = [&](auto tag, size_t i) {
      using V = typename decltype(tag)::Type;
      Function::forward(V::load(a.x + i)).store(a.y + i);
    };
    if constexpr (kFitsTwice<Function>) {
      forPairsOfVectors<T>(begin, end, apply);
    } else {
      forLanes<T>(begin, end, apply);
    }
  });
}

template <class Function, class T>
inline void forSlopes(const args::SlopeArguments<T>& a, const Parallel& parallel) {
  forElements<T>(parallel, a.n, [&](auto tag, size_t i) {
    using V = typename decltype(tag)::Type;
    Function::backward(V::load(a.at + i), V::load(a.dy + i)).store(a.dx + i);
  });
}

#define RULE(name)
#define KERNEL(name)
#define UNARY(name)                                                                 \
  template <class T>                                                                \
  void name##Forward(const args::name##Forward<T>& a, const Parallel& parallel) {   \
    forValues<name##Function>(a, parallel);                                         \
  }                                                                                 \
  template <class T>                                                                \
  void name##Backward(const args::name##Backward<T>& a, const Parallel& parallel) { \
    forSlopes<name##Function>(a, parallel);                                         \
  }
#include "../kernels.def"
