#pragma once
// Tells at little cost whether typed arrays still have the memory they had: two calls for each, that neither run JavaScript
// nor allocate in its heap, in the place of five times the time for looking at all again.

#include <node_api.h>

#include "list.h"

namespace lockstep {

// A view keeps its buffer, its offset and, unless the buffer changes, its length; and the memory of a buffer stays where it
// is until it is detached, which leaves no bytes. Keeps nothing alive: what was collected is not the same.
class WatchedBuffers {
 public:
  explicit WatchedBuffers(napi_env env) : env_(env) {}
  ~WatchedBuffers() { clear(); }
  WatchedBuffers(const WatchedBuffers&) = delete;
  WatchedBuffers& operator=(const WatchedBuffers&) = delete;

  void clear() {
    for (size_t i = 0; i < buffers_.size(); ++i) napi_delete_reference(env_, buffers_[i].reference);
    buffers_.clear();
  }

  // False where the array cannot be watched: there is no memory left, or it is shared, which Node.js 20 tells nothing of.
  bool add(napi_value array) {
    napi_value buffer = nullptr;
    napi_get_typedarray_info(env_, array, nullptr, nullptr, nullptr, &buffer, nullptr);
    Buffer found;
    if (!read(buffer, found) || napi_create_reference(env_, buffer, 0, &found.reference) != napi_ok) return false;
    Buffer* const added = buffers_.add();
    if (added == nullptr) {
      napi_delete_reference(env_, found.reference);
      return false;
    }
    *added = found;
    return true;
  }

  // Those of a reference are Node.js's and V8's.
  int64_t bytes() const { return static_cast<int64_t>(buffers_.size()) * 128; }

  bool areSame() {
    for (size_t i = 0; i < buffers_.size(); ++i) {
      const Buffer& known = buffers_[i];
      napi_value buffer = nullptr;
      napi_get_reference_value(env_, known.reference, &buffer);
      Buffer now;
      if (!read(buffer, now) || now.data != known.data || now.bytes != known.bytes) return false;
    }
    return true;
  }

 private:
  struct Buffer {
    napi_ref reference;
    void* data;
    size_t bytes;
  };

  bool read(napi_value value, Buffer& buffer) {
    return value != nullptr && napi_get_arraybuffer_info(env_, value, &buffer.data, &buffer.bytes) == napi_ok;
  }

  napi_env env_;
  List<Buffer> buffers_;
};

}  // namespace lockstep
