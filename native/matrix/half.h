#pragma once
// float32 from and to its two halves: bfloat16, its upper 16 bits, and IEEE 754's binary16. To the nearest, halfway to even, by
// integers alone: the conversions that processors have flush subnormal numbers (VCVTNEPS2BF16) or are not there everywhere.
// A NaN stays one, and is quiet. Mirror: src/backend/typescript/matrix/half.ts.

#include "../parallel.h"
#include "../simd/float-bits.h"
#include "elementwise-arguments.h"
#include "plain-rows.h"

namespace lockstep {
namespace {

// Bits as the bytes that they are anywhere, of whatever type.
template <class Bits>
struct BytesOf {
  unsigned char bytes[sizeof(Bits)];

  BytesOf() = default;
  BytesOf(Bits bits) { __builtin_memcpy(bytes, &bits, sizeof bits); }
  operator Bits() const {
    Bits bits;
    __builtin_memcpy(&bits, bytes, sizeof bits);
    return bits;
  }
};
using HalfBits = BytesOf<uint16_t>;
using SingleBits = BytesOf<uint32_t>;

struct ToBFloat16 {
  static uint16_t of(uint32_t x) {
    const uint32_t nearest = x + 0x7fff + (x >> 16 & 1), quiet = x | 0x00400000;
    return static_cast<uint16_t>(((x & ~kSign32) > kInfinity32 ? quiet : nearest) >> 16);
  }
};
struct FromBFloat16 {
  static uint32_t of(uint16_t half) {
    const uint32_t x = static_cast<uint32_t>(half) << 16;
    return (x & ~kSign32) > kInfinity32 ? x | 0x00400000 : x;
  }
};

struct ToFloat16 {
  static uint16_t of(uint32_t bits) {
    const uint32_t x = bits & ~kSign32;
    // Exponents are 112 smaller, and 13 bits less.
    const uint32_t normal = (x - (112u << 23) + 0xfff + (x >> 13 & 1)) >> 13;
    // Below 2^-14 a unit of the last place is 2^-24, as it is of 0.5 in float32.
    const uint32_t subnormal = bitsOf(numberOf(x) + 0.5f) - 0x3f000000;
    const uint32_t nan = 0x7e00 | (x >> 13 & 0x3ff);
    const uint32_t finite = x < 0x38800000 ? subnormal : normal;
    // From 65520 on, halfway behind the largest number.
    const uint32_t half = x > kInfinity32 ? nan : x >= 0x477ff000 ? 0x7c00 : finite;
    return static_cast<uint16_t>(bits >> 16 & 0x8000) | static_cast<uint16_t>(half);
  }
};
struct FromFloat16 {
  static uint32_t of(uint16_t half) {
    const uint32_t x = half & 0x7fff;
    const uint32_t subnormal = bitsOf(static_cast<float>(static_cast<int32_t>(x)) * 0x1p-24f);
    const uint32_t normal = (x << 13) + (112u << 23);
    const uint32_t infinite = kInfinity32 | x << 13 | (x > 0x7c00 ? 0x00400000 : 0);
    return (half & 0x8000u) << 16 | (x < 0x400 ? subnormal : x < 0x7c00 ? normal : infinite);
  }
};

template <class F, class T>
inline void toHalf(const args::ToHalf<T>& a, const Parallel& parallel) {
  mapElements<F>(parallel, a.n, reinterpret_cast<const SingleBits*>(a.x), reinterpret_cast<HalfBits*>(a.out));
}
template <class F, class T>
inline void fromHalf(const args::FromHalf<T>& a, const Parallel& parallel) {
  mapElements<F>(parallel, a.n, reinterpret_cast<const HalfBits*>(a.x), reinterpret_cast<SingleBits*>(a.out));
}

template <class T>
void toBFloat16(const args::ToHalf<T>& a, const Parallel& parallel) {
  toHalf<ToBFloat16>(a, parallel);
}
template <class T>
void fromBFloat16(const args::FromHalf<T>& a, const Parallel& parallel) {
  fromHalf<FromBFloat16>(a, parallel);
}
template <class T>
void toFloat16(const args::ToHalf<T>& a, const Parallel& parallel) {
  toHalf<ToFloat16>(a, parallel);
}
template <class T>
void fromFloat16(const args::FromHalf<T>& a, const Parallel& parallel) {
  fromHalf<FromFloat16>(a, parallel);
}

}  // namespace
}  // namespace lockstep
