"""JAX (float64, jit, vmap) beside the programs of fit.h: the same Levenberg-Marquardt iteration as clfit's
(docs/least-squares.md), with and without the step that solves for W2 and B2, the faster of them. Without an argument
all starts are under one vmap; with the argument "blocks" lax.map goes through blocks of 256, 64 or 16 of them,
whichever is fastest. vmap's loop ends when the last of its starts has ended, so that the steps of the others, which
change nothing any more, are paid for as well. They are not counted as steps."""
import functools
import json
import sys
import time

import numpy as np

try:
    import jax
    import jax.numpy as jnp
    from jax import lax
    from jax.scipy.linalg import solve_triangular
except ImportError as error:
    print(json.dumps({"missing": f"not installed: {error}: pip install jax"}))
    sys.exit(0)

jax.config.update("jax_enable_x64", True)

BLOCKS = (256, 64, 16) if sys.argv[1:] == ["blocks"] else (1 << 30,)
DAMPING_FIRST, DAMPING_MIN, DAMPING_MAX, SHRINK, GROW = 0.01, 1e-15, 1e12, 0.2, 4.0
FLAT, SMALL, SMALL_STEPS, RIDGE = 1e-20, 1e-6, 5, 1e-8


def initial_parameters(hidden, seed):
    """clfit's initialisation "spread" on [-1, 1]."""
    random = np.random.RandomState(seed)
    w1 = random.uniform(-6.0, 6.0, hidden)
    centre = random.uniform(-1.0, 1.0, hidden)
    w2 = 0.3 * random.randn(hidden)
    return np.concatenate([w1, -w1 * centre, w2, [0.0]]).astype(np.float32).astype(float)


def solve(matrix, added, scale, right):
    """(matrix + added diag(scale)) step = -right; NaN where it is not positive definite."""
    factor = jnp.linalg.cholesky(matrix + added * jnp.diag(scale), symmetrize_input=False)
    half = solve_triangular(factor, -right, lower=True)
    return solve_triangular(factor, half, lower=True, trans=1)


def one_for_zero(diagonal):
    return jnp.where(diagonal > 0, diagonal, 1.0)


def evaluate(parameters, damping, hidden, x, y, project):
    """Parameters (W2 and B2 solved for), loss, gradient and matrix: one product gives all sums."""
    w1, b1, w2, b2 = jnp.split(parameters, [hidden, 2 * hidden, 3 * hidden])
    a = jnp.tanh(jnp.outer(x, w1) + b1)
    slope = 1.0 - a * a
    error = a @ w2 + b2 - y
    columns = jnp.concatenate([slope * x[:, None], slope, a, jnp.ones_like(x)[:, None], error[:, None]], axis=1)
    sums = columns.T @ columns
    matrix, gradient, loss = sums[:-1, :-1], sums[:-1, -1], sums[-1, -1]
    if project:
        output = slice(2 * hidden, 3 * hidden + 1)
        part = matrix[output, output]
        move = solve(part, RIDGE + damping, one_for_zero(jnp.diag(part)), gradient[output])
        moved = loss + move @ (2.0 * gradient[output] + part @ move)
        good = jnp.all(jnp.isfinite(move)) & (moved >= 0.0) & (moved <= loss)
        move = jnp.where(good, move, 0.0)
        loss = jnp.where(good, moved, loss)
        gradient = gradient + matrix[:, output] @ move
        parameters = parameters.at[output].add(move)
    unit = jnp.concatenate([jnp.tile(parameters[2 * hidden:3 * hidden], 2), jnp.ones(hidden + 1)])
    return parameters, loss, gradient * unit, matrix * jnp.outer(unit, unit)


def fit_one(parameters, limit, x, y, hidden, project):
    """Steps taken, loss, parameters."""
    point = evaluate(parameters, DAMPING_FIRST, hidden, x, y, project)
    state = (1, jnp.array(False), DAMPING_FIRST, jnp.diag(point[3]), jnp.array(0), point)

    def going_on(state):
        return (state[0] < limit) & ~state[1]

    def iterate(state):
        steps, _, damping, scale, small, (p, loss, gradient, matrix) = state
        trial = evaluate(p + solve(matrix, damping, one_for_zero(scale), gradient), damping, hidden, x, y, project)
        better = trial[1] < loss
        little = loss - trial[1] <= SMALL * loss
        small = jnp.where(better, jnp.where(little, small + 1, 0), small)
        damping = jnp.where(better, jnp.maximum(damping * SHRINK, DAMPING_MIN), damping * GROW)
        point = tuple(jnp.where(better, new, old) for new, old in zip(trial, (p, loss, gradient, matrix)))
        diagonal = jnp.diag(point[3])
        flat = better & jnp.all(point[2] ** 2 <= FLAT * diagonal * point[1])
        ended = flat | (small >= SMALL_STEPS) | (damping > DAMPING_MAX)
        return steps + 1, ended, damping, jnp.maximum(scale, diagonal), small, point

    steps, _, _, _, _, (p, loss, _, _) = lax.while_loop(going_on, iterate, state)
    return steps, loss, p


@functools.partial(jax.jit, static_argnames=("hidden", "block", "project"))
def fit_all(parameters, limit, x, y, hidden, block, project):
    many = jax.vmap(functools.partial(fit_one, hidden=hidden, project=project), in_axes=(0, None, None, None))
    blocks = parameters.reshape(-1, block, parameters.shape[1])
    return jax.tree.map(lambda array: array.reshape(-1, *array.shape[2:]),
                        lax.map(lambda one: many(one, limit, x, y), blocks))


@functools.lru_cache(maxsize=None)
def compile_way(way, path, hidden, starts):
    parameters = jax.ShapeDtypeStruct((starts, 3 * hidden + 1), np.float64)
    return fit_all.lower(parameters, 1, *read(path), hidden=hidden, block=way[0], project=way[1]).compile()


def run(way, path, parameters, limit):
    """Wall and processor seconds, and the result."""
    program = compile_way(way, path, parameters.shape[1] // 3, parameters.shape[0])
    x, y = read(path)
    wall, cpu = time.perf_counter(), time.process_time()
    result = jax.block_until_ready(program(parameters, limit, x, y))
    return time.perf_counter() - wall, time.process_time() - cpu, [np.asarray(array) for array in result]


@functools.lru_cache(maxsize=None)
def find_fastest(path, hidden, starts):
    """The way (block, projection) whose first iterations take the least time. The projection makes starts succeed in
    fewer iterations, so that it is used where it costs less than half as much again."""
    seconds = {}
    parameters = jnp.asarray(np.stack([initial_parameters(hidden, 90000 + k) for k in range(starts)]))
    for block in sorted({min(block, starts) for block in BLOCKS if starts % min(block, starts) == 0}):
        for project in (False, True):
            seconds[block, project] = min(run((block, project), path, parameters, 3)[1] for _ in range(2))
    plain = min((way for way in seconds if not way[1]), key=seconds.get)
    projected = min((way for way in seconds if way[1]), key=seconds.get)
    return projected if seconds[projected] < 1.5 * seconds[plain] else plain


@functools.lru_cache(maxsize=None)
def read(path):
    columns = np.loadtxt(path, delimiter=",", skiprows=1).astype(np.float32).astype(float)
    return jnp.asarray(columns[:, 0]), jnp.asarray(columns[:, 1])


def answer(path, hidden, starts, seed, limit):
    initial = np.stack([initial_parameters(hidden, seed + k) for k in range(starts)])
    way = find_fastest(path, hidden, starts)
    wall, cpu, (steps, loss, fitted) = run(way, path, jnp.asarray(initial), limit)
    return {"seconds": wall, "cpu": cpu, "steps": int(steps.sum()), "jacobians": int(steps.sum()),
            "way": f"blocks of {way[0]}, {'with' if way[1] else 'without'} the projection",
            "rss": [value if np.isfinite(value) else None for value in loss.tolist()],
            "initial": initial[[0, -1]].tolist(), "fitted": fitted[[0, -1]].tolist()}


print(json.dumps({"name": " ".join(["JAX"] + sys.argv[1:]), "version": jax.__version__, "what": "jit, vmap, float64"}),
      flush=True)
for line in sys.stdin:
    name, *numbers = line.split()
    print(json.dumps(answer(name, *map(int, numbers))), flush=True)
