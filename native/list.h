#pragma once
#include <cstddef>
#include <cstdlib>

namespace lockstep {

// Grows like std::vector, but where memory ends it says so and the process lives on. For plain structs.
template <class T>
class List {
 public:
  List() = default;
  ~List() { clear(); }
  List(const List&) = delete;
  List& operator=(const List&) = delete;

  size_t size() const { return size_; }
  T& operator[](size_t index) { return items_[index]; }

  void clear() {
    std::free(items_);
    items_ = nullptr;
    size_ = capacity_ = 0;
  }

  // Null when there is no memory left.
  T* add() {
    if (size_ == capacity_) {
      const size_t capacity = capacity_ == 0 ? 16 : 2 * capacity_;
      void* const grown = std::realloc(items_, capacity * sizeof(T));
      if (grown == nullptr) return nullptr;
      items_ = static_cast<T*>(grown);
      capacity_ = capacity;
    }
    return &items_[size_++];
  }

 private:
  T* items_ = nullptr;
  size_t size_ = 0, capacity_ = 0;
};

}  // namespace lockstep
