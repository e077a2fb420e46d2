using MomentumCore.Kernels.Library;
using MomentumCore.Reversible;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Reversible;

/// <summary>
/// The CPU's pass that steps, hashes and packs block by block gives the bits of the kernels that other devices run, and of
/// the formulas.
/// </summary>
[TestFixture]
internal sealed class GridPassTests
{
    private const int Depth = 5;

    [Test]
    public void States_planes_hashes_and_adjoints_are_the_same_on_every_device(
        [Values(DType.Float32, DType.Float64)] DType dtype,
        [Values] bool isResidual,
        [Values(0.3, 0.01)] double gamma,
        [Values(0, 1, 33, 4101)] int count,
        [Values] bool strided)
    {
        var expected = There_and_back(new CpuDevice(1), dtype, isResidual, gamma, count, strided);
        foreach (var device in DeviceViews.AllDevices.Append(new CpuDevice(3)))
        {
            Assert.That(
                There_and_back(device, dtype, isResidual, gamma, count, strided), Is.EqualTo(expected), device.Name);
        }
    }

    [TestCase(DType.Float32)]
    [TestCase(DType.Float64)]
    public void A_hash_is_the_sum_of_scrambled_elements_on_every_device(DType dtype)
    {
        double[] values = [.. Enumerable.Range(0, 8201).Select(i => Math.Sin(i) * 7)];
        ulong expected = 0;
        for (int i = 0; i < values.Length; i++)
        {
            ulong bits = dtype == DType.Float32
                ? BitConverter.SingleToUInt32Bits((float)values[i])
                : BitConverter.DoubleToUInt64Bits(values[i]);
            expected = unchecked(expected + BitHash.Scrambled(bits, i));
        }

        using var scope = TensorScope.Begin();
        foreach (var device in DeviceViews.AllDevices)
        {
            var x = TestTensors.Make(values, [values.Length], dtype, device);
            Assert.That(BitWatch.Of(x), Is.EqualTo((long)expected), device.Name);
        }
    }

    [Test]
    public void Planes_hold_the_low_bits_and_w_is_shifted_except_where_x_is_lost()
    {
        const int Count = 70;
        using var scope = TensorScope.Begin();
        var x = Tensor.Zeros([Count]);
        x.AsSpan<float>()[3] = x.AsSpan<float>()[69] = float.NaN;
        int[] whole = [.. Enumerable.Range(0, Count).Select(i => (i - 30) * 77_777)];
        var w = Tensor.From(whole, [Count]);
        var planes = Tensor.Zeros([3, 3], DType.Int32);
        var edges = new GridEdges<float, int>
        {
            X = x.View<float>(), W = w.View<int>(), Leaving = planes.View<int>(), LeavingBits = 3,
        };
        edges.LaunchAfter(Device.Cpu);
        int[] packed = planes.ToArray<int>();
        for (int i = 0; i < Count; i++)
        {
            int low = Enumerable.Range(0, 3).Sum(b => ((packed[(b * 3) + (i / 32)] >> (i % 32)) & 1) << b);
            Assert.That(low, Is.EqualTo(whole[i] & 7));
            Assert.That(w.ToArray<int>()[i], Is.EqualTo(i is 3 or 69 ? whole[i] : whole[i] >> 3));
        }
    }

    private static List<string> There_and_back(
        Device device, DType dtype, bool isResidual, double gamma, int count, bool strided)
    {
        using var scope = TensorScope.Begin();
        var net = MomentumNet.Repeat(new Lambda(x => x), Depth, gamma, MemoryMode.Exact, isResidual: isResidual);
        var arithmetic = net.Arithmetic(dtype);
        var (x, v) = (Values(1), Values(2));
        // Half as many elements, each seen twice, or all of them.
        Tensor F(int layer) => strided && count > 1 && count % 3 == 0
            ? Nets.Random([count / 3], 10 + layer, dtype: dtype, device: device).Unsqueeze(1).Expand([count / 3, 3])
            : Values(10 + layer);
        if (strided && count > 1 && count % 3 == 0)
            (x, v) = (x.Reshape(count / 3, 3), v.Reshape(count / 3, 3));
        using var side = new SideStore(onHost: false);
        using var watch = new BitWatch(x, Depth, _ => { });
        var seen = new List<string>();
        void See(params Tensor[] tensors) =>
            seen.AddRange(tensors.Select(t => $"{string.Join(' ', t.Values())} {(t.DType == DType.Int64 ? string.Join(' ', t.ToArray<long>()) : "")}"));

        var (position, w) = arithmetic.Begin(x, v, watch);
        See(position, w);
        for (int layer = 0; layer < Depth; layer++)
        {
            position = arithmetic.Step(layer, position, w, F(layer), overwriteX: false, side, watch);
            See(position, w);
        }

        See([.. side.Planes.Select(p => p!)]);
        watch.RequireInRange(position, w);
        var reader = side.Read(consume: true);
        var back = position.EmptyLike(position.Shape);
        arithmetic.UndoLastPosition(position, w, back, reader, watch);
        Tensor gx = Values(3).Reshape(x.Shape), g = Values(4).Reshape(x.Shape), j = Values(5).Reshape(x.Shape);
        for (int layer = Depth - 1; layer > 0; layer--)
        {
            arithmetic.UndoWithAdjoint(layer, back, w, F(layer), gx, g, j, reader, watch);
            See(back, w, gx, g, j);
        }

        arithmetic.UndoFirstVelocity(back, w, F(0), watch);
        watch.Read();
        Assert.That(Enumerable.Range(0, Depth).All(watch.IsBackAt) && watch.IsBackAtVelocity);
        Assert.That(watch.Notes.Skip(1).Distinct().Count(), count == 0 ? Is.EqualTo(1) : Is.EqualTo(Depth + 1));
        Assert.That(watch.BeganWith(back, w));
        seen.Add(string.Join(' ', watch.Notes));
        return seen;

        Tensor Values(int seed) => Nets.Random([count], seed, dtype: dtype, device: device);
    }
}
