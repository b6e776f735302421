# -*- coding: utf-8 -*-
# Übung 1 – neuronales Netz ohne Bibliotheken.  Stil: wie früher im Praktikum gelernt (zwei Leerzeichen).
from __future__ import print_function, division

import numpy as np

DEBUG = True
EPS_LOG = 1e-12


def log(*text):
  if DEBUG:
    print("[mlp]", *text)


def legacy(rng):
  """RandomState mit einem Startwert aus rng – damit kenne ich mich aus."""
  return np.random.RandomState(int(rng.integers(0, 2 ** 31 - 1)))


# --- Teil 1 ---------------------------------------------------------------

def one_hot(y, num_classes):
  y = np.array(y).astype(int)
  assert y.ndim == 1, "y muss eindimensional sein"
  assert y.max() < num_classes
  Y = np.zeros((y.shape[0], num_classes), dtype=float)
  for zeile, spalte in enumerate(y):
    Y[zeile][spalte] = 1.
  return Y


def standardize(X_train, X_other):
  mittel = np.mean(X_train, axis=0)
  streuung = np.std(X_train, axis=0)
  # konstante Spalten: durch 1 teilen
  konstant = np.all(X_train == X_train[0, :], axis=0)
  streuung[konstant] = 1.
  return (X_train - mittel) / streuung, (X_other - mittel) / streuung


def linear_forward(X, W, b):
  assert X.shape[1] == W.shape[0], "Formen passen nicht: %s %s" % (X.shape, W.shape)
  Z = np.dot(X, W) + b
  assert Z.shape == (X.shape[0], W.shape[1])
  return Z


def relu(Z):
  A = np.maximum(Z, 0)
  assert A.shape == Z.shape
  return A


def sigmoid(Z):
  # bei −500 ist das Ergebnis ohnehin 0 (7e−218)
  return 1. / (1. + np.exp(-np.clip(Z, -500, 500)))


def softmax(Z):
  m = np.max(Z, axis=1)
  m = m.reshape((-1, 1))
  e = np.exp(Z - m)
  s = np.sum(e, axis=1)
  P = e / s.reshape((-1, 1))
  assert np.allclose(P.sum(axis=1), 1.) or np.isnan(P).any()
  return P


def mse_loss(P, Y):
  assert P.shape == Y.shape
  kosten = np.sum(np.power(P - Y, 2)) / float(P.shape[0] * P.shape[1])
  return np.squeeze(kosten)


def bce_loss(P, Y):
  P = np.clip(P, EPS_LOG, 1 - EPS_LOG)
  summe = np.multiply(Y, np.log(P)) + np.multiply(1 - Y, np.log(1 - P))
  kosten = -np.sum(summe) / (P.shape[0] * P.shape[1])
  return np.squeeze(kosten)


def cce_loss(P, Y):
  P = np.clip(P, EPS_LOG, 1 - EPS_LOG)
  kosten = -1. / len(P) * np.sum(np.multiply(Y, np.log(P)))
  kosten = np.squeeze(kosten)
  assert kosten.shape == ()
  return kosten


def accuracy(P, Y):
  if P.shape[1] == 1:
    vorhersage = (P >= 0.5).astype(int)
    return np.sum(vorhersage == Y.astype(int)) / len(Y)
  return np.sum(np.argmax(P, axis=1) == np.argmax(Y, axis=1)) / len(Y)


# --- Teil 2 ---------------------------------------------------------------

def linear_backward(dZ, X, W):
  dX = np.dot(dZ, W.T)
  dW = np.dot(X.T, dZ)
  db = np.sum(dZ, axis=0)
  assert dX.shape == X.shape
  assert dW.shape == W.shape
  assert db.shape == (W.shape[1],)
  return dX, dW, db


def relu_backward(dA, Z):
  dZ = np.array(dA, copy=True)
  dZ[Z <= 0] = 0  # ∂relu/∂z = 0 für z ≤ 0
  return dZ


def sigmoid_backward(dA, A):
  return np.multiply(dA, np.multiply(A, 1. - A))


def mse_backward(P, Y):
  return 2. * (P - Y) / float(P.size)


def sigmoid_bce_backward(P, Y):
  return (P - Y) / float(P.size)


def softmax_cce_backward(P, Y):
  return (P - Y) / float(P.shape[0])


def numerical_gradient(f, x, h=1e-5):
  gradient = np.zeros(x.shape)
  flach = gradient.reshape(-1)
  for i in range(x.size):
    plus, minus = np.copy(x), np.copy(x)
    plus.flat[i] += h
    minus.flat[i] -= h
    flach[i] = (f(plus) - f(minus)) / (2. * h)
  return gradient


def relative_error(a, b):
  zaehler = np.linalg.norm(a - b)
  nenner = np.linalg.norm(a) + np.linalg.norm(b)
  if nenner == 0:
    return 0.
  return zaehler / nenner


def gradient_check(f, grad_f, x, tol=1e-6):
  fehler = relative_error(numerical_gradient(f, x), grad_f(x))
  if fehler > tol:
    log("Gradient falsch, Fehler = %g" % fehler)
    return 0
  log("Gradient richtig, Fehler = %g" % fehler)
  return 1


def init_weights(fan_in, fan_out, method, rng):
  if method == "zero":
    return np.zeros((fan_in, fan_out))
  zufall = legacy(rng)
  W = zufall.randn(fan_in, fan_out)
  if method == "random":
    return W * 0.01
  elif method == "he":
    return W * np.sqrt(2. / fan_in)
  elif method == "xavier":
    return W * np.sqrt(2. / (fan_in + fan_out))
  raise ValueError("unbekannte Methode: %s" % method)


def minibatches(n, batch_size, rng):
  reihenfolge = list(legacy(rng).permutation(n))
  stapel = []
  anzahl = n // batch_size
  for k in range(0, anzahl):
    stapel.append(np.array(reihenfolge[k * batch_size:(k + 1) * batch_size]))
  if n % batch_size != 0:
    stapel.append(np.array(reihenfolge[anzahl * batch_size:]))
  return stapel


class SGD(object):
  def __init__(self, lr):
    self.lr = lr

  def step(self, params, grads):
    for name in params.keys():
      params[name] -= self.lr * grads[name]


class Momentum(object):
  def __init__(self, lr, beta=0.9):
    self.lr, self.beta, self.v = lr, beta, {}

  def step(self, params, grads):
    for name in params.keys():
      if name not in self.v:
        self.v[name] = np.zeros_like(params[name])
      self.v[name] = self.beta * self.v[name] + (1 - self.beta) * grads[name]
      params[name] -= self.lr * self.v[name]


class AdaGrad(object):
  def __init__(self, lr, eps=1e-8):
    self.lr, self.eps, self.s = lr, eps, {}

  def step(self, params, grads):
    for name in params.keys():
      if name not in self.s:
        self.s[name] = np.zeros_like(params[name])
      self.s[name] += np.square(grads[name])
      params[name] -= self.lr * grads[name] / (np.sqrt(self.s[name]) + self.eps)


class RMSprop(object):
  def __init__(self, lr, rho=0.9, eps=1e-8):
    self.lr, self.rho, self.eps, self.s = lr, rho, eps, {}

  def step(self, params, grads):
    for name in params.keys():
      if name not in self.s:
        self.s[name] = np.zeros_like(params[name])
      self.s[name] = self.rho * self.s[name] + (1 - self.rho) * np.square(grads[name])
      params[name] -= self.lr * grads[name] / (np.sqrt(self.s[name]) + self.eps)


class Adam(object):
  def __init__(self, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
    self.v, self.s, self.t = {}, {}, 0

  def step(self, params, grads):
    if self.t == 0:
      for name in params.keys():
        self.v[name] = np.zeros_like(params[name])
        self.s[name] = np.zeros_like(params[name])
    self.t = self.t + 1
    v_korr, s_korr = {}, {}
    for name in params.keys():
      self.v[name] = self.beta1 * self.v[name] + (1 - self.beta1) * grads[name]
      v_korr[name] = self.v[name] / (1 - np.power(self.beta1, self.t))
      self.s[name] = self.beta2 * self.s[name] + (1 - self.beta2) * np.power(grads[name], 2)
      s_korr[name] = self.s[name] / (1 - np.power(self.beta2, self.t))
      params[name] = params[name] - self.lr * v_korr[name] / (np.sqrt(s_korr[name]) + self.eps)


# --- Teil 3 ---------------------------------------------------------------

def penalty(weights, l1, l2):
  wert = 0.
  for W in weights:
    wert = wert + l1 * np.sum(np.abs(W)) + l2 * np.sum(np.square(W))
  return wert


def penalty_grad(W, l1, l2):
  vorzeichen = np.zeros_like(W)
  vorzeichen[W > 0] = 1.
  vorzeichen[W < 0] = -1.
  return l1 * vorzeichen + 2. * l2 * W


def dropout_mask(shape, rate, rng):
  zahlen = legacy(rng).rand(*shape)
  return (zahlen < 1. - rate).astype(int)


def dropout_forward(A, mask, rate):
  A = np.multiply(A, mask)
  return A / (1. - rate)


def dropout_backward(dA, mask, rate):
  dA = np.multiply(dA, mask)
  return dA / (1. - rate)


def batchnorm_forward(X, gamma, beta, mean, var, train, momentum=0.9, eps=1e-5):
  if train == True:  # noqa: E712
    mu = np.mean(X, axis=0)
    xmu = X - mu
    varianz = np.mean(xmu ** 2, axis=0)
    x_dach = xmu / np.sqrt(varianz + eps)
    mean = momentum * mean + (1. - momentum) * mu
    var = momentum * var + (1. - momentum) * varianz
  else:
    x_dach = (X - mean) / np.sqrt(var + eps)
  return gamma * x_dach + beta, mean, var


def batchnorm_backward(dY, X, gamma, eps=1e-5):
  N = float(X.shape[0])
  mu = X.mean(axis=0)
  s = 1. / np.sqrt(X.var(axis=0) + eps)
  x_dach = (X - mu) * s
  dgamma = np.sum(dY * x_dach, axis=0)
  dbeta = np.sum(dY, axis=0)
  dX = (1. / N) * gamma * s * (N * dY - dbeta - x_dach * dgamma)
  return dX, dgamma, dbeta


def shift_images(images, dy, dx):
  n, h, w = images.shape
  neu = np.zeros(images.shape)
  for r in range(h):
    for c in range(w):
      alt_r, alt_c = r - dy, c - dx
      if alt_r >= 0 and alt_r < h and alt_c >= 0 and alt_c < w:
        neu[:, r, c] = images[:, alt_r, alt_c]
  return neu


def augment(images, y, copies, max_shift, rng):
  zufall = legacy(rng)
  bilder, labels = images, y
  for _ in range(copies):
    for n in range(images.shape[0]):
      dy = zufall.randint(-max_shift, max_shift + 1)
      dx = zufall.randint(-max_shift, max_shift + 1)
      bilder = np.append(bilder, shift_images(images[n:n + 1], dy, dx), axis=0)
      labels = np.append(labels, y[n])
  return bilder, labels


class MLP(object):
  def __init__(self, sizes, hidden="relu", output="softmax", init="he", l1=0.0, l2=0.0, dropout=0.0,
               batchnorm=False, rng=None):
    if hidden != "relu" and hidden != "sigmoid":
      raise ValueError("hidden: %s" % hidden)
    if not output in ["softmax", "sigmoid", "linear"]:  # noqa: E713
      raise ValueError("output: %s" % output)
    if rng is None:
      rng = np.random.default_rng()
    self.sizes, self.hidden, self.output, self.rng = sizes, hidden, output, rng
    self.l1, self.l2, self.dropout, self.batchnorm = l1, l2, dropout, batchnorm
    self.L = len(sizes) - 1
    self.params, self.running = {}, {}
    for l in range(1, self.L + 1):
      self.params["W%d" % l] = init_weights(sizes[l - 1], sizes[l], init, rng)
      self.params["b%d" % l] = np.zeros(sizes[l])
      assert self.params["W%d" % l].shape == (sizes[l - 1], sizes[l])
    for l in range(1, self.L):
      if batchnorm:
        self.params["gamma%d" % l] = np.ones(sizes[l])
        self.params["beta%d" % l] = np.zeros(sizes[l])
        self.running["mean%d" % l] = np.zeros(sizes[l])
        self.running["var%d" % l] = np.ones(sizes[l])
    log("Netz mit %d Schichten, Größen %s" % (self.L, list(sizes)))

  def vorwaerts(self, X, train, masks):
    caches = []
    A = X
    for l in range(1, self.L):
      A_prev = A
      S = linear_forward(A_prev, self.params["W%d" % l], self.params["b%d" % l])
      Z = S
      if self.batchnorm:
        Z, m, v = batchnorm_forward(S, self.params["gamma%d" % l], self.params["beta%d" % l],
                                    self.running["mean%d" % l], self.running["var%d" % l], train)
        if train:
          self.running["mean%d" % l], self.running["var%d" % l] = m, v
      A = relu(Z) if self.hidden == "relu" else sigmoid(Z)
      caches.append((A_prev, S, Z, A))
      if masks is not None:
        A = dropout_forward(A, masks[l - 1], self.dropout)
    ZL = linear_forward(A, self.params["W%d" % self.L], self.params["b%d" % self.L])
    caches.append((A, ZL, ZL, None))
    if self.output == "softmax":
      return softmax(ZL), caches
    elif self.output == "sigmoid":
      return sigmoid(ZL), caches
    else:
      return ZL, caches

  def kosten(self, P, Y):
    gewichte = []
    for l in range(1, self.L + 1):
      gewichte.append(self.params["W%d" % l])
    strafe = penalty(gewichte, self.l1, self.l2)
    if self.output == "softmax":
      return cce_loss(P, Y) + strafe
    if self.output == "sigmoid":
      return bce_loss(P, Y) + strafe
    return mse_loss(P, Y) + strafe

  def predict_proba(self, X):
    return self.vorwaerts(X, False, None)[0]

  def loss(self, X, Y):
    return self.kosten(self.predict_proba(X), Y)

  def loss_and_grads(self, X, Y, masks=None):
    if masks is None and self.dropout > 0:
      masks = [dropout_mask((X.shape[0], h), self.dropout, self.rng) for h in self.sizes[1:-1]]
    P, caches = self.vorwaerts(X, True, masks)
    if self.output == "softmax":
      d = softmax_cce_backward(P, Y)
    elif self.output == "sigmoid":
      d = sigmoid_bce_backward(P, Y)
    else:
      d = mse_backward(P, Y)
    grads = {}
    for l in range(self.L, 0, -1):
      A_prev, S, Z, A = caches[l - 1]
      if l < self.L:
        if masks is not None:
          d = dropout_backward(d, masks[l - 1], self.dropout)
        if self.hidden == "relu":
          d = relu_backward(d, Z)
        else:
          d = sigmoid_backward(d, A)
        if self.batchnorm:
          d, dg, db = batchnorm_backward(d, S, self.params["gamma%d" % l])
          grads["gamma%d" % l], grads["beta%d" % l] = dg, db
      W = self.params["W%d" % l]
      d, dW, db = linear_backward(d, A_prev, W)
      grads["W%d" % l] = dW + penalty_grad(W, self.l1, self.l2)
      grads["b%d" % l] = db
    for k in self.params:
      assert grads[k].shape == self.params[k].shape, k
    return self.kosten(P, Y), grads


def train(model, X, Y, optimizer, epochs, batch_size=None, rng=None, X_val=None, Y_val=None):
  if rng is None:
    rng = np.random.default_rng()
  if batch_size is None:
    batch_size = X.shape[0]
  history = {"train_loss": [], "val_loss": []}
  for i in range(epochs):
    for stapel in minibatches(X.shape[0], batch_size, rng):
      kosten, grads = model.loss_and_grads(X[stapel, :], Y[stapel, :])
      optimizer.step(model.params, grads)
    history["train_loss"].append(model.loss(X, Y))
    if X_val is not None:
      history["val_loss"].append(model.loss(X_val, Y_val))
    if i % 10 == 0:
      log("Kosten nach Epoche %i: %f" % (i, history["train_loss"][-1]))
  return history


def decision_grid(predict, x_range, y_range, steps):
  xx, yy = np.meshgrid(np.linspace(x_range[0], x_range[1], steps), np.linspace(y_range[0], y_range[1], steps))
  Z = predict(np.c_[xx.ravel(), yy.ravel()])
  return xx, yy, np.asarray(Z).reshape(xx.shape)


def compare_initializations(X, Y, depth, width, epochs, rng):
  ergebnis = {}
  for methode in ["zero", "random", "he", "xavier"]:
    netz = MLP([X.shape[1]] + [width] * depth + [Y.shape[1]], init=methode, rng=rng)
    _, caches = netz.vorwaerts(X, False, None)
    erste, letzte = np.std(caches[0][3]), np.std(caches[depth - 1][3])
    verlauf = train(netz, X, Y, Adam(0.003), epochs, 32, rng)
    ergebnis[methode] = {"activation_ratio": letzte / erste if erste > 0 else 0.,
                         "train_loss": verlauf["train_loss"]}
    log(methode, "%.3g" % ergebnis[methode]["activation_ratio"])
  return ergebnis


def compare_optimizers(X, Y, epochs, rng):
  start = int(rng.integers(0, 10 ** 6))
  verfahren = [("sgd", SGD(0.3)), ("momentum", Momentum(0.3)), ("adagrad", AdaGrad(0.1)), ("rmsprop", RMSprop(0.01)),
               ("adam", Adam(0.02))]
  kurven = {}
  for name, opt in verfahren:
    netz = MLP([X.shape[1], 64, Y.shape[1]], rng=np.random.default_rng(start))
    kurven[name] = train(netz, X, Y, opt, epochs, 32, np.random.default_rng(start))["train_loss"]
  return kurven


def compare_widths(X, Y, widths, epochs, rng):
  ergebnis = {}
  for breite in widths:
    netz = MLP([X.shape[1], breite, Y.shape[1]], rng=rng)
    train(netz, X, Y, Adam(0.02), epochs, 32, rng)
    ergebnis[breite] = accuracy(netz.predict_proba(X), Y)
  return ergebnis


def compare_learning_rates(X, Y, rates, epochs, rng):
  ergebnis = {}
  alt = np.seterr(all="ignore")
  for rate in rates:
    netz = MLP([X.shape[1], 64, Y.shape[1]], rng=rng)
    ergebnis[rate] = train(netz, X, Y, SGD(rate), epochs, 32, rng)["train_loss"][-1]
  np.seterr(**alt)
  return ergebnis


def compare_regularization(X, Y, X_val, Y_val, epochs, rng):
  ergebnis = {}
  for name, l2, rate in [("none", 0., 0.), ("l2", 3e-3, 0.), ("dropout", 0., 0.5)]:
    netz = MLP([X.shape[1], 64, 64, Y.shape[1]], l2=l2, dropout=rate, rng=rng)
    verlauf = train(netz, X, Y, Adam(0.01), epochs, 32, rng, X_val, Y_val)
    ergebnis[name] = verlauf["val_loss"][-1] - verlauf["train_loss"][-1]
  return ergebnis


if __name__ == "__main__":
  print("Fertig – alles läuft.")
