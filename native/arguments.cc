#include "arguments.h"

#include <cstdarg>
#include <cstdio>
#include <cstring>

#include "matrix/strides.h"

namespace lockstep {
namespace {

using Throw = napi_status (*)(napi_env, const char* code, const char* message);

void throwFormatted(napi_env env, Throw raise, const char* code, const char* format, va_list values) {
  char message[256];
  std::vsnprintf(message, sizeof message, format, values);
  raise(env, code, message);
}

constexpr double kMostSafe = 9007199254740991;

struct Named {
  napi_typedarray_type type;
  ElementType element;
  const char* name;
};
constexpr Named kArrays[] = {
    {napi_float32_array, ElementType::kFloat, "Float32Array"},
    {napi_float64_array, ElementType::kDouble, "Float64Array"},
    {napi_int32_array, ElementType::kInt32, "Int32Array"},
    {napi_uint8_array, ElementType::kUint8, "Uint8Array"},
};

const char* nameOf(napi_typedarray_type type) {
  for (const Named& known : kArrays) {
    if (known.type == type) return known.name;
  }
  return "typed array";
}

}  // namespace

void throwError(napi_env env, const char* format, ...) {
  va_list values;
  va_start(values, format);
  throwFormatted(env, napi_throw_error, nullptr, format, values);
  va_end(values);
}

void throwTypeError(napi_env env, const char* format, ...) {
  va_list values;
  va_start(values, format);
  throwFormatted(env, napi_throw_type_error, "ERR_INVALID_ARG_TYPE", format, values);
  va_end(values);
}

void throwRangeError(napi_env env, const char* format, ...) {
  va_list values;
  va_start(values, format);
  throwFormatted(env, napi_throw_range_error, "ERR_OUT_OF_RANGE", format, values);
  va_end(values);
}

bool readView(napi_env env, napi_value value, View& view) {
  return napi_get_typedarray_info(env, value, &view.type, &view.length, &view.data, nullptr, nullptr) == napi_ok;
}

bool Ranges::add(const void* data, size_t bytes, Use use) {
  if (bytes == 0) return true;
  const uintptr_t begin = reinterpret_cast<uintptr_t>(data);
  const Range range{begin, begin + bytes, use};
  for (size_t i = 0; i < count_; ++i) {
    const Range& other = ranges_[i];
    if (other.begin >= range.end || range.begin >= other.end) continue;
    if (use != kWritten && other.use != kWritten) continue;
    const bool identical = other.begin == range.begin && other.end == range.end;
    const bool inPlace = use == kReadInPlace || other.use == kReadInPlace;
    if (!(identical && inPlace)) return false;
  }
  if (count_ == sizeof ranges_ / sizeof ranges_[0]) return false;
  ranges_[count_++] = range;
  return true;
}

void UntypedReader::flag(const char* name, bool& flag) {
  double number;
  if (!readNumber(name, number)) return;
  if (number != 0 && number != 1) return refuse(name, "must be 0 or 1");
  flag = number == 1;
}

void UntypedReader::size(const char* name, size_t& size, size_t least) {
  double number;
  if (!readInteger(name, 0, "must be a non-negative safe integer", number)) return;
  size = static_cast<size_t>(number);
  if (size < least) {
    ok_ = false;
    throwRangeError(env_, "%s: %s must be at least %zu, got %zu", kernel_, name, least, size);
  }
}

void UntypedReader::window(const char* name, size_t& value, size_t least) {
  size(name, value, least);
  constexpr size_t kMost = 0x7fffffff;
  if (ok_ && value > kMost) {
    ok_ = false;
    throwRangeError(env_, "%s: %s must be at most %zu, got %zu", kernel_, name, kMost, value);
  }
}

void UntypedReader::atMost(const char* what, size_t count, size_t most) {
  if (!ok_ || count <= most) return;
  ok_ = false;
  throwRangeError(env_, "%s: the %s must be at most %zu, got %zu", kernel_, what, most, count);
}

void UntypedReader::choice(const char* name, size_t& place, size_t count) {
  size(name, place);
  if (ok_ && place >= count) {
    ok_ = false;
    throwRangeError(env_, "%s: %s must be less than %zu, got %zu", kernel_, name, count, place);
  }
}

void UntypedReader::step(const char* name, ptrdiff_t& step) {
  double number;
  if (readInteger(name, -kMostSafe, "must be a safe integer", number)) step = static_cast<ptrdiff_t>(number);
}

void UntypedReader::readsAt(const size_t* sizes, size_t& start, ptrdiff_t* steps, const char* array) {
  const size_t back = reachBack(sizes, steps);
  if (!ok_ || start >= back) return;
  ok_ = false;
  throwRangeError(env_, "%s: %sStart must be at least %zu, got %zu", kernel_, array, back, start);
}

void UntypedReader::writesAt(const size_t* sizes, size_t&, ptrdiff_t* steps, const char* array) {
  if (!ok_ || isNested(sizes, steps)) return;
  ok_ = false;
  throwRangeError(env_, "%s: the steps of %s must each reach over the dimensions after it", kernel_, array);
}

namespace {

// Labels that are checked at once: copies of so many stay in the first-level cache.
constexpr size_t kLabelBlock = 1024;

// The place of the first that is not in [lowest, classes), else `count`.
size_t firstWrong(const int32_t* labels, size_t count, size_t classes, int32_t lowest) {
  const int64_t end = static_cast<int64_t>(least(classes, kMostPositions + 1));
  const uint32_t first = static_cast<uint32_t>(lowest), last = static_cast<uint32_t>(end - 1);
  for (size_t begin = 0; begin < count; begin += kLabelBlock) {
    const size_t stop = least(count, begin + kLabelBlock);
    // Without branches, for vectors: a difference that is negative has the highest bit. So may one of numbers that are right.
    uint32_t differences = 0;
    for (size_t i = begin; i < stop; ++i) {
      const uint32_t label = static_cast<uint32_t>(labels[i]);
      differences |= (label - first) | (last - label);
    }
    if (differences >> 31 == 0) continue;
    for (size_t i = begin; i < stop; ++i) {
      if (labels[i] < lowest || labels[i] >= end) return i;
    }
  }
  return count;
}

}  // namespace

size_t copyLabels(const int32_t* given, size_t count, size_t classes, int32_t lowest, int32_t* copy) {
  for (size_t begin = 0; begin < count; begin += kLabelBlock) {
    const size_t size = least(kLabelBlock, count - begin);
    int32_t* const block = copy + begin;
    std::memcpy(block, given + begin, size * sizeof(int32_t));
    // What is checked is the copy, not what is there by now.
    asm volatile("" : : "r"(block) : "memory");
    const size_t wrong = firstWrong(block, size, classes, lowest);
    if (wrong < size) return begin + wrong;
  }
  return count;
}

void UntypedReader::labels(const char* name, const int32_t*& labels, size_t count, size_t classes, int32_t lowest,
                           bool isComputed) {
  if (!ok_) return;
  const bool isOwn = later_ == nullptr && isOfOneThread(next_);
  const void* const data = readBuffer(name, napi_int32_array, count, Ranges::kRead, sizeof(int32_t));
  if (!ok_) return;
  const int32_t* const given = static_cast<const int32_t*>(data);
  if (isComputed && later_ != nullptr) {
    *later_ = {&labels, given, count, classes, lowest};
    return;
  }
  size_t wrong;
  if (isOwn) {
    labels = given;
    wrong = firstWrong(given, count, classes, lowest);
  } else {
    int32_t* const copy = static_cast<int32_t*>(copies_.get(area(count, sizeof(int32_t))));
    ok_ = copy != nullptr;
    if (!ok_) return throwError(env_, "%s: out of memory for a copy of %s", kernel_, name);
    labels = copy;
    wrong = copyLabels(given, count, classes, lowest, copy);
  }
  if (wrong == count) return;
  ok_ = false;
  throwRangeError(env_, "%s: %s[%zu] must be in [%d, %zu), got %d", kernel_, name, wrong, lowest, classes,
                  labels[wrong]);
}

// Nobody writes to such memory during a call that JavaScript waits for.
bool UntypedReader::isOfOneThread(size_t place) const {
  napi_value buffer;
  bool is = false;
  return place < count_ &&
         napi_get_typedarray_info(env_, values_[place], nullptr, nullptr, nullptr, &buffer, nullptr) == napi_ok &&
         napi_is_arraybuffer(env_, buffer, &is) == napi_ok && is;
}

void UntypedReader::anyInput(const char* name, const void*& data, ElementType& type, size_t least) {
  if (!ok_) return;
  View view;
  if (next_ < count_ && viewOf(next_, view)) {
    for (const Named& known : kArrays) {
      if (known.type != view.type) continue;
      type = known.element;
      if (take(name, view, least, Ranges::kRead, bytesOf(type))) data = view.data;
      return;
    }
  }
  ok_ = false;
  throwTypeError(env_, "%s: %s must be a Float32Array, Float64Array, Int32Array or Uint8Array", kernel_, name);
}

bool UntypedReader::viewOf(size_t place, View& view) {
  if (place != seen_.place) return readView(env_, values_[place], view);
  view = seen_.view;
  return true;
}

bool UntypedReader::readNumber(const char* name, double& number) {
  if (!ok_) return false;
  if (next_ < count_ && napi_get_value_double(env_, values_[next_], &number) == napi_ok) {
    ++next_;
    return true;
  }
  ok_ = false;
  throwTypeError(env_, "%s: %s must be a number", kernel_, name);
  return false;
}

bool UntypedReader::readInteger(const char* name, double least, const char* expectation, double& number) {
  if (!readNumber(name, number)) return false;
  if (number >= least && number <= kMostSafe && number == static_cast<double>(static_cast<int64_t>(number)))
    return true;
  refuse(name, expectation);
  return false;
}

void* UntypedReader::readBuffer(const char* name, napi_typedarray_type type, size_t least, Ranges::Use use,
                                size_t elementBytes) {
  if (!ok_) return nullptr;
  View view;
  if (next_ >= count_ || !viewOf(next_, view) || view.type != type) {
    ok_ = false;
    throwTypeError(env_, "%s: %s must be a %s", kernel_, name, nameOf(type));
    return nullptr;
  }
  return take(name, view, least, use, elementBytes) ? view.data : nullptr;
}

bool UntypedReader::take(const char* name, const View& view, size_t least, Ranges::Use use, size_t elementBytes) {
  ok_ = false;
  if (view.length < least) {
    throwRangeError(env_, "%s: %s must hold at least %zu elements, got %zu", kernel_, name, least, view.length);
    return false;
  }
  if (!ranges_.add(view.data, least * elementBytes, use)) {
    throwRangeError(env_, "%s: %s overlaps another array of the call", kernel_, name);
    return false;
  }
  ++next_;
  return ok_ = true;
}

void UntypedReader::refuse(const char* name, const char* expectation) {
  ok_ = false;
  throwRangeError(env_, "%s: %s %s", kernel_, name, expectation);
}

}  // namespace lockstep
