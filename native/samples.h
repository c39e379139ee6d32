#pragma once
// What the load-time self-test and the harness feed to kernels, and when two results count as the same.

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace lockstep {

// Numbers in [-1, 1) that exercise every bit of the mantissa (the generator of Numerical Recipes).
class Numbers {
 public:
  explicit Numbers(uint64_t seed = 1) : state_(seed) {}

  double next() {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<double>(static_cast<int64_t>(state_) >> 11) * 0x1p-52;
  }

 private:
  uint64_t state_;
};

// An element from them. Whole numbers of every size, most of them small; bytes of which half are 0.
template <class T>
T elementFrom(Numbers& numbers) {
  return static_cast<T>(numbers.next());
}
template <>
inline int32_t elementFrom<int32_t>(Numbers& numbers) {
  const double number = numbers.next() * 0x1p31, scale = numbers.next();
  return static_cast<int32_t>(number * scale * scale * scale * scale * scale * scale);
}
template <>
inline uint8_t elementFrom<uint8_t>(Numbers& numbers) {
  const double number = numbers.next();
  return number < 0 ? uint8_t{0} : static_cast<uint8_t>(number * 256);
}

// f(0), a number of the element type that call `index` has where it may have any.
template <class F>
void anyElement(size_t index, const F& f) {
  switch (index % 4) {
    case 0:
      return f(0.0f);
    case 1:
      return f(0.0);
    case 2:
      return f(int32_t{0});
    default:
      return f(uint8_t{0});
  }
}

// A rule's operands are the parameter, its gradient, then states: second moments among them are never negative.
template <class T>
T operandValue(size_t operand, T value) {
  return operand >= 2 && value < 0 ? -value : value;
}

// Equal bits, or NaN in both: the sign and payload of a NaN are not part of the promise.
template <class T>
bool same(T x, T y) {
  return std::memcmp(&x, &y, sizeof x) == 0 || (x != x && y != y);
}

}  // namespace lockstep
