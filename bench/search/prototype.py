"""Levenberg-Marquardt in NumPy, many starts at once: the prototype that clfit search is compared with.

Both axes scaled to [-1, 1]; slopes uniform in +-6, break points over the range, output weights normal of deviation 0.3;
all parameters together, damping by the largest diagonal so far, first 1e-2, times 0.2 after a success and 4 after a
failure.
"""
import numpy as np


def scaled(values):
    low, high = values.min(), values.max()
    factor = (high - low) / 2 or 1.0
    return (values - (high + low) / 2) / factor, factor


def starts_of(hidden, count, random):
    slopes = random.uniform(-6, 6, (count, hidden))
    breaks = random.uniform(-1, 1, (count, hidden))
    return np.concatenate([slopes, -slopes * breaks, 0.3 * random.standard_normal((count, hidden)),
                           np.zeros((count, 1))], axis=1)


def residuals(parameters, hidden, x, y):
    """Errors [starts, samples] and their derivatives [starts, samples, parameters]."""
    w1, b1, w2 = (parameters[:, i * hidden:(i + 1) * hidden] for i in range(3))
    a = np.tanh(w1[:, None, :] * x[None, :, None] + b1[:, None, :])
    error = (a * w2[:, None, :]).sum(2) + parameters[:, -1:] - y
    slope = (1 - a * a) * w2[:, None, :]
    return error, np.concatenate([slope * x[None, :, None], slope, a, np.ones(error.shape + (1,))], axis=2)


def fit(hidden, starts, iterations, x, y, seed=0):
    """The smallest sum of squared errors, in y's own unit, of `starts` fits."""
    random = np.random.RandomState(seed)
    x, _ = scaled(x)
    y, factor = scaled(y)
    p = starts_of(hidden, starts, random)
    error, jacobian = residuals(p, hidden, x, y)
    loss = (error ** 2).sum(1)
    damping = np.full(starts, 1e-2)
    scale = np.zeros_like(p)
    for _ in range(iterations):
        normal = jacobian.transpose(0, 2, 1) @ jacobian
        gradient = (jacobian * error[:, :, None]).sum(1)
        diagonal = np.einsum('ijj->ij', normal)
        scale = np.maximum(scale, diagonal)
        damped = normal + np.einsum('ij,jk->ijk', damping[:, None] * np.where(scale > 0, scale, 1), np.eye(p.shape[1]))
        trial = p - np.linalg.solve(damped, gradient[:, :, None])[:, :, 0]
        e, j = residuals(trial, hidden, x, y)
        f = (e ** 2).sum(1)
        better = f < loss
        p, error, jacobian = p.copy(), error.copy(), jacobian.copy()
        p[better], error[better], jacobian[better], loss[better] = trial[better], e[better], j[better], f[better]
        damping = np.where(better, np.maximum(damping * 0.2, 1e-14), np.minimum(damping * 4, 1e14))
    return loss.min() * factor ** 2
