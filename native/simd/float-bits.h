#pragma once
// The bits of a float32 as an integer, and back.

#include <cstdint>

namespace lockstep {
namespace {

constexpr uint32_t kOne32 = 0x3f800000, kInfinity32 = 0x7f800000, kNaN32 = 0x7fc00000, kSign32 = 0x80000000;

inline float numberOf(uint32_t bits) {
  float x;
  __builtin_memcpy(&x, &bits, sizeof x);
  return x;
}
inline uint32_t bitsOf(float x) {
  uint32_t bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  return bits;
}

}  // namespace
}  // namespace lockstep
