#pragma once
// Functions of one number: forward(x), and backward(at, dy), which gives dx from the x or the y of the forward pass.
// See LOCKSTEP_UNARY in kernels.def. Mirror: src/backend/typescript/matrix/unary-functions.ts.

#include "../math/erf.h"
#include "../math/exp.h"
#include "../math/hyperbolic.h"
#include "../math/inverse.h"
#include "../math/log.h"
#include "../math/trigonometry.h"
#include "../simd/lane.h"
#include "../simd/sign.h"

namespace lockstep {
namespace {

// For functions that take one vector at a time: sine loses a quarter of its speed where the registers are to hold what two need
// at once, and others are long, and as fast.
struct OneAtATime {};

struct reluFunction {
  template <class V>
  static V forward(V x) {
    using T = typename V::Element;
    return max(V(T(0)), x);
  }
  template <class V>
  static V backward(V y, V dy) {
    using T = typename V::Element;
    return selectGreater(y, V(T(0)), dy, V(T(0)));
  }
};

struct expFunction {
  template <class V>
  static V forward(V x) {
    return exp(x);
  }
  template <class V>
  static V backward(V y, V dy) {
    return dy * y;
  }
};

struct logFunction {
  template <class V>
  static V forward(V x) {
    return log(x);
  }
  template <class V>
  static V backward(V x, V dy) {
    return dy / x;
  }
};

struct log1pFunction {
  template <class V>
  static V forward(V x) {
    return log1p(x);
  }
  template <class V>
  static V backward(V x, V dy) {
    using T = typename V::Element;
    return dy / (V(T(1)) + x);
  }
};

struct expm1Function {
  template <class V>
  static V forward(V x) {
    return expm1(x);
  }
  template <class V>
  static V backward(V y, V dy) {
    return fma(dy, y, dy);
  }
};

// 1 - y^2 in one rounding: near +-1 the square's own would be all that is left.
struct tanhFunction {
  template <class V>
  static V forward(V x) {
    return tanh(x);
  }
  template <class V>
  static V backward(V y, V dy) {
    using T = typename V::Element;
    return dy * fma(-y, y, V(T(1)));
  }
};

struct sigmoidFunction {
  template <class V>
  static V forward(V x) {
    return sigmoid(x);
  }
  template <class V>
  static V backward(V y, V dy) {
    using T = typename V::Element;
    return dy * (y * (V(T(1)) - y));
  }
};

struct softplusFunction {
  template <class V>
  static V forward(V x) {
    return softplus(x);
  }
  template <class V>
  static V backward(V x, V dy) {
    return dy * sigmoid(x);
  }
};

struct erfFunction {
  template <class V>
  static V forward(V x) {
    return erf(x);
  }
  template <class V>
  static V backward(V x, V dy) {
    return dy * erfSlope(x);
  }
};

struct geluFunction {
  template <class V>
  static V forward(V x) {
    return gelu(x);
  }
  template <class V>
  static V backward(V x, V dy) {
    return dy * geluSlope(x);
  }
};

struct geluTanhFunction {
  template <class V>
  static V forward(V x) {
    return geluTanh(x);
  }
  template <class V>
  static V backward(V x, V dy) {
    return dy * geluTanhSlope(x);
  }
};

struct siluFunction {
  template <class V>
  static V forward(V x) {
    return silu(x);
  }
  template <class V>
  static V backward(V x, V dy) {
    return dy * siluSlope(x);
  }
};

struct sinFunction : OneAtATime {
  template <class V>
  static V forward(V x) {
    return sin(x);
  }
  template <class V>
  static V backward(V x, V dy) {
    return dy * cos(x);
  }
};

struct cosFunction : OneAtATime {
  template <class V>
  static V forward(V x) {
    return cos(x);
  }
  template <class V>
  static V backward(V x, V dy) {
    return -(dy * sin(x));
  }
};

struct tanFunction : OneAtATime {
  template <class V>
  static V forward(V x) {
    return tan(x);
  }
  template <class V>
  static V backward(V y, V dy) {
    using T = typename V::Element;
    return dy * fma(y, y, V(T(1)));
  }
};

struct asinFunction : OneAtATime {
  template <class V>
  static V forward(V x) {
    return asin(x);
  }
  template <class V>
  static V backward(V x, V dy) {
    using T = typename V::Element;
    return dy / sqrt(fma(-x, x, V(T(1))));
  }
};

struct acosFunction : OneAtATime {
  template <class V>
  static V forward(V x) {
    return acos(x);
  }
  template <class V>
  static V backward(V x, V dy) {
    using T = typename V::Element;
    return -(dy / sqrt(fma(-x, x, V(T(1)))));
  }
};

struct atanFunction : OneAtATime {
  template <class V>
  static V forward(V x) {
    return atan(x);
  }
  template <class V>
  static V backward(V x, V dy) {
    using T = typename V::Element;
    return dy / fma(x, x, V(T(1)));
  }
};

struct sinhFunction : OneAtATime {
  template <class V>
  static V forward(V x) {
    return sinh(x);
  }
  template <class V>
  static V backward(V x, V dy) {
    return dy * cosh(x);
  }
};

struct coshFunction : OneAtATime {
  template <class V>
  static V forward(V x) {
    return cosh(x);
  }
  template <class V>
  static V backward(V x, V dy) {
    return dy * sinh(x);
  }
};

struct asinhFunction : OneAtATime {
  template <class V>
  static V forward(V x) {
    return asinh(x);
  }
  template <class V>
  static V backward(V x, V dy) {
    // The square of a large float is not one.
    return inDouble(x, dy, [](auto d, auto slope) {
      using D = decltype(d);
      return slope / sqrt(fma(d, d, D(1.0)));
    });
  }
};

struct acoshFunction : OneAtATime {
  template <class V>
  static V forward(V x) {
    return acosh(x);
  }
  template <class V>
  static V backward(V x, V dy) {
    // The square of a large float is not one.
    return inDouble(x, dy, [](auto d, auto slope) {
      using D = decltype(d);
      return slope / sqrt(fma(d, d, D(-1.0)));
    });
  }
};

struct atanhFunction : OneAtATime {
  template <class V>
  static V forward(V x) {
    return atanh(x);
  }
  template <class V>
  static V backward(V x, V dy) {
    using T = typename V::Element;
    return dy / fma(-x, x, V(T(1)));
  }
};

struct log2Function : OneAtATime {
  template <class V>
  static V forward(V x) {
    return log2(x);
  }
  template <class V>
  static V backward(V x, V dy) {
    using T = typename V::Element;
    return dy / (x * V(static_cast<T>(InverseConstants::kLn2)));
  }
};

struct log10Function : OneAtATime {
  template <class V>
  static V forward(V x) {
    return log10(x);
  }
  template <class V>
  static V backward(V x, V dy) {
    using T = typename V::Element;
    return dy / (x * V(static_cast<T>(InverseConstants::kLn10)));
  }
};

struct exp2Function : OneAtATime {
  template <class V>
  static V forward(V x) {
    return exp2(x);
  }
  template <class V>
  static V backward(V y, V dy) {
    using T = typename V::Element;
    return dy * (y * V(static_cast<T>(InverseConstants::kLn2)));
  }
};

struct sqrtFunction {
  template <class V>
  static V forward(V x) {
    return sqrt(x);
  }
  template <class V>
  static V backward(V y, V dy) {
    return dy / (y + y);
  }
};

struct rsqrtFunction {
  template <class V>
  static V forward(V x) {
    using T = typename V::Element;
    return V(T(1)) / sqrt(x);
  }
  template <class V>
  static V backward(V y, V dy) {
    using T = typename V::Element;
    return V(T(-0.5)) * dy * (y * y * y);
  }
};

struct reciprocalFunction {
  template <class V>
  static V forward(V x) {
    using T = typename V::Element;
    return V(T(1)) / x;
  }
  template <class V>
  static V backward(V y, V dy) {
    return -(dy * (y * y));
  }
};

struct squareFunction {
  template <class V>
  static V forward(V x) {
    return x * x;
  }
  template <class V>
  static V backward(V x, V dy) {
    return dy * (x + x);
  }
};

struct absFunction {
  template <class V>
  static V forward(V x) {
    return abs(x);
  }
  template <class V>
  static V backward(V x, V dy) {
    return dy * sign(x);
  }
};

struct negFunction {
  template <class V>
  static V forward(V x) {
    return -x;
  }
  template <class V>
  static V backward(V, V dy) {
    return -dy;
  }
};

// Clevert, Unterthiner & Hochreiter 2015, https://arxiv.org/abs/1511.07289
struct eluFunction {
  template <class V>
  static V forward(V x) {
    using T = typename V::Element;
    return selectGreater(x, V(T(0)), x, expm1(x));
  }
  template <class V>
  static V backward(V y, V dy) {
    using T = typename V::Element;
    return selectGreater(y, V(T(0)), dy, fma(dy, y, dy));
  }
};

// In two parts: the first alone would be off by as much as the product is. It is the smaller neighbour, as infinity times a
// negative rest would be NaN.
template <class T>
struct SeluConstants;
template <>
struct SeluConstants<float> {
  static constexpr float kScale = 0x1.0cfabcp+0f, kScaleLow = 0x1.6a9114p-24f;
  static constexpr float kAlpha = 0x1.c212ccp+0f, kAlphaLow = 0x1.903c0cp-26f;
};
template <>
struct SeluConstants<double> {
  static constexpr double kScale = 0x1.0cfabd6a91132p+0, kScaleLow = 0x1.6fc7d272f2695p-55;
  static constexpr double kAlpha = 0x1.c212cc640f031p+0, kAlphaLow = 0x1.05161b045a1f7p-56;
};

// Klambauer, Unterthiner, Mayr & Hochreiter 2017, https://arxiv.org/abs/1706.02515. kAlpha is their scale times alpha.
struct seluFunction {
  template <class V>
  static V forward(V x) {
    using T = typename V::Element;
    using C = SeluConstants<T>;
    const V zero(T(0)), y = selectGreater(x, zero, x, expm1(x));
    const V high = selectGreater(x, zero, V(C::kScale), V(C::kAlpha));
    const V low = selectGreater(x, zero, V(C::kScaleLow), V(C::kAlphaLow));
    return fma(high, y, low * y);
  }
  template <class V>
  static V backward(V y, V dy) {
    using T = typename V::Element;
    using C = SeluConstants<T>;
    // Rounded as y is: where y has reached its limit the slope is 0.
    return dy * selectGreater(y, V(T(0)), V(C::kScale + C::kScaleLow), y + V(C::kAlpha + C::kAlphaLow));
  }
};

// x + 3 within [0, 6]
template <class V>
inline V ramp(V x) {
  using T = typename V::Element;
  return min(V(T(6)), max(V(T(0)), x + V(T(3))));
}

// Howard et al. 2019, https://arxiv.org/abs/1905.02244, section 5.2
struct hardswishFunction {
  template <class V>
  static V forward(V x) {
    using T = typename V::Element;
    return x * (ramp(x) / V(T(6)));
  }
  template <class V>
  static V backward(V x, V dy) {
    using T = typename V::Element;
    const V three(T(3)), between = (x + x + three) / V(T(6));
    // At 3 the slope is that from above, at -3 too, as in PyTorch.
    return dy * selectGreater(-three, x, V(T(0)), selectGreater(three, x, between, V(T(1))));
  }
};

struct hardsigmoidFunction {
  template <class V>
  static V forward(V x) {
    using T = typename V::Element;
    return ramp(x) / V(T(6));
  }
  template <class V>
  static V backward(V x, V dy) {
    using T = typename V::Element;
    const V zero(T(0)), inside = selectGreater(V(T(3)), abs(x), dy / V(T(6)), zero);
    return selectEqual(x, x, inside, dy);
  }
};

// tanh(softplus(x)) is n / (n + 2) with n = e^x (e^x + 2), and 1 from 22 on in double, where the square of n + 2 is a float.
struct mishFunction {
  template <class V>
  static V forward(V x) {
    using T = typename V::Element;
    // Below -64 the power is taken in two parts: x times a subnormal number has lost bits.
    const V low(T(-64)), upper = max(low, x);
    const V e = exp(min(V(T(22)), upper)), n = e * (e + V(T(2)));
    const V y = max(V(T(-1000)), x) * (n / (n + V(T(2))));
    return anyGreater(low, x) ? y * exp(min(x, low) - low) : y;
  }
  template <class V>
  static V backward(V x, V dy) {
    using T = typename V::Element;
    const V two(T(2)), within = min(V(T(22)), max(V(T(-1000)), x));
    const V e = exp(within), n = e * (e + two), m = n + two;
    return dy * (n / m + within * (V(T(4)) * e * (e + V(T(1))) / (m * m)));
  }
};

struct logsigmoidFunction {
  template <class V>
  static V forward(V x) {
    return -softplus(-x);
  }
  template <class V>
  static V backward(V x, V dy) {
    return dy * sigmoid(-x);
  }
};

struct softsignFunction {
  template <class V>
  static V forward(V x) {
    using T = typename V::Element;
    return x / (V(T(1)) + abs(x));
  }
  template <class V>
  static V backward(V x, V dy) {
    using T = typename V::Element;
    const V share = V(T(1)) / (V(T(1)) + abs(x));
    return dy * (share * share);
  }
};

template <class Function>
constexpr bool kFitsTwice = !__is_base_of(OneAtATime, Function);

}  // namespace
}  // namespace lockstep
