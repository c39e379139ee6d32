#pragma once
// Masks: comparisons that give one, functions of them, and a choice by one. What is not 0 is true; a result is 0 or 1.
// Mirror: src/backend/typescript/matrix/comparison.ts.

#include "../parallel.h"
#include "plain-rows.h"
#include "shape-arguments.h"

namespace lockstep {
namespace {

// A NaN is only ever unequal.
struct Equal {
  template <class T>
  static uint8_t of(T x, T y) {
    return x == y;
  }
};
struct NotEqual {
  template <class T>
  static uint8_t of(T x, T y) {
    return x != y;
  }
};
struct Less {
  template <class T>
  static uint8_t of(T x, T y) {
    return x < y;
  }
};
struct LessEqual {
  template <class T>
  static uint8_t of(T x, T y) {
    return x <= y;
  }
};
// A NaN is true.
struct And {
  template <class T>
  static uint8_t of(T x, T y) {
    return (x != 0) & (y != 0);
  }
};
struct Or {
  template <class T>
  static uint8_t of(T x, T y) {
    return (x != 0) | (y != 0);
  }
};
struct Xor {
  template <class T>
  static uint8_t of(T x, T y) {
    return (x != 0) ^ (y != 0);
  }
};
struct Not {
  static uint8_t of(uint8_t x) { return x == 0; }
};

template <class F, class T>
inline void toMask(const args::Comparison<T>& a, const Parallel& parallel) {
  forPlainRows<2>(parallel, a.layout, a.outer, a.rows, a.columns, {{a.a, sizeof(T)}, {a.b, sizeof(T)}}, a.out, 1,
                  rowOfTwo<F, T, T, uint8_t>);
}
// The same with a and b in each other's place.
template <class F, class T>
inline void toMaskReversed(const args::Comparison<T>& a, const Parallel& parallel) {
  const size_t layout = a.layout >> 3 | (a.layout & 7) << 3;
  toMask<F, T>(args::Comparison<T>{layout, a.outer, a.rows, a.columns, a.b, a.a, a.out}, parallel);
}

template <class T>
void equal(const args::Comparison<T>& a, const Parallel& parallel) {
  toMask<Equal, T>(a, parallel);
}
template <class T>
void notEqual(const args::Comparison<T>& a, const Parallel& parallel) {
  toMask<NotEqual, T>(a, parallel);
}
template <class T>
void less(const args::Comparison<T>& a, const Parallel& parallel) {
  toMask<Less, T>(a, parallel);
}
template <class T>
void lessEqual(const args::Comparison<T>& a, const Parallel& parallel) {
  toMask<LessEqual, T>(a, parallel);
}
template <class T>
void greater(const args::Comparison<T>& a, const Parallel& parallel) {
  toMaskReversed<Less>(a, parallel);
}
template <class T>
void greaterEqual(const args::Comparison<T>& a, const Parallel& parallel) {
  toMaskReversed<LessEqual>(a, parallel);
}

template <class T>
void logicalAnd(const args::Comparison<T>& a, const Parallel& parallel) {
  toMask<And, T>(a, parallel);
}
template <class T>
void logicalOr(const args::Comparison<T>& a, const Parallel& parallel) {
  toMask<Or, T>(a, parallel);
}
template <class T>
void logicalXor(const args::Comparison<T>& a, const Parallel& parallel) {
  toMask<Xor, T>(a, parallel);
}
template <class T>
void logicalNot(const args::Unary<T>& a, const Parallel& parallel) {
  mapElements<Not>(parallel, a.n, a.x, a.y);
}

template <size_t kBytes>
void rowOfChoices(const void* const* operands, void* result, size_t count) {
  using Element = typename Bits<kBytes>::Type;
  const uint8_t* condition = static_cast<const uint8_t*>(operands[0]);
  const Element* a = static_cast<const Element*>(operands[1]);
  const Element* b = static_cast<const Element*>(operands[2]);
  Element* out = static_cast<Element*>(result);
  LOCKSTEP_INDEPENDENT
  for (size_t i = 0; i < count; ++i) {
    const Element x = a[i], y = b[i];
    out[i] = condition[i] != 0 ? x : y;
  }
}

template <class T>
void select(const args::Select<T>& a, const Parallel& parallel) {
  forPlainRows<3>(parallel, a.layout, a.outer, a.rows, a.columns,
                  {{a.condition, 1}, {a.a, sizeof(T)}, {a.b, sizeof(T)}}, a.out, sizeof(T), rowOfChoices<sizeof(T)>);
}

}  // namespace
}  // namespace lockstep
