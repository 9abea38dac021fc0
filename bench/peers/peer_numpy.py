"""NumPy as a peer: the chapter's program for one network, one array for all networks' equal tensors for many."""
import time

import numpy as np

import peer
from peer import chapter


def train_one(x, y, w1, b1, w2, b2, epochs, rate):
    parameters = w1.reshape(-1, 1), b1.reshape(-1, 1), w2.reshape(1, -1), b2.reshape(1, 1)
    (w1, b1, w2, b2), _ = chapter.train(x, y, parameters, epochs, rate)
    return w1.reshape(1, -1), b1.reshape(1, -1), w2.reshape(1, -1), b2.reshape(1)


def train_many(x, y, w1, b1, w2, b2, epochs, rate):
    for _ in range(epochs):
        for i in range(len(x)):
            a = chapter.sigmoid(w1 * x[i] + b1)
            step = rate * ((w2 * a).sum(axis=1) + b2 - y[i])
            wide = step[:, None]
            slope = wide * w2 * a * (1 - a)
            w2 -= wide * a
            b2 -= step
            w1 -= slope * x[i]
            b1 -= slope
    return w1, b1, w2, b2


def train(hidden, networks, steps, rate):
    parameters = peer.initial_parameters(hidden, networks, np.float64)
    epochs, samples = peer.cut(steps)
    start = time.perf_counter()
    trained = (train_one if networks == 1 else train_many)(X[:samples], Y[:samples], *parameters, epochs, rate)
    return time.perf_counter() - start, trained


X, Y = peer.draw_samples(np.float64)
peer.serve(train, np.__version__, one="the chapter's program", many="networks side by side in arrays")
