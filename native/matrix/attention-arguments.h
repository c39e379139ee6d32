#pragma once
// The arguments of attention, in the order of the JavaScript call.

#include "../sizes.h"

namespace lockstep::args {

// Heads side by side: q [batch, queries, heads, size], k and v [batch, keys, heads, size]. Where `causal`, query i sees the
// keys 0 to i only. Weights are dropped with a probability, by one word of the stream of `seed` each.
template <class T>
struct Attention {
  size_t seed, offset;
  double probability;
  size_t causal;
  size_t batch, heads, size, queries, keys;
  double scale;
  const T* q;
  const T* k;
  const T* v;

  size_t sizeQ() const { return area(area(batch, queries), area(heads, size)); }
  size_t sizeK() const { return area(area(batch, keys), area(heads, size)); }
  size_t sums() const { return area(area(batch, heads), queries); }

  template <class V>
  void visitInputs(V& v) {
    v.size("seed", seed);
    v.size("offset", offset);
    v.scalar("probability", probability);
    v.layout("causal", causal, 2);
    v.size("batch", batch);
    v.size("heads", heads);
    v.size("size", size, 1);
    v.size("queries", queries, 1);
    v.size("keys", keys, 1);
    v.scalar("scale", scale);
    v.input("q", q, sizeQ());
    v.input("k", k, sizeK());
    v.input("v", this->v, sizeK());
  }
};

// out = softmax(scale q k^T) v for each head; logSums [batch, heads, queries]: logarithms of the sums of exponentials.
template <class T>
struct AttentionForward : Attention<T> {
  T* out;
  T* logSums;
  template <class V>
  void visit(V& v) {
    this->visitInputs(v);
    v.output("out", out, this->sizeQ());
    v.output("logSums", logSums, this->sums());
  }
};

// The gradients by q, k and v.
template <class T>
struct AttentionBackward : Attention<T> {
  const T* out;
  const T* logSums;
  const T* dOut;
  T* dq;
  T* dk;
  T* dv;
  template <class V>
  void visit(V& v) {
    this->visitInputs(v);
    v.input("out", out, this->sizeQ());
    v.input("logSums", logSums, this->sums());
    v.input("dOut", dOut, this->sizeQ());
    v.output("dq", dq, this->sizeQ());
    v.output("dk", dk, this->sizeK());
    v.output("dv", dv, this->sizeK());
  }
};

}  // namespace lockstep::args
