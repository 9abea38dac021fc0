"""PyTorch as a peer: one network as its users write it (eager), many through torch.func.vmap. Argument "gpu": on the
GPU that it finds."""
import sys
import time

import numpy as np

import peer

try:
    import torch
    from torch.func import grad, vmap
except ImportError as error:
    peer.not_installed(error, "pip install torch")

GPU = sys.argv[1:] == ["gpu"]
if GPU and not torch.cuda.is_available():
    peer.leave_out("it finds no GPU")
DEVICE = torch.device("cuda" if GPU else "cpu")


def seconds_now():
    if GPU:
        torch.cuda.synchronize()
    return time.perf_counter()


def make_model(w1, b1, w2, b2):
    hidden = w1.shape[1]
    model = torch.nn.Sequential(torch.nn.Linear(1, hidden), torch.nn.Sigmoid(), torch.nn.Linear(hidden, 1)).to(DEVICE)
    with torch.no_grad():
        for tensor, array in zip(model.parameters(), (w1.T, b1[0], w2, b2)):
            tensor.copy_(torch.from_numpy(array))
    return model


def train_one(parameters, epochs, samples, rate):
    model = make_model(*parameters)
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    x, y = X[:samples, None], Y[:samples, None]
    start = seconds_now()
    for _ in range(epochs):
        for i in range(samples):
            optimizer.zero_grad()
            loss = 0.5 * (model(x[i]) - y[i]).square().sum()
            loss.backward()
            optimizer.step()
    seconds = seconds_now() - start
    w1, b1, w2, b2 = (tensor.detach().cpu().numpy() for tensor in model.parameters())
    return seconds, (w1.T, b1[None], w2, b2)


def loss_of(parameters, x, y):
    w1, b1, w2, b2 = parameters
    return 0.5 * (torch.dot(w2, torch.sigmoid(w1 * x + b1)) + b2 - y).square()


def train_many(parameters, epochs, samples, rate):
    parameters = tuple(torch.from_numpy(array).to(DEVICE) for array in parameters)
    gradient = vmap(grad(loss_of), in_dims=(0, None, None))
    start = seconds_now()
    for _ in range(epochs):
        for i in range(samples):
            parameters = tuple(old - rate * slope for old, slope in zip(parameters, gradient(parameters, X[i], Y[i])))
    seconds = seconds_now() - start
    return seconds, tuple(tensor.cpu().numpy() for tensor in parameters)


def train(hidden, networks, steps, rate):
    parameters = peer.initial_parameters(hidden, networks, np.float32)
    return (train_one if networks == 1 else train_many)(parameters, *peer.cut(steps), rate)


X, Y = (torch.from_numpy(array).to(DEVICE) for array in peer.draw_samples(np.float32))
peer.serve(train, torch.__version__, one="eager, nn.Sequential and SGD", many="torch.func.vmap of grad",
           device=torch.cuda.get_device_name() if GPU else "")
