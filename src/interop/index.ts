export { type ToOnnxOptions, toOnnx } from './onnx/export.js';
export type { PyTorchOptions } from './pytorch/entries.js';
export { fromPyTorch, toPyTorch } from './pytorch/model.js';
export {
  type OptimizerFromPyTorchOptions,
  optimizerFromPyTorch,
  optimizerToPyTorch,
} from './pytorch/optimizer.js';
export { type ReadTorchOptions, readTorch } from './pytorch/torch-file.js';
export { type TensorFlowJsModel, type ToTensorFlowJsOptions, toTensorFlowJs } from './tfjs/export.js';
