#pragma once
// Connectionist temporal classification, in the space of logarithms and in double: what is computed says its
// Mirror: src/backend/typescript/matrix/ctc-losses.ts.

#include "../math/log.h"
#include "../parallel.h"
#include "../simd/for-lanes.h"
#include "../sizes.h"
#include "softmax-arguments.h"
#include "tasks.h"

namespace lockstep {
namespace {

// log(e^a + e^b + e^c)
template <class V>
inline V logSumOfThree(V a, V b, V c) {
  // Where all are minus infinity the differences from a finite number still are.
  const V top = max(V(-LogConstants<double>::kLargest), max(a, max(b, c)));
  return log(exp(a - top) + exp(b - top) + exp(c - top)) + top;
}

// The memory of a sequence. Rows have two states that nothing leads to before the first one, or behind the last.
struct CtcRows {
  size_t stride, steps;
  double *leaps, *emitted, *next, *rest, *alpha;

  static size_t strideFor(size_t longest) { return roundUp(plus(area(2, longest), 3), 8); }
  static size_t elements(size_t stride, size_t steps) { return area(stride, plus(steps, 4)); }

  CtcRows(size_t stride, size_t steps, double* memory) : stride(stride), steps(steps) {
    leaps = memory;
    emitted = leaps + stride;
    next = emitted + stride;
    rest = next + stride;
    alpha = rest + stride;
  }

  // Of the last two steps alone, where there are no more rows.
  double* at(size_t step) const { return alpha + step % steps * stride; }
};

template <class T>
struct CtcSequence {
  const args::Ctc<T>& a;
  const CtcRows& rows;
  const size_t first, steps;
  const int32_t* const targets;
  size_t labels = 0, width;

  CtcSequence(const args::Ctc<T>& a, const CtcRows& rows, size_t n)
      : a(a),
        rows(rows),
        first(n * a.classes),
        steps(within(a.inputLengths[n], a.steps)),
        targets(a.targets + n * a.longest) {
    while (labels < a.longest && targets[labels] >= 0) ++labels;
    width = 2 * labels + 1;
  }

  // Another thread may write to what was checked.
  static size_t within(int32_t length, size_t most) {
    return length < 0 ? 0 : least(static_cast<size_t>(length), most);
  }

  static constexpr double kNothing = -__builtin_inf();

  size_t classOf(size_t state) const { return state % 2 == 0 ? a.blank : static_cast<size_t>(targets[state / 2]); }

  // The logarithms of a step, state by state.
  void emit(size_t step) const {
    const T* const x = a.logProbs + step * a.batch * a.classes + first;
    const double blank = static_cast<double>(x[a.blank]);
    double* const to = rows.emitted;
    for (size_t l = 0; l < labels; ++l) {
      to[2 * l] = blank;
      to[2 * l + 1] = static_cast<double>(x[targets[l]]);
    }
    to[width - 1] = blank;
  }

  // What is added for the way over a blank to each state, and to two behind the last one: 0 between labels that differ.
  void findLeaps() const {
    for (size_t s = 0; s < width + 2; ++s) {
      const bool mayLeap = s % 2 == 1 && s > 1 && s < width && targets[s / 2] != targets[s / 2 - 1];
      rows.leaps[s] = mayLeap ? 0 : kNothing;
    }
  }

  double forward() const {
    if (steps == 0) return labels == 0 ? 0 : -kNothing;
    findLeaps();
    for (size_t step = 0; step < steps; ++step) {
      emit(step);
      double* const now = rows.at(step);
      now[0] = now[1] = kNothing;
      if (step == 0) {
        for (size_t s = 0; s < width; ++s) now[s + 2] = s < 2 ? rows.emitted[s] : kNothing;
        continue;
      }
      const double *const before = rows.at(step - 1), *const leaps = rows.leaps, *const emitted = rows.emitted;
      forVectors<double>(0, width, [=](auto tag, size_t s) {
        const auto leap = tag.load(before + s) + tag.load(leaps + s);
        const auto sum = logSumOfThree(tag.load(before + s + 2), tag.load(before + s + 1), leap);
        tag.store(now + s + 2, sum + tag.load(emitted + s));
      });
    }
    const double* const last = rows.at(steps - 1) + width;
    return -logSumOfThree(Lane<double>(last[1]), Lane<double>(last[0]), Lane<double>(kNothing)).v;
  }

  void backward(double loss, double share) const {
    double *const rest = rows.rest, *const next = rows.next, *const emitted = rows.emitted;
    const double* const leaps = rows.leaps;
    for (size_t s = 0; s < width; ++s) rest[s] = s + 2 < width ? kNothing : 0;
    next[width] = next[width + 1] = kNothing;
    for (size_t step = steps; step-- > 0;) {
      emit(step);
      const double* const alpha = rows.at(step) + 2;
      forVectors<double>(0, width, [=](auto tag, size_t s) {
        using V = typename decltype(tag)::Type;
        const V after = tag.load(rest + s);
        tag.store(next + s, after + tag.load(emitted + s));
        tag.store(emitted + s, V(share) * exp(tag.load(alpha + s) + after + V(loss)));
      });
      T* const slopes = a.gradient + step * a.batch * a.classes + first;
      for (size_t s = 0; s < width; ++s) {
        T& slope = slopes[classOf(s)];
        slope = static_cast<T>(static_cast<double>(slope) - emitted[s]);
      }
      forVectors<double>(0, width, [=](auto tag, size_t s) {
        const auto leap = tag.load(next + s + 2) + tag.load(leaps + s + 2);
        tag.store(rest + s, logSumOfThree(tag.load(next + s), tag.load(next + s + 1), leap));
      });
    }
  }
};

template <class T>
void ctcLosses(const args::Ctc<T>& a, const Parallel& parallel) {
  const size_t stride = CtcRows::strideFor(a.longest), steps = a.gradients ? a.steps : 2;
  const size_t elements = CtcRows::elements(stride, steps);
  const size_t workers = least(a.batch, mostTasks(area(area(a.batch, a.steps), area(16, stride)), parallel));
  if (workers == 0) return;
  double* const memory =
      static_cast<double*>(parallel.scratch(parallel, area(area(workers, elements), sizeof(double))));
  if (memory == nullptr) return;
  forTasksUnless(workers == 1, parallel, workers, [&](size_t worker) {
    const CtcRows rows(stride, steps, memory + worker * elements);
    for (size_t n = worker; n < a.batch; n += workers) {
      const CtcSequence<T> sequence(a, rows, n);
      for (size_t step = 0; a.gradients && step < a.steps; ++step) {
        clearAll(a.gradient + (step * a.batch + n) * a.classes, a.classes);
      }
      const size_t labels = sequence.labels;
      const double share = a.isMean && labels > 1 ? 1 / static_cast<double>(labels) : 1;
      const double loss = sequence.forward();
      const bool isLeftOut = a.zeroInfinity && loss == __builtin_inf();
      a.losses[n] = isLeftOut ? 0 : static_cast<T>(share * loss);
      if (a.gradients && !isLeftOut) sequence.backward(loss, share);
    }
  });
}

}  // namespace
}  // namespace lockstep
