#pragma once
// The arguments of the matrix kernels, in the order of the JavaScript call. In namespace args of kernels.h.

// C = alpha op(A) op(B) + beta C with op(A) m x k, op(B) k x n, C m x n, all row-major.
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

// Then C = activation(C + bias), the bias one row, where there is one; the activation by its place in the list of
// gemm-epilogue.h.
template <class T>
struct gemm : Multiplication<T> {
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

// `batch` of them: A, B and C of the next one start strideA, strideB and strideC elements further on. The Cs lie apart.
template <class T>
struct gemmBatched : Multiplication<T> {
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

// out = x (+, *) alpha over n elements.
template <class T>
struct ScalarArguments {
  size_t n;
  double alpha;
  const T* x;
  T* out;
  template <class V>
  void visit(V& v) {
    v.size("n", n);
    v.scalar("alpha", alpha);
    v.inputOrOutput("x", x, n);
    v.output("out", out, n);
  }
};
template <class T>
using addScalar = ScalarArguments<T>;
template <class T>
using mulScalar = ScalarArguments<T>;

// y = f(x) over n elements.
template <class T>
struct UnaryArguments {
  size_t n;
  const T* x;
  T* y;
  template <class V>
  void visit(V& v) {
    v.size("n", n);
    v.inputOrOutput("x", x, n);
    v.output("y", y, n);
  }
};

// dx = dy f'(...) over n elements, f' in terms of what the forward pass read (x) or gave (y).
template <class T>
struct SlopeArguments {
  size_t n;
  const T* at;
  const T* dy;
  T* dx;
  template <class V>
  void visit(V& v) {
    v.size("n", n);
    v.input("at", at, n);
    v.inputOrOutput("dy", dy, n);
    v.output("dx", dx, n);
  }
};

// out[0] = alpha times the sum of (a - b)^2.
template <class T>
struct squaredDistance {
  size_t n;
  double alpha;
  const T* a;
  const T* b;
  T* out;
  template <class V>
  void visit(V& v) {
    v.size("n", n);
    v.scalar("alpha", alpha);
    v.input("a", a, n);
    v.input("b", b, n);
    v.output("out", out, 1);
  }
};

// out[r] = source[indices[r]]
template <class T>
struct gatherRows {
  size_t rows, columns, sourceRows;
  const T* source;
  const int32_t* indices;
  T* out;
  template <class V>
  void visit(V& v) {
    v.size("rows", rows);
    v.size("columns", columns);
    v.size("sourceRows", sourceRows);
    v.input("source", source, area(sourceRows, columns));
    v.labels("indices", indices, rows, sourceRows);
    v.output("out", out, area(rows, columns));
  }
};

// out[indices[r]] = source[r], in the order of r; or += for scatterAddRows.
template <class T>
struct scatterRows {
  size_t columns, rows, outRows;
  const T* source;
  const int32_t* indices;
  T* out;
  template <class V>
  void visit(V& v) {
    v.size("columns", columns);
    v.size("rows", rows);
    v.size("outRows", outRows);
    v.input("source", source, area(rows, columns));
    v.labels("indices", indices, rows, outRows);
    v.output("out", out, area(outRows, columns));
  }
};

template <class T>
using scatterAddRows = scatterRows<T>;

// Per-row loss of softmax and cross-entropy, and its gradient by the logits; 0 where the label is -1.
template <class T>
struct crossEntropy {
  size_t rows, columns;
  double smoothing;
  const T* logits;
  const int32_t* labels;
  T* losses;
  T* gradient;
  template <class V>
  void visit(V& v) {
    v.size("rows", rows);
    v.size("columns", columns);
    v.scalar("smoothing", smoothing);
    v.input("logits", logits, area(rows, columns));
    v.labels("labels", labels, rows, columns, -1);
    v.output("losses", losses, rows);
    v.output("gradient", gradient, area(rows, columns));
  }
};

#define RULE(name)
#define KERNEL(name)
#define UNARY(name)                        \
  template <class T>                       \
  using name##Forward = UnaryArguments<T>; \
  template <class T>                       \
  using name##Backward = SlopeArguments<T>;
#include "../kernels.def"
