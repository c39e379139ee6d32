#pragma once
// Group normalisation, Wu & He 2018, https://arxiv.org/abs/1803.08494, of samples whose channels are last. Each chunk of a
// sample's places gives two sums for each channel; those of a group are joined in the order of the chunks, then of the places of
// a row, then of its channels. A sample of one chunk, or one of many, is read, joined and written by one thread while it is in
// the cache.
// Mirror: src/backend/typescript/matrix/group-norm.ts.

#include "../parallel.h"
#include "../simd/for-lanes.h"
#include "../simd/reduce.h"
#include "../sizes.h"
#include "columns.h"
#include "norm-arguments.h"
#include "reduce-axis.h"
#include "tasks.h"

namespace lockstep {
namespace {

// How many places make a row: where they have few channels a vector would mostly be empty.
inline size_t placesToRow(size_t places, size_t columns) {
  size_t fold = 1;
  while (columns * fold < kReductionLanes && places % (2 * fold) == 0) fold *= 2;
  return fold;
}

// Memory for the sums of all chunks, 2 `columns` to a chunk, and for two numbers of each group of a sample. The columns of a row
// are the `all` channels of `fold` places.
struct GroupSums {
  size_t batch, groups, channels, all, fold, columns, lines, rows, chunks;
  // Whether one thread does all of a sample.
  bool isWhole;
  double* sums;
  double* ofGroups;

  GroupSums(const args::Grouped& a, const Parallel& parallel)
      : batch(a.batch),
        groups(a.groups),
        channels(a.channels),
        all(a.columns()),
        fold(placesToRow(a.places, all)),
        columns(all * fold),
        lines(a.places / fold),
        rows(chunkRows(columns)),
        chunks(quotientUp(lines, rows)),
        isWhole(chunks == 1 || batch >= kTasksPerThread * parallel.threads),
        sums(chunkPartials<double>(parallel, batch, area(area(chunks, 2), columns) + 2 * groups)),
        ofGroups(sums == nullptr ? nullptr : sums + batch * chunks * 2 * columns) {}

  double* of(size_t o, size_t chunk) const { return sums + (o * chunks + chunk) * 2 * columns; }
  double* ofGroup(size_t o, size_t group) const { return ofGroups + (o * groups + group) * 2; }
  size_t count(size_t chunk) const { return least(lines - chunk * rows, rows); }
  double elements() const { return static_cast<double>(lines * fold * channels); }

  // Whether a sample, of elements of this size, is still in the second-level cache when it is read again, beside its result.
  bool staysInCache(size_t bytes) const { return isWhole && lines * columns * bytes <= size_t(1) << 19; }

  // f(row, count, first, width): a chunk, whose first row this is in all of x, in blocks of its columns.
  template <class F>
  void forBlocks(size_t o, size_t chunk, const F& f) const {
    for (size_t first = 0; first < columns; first += kWideBlock) {
      f(o * lines + chunk * rows, count(chunk), first, least(columns - first, kWideBlock));
    }
  }

  // f(c, channel, group) for the columns first + c.
  template <class F>
  void forColumnsOf(size_t first, size_t width, const F& f) const {
    size_t channel = first % all, group = channel / channels, end = (group + 1) * channels;
    for (size_t c = 0; c < width; ++c) {
      f(c, channel, group);
      if (++channel < end) continue;
      group = channel == all ? 0 : group + 1;
      channel = group * channels;
      end = channel + channels;
    }
  }

  // gather(o, chunk) for all chunks of a sample, then finish(o), then apply(o, chunk): none of them inline, for each is called
  // twice.
  template <class Gather, class Finish, class Apply>
  void run(const Parallel& parallel, const Gather& gather, const Finish& finish, const Apply& apply) const {
    if (isWhole) {
      return forRanges(parallel, batch, rowGrain(lines * columns), [&](size_t begin, size_t end) {
        for (size_t o = begin; o < end; ++o) {
          for (size_t chunk = 0; chunk < chunks; ++chunk) gather(o, chunk);
          finish(o);
          for (size_t chunk = 0; chunk < chunks; ++chunk) apply(o, chunk);
        }
      });
    }
    const auto each = [this](const auto& f) { return [this, &f](size_t task) { f(task / chunks, task % chunks); }; };
    forTasks(parallel, batch * chunks, each(gather));
    forTasks(parallel, batch, finish);
    forTasks(parallel, batch * chunks, each(apply));
  }
};

// For each column the sum of x - center and that of its square; what is written next comes to the cache meanwhile.
template <class T>
[[gnu::noinline]] void sumSquares(size_t row, size_t count, size_t first, size_t width, size_t columns, const T* x,
                                  const T* center, const T* next, double* sums) {
  reduceBlock<2, T, Addition>(row, count, first, width, columns, sums + first, columns,
                              [=](auto tag, size_t i, size_t c) {
                                using V = typename decltype(tag)::Type;
                                __builtin_prefetch(next + i, 1);
                                const V deviation = V::load(x + i) - V::load(center + (c - first));
                                return Both{deviation, Times{deviation, deviation}};
                              });
}

// For each column the sum of dy, and that of dy (x - center).
template <class T>
[[gnu::noinline]] void sumProducts(size_t row, size_t count, size_t first, size_t width, size_t columns, const T* dy,
                                   const T* x, const T* center, double* sums) {
  reduceBlock<2, T, Addition>(row, count, first, width, columns, sums + first, columns,
                              [=](auto tag, size_t i, size_t c) {
                                using V = typename decltype(tag)::Type;
                                const V g = V::load(dy + i);
                                return Both{g, Times{g, V::load(x + i) - V::load(center + (c - first))}};
                              });
}

template <class T>
void groupNormForward(const args::GroupNormForward<T>& a, const Parallel& parallel) {
  const GroupSums s(a, parallel);
  if (s.sums == nullptr) return;
  const size_t columns = s.columns, channels = s.channels;
  const double elements = s.elements();
  // About the first place of each chunk, so that large numbers that differ little lose little.
  const auto centers = [&](size_t o, size_t chunk) { return a.x + (o * s.lines + chunk * s.rows) * columns; };
  const T* const next = s.staysInCache(sizeof(T)) ? a.y : a.x;
  const auto gather = [&](size_t o, size_t chunk) __attribute__((noinline)) {
    s.forBlocks(o, chunk, [&](size_t row, size_t count, size_t first, size_t width) {
      const T* center = centers(o, chunk) + first;
      sumSquares(row, count, first, width, columns, a.x, center, next, s.of(o, chunk));
    });
  };
  const auto finish = [&](size_t o) __attribute__((noinline)) {
    for (size_t group = 0; group < s.groups; ++group) {
      // f(center, sum, squares, count) for each chunk and channel.
      const auto each = [&](const auto& f) {
        for (size_t chunk = 0; chunk < s.chunks; ++chunk) {
          const double *sums = s.of(o, chunk), count = static_cast<double>(s.count(chunk));
          const T* center = centers(o, chunk);
          for (size_t place = 0; place < columns; place += s.all) {
            for (size_t c = place + group * channels; c < place + (group + 1) * channels; ++c) {
              f(static_cast<double>(center[c]), sums[c], sums[columns + c], count);
            }
          }
        }
      };
      double total = 0, squares = 0;
      each([&](double center, double sum, double, double count) { total += sum + count * center; });
      const T mean = static_cast<T>(total / elements);
      each([&](double center, double sum, double square, double count) {
        const double moved = center - static_cast<double>(mean);
        squares += square + moved * (2 * sum + count * moved);
      });
      a.mean[o * s.groups + group] = mean;
      // Rounding may leave a little below 0; NaN stays.
      const double variance = squares < 0 ? 0 : squares / elements;
      a.rstd[o * s.groups + group] = static_cast<T>(1 / __builtin_sqrt(variance + a.eps));
    }
  };
  const auto apply = [&](size_t o, size_t chunk) __attribute__((noinline)) {
    s.forBlocks(o, chunk, [&](size_t row, size_t count, size_t first, size_t width) {
      T means[kWideBlock], scales[kWideBlock], biases[kWideBlock];
      s.forColumnsOf(first, width, [&](size_t c, size_t channel, size_t group) {
        means[c] = a.mean[o * s.groups + group];
        scales[c] = a.rstd[o * s.groups + group] * a.weight[channel];
        biases[c] = a.bias[channel];
      });
      const T *mean = means, *scale = scales, *bias = biases;
      for (size_t r = row; r < row + count; ++r) {
        const T* x = a.x + r * columns + first;
        T* y = a.y + r * columns + first;
        forVectors<T>(0, width, [=](auto tag, size_t c) {
          tag.store(y + c, fma(tag.load(x + c) - tag.load(mean + c), tag.load(scale + c), tag.load(bias + c)));
        });
      }
    });
  };
  s.run(parallel, gather, finish, apply);
}

template <class T>
void groupNormBackward(const args::GroupNormBackward<T>& a, const Parallel& parallel) {
  const GroupSums s(a, parallel);
  if (s.sums == nullptr) return;
  const size_t columns = s.columns, channels = s.channels;
  const double elements = s.elements();
  // The sums of dy and of dy (x - mean).
  const auto gather = [&](size_t o, size_t chunk) __attribute__((noinline)) {
    s.forBlocks(o, chunk, [&](size_t row, size_t count, size_t first, size_t width) {
      T means[kWideBlock];
      s.forColumnsOf(first, width, [&](size_t c, size_t, size_t group) { means[c] = a.mean[o * s.groups + group]; });
      sumProducts<T>(row, count, first, width, columns, a.dy, a.x, means, s.of(o, chunk));
    });
  };
  // The sums of a sample, and what every element of a group gets of all: the mean of dy weight, and how much for a deviation.
  const auto finish = [&](size_t o) __attribute__((noinline)) {
    double* const sums = s.of(o, 0);
    for (size_t chunk = 1; chunk < s.chunks; ++chunk) {
      const double* more = s.of(o, chunk);
      for (size_t c = 0; c < 2 * columns; ++c) sums[c] += more[c];
    }
    for (size_t place = s.all; place < columns; place += s.all) {
      for (size_t c = 0; c < s.all; ++c) {
        sums[c] += sums[place + c];
        sums[columns + c] += sums[columns + place + c];
      }
    }
    for (size_t group = 0; group < s.groups; ++group) {
      double total = 0, products = 0;
      for (size_t c = group * channels; c < (group + 1) * channels; ++c) {
        total += sums[c] * static_cast<double>(a.weight[c]);
        products += sums[columns + c] * static_cast<double>(a.weight[c]);
      }
      const double rstd = static_cast<double>(a.rstd[o * s.groups + group]);
      double* const own = s.ofGroup(o, group);
      own[0] = rstd * total / elements;
      own[1] = rstd * rstd * rstd * products / elements;
    }
  };
  const auto apply = [&](size_t o, size_t chunk) __attribute__((noinline)) {
    s.forBlocks(o, chunk, [&](size_t row, size_t count, size_t first, size_t width) {
      T means[kWideBlock], scales[kWideBlock], averages[kWideBlock], slopes[kWideBlock];
      s.forColumnsOf(first, width, [&](size_t c, size_t channel, size_t group) {
        means[c] = a.mean[o * s.groups + group];
        scales[c] = a.rstd[o * s.groups + group] * a.weight[channel];
        averages[c] = static_cast<T>(s.ofGroup(o, group)[0]);
        slopes[c] = static_cast<T>(s.ofGroup(o, group)[1]);
      });
      const T *mean = means, *scale = scales, *average = averages, *slope = slopes;
      const bool accumulate = a.accumulate;
      for (size_t r = row; r < row + count; ++r) {
        const T *x = a.x + r * columns + first, *dy = a.dy + r * columns + first;
        T* dx = a.dx + r * columns + first;
        forVectors<T>(0, width, [=](auto tag, size_t c) {
          const auto g = fma(tag.load(dy + c), tag.load(scale + c), -tag.load(average + c));
          const auto gradient = fma(tag.load(mean + c) - tag.load(x + c), tag.load(slope + c), g);
          tag.store(dx + c, accumulate ? tag.load(dx + c) + gradient : gradient);
        });
      }
    });
  };
  s.run(parallel, gather, finish, apply);
  forColumnBlocks(parallel, s.batch, s.all, [&](size_t first, size_t width) {
    ColumnSums weight, bias;
    for (size_t o = 0; o < s.batch; ++o) {
      const double* sums = s.of(o, 0);
      s.forColumnsOf(first, width, [&](size_t c, size_t channel, size_t group) {
        bias.sums[c] += sums[channel];
        weight.sums[c] += sums[columns + channel] * static_cast<double>(a.rstd[o * s.groups + group]);
      });
    }
    for (size_t c = 0; c < width; ++c) {
      a.dWeight[first + c] = static_cast<T>(weight.sums[c]);
      a.dBias[first + c] = static_cast<T>(bias.sums[c]);
    }
  });
}

}  // namespace
}  // namespace lockstep
