#pragma once
// The arguments of attention, in the order of the JavaScript call.

#include "../sizes.h"

namespace lockstep::args {

// Heads side by side: q [batch, queries, heads, size], k and v [batch, keys, heads, size]. Where `causal`, query i sees the
// keys 0 to i only. A mask, of one of the shapes below, is added to the scores. Weights are dropped with a probability, by one
// word of the stream of `seed` each.
enum AttentionMask : size_t {
  kNoMask,
  kMaskOfPairs,      // [queries, keys]
  kMaskOfKeys,       // [batch, keys]
  kMaskOfSequences,  // [batch, queries, keys]
  kMaskOfHeads,      // [batch, heads, queries, keys]
};

template <class T>
struct Attention {
  size_t seed, offset;
  double probability;
  size_t causal, masked;
  size_t batch, heads, size, queries, keys;
  double scale;
  const T* q;
  const T* k;
  const T* v;
  const T* mask;

  size_t sizeQ() const { return area(area(batch, queries), area(heads, size)); }
  size_t sizeK() const { return area(area(batch, keys), area(heads, size)); }
  size_t sums() const { return area(area(batch, heads), queries); }

  // From one row of the mask to the next, from one sequence to the next, and from one head.
  size_t maskRow() const { return masked == kMaskOfKeys ? 0 : keys; }
  size_t maskSequence() const {
    const size_t each = masked == kMaskOfHeads ? area(heads, queries) : masked == kMaskOfSequences ? queries : 1;
    return masked == kMaskOfPairs ? 0 : area(each, keys);
  }
  size_t maskHead() const { return masked == kMaskOfHeads ? area(queries, keys) : 0; }
  size_t sizeMask() const { return masked == kMaskOfPairs ? area(queries, keys) : area(batch, maskSequence()); }

  template <class V>
  void visitInputs(V& v) {
    v.size("seed", seed);
    v.size("offset", offset);
    v.scalar("probability", probability);
    v.layout("causal", causal, 2);
    v.choice("masked", masked, kMaskOfHeads + 1);
    v.size("batch", batch);
    v.size("heads", heads);
    v.size("size", size, 1);
    v.size("queries", queries, 1);
    v.size("keys", keys, 1);
    v.scalar("scale", scale);
    v.input("q", q, sizeQ());
    v.input("k", k, sizeK());
    v.input("v", this->v, sizeK());
    v.optionalInput("mask", mask, masked != kNoMask, sizeMask());
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
