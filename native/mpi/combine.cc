#include "combine.h"

#include <type_traits>

#include "../sizes.h"

namespace lockstep::mpi {
namespace {

// Which of two NaNs an addition keeps is the compiler's choice: there is one here.
template <class T>
constexpr T kNaN = static_cast<T>(__builtin_nan(""));

struct Sum {
  template <class T>
  static T of(T left, T right) {
    if constexpr (std::is_same_v<T, int32_t>) {
      return static_cast<T>(static_cast<uint32_t>(left) + static_cast<uint32_t>(right));
    } else if constexpr (std::is_integral_v<T>) {
      return static_cast<T>(left + right);
    } else {
      const T sum = left + right;
      return sum == sum ? sum : kNaN<T>;
    }
  }
};

template <bool isLess>
struct Extreme {
  template <class T>
  static T of(T left, T right) {
    const T best = (isLess ? right < left : right > left) ? right : left;
    if constexpr (std::is_integral_v<T>)
      return best;
    else
      return left == left && right == right ? best : kNaN<T>;
  }
};

// What is written may be either operand.
template <class Function, class T>
void combine(void* data, const void* left, const void* right, size_t bytes) {
  auto* const result = static_cast<T*>(data);
  const auto* const x = static_cast<const T*>(left);
  const auto* const y = static_cast<const T*>(right);
  for (size_t i = 0; i < bytes / sizeof(T); ++i) result[i] = Function::of(x[i], y[i]);
}

using Combine = void (*)(void*, const void*, const void*, size_t);

template <class Function>
constexpr Combine kOfTypes[] = {combine<Function, float>, combine<Function, double>, combine<Function, int32_t>,
                                combine<Function, uint8_t>};

Combine combineOf(const Operation& operation) {
  const auto type = static_cast<size_t>(operation.type);
  if (operation.kind == Kind::kSum) return kOfTypes<Sum>[type];
  return operation.kind == Kind::kMin ? kOfTypes<Extreme<true>>[type] : kOfTypes<Extreme<false>>[type];
}

bool isCombination(const Operation& operation) {
  return operation.kind == Kind::kSum || operation.kind == Kind::kMin || operation.kind == Kind::kMax;
}

}  // namespace

size_t bytesOf(Type type) {
  constexpr size_t kBytes[] = {sizeof(float), sizeof(double), sizeof(int32_t), sizeof(uint8_t)};
  return kBytes[static_cast<size_t>(type)];
}

// A part of all after the other: what one wrote is in the cache for the next.
void combineAll(const Operation* first, size_t count) {
  constexpr size_t kPart = 16384;
  for (size_t start = 0; start < first->bytes; start += kPart) {
    const size_t bytes = least(kPart, first->bytes - start);
    for (size_t i = 0; i < count; ++i) {
      const Operation& one = first[i];
      combineOf(one)(one.data + start, one.left + start, one.right + start, bytes);
    }
  }
}

size_t combinationsFrom(const Operation* operations, size_t count) {
  size_t found = 0;
  while (found < count && isCombination(operations[found]) && operations[found].bytes == operations->bytes) ++found;
  return found;
}

}  // namespace lockstep::mpi
