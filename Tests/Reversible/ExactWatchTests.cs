using MomentumCore.Kernels.Devices.OpenCl;
using MomentumCore.Layers;
using MomentumCore.Reversible;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Reversible;

/// <summary>
/// Exact returns no gradient from a way back that comes to other states than forward had: it throws, naming the layer.
/// </summary>
[TestFixture]
internal sealed class ExactWatchTests
{
    private const int Depth = 12;

    [Test]
    public void One_flipped_bit_of_the_output_is_found([Values] bool verify, [Values(0, 7, 22, 31)] int bit)
    {
        using var scope = TensorScope.Begin();
        var (y, loss) = Run(verify);
        Flip(ref y.AsSpan<float>()[5], bit);
        AssertLost(loss, verify ? Depth - 1 : null);
    }

    [Test]
    public void One_flipped_bit_of_the_velocity_is_found([Values] bool verify, [Values(0, 7, 22, 30)] int bit)
    {
        using var scope = TensorScope.Begin();
        var (y, loss) = Run(verify);
        Kept(y).W.AsSpan<int>()[5] ^= 1 << bit;
        // A low bit may round away in every position and show in the first velocity alone.
        Assert.That(() => loss.Backward(), Throws.TypeOf<ReversalException>());
    }

    [Test]
    public void One_flipped_bit_of_the_side_store_is_found([Values] bool verify)
    {
        using var scope = TensorScope.Begin();
        var (y, loss) = Run(verify);
        var planes = Kept(y).Side.Planes;
        // gamma 0.7 sets a bit aside about every second layer.
        Assert.That(planes, Has.Count.EqualTo((int)(Depth * Math.Log2(1 / 0.7))));
        planes[3]!.AsSpan<int>()[0] ^= 4;
        Assert.That(() => loss.Backward(), Throws.TypeOf<ReversalException>());
    }

    [Test]
    public void One_changed_weight_is_found_and_its_layer_named()
    {
        using var scope = TensorScope.Begin();
        var net = Net(verify: true);
        var loss = net.Call(Input()).Sum();
        // As a user's pointer would: past the version check, which would name the parameter.
        net.GetParameter("network.6.0.weight").AsSpan<float>()[3] += 0.5f;
        AssertLost(loss, 5);
    }

    [Test]
    public void A_layer_with_a_random_source_of_its_own_is_found([Values] bool verify)
    {
        using var scope = TensorScope.Begin();
        var random = new Random(1);
        var net = new MomentumNet(
            [Mlp(1), Mlp(2), new Lambda(x => x * random.NextDouble()), Mlp(3)],
            0.7,
            MemoryMode.Exact) { Verify = verify };
        AssertLost(net.Call(Input()).Sum(), verify ? 1 : null);
    }

    [Test]
    public void So_it_is_on_every_OpenCL_device([Values] bool verify)
    {
        var devices = Device.All.OfType<OpenClDevice>().ToList();
        if (devices.Count == 0)
            Assert.Warn("No OpenCL device here: nothing was looked for.");
        foreach (var device in devices)
        {
            using var scope = TensorScope.Begin();
            var random = new Random(1);
            using var net = new MomentumNet(
                [Mlp(1), Mlp(2), new Lambda(x => x * random.NextDouble()), Mlp(3)],
                0.7,
                MemoryMode.Exact) { Verify = verify };
            net.To(device);
            AssertLost(net.Call(Input().To(device)).Sum(), verify ? 1 : null);
            Assert.That(net.Parameters().Select(p => p.Gradient), Is.All.Null, "no gradient is better than a wrong one");
        }
    }

    [Test]
    public void A_wrong_seed_is_found()
    {
        using var scope = TensorScope.Begin();
        ulong seed = 1;
        // Past the tape that replays the engine's own random numbers.
        var net = new MomentumNet(
            [Mlp(1), new Lambda(x => x.Dropout(0.5, new RandomSource(seed))), Mlp(3)],
            0.7,
            MemoryMode.Exact) { Verify = true };
        var loss = net.Call(Input()).Sum();
        seed = 2;
        AssertLost(loss, 0);
    }

    [Test]
    public void Verify_finds_nothing_where_nothing_is_wrong([Values(DType.Float32, DType.Float64)] DType dtype)
    {
        var net = Nets.Deep(50, 0.7, MemoryMode.Exact, velocity: true, dtype: dtype);
        var x = Nets.Random([5, 3], 1, requiresGradient: true, dtype);
        var expected = Nets.Run(net, x);
        net.Verify = true;
        Nets.AssertSame(Nets.Run(net, x), expected, 0);
    }

    [Test]
    public void A_layer_that_leaves_the_range_is_named_with_the_largest_value_and_a_remedy()
    {
        using var scope = TensorScope.Begin();
        var net = new MomentumNet([Mlp(1), Mlp(2), new Lambda(x => x * 1000.0), Mlp(3)], 0.5, MemoryMode.Exact);
        var input = Input();
        var error = Assert.Throws<GridRangeException>(() => net.Call(input))!;
        double expected = Largest(new MomentumNet([.. net.Functions.Take(3)], 0.5), input);
        Assert.That(error.Layer, Is.EqualTo(2));
        Assert.That(error.Largest, Is.EqualTo(expected).Within(0.02 * expected).And.GreaterThan(256));
        Assert.That(
            error.Message, Does.Contain("layer 2").And.Contain("below about 256").And.Contain("FractionBits = 12"));
        net.Grid = new ExactGrid { FractionBits = 12 };
        Assert.That(() => net.Call(input), Throws.Nothing);
    }

    [Test]
    public void A_velocity_too_large_for_its_whole_number_is_an_error([Values] bool learned)
    {
        using var scope = TensorScope.Begin();
        // x and v nearly cancel, so that x stays in range.
        var net = learned
            ? new MomentumNet([Mlp(1)], 0.9, MemoryMode.Exact, new Lambda(x => x * 1000.0))
            : new MomentumNet([new Lambda(x => x * 0.0 - 5000.0)], 0.9, MemoryMode.Exact);
        net.Grid = new ExactGrid { FractionBits = 14 };
        var error = Assert.Throws<GridRangeException>(() => net.Call(Input()))!;
        Assert.That(error.Layer, Is.EqualTo(learned ? -1 : 0));
        Assert.That(error.Message, Does.Contain("velocity"));
    }

    [Test]
    public void An_input_out_of_range_or_not_a_number_is_an_error(
        [Values(300.0, -300.0, double.NaN, double.PositiveInfinity)] double value)
    {
        using var scope = TensorScope.Begin();
        var net = new MomentumNet([Mlp(1)], 0.9, MemoryMode.Exact);
        var input = Input();
        input.AsSpan<float>()[7] = (float)value;
        var error = Assert.Throws<GridRangeException>(() => net.Call(input))!;
        Assert.That(error.Layer, Is.EqualTo(-1));
        Assert.That(
            error.Message, Does.Contain("the input").And.Contain(double.IsNaN(value) ? "not numbers" : "position"));
        net.Memory = MemoryMode.Store;
        net.Grid = ExactGrid.Default;
        Assert.That(() => net.Call(input), Throws.TypeOf<GridRangeException>(), "Store on the grid says so too");
    }

    [Test]
    public void A_layer_that_gives_no_numbers_is_named_although_later_layers_spread_them()
    {
        using var scope = TensorScope.Begin();
        var net = new MomentumNet([Mlp(1), new Lambda(x => x.Log()), Mlp(3), Mlp(4)], 0.5, MemoryMode.Exact);
        var error = Assert.Throws<GridRangeException>(() => net.Call(Input()))!;
        Assert.That(error.Layer, Is.EqualTo(1));
        Assert.That(error.Largest, Is.NaN);
    }

    private static (Tensor Y, Tensor Loss) Run(bool verify)
    {
        var y = Net(verify).Call(Input());
        return (y, y.Sum());
    }

    private static MomentumNet Net(bool verify) =>
        new([.. Enumerable.Range(0, Depth).Select(Mlp)], 0.7, MemoryMode.Exact) { Verify = verify };

    private static Sequential Mlp(int seed) => Nets.Mlp(3, 4, seed, DType.Float32);

    private static Tensor Input() => Nets.Random([4, 3], 1, dtype: DType.Float32);

    private static (Tensor W, SideStore Side) Kept(Tensor y) => ((MomentumExact)y.Producer!).Memory;

    private static void Flip(ref float value, int bit) =>
        value = BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(value) ^ (1 << bit));

    private static double Largest(MomentumNet net, Tensor input) => net.Call(input).Values().Max(Math.Abs);

    private static void AssertLost(Tensor loss, int? layer)
    {
        var error = Assert.Throws<ReversalException>(() => loss.Backward())!;
        Assert.That(error.Layer, Is.EqualTo(layer));
        Assert.That(error.Message, Does.Contain(error.Layer is { } t ? $"before layer {t}" : "Verify = true"));
    }
}
