#pragma once
// Functions of two numbers, of whole ones modulo 2^32 as well, with broadcasting.
// Mirror: src/backend/typescript/matrix/floor-division.ts.

#include "../math/remainder.h"
#include "../parallel.h"
#include "../simd/lane.h"
#include "plain-rows.h"
#include "shape-arguments.h"

namespace lockstep {
namespace {

struct SquaredDifference {
  template <class V>
  static V of(V x, V y) {
    const V difference = x - y;
    return difference * difference;
  }
};

// The whole number next below the quotient of whole numbers, and what it leaves: 0 for a divisor of 0.
struct Division {
  int32_t quotient, rest;

  // -2^31 / -1 is more than there is: -1 and 0 are done apart.
  Division(int32_t x, int32_t y) {
    const bool isApart = y == 0 || y == -1;
    const int32_t divisor = isApart ? 1 : y;
    // Towards 0, and exactly: a quotient of numbers of 32 bits is a whole number in double only if it is one.
    const int32_t towards = static_cast<int32_t>(static_cast<double>(x) / static_cast<double>(divisor));
    const int32_t left = (Lane<int32_t>(x) - Lane<int32_t>(towards) * Lane<int32_t>(divisor)).v;
    // All bits where that was upwards: half of the time, so a branch would be taken wrongly.
    const int32_t isBelow = -static_cast<int32_t>((left != 0) & ((left ^ divisor) < 0));
    rest = left + (isBelow & divisor);
    quotient = y == 0 ? 0 : y == -1 ? (-Lane<int32_t>(x)).v : towards + isBelow;
  }
};

struct FloorDiv {
  template <class V>
  static V of(V x, V y) {
    return floor(x / y);
  }
  static Lane<int32_t> of(Lane<int32_t> x, Lane<int32_t> y) { return Division(x.v, y.v).quotient; }
};

// The sign of y: where that of the remainder is another one, y is added.
struct FloorMod {
  template <class V>
  static V of(V x, V y) {
    using T = typename V::Element;
    const V rest = remainder(x, y), zero(T(0)), one(T(1));
    const V moved = selectGreater(zero, copySign(one, rest) * copySign(one, y), rest + y, rest);
    return selectEqual(rest, zero, rest, moved);
  }
  static Lane<int32_t> of(Lane<int32_t> x, Lane<int32_t> y) { return Division(x.v, y.v).rest; }
};

template <class T>
void squaredDifference(const args::Binary<T>& a, const Parallel& parallel) {
  forNumbers<SquaredDifference>(a, parallel);
}
template <class T>
void floorDiv(const args::Binary<T>& a, const Parallel& parallel) {
  forNumbers<FloorDiv>(a, parallel);
}
template <class T>
void floorMod(const args::Binary<T>& a, const Parallel& parallel) {
  forNumbers<FloorMod>(a, parallel);
}

}  // namespace
}  // namespace lockstep
