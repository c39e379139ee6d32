#pragma once
// What happens to C once all terms are added: C = activation(C + bias). Both are rounded as passes of their own would be, so
// that fusing changes no bit. Mirror: src/backend/typescript/matrix/gemm-epilogue.ts.

#include "../simd/for-lanes.h"
#include "gemm-arguments.h"
#include "unary-functions.h"

namespace lockstep {
namespace {

struct identityFunction {
  template <class V>
  static V forward(V x) {
    return x;
  }
};

template <class Function, bool kBiased, class T>
void finishRows(T* c, size_t ldc, size_t rows, size_t columns, const T* bias) {
  for (size_t r = 0; r < rows; ++r, c += ldc) {
    forVectors<T>(0, columns, [&](auto tag, size_t i) {
      auto x = tag.load(c + i);
      if constexpr (kBiased) x = x + tag.load(bias + i);
      tag.store(c + i, Function::forward(x));
    });
  }
}

template <class T>
using FinishFunction = void (*)(T* c, size_t ldc, size_t rows, size_t columns, const T* bias);

template <class T, class... Functions>
struct FinishTable {
  static_assert(sizeof...(Functions) == kActivations, "gemm-arguments.h counts them");
  FinishFunction<T> biased[kActivations] = {&finishRows<Functions, true, T>...};
  FinishFunction<T> plain[kActivations] = {&finishRows<Functions, false, T>...};
};

// In the order of ACTIVATIONS in the mirror.
template <class T>
constexpr FinishTable<T, identityFunction, reluFunction, tanhFunction, sigmoidFunction, siluFunction, geluFunction,
                      geluTanhFunction>
    kFinish{};

template <class T>
struct Epilogue {
  const T* bias;  // one row, or null
  size_t activation;

  // For rows x columns of C at `c`, the first of which is column `column`.
  void apply(T* c, size_t ldc, size_t rows, size_t column, size_t columns) const {
    if (bias != nullptr) return kFinish<T>.biased[activation](c, ldc, rows, columns, bias + column);
    if (activation != 0) kFinish<T>.plain[activation](c, ldc, rows, columns, nullptr);
  }
};

}  // namespace
}  // namespace lockstep
