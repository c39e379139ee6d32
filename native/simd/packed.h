#pragma once
// Steps of a rule over states that are stored in fewer bits. A run of them is unpacked into the first-level cache, steps there as
// float32 does, and is packed again: so rules know nothing of it.
//
// Packing is rounding to fewer bits of the mantissa, up or down by chance: a random number below the unit of the last place is added
// to the bits, and what is below it is cut off. On average that changes nothing, where rounding to the nearest would lose all that
// is less than half a unit: a second moment moves by a thousandth. The words are MurmurHash3's finaliser (Austin Appleby, public
// domain) of key and place: integers, the same everywhere.
//
// bfloat16: the upper 16 bits. Eight bits: numbers are divided by the largest magnitude of their block, as in Dettmers et al. 2022,
// "8-bit Optimizers via Block-wise Quantization", https://arxiv.org/abs/2110.02861. A mean of squares has the place of its bits
// among those with four of the mantissa, counted down from 1 as 255 to 2^-16; nothing but 0 becomes 0, for it divides. Any other
// state has a sign and seven bits, whose square it is: units are finer the smaller the number, and 1.6 % at the largest. In the
// paper a code is a place in a table, and rounding is to the nearest.
//
// A block that is all below 2^-100 is 0; one with a NaN or an infinity is NaN. Mirror: src/backend/typescript/packed.ts.

#include "../storage.h"
#include "float-bits.h"

namespace lockstep {
namespace {

constexpr uint32_t kLeastScale = (127 - 100) << 23;

// Of `count` elements from `place` on, 16 bits each for states 2 `pair` and 2 `pair` + 1 of a tensor.
inline void randomWords(uint32_t key, size_t pair, size_t place, size_t count, uint32_t* words) {
  const uint32_t own = key + static_cast<uint32_t>(pair) * 0x6a09e667, first = static_cast<uint32_t>(place);
  for (size_t i = 0; i < count; ++i) {
    uint32_t h = own + (first + static_cast<uint32_t>(i)) * 0x9e3779b9;
    h = (h ^ h >> 16) * 0x85ebca6b;
    h = (h ^ h >> 13) * 0xc2b2ae35;
    words[i] = h ^ h >> 16;
  }
}

// Those of one of the states.
struct Random {
  const uint32_t* words;
  uint32_t shift;

  uint32_t at(size_t i) const { return words[i] >> shift & 0xffff; }
  Random from(size_t i) const { return {words + i, shift}; }
};

inline void unpackBFloat16(const uint8_t* from, size_t count, float* to) {
  for (size_t i = 0; i < count; ++i) {
    uint16_t half;
    __builtin_memcpy(&half, from + 2 * i, sizeof half);
    to[i] = numberOf(static_cast<uint32_t>(half) << 16);
  }
}

inline void packBFloat16(const float* from, size_t count, Random random, uint8_t* to) {
  for (size_t i = 0; i < count; ++i) {
    const uint32_t x = bitsOf(from[i]);
    const bool isNaN = (x & ~kSign32) > kInfinity32;
    const uint16_t half = static_cast<uint16_t>((isNaN ? kNaN32 : x + random.at(i)) >> 16);
    __builtin_memcpy(to + 2 * i, &half, sizeof half);
  }
}

// The codes of magnitudes divided by the largest.
struct Squares {
  static constexpr bool kSigned = false;
  static constexpr uint32_t kMost = 255, kShift = 23 - 4;
  // What code 0 would be.
  static constexpr uint32_t kZero = (kOne32 >> kShift) - kMost;

  static float decode(uint32_t code) { return numberOf(code == 0 ? 0 : (code + kZero) << kShift); }
  static uint32_t encode(float ratio, uint32_t random) {
    const uint32_t bits = bitsOf(ratio);
    const int32_t code =
        static_cast<int32_t>((bits + (random << (kShift - 16))) >> kShift) - static_cast<int32_t>(kZero);
    const int32_t least = bits < 1 ? 0 : 1;
    return static_cast<uint32_t>(code > least ? code : least);
  }
};
struct Signed {
  static constexpr bool kSigned = true;
  static constexpr uint32_t kMost = 127;
  static constexpr float kMostSquared = 127 * 127;

  static float decode(uint32_t code) {
    const float root = static_cast<float>(static_cast<int32_t>(code));
    return root * root * (1 / kMostSquared);
  }
  static uint32_t encode(float ratio, uint32_t random) {
    const float square = ratio * kMostSquared;
    const int32_t lower = static_cast<int32_t>(__builtin_sqrtf(square));
    const float root = static_cast<float>(lower), share = static_cast<float>(static_cast<int32_t>(random)) + 0.5f;
    // The sign of a difference: GCC makes no vectors of a loop with comparisons of floats in it.
    const float past = share * (2 * root + 1) - (square - root * root) * 0x1p16f;
    return static_cast<uint32_t>(lower) + (bitsOf(past) >> 31);
  }
};

template <class Code>
inline void unpackBlock(const uint8_t* codes, float scale, size_t count, float* to) {
  for (size_t i = 0; i < count; ++i) {
    const uint32_t sign = Code::kSigned ? static_cast<uint32_t>(codes[i]) << 24 & kSign32 : 0;
    to[i] = numberOf(bitsOf(Code::decode(codes[i] & Code::kMost) * scale) | sign);
  }
}

// Of the bits without their signs: a NaN is above infinity, and that above all else.
inline uint32_t largestMagnitude(const float* x, size_t count) {
  uint32_t largest = 0;
  for (size_t i = 0; i < count; ++i) {
    const uint32_t bits = bitsOf(x[i]) & ~kSign32;
    largest = bits > largest ? bits : largest;
  }
  return largest;
}

template <class Code>
inline float packBlock(const float* from, size_t count, Random random, uint8_t* codes) {
  const uint32_t largest = largestMagnitude(from, count);
  const bool isZero = largest < kLeastScale, isFinite = largest < kInfinity32;
  const float scale = isZero ? 0.0f : isFinite ? numberOf(largest) : numberOf(kNaN32);
  const uint32_t kept = isZero || !isFinite ? 0 : 0xff;
  const float inverse = kept == 0 ? 0.0f : 1 / scale;
  for (size_t i = 0; i < count; ++i) {
    const uint32_t x = bitsOf(from[i]), magnitude = x & ~kSign32;
    const uint32_t product = bitsOf(numberOf(magnitude) * inverse) & ~kSign32;
    const float ratio = numberOf(product < kOne32 ? product : kOne32);
    const uint32_t code = Code::encode(ratio, random.at(i));
    // All ones; GCC would branch around the root where one or the other is chosen.
    const uint32_t most = magnitude == largest ? Code::kMost : 0;
    codes[i] = static_cast<uint8_t>((code | most | (Code::kSigned ? x >> 31 << 7 : 0)) & kept);
  }
  return scale;
}

// Elements [begin, begin + count), of which the first is the first of a block.
template <class Code>
inline void unpackBytes(const uint8_t* data, size_t length, size_t begin, size_t count, float* to) {
  for (size_t i = 0; i < count; i += kPackedBlock) {
    float scale;
    __builtin_memcpy(&scale, data + length + (begin + i) / kPackedBlock * sizeof scale, sizeof scale);
    unpackBlock<Code>(data + begin + i, scale, least(kPackedBlock, count - i), to + i);
  }
}

template <class Code>
inline void packBytes(const float* from, size_t length, size_t begin, size_t count, Random random, uint8_t* data) {
  for (size_t i = 0; i < count; i += kPackedBlock) {
    const float scale = packBlock<Code>(from + i, least(kPackedBlock, count - i), random.from(i), data + begin + i);
    __builtin_memcpy(data + length + (begin + i) / kPackedBlock * sizeof scale, &scale, sizeof scale);
  }
}

inline void unpack(Storage storage, const void* packed, size_t length, size_t begin, size_t count, float* to) {
  const auto* const data = static_cast<const uint8_t*>(packed);
  if (storage == Storage::kBFloat16) return unpackBFloat16(data + 2 * begin, count, to);
  if (storage == Storage::kSigned8) return unpackBytes<Signed>(data, length, begin, count, to);
  unpackBytes<Squares>(data, length, begin, count, to);
}

inline void pack(Storage storage, const float* from, size_t length, size_t begin, size_t count, Random random,
                 void* packed) {
  auto* const data = static_cast<uint8_t*>(packed);
  if (storage == Storage::kBFloat16) return packBFloat16(from, count, random, data + 2 * begin);
  if (storage == Storage::kSigned8) return packBytes<Signed>(from, length, begin, count, random, data);
  packBytes<Squares>(from, length, begin, count, random, data);
}

// Elements that are unpacked at once: more than a block, for the scalars of a rule are broadcast each time.
constexpr size_t kPackedRun = 2 * kPackedBlock;

inline void stepPacked(const Rule& rule, const double* scalars, uint32_t key, const PackedOperands& operands,
                       size_t begin, size_t end) {
  alignas(64) float buffers[kMaxOperands][kPackedRun];
  alignas(64) uint32_t words[kPackedRun];
  for (size_t at = begin; at < end; at += kPackedRun) {
    const size_t count = least(kPackedRun, end - at);
    void* run[kMaxOperands];
    for (size_t k = 0; k < rule.operands; ++k) {
      run[k] = static_cast<float*>(operands.data[k]) + at;
      if (operands.storages[k] == Storage::kPlain) continue;
      run[k] = buffers[k];
      unpack(operands.storages[k], operands.data[k], operands.length, at, count, buffers[k]);
    }
    rule.step32(scalars, run, 0, count, nullptr);
    for (size_t k = 0, state = 0; k < rule.operands; ++k) {
      if (operands.storages[k] == Storage::kPlain) continue;
      // Two states share a word.
      if (state % 2 == 0) randomWords(key, state / 2, at, count, words);
      const Random random{words, static_cast<uint32_t>(state % 2 * 16)};
      pack(operands.storages[k], buffers[k], operands.length, at, count, random, operands.data[k]);
      ++state;
    }
  }
}

}  // namespace
}  // namespace lockstep
