"""Parts of the generated module that are the same for every network, each used only where it is needed."""

RESIDUAL = '''
class Residual(nn.Module):
    """The sum of a branch and a shortcut; an empty shortcut is the identity."""

    def __init__(self, branch: Sequence[nn.Module], shortcut: Sequence[nn.Module]):
        super().__init__()
        self.branch = nn.Sequential(*branch)
        self.shortcut = nn.Sequential(*shortcut)

    def forward(self, x: Tensor) -> Tensor:
        return self.branch(x) + self.shortcut(x)
'''

GLOBAL_POOL = '''
class GlobalPool(nn.Module):
    """The mean over all positions: (N, C, H, W) to (N, C)."""

    def forward(self, x: Tensor) -> Tensor:
        return x.mean(dim=(2, 3))
'''

NORMALISE = '''
def normalise(images: Tensor) -> Tensor:
    """Images (N, 3, H, W) with values in [0, 1], as the network takes them."""
    mean, std = (images.new_tensor(values).view(3, 1, 1) for values in (MEAN, STD))
    return (images - mean) / std
'''

CONVOLUTION = '''
def convolution(
    w_in: int, w_out: int, kernel: int, stride: int = 1, groups: int = 1
) -> list[nn.Module]:
    """A convolution without bias, and its batch norm."""
    return [
        nn.Conv2d(w_in, w_out, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(w_out),
    ]
'''

REPEATED = '''
def repeated(times: int, make: Callable[[], Sequence[nn.Module]]) -> list[nn.Module]:
    """Layers made anew each time, one after another."""
    return [layer for _ in range(times) for layer in make()]
'''
