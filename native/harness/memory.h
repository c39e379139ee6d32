#pragma once
// The arrays of one call, each between guards that nothing may write to. Under AddressSanitizer nothing may read them
// either.

#include <cstdio>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "../element-type.h"
#include "../samples.h"

#if defined(__SANITIZE_ADDRESS__)  // as GCC says it
#define LOCKSTEP_ADDRESS_SANITIZER
#elif defined(__has_feature)  // and Clang
#if __has_feature(address_sanitizer)
#define LOCKSTEP_ADDRESS_SANITIZER
#endif
#endif

#ifdef LOCKSTEP_ADDRESS_SANITIZER
#include <sanitizer/asan_interface.h>
#endif

namespace lockstep {

// Memory that nothing may touch, and that it may again.
inline void poison([[maybe_unused]] const void* address, [[maybe_unused]] size_t bytes) {
#ifdef LOCKSTEP_ADDRESS_SANITIZER
  __asan_poison_memory_region(address, bytes);
#endif
}
inline void unpoison([[maybe_unused]] const void* address, [[maybe_unused]] size_t bytes) {
#ifdef LOCKSTEP_ADDRESS_SANITIZER
  __asan_unpoison_memory_region(address, bytes);
#endif
}

// What the values of an array may be: numbers below one; also zeros, subnormals and the largest ones; also Inf and NaN.
enum class Values { kPlain, kFinite, kAll };
constexpr Values kAllValues[] = {Values::kPlain, Values::kFinite, Values::kAll};

template <class T>
T specialFloat(size_t index, Values values) {
  const T smallest = sizeof(T) == 4 ? T(0x1p-149) : T(0x1p-1074), largest = sizeof(T) == 4 ? T(0x1p127) : T(0x1p1023);
  const T infinity = T(__builtin_inf()), nan = T(__builtin_nan(""));
  const T all[] = {T(0), T(-0.0), smallest, -1000 * smallest, largest, T(0), infinity, -infinity, nan, T(-0.0)};
  return all[index % (values == Values::kFinite ? 6 : 10)];
}

template <class T>
T specialValue(size_t index, Values) {
  constexpr T kAll[] = {T(0), T(1), static_cast<T>(-1), static_cast<T>(0x7fffffff), static_cast<T>(0x80000000), T(2)};
  return kAll[index % 6];
}
template <>
inline float specialValue<float>(size_t index, Values values) {
  return specialFloat<float>(index, values);
}
template <>
inline double specialValue<double>(size_t index, Values values) {
  return specialFloat<double>(index, values);
}

// The elements of one array. One in `rarity` is a special one.
template <class T>
struct Filling {
  size_t seed;
  Values values;
  size_t rarity;

  void operator()(T* data, size_t count) const {
    const std::vector<T>& prepared = prepare(count);
    if (count > 0) std::memcpy(data, prepared.data(), count * sizeof(T));
  }

 private:
  // The same calls are made again and again: what they need is made once, and grows.
  const std::vector<T>& prepare(size_t count) const {
    struct Sequence {
      Numbers numbers;
      std::vector<T> elements;
    };
    static std::map<std::tuple<size_t, Values, size_t>, Sequence> sequences;
    auto [entry, isNew] = sequences.try_emplace({seed, values, rarity}, Sequence{Numbers(seed), {}});
    auto& [numbers, elements] = entry->second;
    while (elements.size() < count) {
      elements.push_back(elementFrom<T>(numbers));
      const size_t draw = static_cast<size_t>((numbers.next() + 1) * 0x1p30);
      if (values != Values::kPlain && draw % rarity == 0) elements.back() = specialValue<T>(draw / rarity, values);
    }
    return elements;
  }
};

class Array {
 private:
  // f(an element of the array's type)
  template <class F>
  auto typed(const F& f) const {
    switch (element_) {
      case ElementType::kDouble:
        return f(double());
      case ElementType::kInt32:
        return f(int32_t());
      case ElementType::kUint8:
        return f(uint8_t());
      default:
        return f(float());
    }
  }

 public:
  // Neighbouring arrays start at different offsets from a vector's alignment. The elements are for the caller to fill.
  template <class T>
  Array(size_t count, size_t offset, T*& data)
      : element_(kElementType<T>),
        bytes_(count * sizeof(T)),
        begin_(kGuard + offset % 8 * sizeof(T)),
        memory_(new unsigned char[size()]) {
    std::memset(memory_.get(), kPattern, begin_);
    std::memset(memory_.get() + begin_ + bytes_, kPattern, kGuard);
    data = reinterpret_cast<T*>(memory_.get() + begin_);
    poison(memory_.get(), begin_);
    poison(memory_.get() + begin_ + bytes_, kGuard);
  }

  ~Array() { unpoison(memory_.get(), size()); }
  Array(const Array&) = delete;
  Array& operator=(const Array&) = delete;

  bool intact() {
    unpoison(memory_.get(), size());
    size_t damaged = 0;
    for (size_t i = 0; i < begin_; ++i) damaged += memory_[i] != kPattern;
    for (size_t i = begin_ + bytes_; i < size(); ++i) damaged += memory_[i] != kPattern;
    return damaged == 0;
  }

  size_t count() const { return bytes_ / bytesOf(element_); }

  // The first element that is not the same as the other's, or count().
  size_t difference(const Array& other) const {
    return typed([&](auto type) { return firstDifference<decltype(type)>(other); });
  }

  double at(size_t index) const {
    return typed([&](auto type) { return static_cast<double>(element<decltype(type)>(index)); });
  }

  uint64_t hash(uint64_t seed) const {
    return typed([&](auto type) { return mixAll<decltype(type)>(seed); });
  }

 private:
  static constexpr size_t kGuard = 64;
  static constexpr unsigned char kPattern = 0xA5;

  size_t size() const { return begin_ + bytes_ + kGuard; }

  template <class T>
  T element(size_t index) const {
    T value;
    std::memcpy(&value, memory_.get() + begin_ + index * sizeof(T), sizeof(T));
    return value;
  }

  template <class T>
  size_t firstDifference(const Array& other) const {
    size_t i = 0;
    while (i < count() && same(element<T>(i), other.element<T>(i))) ++i;
    return i;
  }

  // FNV-1a over words, folded so that high bits reach low ones. All NaN are one.
  template <class T>
  uint64_t mixAll(uint64_t hash) const {
    for (size_t i = 0; i < count(); ++i) {
      const T value = element<T>(i);
      uint64_t bits = 0;
      std::memcpy(&bits, &value, sizeof value);
      if (value != value) bits = ~uint64_t{0};
      hash = (hash ^ bits) * 0x100000001b3u;
      hash ^= hash >> 29;
    }
    return hash;
  }

  ElementType element_;
  size_t bytes_, begin_;
  std::unique_ptr<unsigned char[]> memory_;
};

// Labels are not hashed: kernels only read them.
struct Call {
  std::deque<Array> arrays;
  std::deque<std::vector<int32_t>> labels;
};

// How two calls differ, or nothing.
inline std::string difference(const Call& call, const Call& expected) {
  for (size_t k = 0; k < expected.arrays.size(); ++k) {
    const size_t i = call.arrays[k].difference(expected.arrays[k]);
    if (i == expected.arrays[k].count()) continue;
    char line[160];
    std::snprintf(line, sizeof line, "array %zu, element %zu is %a instead of %a", k, i, call.arrays[k].at(i),
                  expected.arrays[k].at(i));
    return line;
  }
  return "";
}

}  // namespace lockstep
