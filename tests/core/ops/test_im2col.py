"""`im2col` and `col2im`: PyTorch's own as oracle, loops as another, and each as the other's
gradient."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from property_tests import examples

from nntasks import ops
from nntasks.ops import col2im, im2col

GEOMETRIES = [
    # size, kernel, stride, padding, dilation
    ((8, 9), 3, 1, 1, 1),
    ((8, 9), 3, 1, 0, 1),
    ((7, 5), (3, 2), (2, 1), (0, 1), (1, 2)),
    ((12, 11), (5, 1), 3, 2, 2),
    ((4, 4), 4, 1, 0, 1),
    ((1, 1), 3, 1, 1, 1),
    ((3, 20), (1, 7), (1, 4), (2, 6), (3, 1)),
    ((6, 6), 2, 5, 3, 4),
    ((6, 6), 3, 1, 3, 3),
    ((5, 4), 5, 1, 2, 1),
]


def pictures(size, *, batch=2, channels=3, dtype=torch.float32, seed=0):
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn((batch, channels, *size), generator=generator, dtype=torch.float64)
    return x.to(dtype)


def by_loops(x, kernel, stride, padding, dilation):
    """Return the columns of one picture (C, H, W), pixel by pixel."""
    pairs = [v if isinstance(v, tuple) else (v, v) for v in (kernel, stride, padding, dilation)]
    (kh, kw), (sh, sw), (ph, pw), (dh, dw) = pairs
    height, width = x.shape[1:]
    down = (height + 2 * ph - dh * (kh - 1) - 1) // sh + 1
    across = (width + 2 * pw - dw * (kw - 1) - 1) // sw + 1
    columns = []
    for channel in x.tolist():
        for i in range(kh):
            for j in range(kw):
                row = []
                for y in range(down):
                    for z in range(across):
                        at = (y * sh - ph + i * dh, z * sw - pw + j * dw)
                        inside = 0 <= at[0] < height and 0 <= at[1] < width
                        row.append(channel[at[0]][at[1]] if inside else 0)
                columns.append(row)
    return torch.tensor(columns, dtype=x.dtype)


class TestIm2col:
    @pytest.mark.parametrize("geometry", GEOMETRIES, ids=str)
    @pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float16, torch.bfloat16])
    def test_against_unfold(self, device, geometry, dtype):
        size, *window = geometry
        x = pictures(size, dtype=dtype).to(device)
        kernel, stride, padding, dilation = window
        expected = F.unfold(x, kernel, dilation, padding, stride)
        assert torch.equal(im2col(x, *window), expected)
        assert torch.equal(im2col(x[0], *window), expected[0])

    @pytest.mark.parametrize(
        "dtype", [torch.uint8, torch.bool, torch.int64, torch.complex64, torch.complex128]
    )
    def test_any_dtype(self, device, dtype):
        x = (pictures((6, 7)) * 9).to(dtype).to(device)
        columns = im2col(x, (3, 2), 2, 1)
        assert columns.dtype == dtype
        assert torch.equal(columns[1].cpu(), by_loops(x[1].cpu(), (3, 2), 2, 1, 1))

    def test_any_strides(self, device):
        x = pictures((9, 8), channels=4).to(device)
        expected = im2col(x, 3, padding=1)
        for same in (
            x.to(memory_format=torch.channels_last),
            x.transpose(2, 3).contiguous().transpose(2, 3),
            torch.stack([x, x], dim=-1)[..., 0],
        ):
            assert torch.equal(im2col(same, 3, padding=1), expected)
        flat = x[:1, :1, :1, :1].expand(2, 3, 5, 5)
        assert torch.equal(im2col(flat, 3), im2col(flat.contiguous(), 3))

    @pytest.mark.parametrize("shape", [(0, 3, 5, 5), (2, 0, 5, 5)])
    def test_nothing(self, device, shape):
        columns = im2col(torch.zeros(shape, device=device), 3)
        assert columns.shape == (shape[0], shape[1] * 9, 9)

    def test_an_empty_picture_with_padding(self, device):
        assert torch.equal(
            im2col(torch.ones(1, 1, 0, 2), 2, padding=1),
            torch.tensor([[[0.0, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]]]),
        )

    def test_threads_make_no_difference(self, device, set_threads):
        x = pictures((40, 41), batch=3, channels=5).to(device)
        one = im2col(x, 5, 2, 2)
        back = col2im(one, (40, 41), 5, 2, 2)
        set_threads(2)
        assert torch.equal(im2col(x, 5, 2, 2), one)
        assert torch.equal(col2im(one, (40, 41), 5, 2, 2), back)

    @pytest.mark.parametrize(
        ("call", "error", "message"),
        [
            (lambda x: im2col(x[0, 0], 3), ValueError, r"x must have shape \(N, C, H, W\) or"),
            (lambda x: im2col([1], 3), TypeError, "x must be a torch tensor, got list"),
            (lambda x: im2col(x, 0), ValueError, "kernel_size must be from 1 to 2147483647, got 0"),
            (lambda x: im2col(x, (3, 3, 3)), ValueError, "kernel_size must be one int or two, g"),
            (lambda x: im2col(x, 3.0), TypeError, "kernel_size must be an int, got float"),
            (lambda x: im2col(x, 3, stride=0), ValueError, "stride must be from 1"),
            (lambda x: im2col(x, 3, padding=-1), ValueError, "padding must be from 0"),
            (lambda x: im2col(x, 3, dilation=0), ValueError, "dilation must be from 1"),
            (lambda x: im2col(x, 7), ValueError, "no window of 7 x 7 with dilation 1, 1 fits a pi"),
        ],
    )
    def test_wrong_input(self, device, call, error, message):
        with pytest.raises(error, match=message):
            call(torch.zeros(1, 1, 6, 6, device=device))


class TestCol2im:
    @pytest.mark.parametrize("geometry", GEOMETRIES, ids=str)
    @pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
    def test_against_fold(self, device, geometry, dtype):
        size, *window = geometry
        kernel, stride, padding, dilation = window
        columns = im2col(pictures(size, dtype=dtype), *window).to(device)
        expected = F.fold(columns, size, kernel, dilation, padding, stride)
        found = col2im(columns, size, *window)
        assert torch.allclose(found, expected, rtol=1e-6, atol=1e-6)
        assert torch.equal(col2im(columns[0], size, *window), found[0])

    @pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
    def test_half_precision_is_summed_in_float32(self, device, dtype):
        columns = im2col(pictures((9, 9), dtype=dtype), 3, padding=1).to(device)
        exact = col2im(columns.double(), 9, 3, padding=1)
        assert torch.equal(col2im(columns, 9, 3, padding=1), exact.float().to(dtype))

    def test_ones_count_the_windows_over_a_pixel(self, device):
        columns = im2col(torch.ones(1, 1, 4, 4), 3, padding=1).to(device)
        expected = [[4.0, 6, 6, 4], [6, 9, 9, 6], [6, 9, 9, 6], [4, 6, 6, 4]]
        assert col2im(columns, 4, 3, padding=1)[0, 0].tolist() == expected

    @pytest.mark.parametrize(
        ("call", "error", "message"),
        [
            (lambda c: col2im(c[0, 0], 6, 3), ValueError, r"columns must have shape \(N, C \* kh"),
            (lambda c: col2im(c.long(), 6, 3), TypeError, "columns must be float16, bfloat16"),
            (lambda c: col2im(c, 7, 3), ValueError, r"shape \(N, C \* 9, 25\) for a picture of 7"),
            (lambda c: col2im(c[:, :8], 6, 3), ValueError, r"got \(1, 8, 16\)"),
            (lambda c: col2im(c, -1, 3), ValueError, "output_size must be from 0"),
            (lambda c: col2im(c, 2, 3), ValueError, "col2im: no window of 3 x 3"),
        ],
    )
    def test_wrong_input(self, device, call, error, message):
        with pytest.raises(error, match=message):
            call(torch.zeros(1, 9, 16, device=device))


@pytest.mark.usefixtures("native")
@given(
    st.tuples(*[st.integers(1, 12)] * 2),
    *[st.tuples(*[st.integers(1, 4)] * 2)] * 3,
    st.tuples(*[st.integers(0, 5)] * 2),
)
@examples(150)
def test_both_implementations_agree(size, kernel, stride, dilation, padding):
    x = pictures(size, seed=sum(size))
    results = []
    for mode in ("native", "python"):
        with ops.use(mode):
            try:
                columns = im2col(x, kernel, stride, padding, dilation)
                results.append((columns, col2im(columns, size, kernel, stride, padding, dilation)))
            except ValueError as error:
                results.append(str(error))
    if isinstance(results[0], str):
        assert results[0] == results[1]
    else:
        assert all(map(torch.equal, *results))
        assert torch.equal(results[0][0][1], by_loops(x[1], kernel, stride, padding, dilation))


class TestGradients:
    @pytest.mark.parametrize("geometry", GEOMETRIES[2:5], ids=str)
    def test_first_and_second(self, device, geometry):
        size, *window = geometry
        x = pictures(size, batch=1, channels=1, dtype=torch.float64).to(device).requires_grad_()
        assert torch.autograd.gradcheck(lambda x: im2col(x, *window), x)
        assert torch.autograd.gradgradcheck(lambda x: im2col(x, *window).square(), x)
        columns = im2col(x, *window).detach().requires_grad_()
        assert torch.autograd.gradcheck(lambda c: col2im(c, size, *window), columns)
        assert torch.autograd.gradgradcheck(lambda c: col2im(c, size, *window).square(), columns)

    def test_a_convolution_is_a_product_with_the_columns(self, device):
        x = pictures((9, 8)).to(device).requires_grad_()
        weight = torch.randn(5, 3, 3, 3, device=device, requires_grad=True)
        ours = (weight.flatten(1) @ im2col(x, 3, 2, 1)).unflatten(2, (5, 4))
        theirs = F.conv2d(x, weight, stride=2, padding=1)
        assert torch.allclose(ours, theirs, atol=1e-5)
        for mine, other in zip(
            torch.autograd.grad(ours.sin().sum(), (x, weight)),
            torch.autograd.grad(theirs.sin().sum(), (x, weight)),
            strict=True,
        ):
            assert torch.allclose(mine, other, atol=1e-4)


@pytest.mark.parametrize("where", [0, 1, 3])
def test_vmap(device, where):
    x = torch.stack([pictures((6, 5), seed=s) for s in range(4)], dim=where).to(device)
    columns = torch.vmap(lambda x: im2col(x, 3, padding=1), in_dims=where)(x)
    expected = torch.stack([im2col(one, 3, padding=1) for one in x.unbind(where)])
    assert torch.equal(columns, expected)
    back = torch.vmap(lambda c: col2im(c, (6, 5), 3, padding=1))(columns)
    assert torch.equal(back, torch.stack([col2im(c, (6, 5), 3, padding=1) for c in columns]))


def test_opcheck(device, overload):
    pairs = ([3, 2], [2, 1], [1, 0], [1, 2])
    x = pictures((7, 6)).to(device).requires_grad_()
    torch.library.opcheck(overload("im2col"), (x, *pairs))
    columns = im2col(x.detach(), *pairs).requires_grad_()
    torch.library.opcheck(overload("col2im"), (columns, [7, 6], *pairs))


@pytest.mark.parametrize("dynamic", [False, True])
def test_compile_and_its_gradient(device, dynamic):
    def loss(x):
        return (im2col(x, 3, 2, 1) * 2).square().sum()

    compiled = torch.compile(loss, fullgraph=True, backend="aot_eager", dynamic=dynamic)
    for size in ((6, 7), (9, 5)):
        x, y = (pictures(size).to(device).requires_grad_() for _ in range(2))
        loss(x).backward()
        compiled(y).backward()
        assert torch.equal(x.grad, y.grad)
