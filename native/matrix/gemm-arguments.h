#pragma once
// The arguments of matrix products, in the order of the JavaScript call.

#include "../sizes.h"

namespace lockstep {

// Activations, with the identity: the list is in gemm-epilogue.h.
constexpr size_t kActivations = 7;

namespace args {

// C = alpha op(A) op(B) + beta C, row-major: op(A) = A or its transpose is m x k, op(B) k x n, C m x n.
template <class T>
struct Multiplication {
  bool transA, transB;
  size_t m, n, k, lda, ldb, ldc;
  double alpha, beta;
  const T* a;
  const T* b;
  T* c;

  size_t extentA() const { return transA ? extent(k, m, lda) : extent(m, k, lda); }
  size_t extentB() const { return transB ? extent(n, k, ldb) : extent(k, n, ldb); }
  size_t extentC() const { return extent(m, n, ldc); }

  template <class V>
  void visitShape(V& v) {
    v.flag("transA", transA);
    v.flag("transB", transB);
    v.size("m", m);
    v.size("n", n);
    v.size("k", k);
    v.size("lda", lda, transA ? m : k);
    v.size("ldb", ldb, transB ? k : n);
    v.size("ldc", ldc, n);
    v.scalar("alpha", alpha);
    v.scalar("beta", beta);
  }
};

// Then C = activation(C + bias): the activation by its place in the list, the bias one row, where there is one.
template <class T>
struct Gemm : Multiplication<T> {
  size_t activation;
  bool biased;
  const T* bias;
  template <class V>
  void visit(V& v) {
    this->visitShape(v);
    v.choice("activation", activation, kActivations);
    v.flag("biased", biased);
    v.input("a", this->a, this->extentA());
    v.input("b", this->b, this->extentB());
    v.optionalInput("bias", bias, biased, this->n);
    v.output("c", this->c, this->extentC());
  }
};

// `batch` products: A, B and C of the next one start strideA, strideB and strideC elements further on. Cs do not overlap.
template <class T>
struct GemmBatched : Multiplication<T> {
  size_t batch, strideA, strideB, strideC;
  template <class V>
  void visit(V& v) {
    v.size("batch", batch);
    this->visitShape(v);
    v.size("strideA", strideA);
    v.size("strideB", strideB);
    v.size("strideC", strideC, batch > 1 ? this->extentC() : 0);
    v.input("a", this->a, extent(batch, this->extentA(), strideA));
    v.input("b", this->b, extent(batch, this->extentB(), strideB));
    v.output("c", this->c, extent(batch, this->extentC(), strideC));
  }
};

}  // namespace args
}  // namespace lockstep
