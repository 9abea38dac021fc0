"""The chapter's program in NumPy, as the course has it: prints the seconds a training took and its last loss.

python3 chapter.py HIDDEN SAMPLES EPOCHS RATE
"""
import sys
import time

import numpy as np


def target(x):
    return 0.4 * np.power(x, 2) + 0.3 * np.multiply(x, np.sin(15 * x)) + 0.01 * np.cos(50 * x) - 0.3


def draw_samples(samples):
    x = np.random.RandomState(0).random_sample((samples, 2))[:, 0]
    return x, target(x)


def initial_parameters(hidden, seed):
    np.random.seed(seed)
    bound = np.sqrt(6) / np.sqrt(1 + hidden)
    w1 = np.random.uniform(-bound, bound, (hidden, 1))
    b1 = np.zeros((hidden, 1))
    w2 = np.random.uniform(-bound, bound, (1, hidden))
    b2 = np.zeros((1, 1))
    return w1, b1, w2, b2


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def train(x, y, parameters, epochs, rate):
    """The trained (w1, b1, w2, b2) and the mean loss of the last epoch."""
    w1, b1, w2, b2 = parameters
    for _ in range(epochs):
        loss = 0.0
        for i in range(len(x)):
            a = sigmoid(np.dot(w1, x[i]) + b1)
            z = np.dot(w2, a) + b2
            e = z - y[i]
            loss += 0.5 * float(e[0, 0]) ** 2
            d1 = w2.T * e * a * (1 - a)
            w2 = w2 - rate * e * a.T
            b2 = b2 - rate * e
            w1 = w1 - rate * d1 * x[i]
            b1 = b1 - rate * d1
    return (w1, b1, w2, b2), loss / len(x)


def main():
    hidden, samples, epochs, rate = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    x, y = draw_samples(samples)
    parameters = initial_parameters(hidden, 2)
    start = time.perf_counter()
    _, loss = train(x, y, parameters, epochs, rate)
    print(repr(time.perf_counter() - start), repr(loss))


if __name__ == "__main__":
    main()
