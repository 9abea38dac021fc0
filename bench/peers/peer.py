"""What the peers written in Python share; peer.h says how a peer talks with `run`."""
import functools
import json
import pathlib
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import chapter

SAMPLES = 1000
SEED = 2  # of the first network's initial weights


def leave_out(why):
    """Says why this peer is left out and ends the program."""
    print(json.dumps({"missing": why}))
    sys.exit(0)


def not_installed(error, install):
    """For the ImportError of a peer's package."""
    found = not isinstance(error, ModuleNotFoundError)
    leave_out(f"does not load: {error}" if found else f"not installed: install with `{install}`")


@functools.lru_cache(maxsize=1)
def draw_parameters(hidden, networks):
    drawn = [chapter.initial_parameters(hidden, SEED + i) for i in range(networks)]
    w1, b1, w2 = (np.stack([np.ravel(one[k]) for one in drawn]) for k in range(3))
    return w1, b1, w2, np.zeros(networks)


def initial_parameters(hidden, networks, dtype):
    """W1 [networks, hidden], B1, W2 and B2 [networks]; copies, the caller's to change."""
    return tuple(array.astype(dtype) for array in draw_parameters(hidden, networks))


def draw_samples(dtype):
    x, y = chapter.draw_samples(SAMPLES)
    return x.astype(dtype), y.astype(dtype)


def cut(steps):
    """Epochs and the samples in each of them."""
    return (1, steps) if steps < SAMPLES else (steps // SAMPLES, SAMPLES)


def serve(train, version, one=None, many=None, unit=1, device=""):
    """train(hidden, networks, steps, rate) gives the seconds and the trained W1, B1, W2 and B2, in the shapes that
    initial_parameters has, or at least their first and last row. unit: steps come in multiples of it. one, many: what
    trains a single network and many; None where it does not."""
    hello = {"version": version, "one": one, "many": many, "unit": unit, "device": device}
    print(json.dumps(hello), flush=True)
    for line in sys.stdin:
        hidden, networks, steps, rate = line.split()
        try:
            seconds, parameters = train(int(hidden), int(networks), int(steps), float(rate))
        except (RuntimeError, MemoryError) as error:
            print(json.dumps({"error": str(error).splitlines()[0] if str(error) else repr(error)}), flush=True)
            continue
        w1, b1, w2, b2 = (np.asarray(array, dtype=float) for array in parameters)
        rows = [0] if networks == "1" else [0, -1]
        answer = [[*w1[k].tolist(), *b1[k].tolist(), *w2[k].tolist(), float(b2[k])] for k in rows]
        print(json.dumps({"seconds": seconds, "parameters": answer}), flush=True)
