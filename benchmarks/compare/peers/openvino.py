"""OpenVINO, told to care for latency and to compute in f32."""
import numpy

from peers.onnx_file import channels_first, export


class OpenVino:
    name = "openvino"

    def __init__(self, context):
        import openvino
        self.version = openvino.__version__.split("-")[0]
        self.context, self.core = context, openvino.Core()

    def kernel(self, case, arrays):
        return None

    def inference(self, network, weights, arrays):
        model = self.core.read_model(export(self.context, network, weights, arrays))
        compiled = self.core.compile_model(model, "CPU", {
            "INFERENCE_NUM_THREADS": self.context.threads, "NUM_STREAMS": 1,
            "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"})
        return Side(compiled, arrays)


class Side:
    def __init__(self, compiled, arrays):
        import openvino
        self.request = compiled.create_infer_request()
        self.kept = {name: channels_first(array) for name, array in arrays.items()}
        for name, array in self.kept.items():
            self.request.set_tensor(name, openvino.Tensor(array))

    def reset(self):
        pass

    def run(self, count):
        for _ in range(count):
            self.request.infer()

    def outputs(self):
        return {"y": numpy.array(self.request.get_output_tensor(0).data)}

    def close(self):
        self.request = None
