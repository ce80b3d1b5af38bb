"""``python serve.py MODEL PORT``: LitServe with one worker on the processor."""

import sys

import joblib
import litserve


class ScikitLearn(litserve.LitAPI):
    """A scikit-learn model."""

    def setup(self, device):
        """Load the model in the worker."""
        del device
        self.model = joblib.load(sys.argv[1])

    def decode_request(self, request):
        """Take the rows."""
        return request["rows"]

    def predict(self, x):
        """Predict."""
        return self.model.predict(x)

    def encode_response(self, output):
        """Write the predictions."""
        return {"predictions": output.tolist()}


if __name__ == "__main__":
    server = litserve.LitServer(ScikitLearn(), accelerator="cpu", workers_per_device=1)
    server.run(
        host="127.0.0.1",
        port=int(sys.argv[2]),
        num_api_servers=1,
        generate_client_file=False,
        log_level="warning",
        access_log=False,
    )
