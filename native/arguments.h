#pragma once
// Reads a kernel's arguments from a JavaScript call: the visitor that `args::*::visit` meets in the addon. The first
// argument that does not fit throws a JavaScript exception, and nothing after it is read. Nothing is written before
// everything has been read.

#include <node_api.h>

#include "element-type.h"
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

// The argument of a call that tells the element type, if it is a typed array.
struct Seen {
  size_t place;
  View view;
};

template <class T>
constexpr napi_typedarray_type kArrayType = napi_float32_array;
template <>
inline constexpr napi_typedarray_type kArrayType<double> = napi_float64_array;
template <>
inline constexpr napi_typedarray_type kArrayType<int32_t> = napi_int32_array;
template <>
inline constexpr napi_typedarray_type kArrayType<uint8_t> = napi_uint8_array;

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

// Labels that are copied and checked where a queued kernel runs; none where they were when it was queued.
struct Labels {
  const int32_t** field = nullptr;
  const int32_t* given;
  size_t count, classes;
  int32_t lowest;
};

// Copies the labels, and checks the copies. Stops at one that is not in [lowest, classes): its place, else `count`.
size_t copyLabels(const int32_t* given, size_t count, size_t classes, int32_t lowest, int32_t* copy);

// What of a Reader does not depend on the element type.
class UntypedReader {
 public:
  // `seen`: the argument that told the element type, which need not be asked twice. `copies`, and `later` of a call that is
  // queued: see labels().
  UntypedReader(napi_env env, const char* kernel, const napi_value* values, size_t count, const Seen& seen,
                Block& copies, Labels* later)
      : env_(env), kernel_(kernel), values_(values), count_(count), seen_(seen), copies_(copies), later_(later) {}

  bool ok() const { return ok_; }

  // False where every output is empty: a kernel could then still count through any number of empty rows.
  bool writes() const { return writes_; }

  void flag(const char* name, bool& flag);

  void size(const char* name, size_t& size, size_t least = 0);

  // A size or a distance of windows: with those below 2^31, no place of a tap overflows.
  void window(const char* name, size_t& value, size_t least);

  // What follows from the arguments so far.
  void atMost(const char* what, size_t count, size_t most);

  // One of `count` things, by its place in their list.
  void choice(const char* name, size_t& place, size_t count);

  // The sizes that come next are those of the dimensions of one array.
  void dimensions() {}

  // One of `count` ways to see the arrays as the dimensions whose sizes come next.
  void layout(const char* name, size_t& place, size_t count) { choice(name, place, count); }

  // The element that an array's first index means, and elements from one index of a dimension to the next.
  void place(const char* name, size_t& place) { size(name, place); }
  void step(const char* name, ptrdiff_t& step);

  // What the steps of an array that is read, or written, must be for the four sizes: see strides.h.
  void readsAt(const size_t* sizes, size_t& start, ptrdiff_t* steps, const char* array);
  void writesAt(const size_t* sizes, size_t& start, ptrdiff_t* steps, const char* array);

  void scalar(const char* name, double& number) { readNumber(name, number); }

  // Numbers that kernels take for places. What is checked is a copy where the call is queued, or another thread may write to the
  // array meanwhile. `isComputed`: by another kernel, which may be in the queue as well: they are then copied when it has run.
  void labels(const char* name, const int32_t*& labels, size_t count, size_t classes, int32_t lowest = 0,
              bool isComputed = false);

  // Whole numbers of any size, and an output of such.
  void integerInput(const char* name, const int32_t*& data, size_t least) { array(name, data, least, Ranges::kRead); }
  void integers(const char* name, int32_t*& data, size_t least) { array(name, data, least, Ranges::kWritten); }

  // True where it is not 0, and an output of 0 and 1.
  void mask(const char* name, const uint8_t*& data, size_t least) { array(name, data, least, Ranges::kRead); }
  void maskOutput(const char* name, uint8_t*& data, size_t least) { array(name, data, least, Ranges::kWritten); }

  // An input of any element type.
  void anyInput(const char* name, const void*& data, ElementType& type, size_t least);

 protected:
  template <class T>
  void array(const char* name, T*& data, size_t least, Ranges::Use use) {
    if (use == Ranges::kWritten && least > 0) writes_ = true;
    void* const found = readBuffer(name, kArrayType<Mutable<T>>, least, use, sizeof(T));
    if (ok_) data = static_cast<T*>(found);
  }

  void skip() { ++next_; }

 private:
  template <class T>
  struct Bare {
    using Type = T;
  };
  template <class T>
  struct Bare<const T> {
    using Type = T;
  };
  template <class T>
  using Mutable = typename Bare<T>::Type;

  bool viewOf(size_t place, View& view);
  bool isOfOneThread(size_t place) const;
  bool readNumber(const char* name, double& number);
  // A number of which every one is exact.
  bool readInteger(const char* name, double least, const char* expectation, double& number);
  void* readBuffer(const char* name, napi_typedarray_type type, size_t least, Ranges::Use use, size_t elementBytes);
  bool take(const char* name, const View& view, size_t least, Ranges::Use use, size_t elementBytes);
  void refuse(const char* name, const char* expectation);

  napi_env env_;
  const char* kernel_;
  const napi_value* values_;
  size_t count_;
  const Seen& seen_;
  Block& copies_;
  Labels* const later_;
  size_t next_ = 0;
  bool ok_ = true;
  bool writes_ = false;
  Ranges ranges_;
};

template <class T>
class Reader : public UntypedReader {
 public:
  using UntypedReader::UntypedReader;

  void input(const char* name, const T*& data, size_t least) { array(name, data, least, Ranges::kRead); }

  // An input that is there only where `present`: anything stands in its place elsewhere.
  void optionalInput(const char* name, const T*& data, bool present, size_t least) {
    present ? array(name, data, least, Ranges::kRead) : skip();
  }

  // An input that may also be one of the outputs, element for element.
  void inputOrOutput(const char* name, const T*& data, size_t least) { array(name, data, least, Ranges::kReadInPlace); }

  void output(const char* name, T*& data, size_t least) { array(name, data, least, Ranges::kWritten); }
};

}  // namespace lockstep
