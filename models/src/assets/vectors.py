"""Writes the unit-length all-MiniLM-L6-v2 vector of every caption as little-endian float16.

    vectors.py MODEL.onnx TOKENIZER.json CAPTIONS.tsv OUTPUT.f16

The model is quantised dynamically, so the captions that share a batch touch each other's last bits:
batches of 64 in the order of the captions are part of the result.
"""

import sys

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

BATCH = 64


def main(model, tokenizer, captions, output):
    session = onnxruntime.InferenceSession(model)
    tokenizer = Tokenizer.from_file(tokenizer)
    tokenizer.no_truncation()
    tokenizer.enable_padding()
    with open(captions, encoding="utf-8") as lines:
        labels = [line.split("\t")[2] for line in lines]
    with open(output, "wb") as out:
        for start in range(0, len(labels), BATCH):
            tokens = tokenizer.encode_batch(labels[start : start + BATCH])
            ids = np.array([t.ids for t in tokens], np.int64)
            mask = np.array([t.attention_mask for t in tokens], np.int64)
            feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
            (hidden,) = session.run(["last_hidden_state"], feed)
            mean = (hidden * mask[:, :, None]).sum(1) / mask.sum(1, keepdims=True)
            unit = mean / np.linalg.norm(mean, axis=1, keepdims=True)
            out.write(unit.astype("<f2").tobytes())


if __name__ == "__main__":
    main(*sys.argv[1:])
