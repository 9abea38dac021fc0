"""Reads models that were exported in every format and compares their bits: formats.py FOLDER COUNT, where the folder
has N.safetensors, N.json and N.npz for N from 0 to COUNT - 1."""
import json
import sys
import zipfile

import numpy

from safetensors_file import bits, read_safetensors

NAMES = ["W1", "B1", "W2", "B2"]


def check_npz(path, tensors, described):
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None, path
        assert archive.namelist() == [name + ".npy" for name in [*tensors, "metadata"]], archive.namelist()
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    with numpy.load(path, allow_pickle=False) as arrays:
        for name, tensor in tensors.items():
            array = arrays[name]
            assert array.dtype == numpy.float32 and array.shape == tensor.shape, (path, name)
            assert (bits(array) == bits(tensor)).all(), (path, name)
        assert arrays["metadata"].shape == ()
        assert json.loads(str(arrays["metadata"])) == described, path


def check_json(read, tensors):
    for name, tensor in tensors.items():
        values = read.pop(name)
        assert isinstance(values, list) == (name[-2:] != "B2"), name
        values = values if isinstance(values, list) else [values]
        values = numpy.array([numpy.nan if value is None else value for value in values], numpy.float64)
        assert len(values) == tensor.size and (bits(values) == bits(tensor)).all(), name


def check_metadata(read, metadata):
    """A model file has everything as strings, and leaves out what has its default."""
    for key, text in metadata.items():
        value = read[key]
        if isinstance(value, str):
            assert value == text, key
        elif value is None:
            assert text in ("nan", "inf", "-inf"), key
        else:
            assert float(text) == value, key


def refuse_constant(name):
    raise ValueError(name + " is not JSON")


folder, count = sys.argv[1], int(sys.argv[2])
assert count > 0
for number in range(count):
    path = "%s/%d." % (folder, number)
    tensors, metadata = read_safetensors(path + "safetensors")
    assert list(tensors) == NAMES
    with open(path + "json", encoding="ascii") as file:
        read = json.load(file, parse_constant=refuse_constant)
    check_json(read, tensors)
    check_metadata(read, metadata)
    check_npz(path + "npz", tensors, read)
