#pragma once
// The arguments of layer, RMS, group and batch normalisation, in the order of the JavaScript call.

#include "../sizes.h"

namespace lockstep::args {

// y = (x - mean) rstd weight + bias, row by row; hands out mean and rstd of each row.
template <class T>
struct LayerNormForward {
  size_t rows, columns;
  double eps;
  const T* x;
  const T* weight;
  const T* bias;
  T* mean;
  T* rstd;
  T* y;
  template <class V>
  void visit(V& v) {
    v.size("rows", rows);
    v.size("columns", columns);
    v.scalar("eps", eps);
    v.inputOrOutput("x", x, area(rows, columns));
    v.input("weight", weight, columns);
    v.input("bias", bias, columns);
    v.output("mean", mean, rows);
    v.output("rstd", rstd, rows);
    v.output("y", y, area(rows, columns));
  }
};

// The gradients of layerNormForward: by x, plus dx where `accumulate`, by weight and by bias.
template <class T>
struct LayerNormBackward {
  size_t rows, columns;
  bool accumulate;
  const T* x;
  const T* weight;
  const T* mean;
  const T* rstd;
  const T* dy;
  T* dx;
  T* dWeight;
  T* dBias;
  template <class V>
  void visit(V& v) {
    v.size("rows", rows);
    v.size("columns", columns);
    v.flag("accumulate", accumulate);
    v.input("x", x, area(rows, columns));
    v.input("weight", weight, columns);
    v.input("mean", mean, rows);
    v.input("rstd", rstd, rows);
    v.inputOrOutput("dy", dy, area(rows, columns));
    v.output("dx", dx, area(rows, columns));
    v.output("dWeight", dWeight, columns);
    v.output("dBias", dBias, columns);
  }
};

// y = x rstd weight with rstd = 1 / sqrt(the mean of x^2 + eps), row by row; hands out rstd of each row.
template <class T>
struct RmsNormForward {
  size_t rows, columns;
  double eps;
  const T* x;
  const T* weight;
  T* rstd;
  T* y;
  template <class V>
  void visit(V& v) {
    v.size("rows", rows);
    v.size("columns", columns);
    v.scalar("eps", eps);
    v.inputOrOutput("x", x, area(rows, columns));
    v.input("weight", weight, columns);
    v.output("rstd", rstd, rows);
    v.output("y", y, area(rows, columns));
  }
};

// The gradients of rmsNormForward: by x, plus dx where `accumulate`, and by weight.
template <class T>
struct RmsNormBackward {
  size_t rows, columns;
  bool accumulate;
  const T* x;
  const T* weight;
  const T* rstd;
  const T* dy;
  T* dx;
  T* dWeight;
  template <class V>
  void visit(V& v) {
    v.size("rows", rows);
    v.size("columns", columns);
    v.flag("accumulate", accumulate);
    v.input("x", x, area(rows, columns));
    v.input("weight", weight, columns);
    v.input("rstd", rstd, rows);
    v.inputOrOutput("dy", dy, area(rows, columns));
    v.output("dx", dx, area(rows, columns));
    v.output("dWeight", dWeight, columns);
  }
};

// `batch` samples of `places` with `groups` times `channels` channels, each normalised over a group at all of its places.
struct Grouped {
  size_t batch, places, groups, channels;

  size_t columns() const { return area(groups, channels); }
  size_t lines() const { return area(batch, groups); }
  size_t all() const { return area(area(batch, places), columns()); }

  template <class V>
  void visitGrouped(V& v) {
    v.size("batch", batch);
    v.size("places", places, 1);
    v.size("groups", groups, 1);
    v.size("channels", channels, 1);
  }
};

// y = (x - mean) rstd weight + bias; hands out mean and rstd of each group of a sample.
template <class T>
struct GroupNormForward : Grouped {
  double eps;
  const T* x;
  const T* weight;
  const T* bias;
  T* mean;
  T* rstd;
  T* y;
  template <class V>
  void visit(V& v) {
    visitGrouped(v);
    v.scalar("eps", eps);
    v.inputOrOutput("x", x, all());
    v.input("weight", weight, columns());
    v.input("bias", bias, columns());
    v.output("mean", mean, lines());
    v.output("rstd", rstd, lines());
    v.output("y", y, all());
  }
};

// The gradients of groupNormForward: by x, plus dx where `accumulate`, by weight and by bias.
template <class T>
struct GroupNormBackward : Grouped {
  bool accumulate;
  const T* x;
  const T* weight;
  const T* mean;
  const T* rstd;
  const T* dy;
  T* dx;
  T* dWeight;
  T* dBias;
  template <class V>
  void visit(V& v) {
    visitGrouped(v);
    v.flag("accumulate", accumulate);
    v.input("x", x, all());
    v.input("weight", weight, columns());
    v.input("mean", mean, lines());
    v.input("rstd", rstd, lines());
    v.inputOrOutput("dy", dy, all());
    v.output("dx", dx, all());
    v.output("dWeight", dWeight, columns());
    v.output("dBias", dBias, columns());
  }
};

// The mean and the biased variance of each column.
template <class T>
struct BatchNormStatistics {
  size_t columns, rows;
  const T* x;
  T* mean;
  T* variance;
  template <class V>
  void visit(V& v) {
    v.size("columns", columns);
    v.size("rows", rows);
    v.input("x", x, area(rows, columns));
    v.output("mean", mean, columns);
    v.output("variance", variance, columns);
  }
};

// y = (x - mean) / sqrt(variance + eps) weight + bias, column by column.
template <class T>
struct BatchNormForward {
  size_t columns, rows;
  double eps;
  const T* x;
  const T* mean;
  const T* variance;
  const T* weight;
  const T* bias;
  T* y;
  template <class V>
  void visit(V& v) {
    v.size("columns", columns);
    v.size("rows", rows);
    v.scalar("eps", eps);
    v.inputOrOutput("x", x, area(rows, columns));
    v.input("mean", mean, columns);
    v.input("variance", variance, columns);
    v.input("weight", weight, columns);
    v.input("bias", bias, columns);
    v.output("y", y, area(rows, columns));
  }
};

// The gradients of batchNormForward by x, weight and bias; the statistics depend on x where `training`.
template <class T>
struct BatchNormBackward {
  size_t columns, rows;
  bool training;
  double eps;
  const T* x;
  const T* mean;
  const T* variance;
  const T* weight;
  const T* dy;
  T* dx;
  T* dWeight;
  T* dBias;
  template <class V>
  void visit(V& v) {
    v.size("columns", columns);
    v.size("rows", rows);
    v.flag("training", training);
    v.scalar("eps", eps);
    v.input("x", x, area(rows, columns));
    v.input("mean", mean, columns);
    v.input("variance", variance, columns);
    v.input("weight", weight, columns);
    v.inputOrOutput("dy", dy, area(rows, columns));
    v.output("dx", dx, area(rows, columns));
    v.output("dWeight", dWeight, columns);
    v.output("dBias", dBias, columns);
  }
};

}  // namespace lockstep::args
