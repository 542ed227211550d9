"""The operations of a plan's network, each with its passes written out.

A pass over the batch moves several signals at once:

- forward: the activations x and, for GraSP, their tangent x' along the weights, d/de x((1 + e) W) at e = 0;
- backward: the loss gradient g = dL/dx, for GraSP its tangent g' along the weights, and for the Jacobian the
  gradient j of the sum of all logits.

Along its own weights a convolution needs no second convolution: y' = conv(x', W) + y, and backwards
(dL/dx)' = conv^T(g', W) + dL/dx. Batch norm with batch statistics (weight 1, bias 0; h = (y - mean) r, r the
inverse deviation) has the symmetric Jacobian J v = r (v - mean(v) - h mean(h v)), which is torch's fused backward
kernel; so h' = J y', backwards J g, and the tangent of that is

    J g' - r (q J g + c h' + e h),    q = mean(h y'),  c = mean(h g),  e = mean(h' g),

means over batch and positions, per channel.

A convolution and the batch norm behind it nearly undo each other's terms, since the norm hides the weight's
scale. So they are joined before they are computed: with t = conv(x', W) alone, J y = eps r^2 h and
r mean(h y) = 1 - eps r^2 give

    h' = J t + eps r^2 h,
    g' behind the convolution, plus g there = J g' - (r mean(h t) - eps r^2) J g - r (c h' + e h),

and conv^T of the second line is the whole (dL/dx)'. No second derivative is ever formed by autograd.

Activations are channels last throughout. What can be made again from what is kept is not kept: of a convolution
and its batch norm, that is the convolution's output and, for GraSP, h'.
"""
