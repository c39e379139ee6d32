#pragma once
// Memory for kernels, kept from call to call.

#include <cstdint>
#include <cstdlib>

#include "../parallel.h"
#include "../sizes.h"
#include "large-pages.h"

namespace lockstep {

// Grows, and is given back at the end; what is large also when kOtherCalls in a row would have done with a quarter of it.
class Block {
 public:
  Block() = default;
  ~Block() { std::free(block_); }
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;

  // Aligned to kAlignment. What was there is lost. Null when there is no memory left.
  void* get(size_t wanted) {
    if (wanted > SIZE_MAX - kAlignment) return fail();
    otherCalls_ = bytes_ > kLargeBytes && wanted < bytes_ / 4 ? otherCalls_ + 1 : 0;
    if (wanted + kAlignment > bytes_ || otherCalls_ > kOtherCalls) {
      otherCalls_ = 0;
      std::free(block_);
      bytes_ = wanted + kAlignment;
      block_ = std::malloc(bytes_);
      if (block_ == nullptr) return fail();
      preferLargePages(block_, bytes_);
    }
    return reinterpret_cast<void*>(roundUp(reinterpret_cast<uintptr_t>(block_), kAlignment));
  }

  size_t bytes() const { return bytes_; }

  // Takes over the memory of another one, which then has none.
  void take(Block& other) {
    std::free(block_);
    block_ = other.block_;
    bytes_ = other.bytes_;
    other.block_ = nullptr;
    other.bytes_ = 0;
  }

  // True once since the last call when get() had to return null.
  bool failed() {
    const bool failed = failed_;
    failed_ = false;
    return failed;
  }

  static constexpr size_t kLargeBytes = 8 << 20, kOtherCalls = 256;

 private:
  void* fail() {
    bytes_ = 0;
    failed_ = true;
    return nullptr;
  }

  void* block_ = nullptr;
  size_t bytes_ = 0, otherCalls_ = 0;
  bool failed_ = false;
};

// What a thread that calls kernels has for them: their scratch, and what a call must have of its own beside it.
struct Memory {
  Block scratch, copies;
};

}  // namespace lockstep
