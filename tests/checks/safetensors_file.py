"""Reads model files by the specification of safetensors, without its library, and compares bits."""
import json
import struct

import numpy


def bits(values):
    """As unsigned numbers, every NaN being the same."""
    values = numpy.asarray(values, dtype=numpy.float32)
    patterns = numpy.ascontiguousarray(values).view(numpy.uint32).ravel()
    return numpy.where(numpy.isnan(values).ravel(), 0x7FC00000, patterns)


def read_safetensors(path):
    with open(path, "rb") as file:
        content = file.read()
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + length])
    metadata = header.pop("__metadata__")
    tensors = {}
    for name, entry in header.items():
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        tensors[name] = numpy.frombuffer(content[begin:end], "<f4").reshape(entry["shape"])
    return tensors, metadata
