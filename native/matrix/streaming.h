#pragma once
// Stores past the caches, for results larger than they are: an ordinary store first reads the line that it is going to fill, a
// third of the traffic of a copy. 2^22 floats in rows of 1,024: 25 GB/s by memcpy, 37 so, as a memcpy of all of them at once.

#include <cstddef>
#include <cstdint>

#include "../sizes.h"

#ifdef __SSE2__
#include <immintrin.h>
#endif

namespace lockstep {
namespace {

// Smaller results may still be in a cache when they are read.
constexpr size_t kStreamedBytes = 8 << 20;

// A result of few elements again and again alone takes the cache: 2^22 floats of one row take half of the time so, 2^24 the same.
constexpr size_t kStreamedRepeats = 32 << 20;

// Runs that are shorter have too many lines of which they fill a part alone.
constexpr size_t kStreamedRun = 256;

constexpr size_t kLineBytes = 64;

// Asks for the line of *p, which is read soon, but not next.
template <class T>
inline void prefetch(const T* p) {
  __builtin_prefetch(p, 0, 2);
}

inline size_t bytesPastLine(const void* p) { return reinterpret_cast<uintptr_t>(p) % kLineBytes; }

#ifdef __SSE2__
inline void streamLine(const unsigned char* from, unsigned char* to) {
// Half a line at most: what was stored by narrower vectors is not yet there for a wider load.
#if defined(__AVX__)
  for (size_t i = 0; i < kLineBytes; i += 32) {
    _mm256_stream_si256(reinterpret_cast<__m256i*>(to + i),
                        _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from + i)));
  }
#else
  for (size_t i = 0; i < kLineBytes; i += 16) {
    _mm_stream_si128(reinterpret_cast<__m128i*>(to + i), _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i)));
  }
#endif
}
#endif

// As memcpy; finishStreaming() comes before anyone else may read what was written.
inline void streamBytes(const void* source, void* target, size_t count) {
#ifdef __SSE2__
  const unsigned char* from = static_cast<const unsigned char*>(source);
  unsigned char* to = static_cast<unsigned char*>(target);
  const size_t past = bytesPastLine(to), head = past == 0 ? 0 : least(count, kLineBytes - past);
  __builtin_memcpy(to, from, head);
  size_t i = head;
  for (; i + kLineBytes <= count; i += kLineBytes) streamLine(from + i, to + i);
  __builtin_memcpy(to + i, from + i, count - i);
#else
  __builtin_memcpy(target, source, count);
#endif
}

inline void finishStreaming() {
#ifdef __SSE2__
  _mm_sfence();
#endif
}

}  // namespace
}  // namespace lockstep
