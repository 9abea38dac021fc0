"""JAX as a peer: jit and lax.scan over the samples, under vmap for many networks. Argument "gpu": on the GPU that it
finds.

The update is written with grad; by hand it is not faster. What is faster depends on the size and the machine: the scan
unrolled or not, the networks as the arrays' first axis or their last. The fastest of these is timed.
"""
import functools
import sys
import time

import numpy as np

import peer

try:
    import jax
    import jax.numpy as jnp
    from jax import lax
except ImportError as error:
    peer.not_installed(error, "pip install jax")

GPU = sys.argv[1:] == ["gpu"]
if GPU and jax.default_backend() != "gpu":
    peer.leave_out("it finds no GPU (install with `pip install 'jax[cuda13]'`)")

VARIANTS_ONE = ((0, 1), (0, 8))  # axis of the networks, scan's unroll
VARIANTS_MANY = ((0, 1), (0, 8), (-1, 1))
PROBES = 3


def loss_of(parameters, x, y):
    w1, b1, w2, b2 = parameters
    # "highest": a GPU would use TF32 otherwise.
    z = jnp.dot(w2, jax.nn.sigmoid(w1 * x + b1), precision="highest") + b2
    return 0.5 * (z - y) ** 2


def train_network(parameters, epochs, rate, x, y, unroll):
    def step(old, sample):
        return jax.tree.map(lambda value, slope: value - rate * slope, old, jax.grad(loss_of)(old, *sample)), None

    def epoch(_, old):
        return lax.scan(step, old, (x, y), unroll=unroll)[0]

    return lax.fori_loop(0, epochs, epoch, parameters)


def lay_out(parameters, axis):
    networks = parameters[0].shape[0]
    arrays = (array[0] if networks == 1 else array.T if axis else array for array in parameters)
    return jax.block_until_ready(tuple(jnp.asarray(array) for array in arrays))


def run(program, parameters, epochs, rate):
    start = time.perf_counter()
    trained = jax.block_until_ready(program(parameters, epochs, rate, X, Y))
    return time.perf_counter() - start, trained


@functools.lru_cache(maxsize=None)
def compile_fastest(hidden, networks):
    """The compiled training and the axis of the networks in its arrays."""
    best = None
    for axis, unroll in VARIANTS_MANY if networks > 1 else VARIANTS_ONE:
        program = functools.partial(train_network, unroll=unroll)
        if networks > 1:
            program = jax.vmap(program, in_axes=(axis, None, None, None, None), out_axes=axis)
        parameters = lay_out(peer.initial_parameters(hidden, networks, np.float32), axis)
        program = jax.jit(program).lower(parameters, 1, 0.0, X, Y).compile()
        seconds = min(run(program, parameters, 1, 0.0)[0] for _ in range(PROBES))
        if best is None or seconds < best[0]:
            best = seconds, program, axis
    return best[1:]


def train(hidden, networks, steps, rate):
    program, axis = compile_fastest(hidden, networks)
    parameters = lay_out(peer.initial_parameters(hidden, networks, np.float32), axis)
    seconds, trained = run(program, parameters, steps // peer.SAMPLES, rate)
    trained = (np.asarray(array) for array in trained)
    if networks == 1:
        return seconds, tuple(array[None] for array in trained)
    return seconds, tuple(array.T if axis else array for array in trained)


X, Y = (jnp.asarray(array) for array in peer.draw_samples(np.float32))
peer.serve(train, jax.__version__, one="jit and lax.scan", many="jit, lax.scan and vmap", unit=peer.SAMPLES,
           device=jax.devices()[0].device_kind if GPU else "")
