#include "arguments.h"

#include <cstdarg>
#include <cstdio>

namespace lockstep {
namespace {

using Throw = napi_status (*)(napi_env, const char* code, const char* message);

void throwFormatted(napi_env env, Throw raise, const char* code, const char* format, va_list values) {
  char message[256];
  std::vsnprintf(message, sizeof message, format, values);
  raise(env, code, message);
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

bool findFloats(napi_env env, const napi_value* values, size_t count, Seen& seen) {
  for (seen.place = count; seen.place-- > 0;) {
    if (!readView(env, values[seen.place], seen.view)) continue;
    if (seen.view.type == napi_float32_array || seen.view.type == napi_float64_array) return true;
  }
  return false;
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

}  // namespace lockstep
