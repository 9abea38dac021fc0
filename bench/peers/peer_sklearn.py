"""scikit-learn's MLPRegressor as a peer: partial_fit, in batches of one, without shuffling and momentum, in float64."""
import time

import numpy as np

import peer

try:
    import sklearn
    from sklearn.neural_network import MLPRegressor
except ImportError as error:
    peer.not_installed(error, "pip install scikit-learn")


def make_model(hidden, rate):
    w1, b1, w2, b2 = peer.initial_parameters(hidden, 1, np.float64)
    model = MLPRegressor(hidden_layer_sizes=(hidden,), activation="logistic", solver="sgd", alpha=0.0, batch_size=1,
                         learning_rate="constant", learning_rate_init=rate, momentum=0.0, shuffle=False)
    model.partial_fit(X[:1, None], Y[:1])  # makes the arrays, which are then overwritten
    model.coefs_[0][...], model.intercepts_[0][...] = w1, b1[0]
    model.coefs_[1][...], model.intercepts_[1][...] = w2.T, b2
    return model


def train(hidden, _, steps, rate):
    model = make_model(hidden, rate)
    epochs, samples = peer.cut(steps)
    x, y = X[:samples, None], Y[:samples]
    start = time.perf_counter()
    for _ in range(epochs):
        model.partial_fit(x, y)
    seconds = time.perf_counter() - start
    return seconds, (model.coefs_[0], [model.intercepts_[0]], model.coefs_[1].T, model.intercepts_[1])


X, Y = peer.draw_samples(np.float64)
peer.serve(train, sklearn.__version__, one="MLPRegressor.partial_fit, batch_size=1")
