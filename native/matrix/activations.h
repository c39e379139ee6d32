#pragma once
// Activations and their gradients. Mirror: src/backend/typescript/matrix/activations.ts.

// y = f(x)
template <class T, class F>
inline void forActivations(const args::ActivationArguments<T>& a, const Parallel& parallel, const F& f) {
  forElements<T>(parallel, a.n, [&](auto tag, size_t i) {
    using V = typename decltype(tag)::Type;
    f(V::load(a.x + i)).store(a.y + i);
  });
}

// dx = f(at, dy)
template <class T, class F>
inline void forSlopes(const args::SlopeArguments<T>& a, const Parallel& parallel, const F& f) {
  forElements<T>(parallel, a.n, [&](auto tag, size_t i) {
    using V = typename decltype(tag)::Type;
    f(V::load(a.at + i), V::load(a.dy + i)).store(a.dx + i);
  });
}

template <class T>
void reluForward(const args::reluForward<T>& a, const Parallel& parallel) {
  forActivations(a, parallel, [](auto x) { return max(decltype(x)(T(0)), x); });
}

template <class T>
void reluBackward(const args::reluBackward<T>& a, const Parallel& parallel) {
  forSlopes(a, parallel, [](auto y, auto dy) {
    const decltype(y) zero(T(0));
    return selectGreater(y, zero, dy, zero);
  });
}

template <class T>
void tanhForward(const args::tanhForward<T>& a, const Parallel& parallel) {
  forActivations(a, parallel, [](auto x) { return tanh(x); });
}

// 1 - y^2 in one rounding: near +-1 the square's own would be all that is left.
template <class T>
void tanhBackward(const args::tanhBackward<T>& a, const Parallel& parallel) {
  forSlopes(a, parallel, [](auto y, auto dy) { return dy * fma(-y, y, decltype(y)(T(1))); });
}

template <class T>
void sigmoidForward(const args::sigmoidForward<T>& a, const Parallel& parallel) {
  forActivations(a, parallel, [](auto x) { return sigmoid(x); });
}

template <class T>
void sigmoidBackward(const args::sigmoidBackward<T>& a, const Parallel& parallel) {
  forSlopes(a, parallel, [](auto y, auto dy) { return dy * (y * (decltype(y)(T(1)) - y)); });
}

template <class T>
void siluForward(const args::siluForward<T>& a, const Parallel& parallel) {
  forActivations(a, parallel, [](auto x) { return x * sigmoid(x); });
}

template <class T>
void siluBackward(const args::siluBackward<T>& a, const Parallel& parallel) {
  forSlopes(a, parallel, [](auto x, auto dy) {
    const decltype(x) one(T(1)), s = sigmoid(x);
    return dy * (s * fma(x, one - s, one));
  });
}
