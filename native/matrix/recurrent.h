#pragma once
// The gates of recurrent layers, for all rows of a step. Mirror: src/backend/typescript/matrix/recurrent.ts.

#include "../math/hyperbolic.h"
#include "../parallel.h"
#include "../simd/for-lanes.h"
#include "../simd/lane.h"
#include "recurrent-arguments.h"
#include "tasks.h"
#include "unary-functions.h"

namespace lockstep {
namespace {

// f(r, tag, c) for every element, over the threads: a transcendental function is worth a dozen elements.
template <class T, class F>
inline void forGates(const Parallel& parallel, size_t rows, size_t columns, const F& f) {
  forRanges(parallel, rows, rowGrain(12 * columns), [&](size_t begin, size_t end) {
    const F own = f;
    for (size_t r = begin; r < end; ++r) {
      forVectors<T>(0, columns, [&](auto tag, size_t c) { own(r, tag, c); });
    }
  });
}

// Hochreiter & Schmidhuber 1997, https://doi.org/10.1162/neco.1997.9.8.1735, with the forget gate of Gers et al. 2000.
template <class T>
void lstmForward(const args::LstmForward<T>& a, const Parallel& parallel) {
  const size_t width = a.columns;
  forGates<T>(parallel, a.rows, width, [=](size_t r, auto tag, size_t c) {
    T* gates = a.gates + 4 * r * width + c;
    const size_t at = r * width + c;
    const auto i = sigmoid(tag.load(gates)), f = sigmoid(tag.load(gates + width));
    const auto g = tanh(tag.load(gates + 2 * width)), o = sigmoid(tag.load(gates + 3 * width));
    const auto cell = fma(f, tag.load(a.before + at), i * g);
    tag.store(gates, i);
    tag.store(gates + width, f);
    tag.store(gates + 2 * width, g);
    tag.store(gates + 3 * width, o);
    tag.store(a.c + at, cell);
    tag.store(a.h + at, o * tanh(cell));
  });
}

template <class T>
void lstmBackward(const args::LstmBackward<T>& a, const Parallel& parallel) {
  const size_t width = a.columns;
  forGates<T>(parallel, a.rows, width, [=](size_t r, auto tag, size_t c) {
    T* gates = a.gates + 4 * r * width + c;
    const size_t at = r * width + c;
    const auto i = tag.load(gates), f = tag.load(gates + width);
    const auto g = tag.load(gates + 2 * width), o = tag.load(gates + 3 * width);
    const auto dh = tag.load(a.dy + at) + tag.load(a.dh + at), bent = tanh(tag.load(a.c + at));
    const auto dc = tag.load(a.dc + at) + tanhFunction::backward(bent, dh * o);
    tag.store(gates, sigmoidFunction::backward(i, dc * g));
    tag.store(gates + width, sigmoidFunction::backward(f, dc * tag.load(a.before + at)));
    tag.store(gates + 2 * width, tanhFunction::backward(g, dc * i));
    tag.store(gates + 3 * width, sigmoidFunction::backward(o, dh * bent));
    tag.store(a.dc + at, dc * f);
  });
}

// Cho et al. 2014, https://arxiv.org/abs/1406.1078, with r behind the product as in its first version.
template <class T>
void gruForward(const args::GruForward<T>& a, const Parallel& parallel) {
  const size_t width = a.columns;
  forGates<T>(parallel, a.rows, width, [=](size_t row, auto tag, size_t c) {
    T* gates = a.gates + 3 * row * width + c;
    const T* hidden = a.hidden + 3 * row * width + c;
    const size_t at = row * width + c;
    const auto r = sigmoid(tag.load(gates) + tag.load(hidden));
    const auto z = sigmoid(tag.load(gates + width) + tag.load(hidden + width));
    const auto n = tanh(fma(r, tag.load(hidden + 2 * width), tag.load(gates + 2 * width)));
    tag.store(gates, r);
    tag.store(gates + width, z);
    tag.store(gates + 2 * width, n);
    tag.store(a.h + at, fma(z, tag.load(a.before + at) - n, n));
  });
}

template <class T>
void gruBackward(const args::GruBackward<T>& a, const Parallel& parallel) {
  const size_t width = a.columns;
  forGates<T>(parallel, a.rows, width, [=](size_t row, auto tag, size_t c) {
    using V = typename decltype(tag)::Type;
    T* gates = a.gates + 3 * row * width + c;
    T* hidden = a.hidden + 3 * row * width + c;
    const size_t at = row * width + c;
    const V r = tag.load(gates), z = tag.load(gates + width), n = tag.load(gates + 2 * width);
    const V dh = tag.load(a.dy + at) + tag.load(a.dh + at);
    const V dn = tanhFunction::backward(n, dh * (V(T(1)) - z));
    const V dr = sigmoidFunction::backward(r, dn * tag.load(hidden + 2 * width));
    const V dz = sigmoidFunction::backward(z, dh * (tag.load(a.before + at) - n));
    tag.store(gates, dr);
    tag.store(gates + width, dz);
    tag.store(gates + 2 * width, dn);
    tag.store(hidden, dr);
    tag.store(hidden + width, dz);
    tag.store(hidden + 2 * width, dn * r);
    tag.store(a.dh + at, dh * z);
  });
}

}  // namespace
}  // namespace lockstep
