#pragma once
// Philox4x32-10, Salmon, Moraes, Dror & Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011,
// https://doi.org/10.1145/2063384.2063405, table 2 and section 4.3: ten rounds of multiplications and exclusive ors
// turn a counter and a key into four random words. Integers only. Mirror: src/backend/typescript/matrix/philox.ts.

#include "../sizes.h"

namespace lockstep {
namespace {

constexpr size_t kPhiloxBlocks = 64;
constexpr size_t kPhiloxWords = 4 * kPhiloxBlocks;

// The words of the counters [block, block + kPhiloxBlocks). One loop without a branch, for the compiler to vectorise.
inline void philoxWords(uint64_t seed, uint64_t block, uint32_t* words) {
  for (uint32_t i = 0; i < kPhiloxBlocks; ++i) {
    uint32_t c0 = static_cast<uint32_t>(block + i), c1 = static_cast<uint32_t>((block + i) >> 32), c2 = 0, c3 = 0;
    uint32_t k0 = static_cast<uint32_t>(seed), k1 = static_cast<uint32_t>(seed >> 32);
#pragma GCC unroll 10
    for (int round = 0; round < 10; ++round) {
      const uint64_t even = uint64_t{0xd2511f53} * c0, odd = uint64_t{0xcd9e8d57} * c2;
      c0 = static_cast<uint32_t>(odd >> 32) ^ c1 ^ k0;
      c1 = static_cast<uint32_t>(odd);
      c2 = static_cast<uint32_t>(even >> 32) ^ c3 ^ k1;
      c3 = static_cast<uint32_t>(even);
      // The golden ratio and sqrt(3) - 1 as fractions of 2^32.
      k0 += 0x9e3779b9;
      k1 += 0xbb67ae85;
    }
    words[4 * i] = c0;
    words[4 * i + 1] = c1;
    words[4 * i + 2] = c2;
    words[4 * i + 3] = c3;
  }
}

// f(words, first, count) for runs of elements of [begin, end), each of which has `kEach` words of the stream of `seed`, the
// first element those from `offset` on.
template <size_t kEach, class F>
inline void forWords(size_t seed, size_t offset, size_t begin, size_t end, const F& f) {
  uint32_t words[kPhiloxWords];
  while (begin < end) {
    const uint64_t position = static_cast<uint64_t>(offset) + uint64_t{kEach} * begin;
    const size_t skipped = position % 4, most = (kPhiloxWords - skipped) / kEach;
    const size_t count = least(end - begin, most);
    philoxWords(seed, position / 4, words);
    f(words + skipped, begin, count);
    begin += count;
  }
}

}  // namespace
}  // namespace lockstep
