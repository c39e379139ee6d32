#pragma once
// Two vectors side by side: what one of them has to wait for, the other has work for. A function of one number is a chain
// of dependent operations, and the processor does not see far enough ahead to begin the next vector before it ends.

#include "lane.h"

namespace lockstep {
namespace {

template <class V>
struct Twice {
  using Element = typename V::Element;
  static constexpr size_t kLanes = 2 * V::kLanes;
  V a, b;

  Twice() = default;
  Twice(V first, V second) : a(first), b(second) {}
  Twice(Element x) : a(x), b(x) {}
  static Twice load(const Element* p) { return {V::load(p), V::load(p + V::kLanes)}; }
  void store(Element* p) const {
    a.store(p);
    b.store(p + V::kLanes);
  }

  friend Twice operator+(Twice x, Twice y) { return {x.a + y.a, x.b + y.b}; }
  friend Twice operator-(Twice x, Twice y) { return {x.a - y.a, x.b - y.b}; }
  friend Twice operator*(Twice x, Twice y) { return {x.a * y.a, x.b * y.b}; }
  friend Twice operator/(Twice x, Twice y) { return {x.a / y.a, x.b / y.b}; }
  friend Twice operator-(Twice x) { return {-x.a, -x.b}; }
};

#define LOCKSTEP_OF_ONE(f)        \
  template <class V>              \
  inline Twice<V> f(Twice<V> x) { \
    return {f(x.a), f(x.b)};      \
  }
#define LOCKSTEP_OF_TWO(f)                    \
  template <class V>                          \
  inline Twice<V> f(Twice<V> x, Twice<V> y) { \
    return {f(x.a, y.a), f(x.b, y.b)};        \
  }
LOCKSTEP_OF_ONE(sqrt)
LOCKSTEP_OF_ONE(abs)
LOCKSTEP_OF_ONE(pow2)
LOCKSTEP_OF_ONE(exponent)
LOCKSTEP_OF_ONE(mantissa)
LOCKSTEP_OF_TWO(max)
LOCKSTEP_OF_TWO(min)
LOCKSTEP_OF_TWO(copySign)
#undef LOCKSTEP_OF_ONE
#undef LOCKSTEP_OF_TWO

template <class V>
inline Twice<V> fma(Twice<V> x, Twice<V> y, Twice<V> z) {
  return {fma(x.a, y.a, z.a), fma(x.b, y.b, z.b)};
}
template <class V>
inline Twice<V> selectGreater(Twice<V> x, Twice<V> y, Twice<V> yes, Twice<V> no) {
  return {selectGreater(x.a, y.a, yes.a, no.a), selectGreater(x.b, y.b, yes.b, no.b)};
}
template <class V>
inline Twice<V> selectEqual(Twice<V> x, Twice<V> y, Twice<V> yes, Twice<V> no) {
  return {selectEqual(x.a, y.a, yes.a, no.a), selectEqual(x.b, y.b, yes.b, no.b)};
}
template <class V>
inline bool anyGreater(Twice<V> x, Twice<V> y) {
  return anyGreater(x.a, y.a) || anyGreater(x.b, y.b);
}
template <class V, class F>
inline Twice<V> inDouble(Twice<V> x, Twice<V> y, const F& f) {
  return {inDouble(x.a, y.a, f), inDouble(x.b, y.b, f)};
}

}  // namespace
}  // namespace lockstep
