#pragma once
// The first elements along an axis in order: NaN behind all numbers, -0 equal to 0, what is equal as it stands. An order is whole
// numbers: each way to it gives the same ones. Mirror: src/backend/typescript/matrix/sort.ts.

#include "../parallel.h"
#include "../simd/simd.h"
#include "../simd/twice.h"
#include "../sizes.h"
#include "reduction-arguments.h"
#include "tasks.h"

namespace lockstep {
namespace {

// Elements of a line, next to each other, and where those go that are asked for, `step` apart.
template <class T>
struct LineToSort {
  const T* x;
  size_t count, picked, step;
  bool descending;
  T* values;
  int32_t* places;

  void put(size_t rank, size_t place) const {
    values[rank * step] = x[place];
    places[rank * step] = static_cast<int32_t>(place);
  }
};

// Up to here comparing each with each takes less time than counting digits.
template <class T>
constexpr size_t kShortLine = 16 * Vec<T>::kLanes;

// In the rising order of `numbers` a rank is a place, less those before it that are greater, and more those behind it that are
// less. `ranks`: the places, then the ranks. Both are whole pairs of vectors. NaN is taken to be equal to all.
template <class T>
inline void findRanks(const T* numbers, size_t count, T* ranks) {
  using V = Twice<Vec<T>>;
  const V one(T(1)), zero(T(0));
  for (size_t base = 0; base < count; base += V::kLanes) {
    const size_t stop = least(base + V::kLanes, count);
    const V own = V::load(numbers + base), places = V::load(ranks + base);
    V rank = places;
    size_t i = 0;
    for (; i < base; ++i) rank = rank - selectGreater(V(numbers[i]), own, one, zero);
    for (; i < stop; ++i) {
      const V other(numbers[i]), less = rank - selectGreater(other, own, one, zero);
      rank = selectGreater(places, V(static_cast<T>(i)), less, rank + selectGreater(own, other, one, zero));
    }
    for (; i < count; ++i) rank = rank + selectGreater(own, V(numbers[i]), one, zero);
    rank.store(ranks + base);
  }
}

// Works on a copy, for another thread may write to x meanwhile: ranks are places in arrays.
template <class T>
inline void sortShort(const LineToSort<T>& line) {
  T numbers[kShortLine<T>] = {}, ranks[kShortLine<T>] = {};
  const size_t count = line.count;
  size_t nans = 0;
  for (size_t i = 0; i < count; ++i) {
    const T x = line.x[i];
    numbers[i] = line.descending ? -x : x;
    ranks[i] = static_cast<T>(i);
    nans += x != x;
  }
  findRanks(numbers, count, ranks);
  size_t seen = 0;
  for (size_t i = 0; i < count; ++i) {
    size_t rank = static_cast<size_t>(static_cast<int32_t>(ranks[i]));
    if (numbers[i] == numbers[i]) {
      rank = line.descending ? rank + (nans - seen) : rank - seen;
    } else {
      rank = (line.descending ? 0 : count - nans) + seen++;
    }
    if (rank < line.picked) line.put(rank, i);
  }
}

// Up to so many that are asked for, inserting each at its place is faster than putting all in order; in a short line up to a quarter
// of it.
constexpr size_t kFewPicked = 64;

// Those that were found are kept in order while the others pass, a vector at a time.
template <class T>
inline void sortFew(const LineToSort<T>& line) {
  using V = Vec<T>;
  const T* const x = line.x;
  const size_t count = line.count, picked = line.picked;
  T found[kFewPicked];
  size_t places[kFewPicked], size = 0;
  const auto isBefore = [&](T a, T b) {
    return line.descending ? a > b || (a != a && b == b) : a < b || (b != b && a == a);
  };
  const auto offer = [&](size_t i) {
    const T number = x[i];
    size_t to = size;
    if (size < picked) {
      ++size;
    } else if (!isBefore(number, found[--to])) {
      return;
    }
    for (; to > 0 && isBefore(number, found[to - 1]); --to) {
      found[to] = found[to - 1];
      places[to] = places[to - 1];
    }
    found[to] = number;
    places[to] = i;
  };
  size_t i = 0;
  while (i < picked) offer(i++);
  for (; i + V::kLanes <= count; i += V::kLanes) {
    const V these = V::load(x + i), last(found[picked - 1]);
    const bool mayEnter =
        line.descending ? anyGreater(these, last) || hasNaN(these) : anyGreater(last, these) || hasNaN(last);
    if (!mayEnter) continue;
    for (size_t l = 0; l < V::kLanes; ++l) offer(i + l);
  }
  while (i < count) offer(i++);
  for (size_t r = 0; r < picked; ++r) line.put(r, places[r]);
}

template <class T>
struct KeyType;
template <>
struct KeyType<float> {
  using Type = uint32_t;
};
template <>
struct KeyType<double> {
  using Type = uint64_t;
};
template <class T>
using Key = typename KeyType<T>::Type;

// A whole number in the same order.
template <class T>
inline Key<T> keyOf(T x, bool descending) {
  constexpr Key<T> kSign = Key<T>(1) << (8 * sizeof(T) - 1);
  // Adding 0 makes 0 of -0.
  const T number = x + T(0);
  Key<T> bits;
  __builtin_memcpy(&bits, &number, sizeof bits);
  const Key<T> key = number != number ? ~Key<T>(0) : (bits & kSign) != 0 ? ~bits : bits | kSign;
  return descending ? ~key : key;
}

template <class T>
struct SortEntry {
  Key<T> key;
  uint32_t place;
};

// A counting sort for each 8 bits, the lowest first, in passes that keep the order of what is equal (Knuth, The Art of Computer
// Programming 3, 5.2.5).
template <class T>
inline void sortLong(const LineToSort<T>& line, SortEntry<T>* now, SortEntry<T>* next) {
  constexpr size_t kDigits = sizeof(T), kValues = 256;
  const size_t count = line.count;
  const auto digitOf = [](Key<T> key, size_t digit) { return static_cast<size_t>(key >> 8 * digit & (kValues - 1)); };
  uint32_t counts[kDigits][kValues] = {};
  for (size_t i = 0; i < count; ++i) {
    const Key<T> key = keyOf(line.x[i], line.descending);
    now[i] = {key, static_cast<uint32_t>(i)};
    for (size_t digit = 0; digit < kDigits; ++digit) ++counts[digit][digitOf(key, digit)];
  }
  for (size_t digit = 0; digit < kDigits; ++digit) {
    uint32_t* const starts = counts[digit];
    if (starts[digitOf(now[0].key, digit)] == count) continue;
    uint32_t start = 0;
    for (size_t value = 0; value < kValues; ++value) {
      const uint32_t size = starts[value];
      starts[value] = start;
      start += size;
    }
    for (size_t i = 0; i < count; ++i) next[starts[digitOf(now[i].key, digit)]++] = now[i];
    SortEntry<T>* const written = next;
    next = now;
    now = written;
  }
  for (size_t r = 0; r < line.picked; ++r) line.put(r, now[r].place);
}

// What an element takes, in multiply-adds.
constexpr size_t kSortingWork = 64;

template <class T>
void sortAlong(const args::SortAlong<T>& a, const Parallel& parallel) {
  const size_t count = a.count, picked = a.picked, inner = a.inner, lines = area(a.outer, inner);
  if (lines == 0 || picked == 0) return;
  const bool mayBeShort = count <= kShortLine<T>;
  const bool areFew = picked <= kFewPicked && !(mayBeShort && picked > count / 4);
  const bool isShort = mayBeShort && !areFew, isLong = !mayBeShort && !areFew;
  const size_t copied = inner == 1 ? 0 : roundUp(area(count, sizeof(T)), kAlignment);
  const size_t entries = isLong ? area(count, sizeof(SortEntry<T>)) : 0;
  const size_t bytes = roundUp(plus(copied, area(2, entries)), kAlignment);
  const size_t workers = least(lines, mostTasks(area(area(lines, count), kSortingWork), parallel));
  char* memory = nullptr;
  if (bytes > 0) {
    memory = static_cast<char*>(parallel.scratch(parallel, area(workers, bytes)));
    if (memory == nullptr) return;
  }
  forTasksUnless(workers == 1, parallel, workers, [&](size_t worker) {
    char* const own = bytes == 0 ? nullptr : memory + worker * bytes;
    T* const copy = reinterpret_cast<T*>(own);
    const auto entriesAt = [&](size_t at) { return reinterpret_cast<SortEntry<T>*>(own + copied + at); };
    const size_t end = (worker + 1) * lines / workers;
    for (size_t l = worker * lines / workers; l < end; ++l) {
      const size_t o = l / inner, i = l % inner, out = o * picked * inner + i;
      const T* x = a.x + o * count * inner + i;
      if (inner > 1) {
        for (size_t r = 0; r < count; ++r) copy[r] = x[r * inner];
        x = copy;
      }
      const LineToSort<T> line{x, count, picked, inner, a.descending, a.values + out, a.places + out};
      if (isShort) {
        sortShort(line);
      } else if (isLong) {
        sortLong(line, entriesAt(0), entriesAt(entries));
      } else {
        sortFew(line);
      }
    }
  });
}

}  // namespace
}  // namespace lockstep
