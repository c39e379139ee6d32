#pragma once
// Reads a kernel's arguments from a JavaScript call: the visitor that `args::*::visit` meets in the addon. The first
// argument that does not fit throws a JavaScript exception, and nothing after it is read. Nothing is written before
// everything has been read.

#include <node_api.h>

#include "kernels.h"
#include "threads/memory.h"

namespace lockstep {

// The bytes of a typed array, shared ones too, or nothing where the value is none. A detached array has no bytes and
// length zero.
struct View {
  napi_typedarray_type type;
  size_t length;
  void* data;
};
bool readView(napi_env env, napi_value value, View& view);

// The last argument of a call that is a float array, if there is one: it tells the element type of all.
struct Seen {
  size_t place;
  View view;
};
bool findFloats(napi_env env, const napi_value* values, size_t count, Seen& seen);

template <class T>
constexpr napi_typedarray_type kArrayType = napi_float32_array;
template <>
inline constexpr napi_typedarray_type kArrayType<double> = napi_float64_array;

void throwError(napi_env env, const char* format, ...);
void throwTypeError(napi_env env, const char* format, ...);
void throwRangeError(napi_env env, const char* format, ...);

// The memory of every buffer of a call: what is written must not meet anything else.
class Ranges {
 public:
  enum Use { kRead, kReadInPlace, kWritten };

  // False where the new range meets another one in a way that is not allowed.
  bool add(const void* data, size_t bytes, Use use);

 private:
  struct Range {
    uintptr_t begin, end;
    Use use;
  };
  Range ranges_[16];
  size_t count_ = 0;
};

template <class T>
class Reader {
 public:
  // `seen`: the argument that told the element type, which need not be asked twice. `copies`: see labels().
  Reader(napi_env env, const char* kernel, const napi_value* values, size_t count, const Seen& seen, Block& copies)
      : env_(env), kernel_(kernel), values_(values), count_(count), seen_(seen), copies_(copies) {}

  bool ok() const { return ok_; }

  // False where every output is empty: a kernel could then still count through any number of empty rows.
  bool writes() const { return writes_; }

  void flag(const char* name, bool& flag) {
    double number;
    if (!readNumber(name, number)) return;
    if (number != 0 && number != 1) return refuse(name, "must be 0 or 1");
    flag = number == 1;
  }

  void size(const char* name, size_t& size, size_t least = 0) {
    double number;
    if (!readNumber(name, number)) return;
    constexpr double kMostSafe = 9007199254740991;
    if (!(number >= 0 && number <= kMostSafe) || number != static_cast<double>(static_cast<uint64_t>(number))) {
      return refuse(name, "must be a non-negative safe integer");
    }
    size = static_cast<size_t>(number);
    if (size < least) {
      ok_ = false;
      throwRangeError(env_, "%s: %s must be at least %zu, got %zu", kernel_, name, least, size);
    }
  }

  // A size or a distance of windows: with those below 2^31, no place of a tap overflows.
  void window(const char* name, size_t& value, size_t least) {
    size(name, value, least);
    constexpr size_t kMost = 0x7fffffff;
    if (ok_ && value > kMost) {
      ok_ = false;
      throwRangeError(env_, "%s: %s must be at most %zu, got %zu", kernel_, name, kMost, value);
    }
  }

  // What follows from the arguments so far.
  void atMost(const char* what, size_t count, size_t most) {
    if (!ok_ || count <= most) return;
    ok_ = false;
    throwRangeError(env_, "%s: the %s must be at most %zu, got %zu", kernel_, what, most, count);
  }

  // One of `count` things, by its place in their list.
  void choice(const char* name, size_t& place, size_t count) {
    size(name, place);
    if (ok_ && place >= count) {
      ok_ = false;
      throwRangeError(env_, "%s: %s must be less than %zu, got %zu", kernel_, name, count, place);
    }
  }

  // One of `count` ways to see the arrays as the dimensions whose sizes come next.
  void layout(const char* name, size_t& place, size_t count) { choice(name, place, count); }

  void scalar(const char* name, double& number) { readNumber(name, number); }

  // Numbers that kernels take for places: what is checked is a copy, for another thread may write to the array meanwhile.
  void labels(const char* name, const int32_t*& labels, size_t count, size_t classes, int32_t lowest = 0) {
    View view;
    if (!readBuffer(name, napi_int32_array, count, Ranges::kRead, sizeof(int32_t), view)) return;
    int32_t* const copy = static_cast<int32_t*>(copies_.get(area(count, sizeof(int32_t))));
    ok_ = copy != nullptr;
    if (!ok_) return throwError(env_, "%s: out of memory for a copy of %s", kernel_, name);
    // Every number is read once.
    const volatile int32_t* const given = static_cast<const int32_t*>(view.data);
    const int64_t end = static_cast<int64_t>(least(classes, kMostPositions + 1));
    for (size_t i = 0; i < count; ++i) {
      const int32_t label = given[i];
      if (label < lowest || label >= end) {
        ok_ = false;
        throwRangeError(env_, "%s: %s[%zu] must be in [%d, %zu), got %d", kernel_, name, i, lowest, classes, label);
        return;
      }
      copy[i] = label;
    }
    labels = copy;
  }

  // An output of whole numbers.
  void integers(const char* name, int32_t*& data, size_t least) {
    if (least > 0) writes_ = true;
    View view;
    if (readBuffer(name, napi_int32_array, least, Ranges::kWritten, sizeof(int32_t), view)) {
      data = static_cast<int32_t*>(view.data);
    }
  }

  void input(const char* name, const T*& data, size_t least) { floats(name, data, least, Ranges::kRead); }

  // An input that is there only where `present`: anything stands in its place elsewhere.
  void optionalInput(const char* name, const T*& data, bool present, size_t least) {
    if (present) {
      floats(name, data, least, Ranges::kRead);
    } else {
      ++next_;
    }
  }

  // An input that may also be one of the outputs, element for element.
  void inputOrOutput(const char* name, const T*& data, size_t least) {
    floats(name, data, least, Ranges::kReadInPlace);
  }

  void output(const char* name, T*& data, size_t least) {
    if (least > 0) writes_ = true;
    floats(name, data, least, Ranges::kWritten);
  }

 private:
  template <class Pointer>
  void floats(const char* name, Pointer& data, size_t least, Ranges::Use use) {
    View view;
    if (readBuffer(name, kArrayType<T>, least, use, sizeof(T), view)) data = static_cast<T*>(view.data);
  }

  bool viewOf(size_t place, View& view) {
    if (place != seen_.place) return readView(env_, values_[place], view);
    view = seen_.view;
    return true;
  }

  bool readNumber(const char* name, double& number) {
    if (!ok_) return false;
    if (next_ < count_ && napi_get_value_double(env_, values_[next_], &number) == napi_ok) {
      ++next_;
      return true;
    }
    ok_ = false;
    throwTypeError(env_, "%s: %s must be a number", kernel_, name);
    return false;
  }

  bool readBuffer(const char* name, napi_typedarray_type type, size_t least, Ranges::Use use, size_t elementBytes,
                  View& view) {
    if (!ok_) return false;
    ok_ = false;
    if (next_ >= count_ || !viewOf(next_, view) || view.type != type) {
      throwTypeError(env_, "%s: %s must be a %s", kernel_, name, nameOf(type));
      return false;
    }
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

  void refuse(const char* name, const char* expectation) {
    ok_ = false;
    throwRangeError(env_, "%s: %s %s", kernel_, name, expectation);
  }

  static const char* nameOf(napi_typedarray_type type) {
    return type == napi_int32_array ? "Int32Array" : sizeof(T) == sizeof(float) ? "Float32Array" : "Float64Array";
  }

  napi_env env_;
  const char* kernel_;
  const napi_value* values_;
  size_t count_;
  const Seen& seen_;
  Block& copies_;
  size_t next_ = 0;
  bool ok_ = true;
  bool writes_ = false;
  Ranges ranges_;
};

}  // namespace lockstep
