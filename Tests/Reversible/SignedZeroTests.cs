using MomentumCore.Layers;
using MomentumCore.Reversible;

namespace MomentumCore.Tests.Reversible;

/// <summary>Exact reversal comes back to inputs that the grid rounds to zero from below.</summary>
[TestFixture]
internal sealed class SignedZeroTests
{
    [TestCase(DType.Float32)]
    [TestCase(DType.Float64)]
    public void An_input_just_below_zero_is_reversed_exactly(DType dtype)
    {
        foreach (var device in Device.All)
        {
            using var scope = TensorScope.Begin();
            using var net = new MomentumNet(
                [new Linear(3, 3, dtype: dtype), new Linear(3, 3, dtype: dtype)], 0.9, MemoryMode.Exact);
            net.To(device);
            var x = Tensor.From([-1e-16, -0.0, 2], [1, 3]).To(dtype).To(device);
            x.RequiresGradient = true;
            Assert.That(() => net.Call(x).Sum().Backward(), Throws.Nothing, device.Name);
        }
    }
}
