"""ONNX Runtime, all graph optimisations on, with inputs bound once."""
import numpy

from peers.onnx_file import channels_first, export


class OnnxRuntime:
    name = "onnxruntime"

    def __init__(self, context):
        import onnxruntime
        self.version, self.context, self.runtime = onnxruntime.__version__, context, onnxruntime

    def kernel(self, case, arrays):
        return None

    def inference(self, network, weights, arrays):
        options = self.runtime.SessionOptions()
        options.intra_op_num_threads = self.context.threads
        options.inter_op_num_threads = 1
        options.graph_optimization_level = self.runtime.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.log_severity_level = 3
        # Threads that spin between runs would take the cores from the side whose turn is next.
        options.add_session_config_entry("session.force_spinning_stop", "1")
        path = export(self.context, network, weights, arrays)
        session = self.runtime.InferenceSession(str(path), options,
                                                providers=["CPUExecutionProvider"])
        return Side(session, arrays)


class Side:
    def __init__(self, session, arrays):
        self.session, self.binding = session, session.io_binding()
        self.kept = []
        for name, array in arrays.items():
            self.kept.append(channels_first(array))
            self.binding.bind_cpu_input(name, self.kept[-1])
        self.binding.bind_output(session.get_outputs()[0].name, "cpu")

    def reset(self):
        pass

    def run(self, count):
        for _ in range(count):
            self.session.run_with_iobinding(self.binding)

    def outputs(self):
        return {"y": numpy.array(self.binding.copy_outputs_to_cpu()[0])}

    def close(self):
        self.session = self.binding = None
