"""One plain function per predictor, straight from its definition, with no thought for speed.

Every function works on a deep copy of the network in float64, in a pass of its own, and leaves the network, its
buffers, its mode and the random state of the caller as they are. Unless stated otherwise the copy is in training
mode, so batch normalisation uses the statistics of the batch, and the loss is the mean cross-entropy of the batch.

"Layers" are the `nn.Conv2d` and `nn.Linear` modules, each counted once, and "weights" are their `weight` tensors:
never a bias, never a parameter of a normalisation. All weights count, also those marked as not trainable. A layer
that the forward pass does not reach has a gradient of zero.
"""

import copy
import math

import numpy as np
import torch
from torch import Tensor, nn


def _copy_in_training_mode(network: nn.Module) -> nn.Module:
    """Returns a float64 copy of the network in training mode, the weights of all its layers trainable."""
    twin = copy.deepcopy(network).double().train()
    for layer in _layers(twin):
        layer.weight.requires_grad_(True)
    return twin


def _layers(network: nn.Module) -> list[nn.Conv2d | nn.Linear]:
    """Returns the convolutions and linear layers, each once."""
    return [module for module in network.modules() if isinstance(module, nn.Conv2d | nn.Linear)]


def _losses(logits: Tensor, labels: Tensor) -> list[Tensor]:
    """Returns the cross-entropy of every image: ln(sum_c exp(z_nc)) - z_n,label."""
    return [torch.logsumexp(logits[n], dim=0) - logits[n, int(labels[n])] for n in range(len(labels))]


def _mean_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Returns the mean cross-entropy of the batch."""
    losses = _losses(logits, labels)
    return torch.stack(losses).sum() / len(losses)


def _gradient(value: Tensor, tensors: list[Tensor], *, create_graph: bool = False) -> list[Tensor]:
    """Returns the gradient of one number with respect to each tensor, zeros where it does not depend on it."""
    found = torch.autograd.grad(value, tensors, retain_graph=True, create_graph=create_graph, allow_unused=True)
    return [torch.zeros_like(tensor) if g is None else g for tensor, g in zip(tensors, found, strict=True)]


def _weight_gradients(twin: nn.Module, images: Tensor, labels: Tensor) -> list[Tensor]:
    """Returns the gradient of the mean cross-entropy for the weight of each layer, in the order of `_layers`."""
    loss = _mean_loss(twin(images.double()), labels)
    return _gradient(loss, [layer.weight for layer in _layers(twin)])


def grad_norm(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Sum over the layers of the L2 norm of the gradient of the layer's weight: sum_l ||dL/dW_l||_2."""
    total = 0.0
    for gradient in _weight_gradients(_copy_in_training_mode(network), images, labels):
        total += math.sqrt(math.fsum(value**2 for value in gradient.flatten().tolist()))
    return total


def grad_norm_l2(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """L2 norm of the gradient of everything trainable at once: weights, biases, normalisation parameters.

    Here a parameter counts exactly if the network of the caller marks it as trainable (`requires_grad`).
    """
    twin = copy.deepcopy(network).double().train()
    parameters: list[Tensor] = [parameter for parameter in twin.parameters() if parameter.requires_grad]
    gradients = _gradient(_mean_loss(twin(images.double()), labels), parameters)
    return math.sqrt(math.fsum(value**2 for gradient in gradients for value in gradient.flatten().tolist()))


def snip(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Sum over the weights of |theta * g|, g the gradient of the mean cross-entropy."""
    twin = _copy_in_training_mode(network)
    gradients = _weight_gradients(twin, images, labels)
    total = 0.0
    for layer, gradient in zip(_layers(twin), gradients, strict=True):
        for theta, g in zip(layer.weight.flatten().tolist(), gradient.flatten().tolist(), strict=True):
            total += abs(theta * g)
    return total


def _theta_times_hessian_gradient(network: nn.Module, images: Tensor, labels: Tensor) -> list[Tensor]:
    """Returns theta * (H g) of each layer's weight: the gradient of (gradient times a constant g), times theta."""
    twin = _copy_in_training_mode(network)
    constants = [gradient.detach().clone() for gradient in _weight_gradients(twin, images, labels)]
    weights: list[Tensor] = [layer.weight for layer in _layers(twin)]
    gradients = _gradient(_mean_loss(twin(images.double()), labels), weights, create_graph=True)
    inner = torch.stack([(g * constant).sum() for g, constant in zip(gradients, constants, strict=True)]).sum()
    products = _gradient(inner, weights) if inner.requires_grad else [torch.zeros_like(w) for w in weights]
    return [(weight * product).detach() for weight, product in zip(weights, products, strict=True)]


def grasp(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Signed sum over the weights of -theta * (H g), H and g of the mean cross-entropy.

    Both the gradient g and the Hessian H are those of the weights alone: biases and normalisation parameters are
    held fixed.
    """
    parts = _theta_times_hessian_gradient(network, images, labels)
    return -math.fsum(value for part in parts for value in part.flatten().tolist())


def grasp_l1(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Sum over the weights of |theta * (H g)|, H and g as in `grasp`."""
    parts = _theta_times_hessian_gradient(network, images, labels)
    return math.fsum(abs(value) for part in parts for value in part.flatten().tolist())


def grasp_limit(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Signed sum of -g (H theta) if scaling any weight but the last layer's left the loss as it is.

    Then H theta is -g for all weights in front of the last layer, to which comes the change of the gradient g
    along the last layer's weight. By two derivatives: theta_last * d/dtheta_last of <g, constant g>, from which
    the squares of all other gradients go.
    """
    squares, along = _parts_of_grasp_limit(network, images, labels)
    return squares - along


def grasp_limit_size(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """The sum of the sizes of the two parts of `grasp_limit`, which can nearly cancel."""
    squares, along = _parts_of_grasp_limit(network, images, labels)
    return squares + abs(along)


def _parts_of_grasp_limit(network: nn.Module, images: Tensor, labels: Tensor) -> tuple[float, float]:
    twin = _copy_in_training_mode(network)
    order: list[nn.Module] = []
    for layer in _layers(twin):
        layer.register_forward_hook(lambda module, *_: order.append(module))
    weights: list[Tensor] = [layer.weight for layer in _layers(twin)]
    gradients = _gradient(_mean_loss(twin(images.double()), labels), weights, create_graph=True)
    last = order[-1].weight
    inner = torch.stack([(gradient * gradient.detach()).sum() for gradient in gradients]).sum()
    along = float((last * _gradient(inner, [last])[0]).detach().sum())
    others = [g for weight, g in zip(weights, gradients, strict=True) if weight is not last]
    return math.fsum(float(g.detach().square().sum()) for g in others), along


def grasp_by_difference(network: nn.Module, images: Tensor, labels: Tensor, relative_step: float = 1e-6) -> float:
    """The same number as `grasp`, with H g from a central difference of the gradient along itself.

    H g = (grad L(theta + s g) - grad L(theta - s g)) / (2 s), the step s chosen such that the weights move by
    `relative_step` of their norm, or by a tenth, a hundredth, a thousandth of that if a ReLU switches between the
    two ends. First derivatives only. The error is below 1e-6 of `grasp_l1`, and about 1e-10 of it where the first
    step will do. (The terms cancel in the signed sum, so compare the error with the sum of their sizes.)
    """
    twin = _copy_in_training_mode(network)
    layers = _layers(twin)
    theta = [layer.weight.detach().clone() for layer in layers]
    direction = _weight_gradients(twin, images, labels)
    length = math.sqrt(sum(float((part**2).sum()) for part in direction))
    if length == 0.0:
        return 0.0
    step = relative_step * math.sqrt(sum(float((part**2).sum()) for part in theta)) / length

    def move(distance: float) -> None:
        with torch.no_grad():
            for layer, start, part in zip(layers, theta, direction, strict=True):
                layer.weight.copy_(start + distance * part)

    for _ in range(3):
        move(step)
        codes_ahead = activation_codes(twin, images)
        move(-step)
        if torch.equal(codes_ahead, activation_codes(twin, images)):
            break
        step /= 10.0

    move(step)
    ahead = _weight_gradients(twin, images, labels)
    move(-step)
    behind = _weight_gradients(twin, images, labels)
    total = 0.0
    for start, plus, minus in zip(theta, ahead, behind, strict=True):
        total -= float((start * (plus - minus) / (2 * step)).sum())
    return total


def grasp_by_full_hessian(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """The same number as `grasp`, with the whole Hessian written out: -theta^T H g. For tiny networks only."""
    twin = _copy_in_training_mode(network)
    weights = {
        f"{name}.weight": module.weight.detach().clone()
        for name, module in twin.named_modules()
        if isinstance(module, nn.Conv2d | nn.Linear)
    }

    def loss(flat: Tensor) -> Tensor:
        position, replaced = 0, {}
        for name, weight in weights.items():
            replaced[name] = flat[position : position + weight.numel()].reshape(weight.shape)
            position += weight.numel()
        return _mean_loss(torch.func.functional_call(twin, replaced, (images.double(),)), labels)

    theta = torch.cat([weight.flatten() for weight in weights.values()])
    gradient = torch.autograd.functional.jacobian(loss, theta)
    hessian = torch.autograd.functional.hessian(loss, theta)
    return -float(theta @ (hessian @ gradient))


def synflow(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Sum over the weights of |theta * dR/dtheta| on the network made positive.

    All parameters and all buffers are replaced by their absolute values, batch normalisation modules pass their
    input on unchanged, everything else is in evaluation mode. The input is a single image of ones in the shape of
    the batch's images, R is the sum of its logits. Neither the pixels nor the labels matter.
    """
    del labels
    twin = _copy_in_training_mode(network).eval()
    with torch.no_grad():
        for tensor in [*twin.parameters(), *twin.buffers()]:
            tensor.copy_(tensor.abs())
    for module in twin.modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d):
            module.register_forward_hook(lambda _, inputs, output: inputs[0])
    flow = twin(torch.ones((1, *images.shape[1:]), dtype=torch.float64, device=images.device)).sum()
    layers = _layers(twin)
    total = 0.0
    for layer, gradient in zip(layers, _gradient(flow, [layer.weight for layer in layers]), strict=True):
        total += float((layer.weight * gradient).detach().abs().sum())
    return total


def log_synflow(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Natural logarithm of `synflow`, minus infinity where nothing flows."""
    flow = synflow(network, images, labels)
    return math.log(flow) if flow > 0.0 else -math.inf


def fisher(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Sum over the layers and their output channels of fan-in * 0.5 * mean_n (sum over positions of a * dL/da)^2.

    a is the output of the layer itself, before a normalisation and before any later operation changes it in place,
    L the mean cross-entropy of the batch (so dL/da carries the 1/N), the fan-in the number of weights of one
    output channel, `weight[0].numel()`. A layer that is called several times contributes once per call.
    """
    twin = _copy_in_training_mode(network)
    calls: list[tuple[nn.Conv2d | nn.Linear, Tensor, Tensor]] = []

    def remember(layer: nn.Module, _: object, output: Tensor) -> Tensor:
        assert isinstance(layer, nn.Conv2d | nn.Linear)
        nothing = torch.zeros_like(output, requires_grad=True)
        calls.append((layer, output.detach().clone(), nothing))
        # The derivative with respect to an added zero is the one with respect to the output.
        return output + nothing

    for layer in _layers(twin):
        layer.register_forward_hook(remember)
    loss = _mean_loss(twin(images.double()), labels)
    gradients = _gradient(loss, [nothing for _, _, nothing in calls])
    total = 0.0
    for (layer, activation, _), gradient in zip(calls, gradients, strict=True):
        number, fan_in = activation.shape[0], layer.weight[0].numel()
        product = activation * gradient
        if isinstance(layer, nn.Linear):
            product = product.movedim(-1, 1)
        for channel in range(product.shape[1]):
            squares = [float(product[n, channel].sum()) ** 2 for n in range(number)]
            total += fan_in * 0.5 * sum(squares) / number
    return total


def fisher_parameter(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Sum over the images n and the weights of (theta * g_n)^2, g_n the gradient of image n's own loss.

    Image n's loss is its own cross-entropy, not divided by the number of images, in the forward pass of the whole
    batch: through the statistics of the batch it still depends on the other images.
    """
    twin = _copy_in_training_mode(network)
    weights: list[Tensor] = [layer.weight for layer in _layers(twin)]
    total = 0.0
    for loss in _losses(twin(images.double()), labels):
        for weight, gradient in zip(weights, _gradient(loss, weights), strict=True):
            total += float(((weight * gradient) ** 2).detach().sum())
    return total


def jacov(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """-sum_i (ln(v_i + k) + 1 / (v_i + k)), v the eigenvalues of the correlation matrix of J's rows, k = 1e-5.

    Row n of the Jacobian is the gradient of the sum of all logits of the batch with respect to the pixels of image
    n. (In training mode that is not the gradient of image n's logits alone, the images being coupled.)
    """
    del labels
    twin = _copy_in_training_mode(network)
    pixels = images.detach().double().clone().requires_grad_(True)
    logits = twin(pixels)
    everything = torch.stack([logits[n].sum() for n in range(len(pixels))]).sum()
    (gradient,) = torch.autograd.grad(everything, pixels)
    rows = np.stack([gradient[n].flatten().cpu().numpy() for n in range(len(pixels))])
    eigenvalues = np.linalg.eigvalsh(np.corrcoef(rows))
    return -math.fsum(math.log(v + 1e-5) + 1.0 / (v + 1e-5) for v in eigenvalues.tolist())


def activation_codes(network: nn.Module, images: Tensor) -> Tensor:
    """Returns the codes, one row an image: input > 0 for every unit of every call of an `nn.ReLU` module."""
    twin = _copy_in_training_mode(network)
    columns: list[Tensor] = []

    def remember(_: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        columns.append((inputs[0].detach() > 0).flatten(start_dim=1).clone())

    for module in twin.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_pre_hook(remember)
    with torch.no_grad():
        twin(images.double())
    if not columns:
        return torch.zeros((len(images), 0), dtype=torch.bool)
    return torch.cat(columns, dim=1)


def agreement_matrix(network: nn.Module, images: Tensor) -> list[list[int]]:
    """Returns K, K_ij = N_A - d_H(c_i, c_j): in how many of the N_A units the codes of two images agree."""
    codes = activation_codes(network, images)
    number, units = codes.shape
    return [[units - int((codes[i] != codes[j]).sum()) for j in range(number)] for i in range(number)]


def logdet(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """ln |det K|, K the agreement matrix of the codes, by a float64 factorisation.

    If K is singular, as it is where two images share a code, the true value is minus infinity; rounding can turn
    it into a large negative number. `logdet_exact` cannot be fooled that way.
    """
    del labels
    return float(np.linalg.slogdet(np.array(agreement_matrix(network, images), dtype=np.float64))[1])


def logdet_exact(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """ln |det K| as in `logdet`, the determinant by elimination in whole numbers: minus infinity if it is zero."""
    del labels
    rows = agreement_matrix(network, images)
    previous = 1
    for step in range(len(rows) - 1):
        pivot = next((index for index in range(step, len(rows)) if rows[index][step] != 0), None)
        if pivot is None:
            return -math.inf
        rows[step], rows[pivot] = rows[pivot], rows[step]
        for i in range(step + 1, len(rows)):
            for j in range(step + 1, len(rows)):
                rows[i][j] = (rows[i][j] * rows[step][step] - rows[i][step] * rows[step][j]) // previous
        previous = rows[step][step]
    determinant = abs(rows[-1][-1])
    return math.log(determinant) if determinant else -math.inf
