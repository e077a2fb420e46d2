using MomentumCore.Kernels.Dialect;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Kernels;

/// <summary>
/// Awkward C# gives the same bits on every device and in every form. The emulator runs the kernel's own method: what it
/// gives is what C# says.
/// </summary>
[TestFixture]
internal sealed class TrickyTests
{
    private static readonly int[] Whole =
    [
        .. new[]
        {
            0, 1, -1, 2, 3, 4, 5, 7, 8, 9, 10, -7, 31, 32, 33, 41, 97, 98, 100, -100, -129, 255, 256, 65535, 65536, 1001,
            int.MaxValue, int.MinValue, int.MaxValue - 1, 12345678, -987654321,
        },
        .. Enumerable.Range(0, 30).Select(k => unchecked((int)(k * 0x9E3779B1u))),
    ];

    private static readonly float[] Numbers =
    [
        0f, -0f, 1f, -1f, 0.5f, -0.5f, 1.5f, 2.5f, -2.5f, 0.1f, 7.3f, 12f, 3.3f, 127.9f, 128f, -129f, 255.9f, 300.7f, -32769f,
        65535.5f, 2147483520f, 2147483648f, -2147483904f, 4294967296f, 9.3e18f, -9.3e18f, 1e30f, float.NaN, float.PositiveInfinity,
        float.NegativeInfinity, float.MaxValue, float.Epsilon, 8388607.5f,
    ];

    private static readonly double[] Doubles = [.. Numbers.Select(f => f == 0.1f ? 0.1 : f)];

    private static readonly ulong[] Large =
    [
        0, 1, 0x8000008000000001, 0x8000008000000000, ulong.MaxValue, 0x8000000000000401, 0x8000000000000400, 0xFFFFFFFFFFFFFC00,
        0xFFFFFF7FFFFFFFFF, 0x4000004000000001, 16777217, 16777219, 0x20000000000001, long.MaxValue, 0xFFFFFF8000000000, 3,
    ];

    private static readonly TrickyShapes.Mixed Mixed = new()
    {
        A = 9, B = -123456789012345, C = new TrickyShapes.Inner { S = -30000, D = 0.1, T = true }, D = true, E = TrickyShapes.Kind.B, F = (-5, 0.25f), G = 4000000000,
    };

    private delegate void Map<T>(Device device, int count, ArrayView<T> x, ArrayView<T> y, int n)
        where T : unmanaged;

    private delegate void Grouped(Device device, KernelConfig config, ArrayView<int> x, ArrayView<int> y, int n);

    private static readonly Dictionary<string, (Map<int> Map, Map<int> Local)> WholeKernels = new()
    {
        [nameof(TrickyKernels.Bytes)] = (TrickyKernels.Bytes, TrickyKernels.BytesLocal),
        [nameof(TrickyKernels.SmallEnums)] = (TrickyKernels.SmallEnums, TrickyKernels.SmallEnumsLocal),
        [nameof(TrickyKernels.SignedEnums)] = (TrickyKernels.SignedEnums, TrickyKernels.SignedEnumsLocal),
        [nameof(TrickyKernels.Shifts)] = (TrickyKernels.Shifts, TrickyKernels.ShiftsLocal),
        [nameof(TrickyKernels.Divisions)] = (TrickyKernels.Divisions, TrickyKernels.DivisionsLocal),
        [nameof(TrickyKernels.Wide)] = (TrickyKernels.Wide, TrickyKernels.WideLocal),
        [nameof(TrickyKernels.Narrow)] = (TrickyKernels.Narrow, TrickyKernels.NarrowLocal),
        [nameof(TrickyKernels.Chars)] = (TrickyKernels.Chars, TrickyKernels.CharsLocal),
        [nameof(TrickyKernels.Consts)] = (TrickyKernels.Consts, TrickyKernels.ConstsLocal),
        [nameof(TrickyKernels.Unsigned)] = (TrickyKernels.Unsigned, TrickyKernels.UnsignedLocal),
        [nameof(TrickyKernels.Casts)] = (TrickyKernels.Casts, TrickyKernels.CastsLocal),
        [nameof(TrickyKernels.NegAbs)] = (TrickyKernels.NegAbs, TrickyKernels.NegAbsLocal),
        [nameof(TrickyKernels.TupleWidths)] = (TrickyKernels.TupleWidths, TrickyKernels.TupleWidthsLocal),
        [nameof(TrickyKernels.Records)] = (TrickyKernels.Records, TrickyKernels.RecordsLocal),
        [nameof(TrickyKernels.FieldsCalledItem)] = (TrickyKernels.FieldsCalledItem, TrickyKernels.FieldsCalledItemLocal),
        [nameof(TrickyKernels.RefStructs)] = (TrickyKernels.RefStructs, TrickyKernels.RefStructsLocal),
        [nameof(TrickyKernels.NamedArguments)] = (TrickyKernels.NamedArguments, TrickyKernels.NamedArgumentsLocal),
        [nameof(TrickyKernels.Discards)] = (TrickyKernels.Discards, TrickyKernels.DiscardsLocal),
        [nameof(TrickyKernels.Nested)] = (TrickyKernels.Nested, TrickyKernels.NestedLocal),
        [nameof(TrickyKernels.Breaks)] = (TrickyKernels.Breaks, TrickyKernels.BreaksLocal),
        [nameof(TrickyKernels.Returns)] = (TrickyKernels.Returns, TrickyKernels.ReturnsLocal),
        [nameof(TrickyKernels.LoopSteps)] = (TrickyKernels.LoopSteps, TrickyKernels.LoopStepsLocal),
        [nameof(TrickyKernels.ForParts)] = (TrickyKernels.ForParts, TrickyKernels.ForPartsLocal),
        [nameof(TrickyKernels.SwitchLoop)] = (TrickyKernels.SwitchLoop, TrickyKernels.SwitchLoopLocal),
        [nameof(TrickyKernels.UnsignedLoops)] = (TrickyKernels.UnsignedLoops, TrickyKernels.UnsignedLoopsLocal),
        [nameof(TrickyKernels.Scopes)] = (TrickyKernels.Scopes, TrickyKernels.ScopesLocal),
        [nameof(TrickyKernels.Patterns)] = (TrickyKernels.Patterns, TrickyKernels.PatternsLocal),
        [nameof(TrickyKernels.SwitchPatterns)] = (TrickyKernels.SwitchPatterns, TrickyKernels.SwitchPatternsLocal),
        [nameof(TrickyKernels.Sides)] = (TrickyKernels.Sides, TrickyKernels.SidesLocal),
        [nameof(TrickyKernels.Truths)] = (TrickyKernels.Truths, TrickyKernels.TruthsLocal),
        [nameof(TrickyKernels.NamesOfVectors)] = (TrickyKernels.NamesOfVectors, TrickyKernels.NamesOfVectorsLocal),
        [nameof(TrickyKernels.TwoReferences)] = (TrickyKernels.TwoReferences, TrickyKernels.TwoReferencesLocal),
        [nameof(TrickyKernels.Underlines)] = (TrickyKernels.Underlines, TrickyKernels.UnderlinesLocal),
        [nameof(TrickyKernels.Literals)] = (TrickyKernels.Literals, TrickyKernels.LiteralsLocal),
        [nameof(TrickyKernels.Conversions)] = (TrickyKernels.Conversions, TrickyKernels.ConversionsLocal),
        [nameof(TrickyKernels.ByteIndex)] = (TrickyKernels.ByteIndex, TrickyKernels.ByteIndexLocal),
        [nameof(TrickyKernels.Compound)] = (TrickyKernels.Compound, TrickyKernels.CompoundLocal),
        [nameof(TrickyKernels.Ternaries)] = (TrickyKernels.Ternaries, TrickyKernels.TernariesLocal),
        [nameof(TrickyKernels.BigTuple)] = (TrickyKernels.BigTuple, TrickyKernels.BigTupleLocal),
        [nameof(TrickyKernels.RefChain)] = (TrickyKernels.RefChain, TrickyKernels.RefChainLocal),
        [nameof(TrickyKernels.StructThis)] = (TrickyKernels.StructThis, TrickyKernels.StructThisLocal),
        [nameof(TrickyKernels.LateFields)] = (TrickyKernels.LateFields, TrickyKernels.LateFieldsLocal),
        [nameof(TrickyKernels.Extensions)] = (TrickyKernels.Extensions, TrickyKernels.ExtensionsLocal),
        [nameof(TrickyKernels.ForsOfTwo)] = (TrickyKernels.ForsOfTwo, TrickyKernels.ForsOfTwoLocal),
        [nameof(TrickyKernels.JumpsOutOfThree)] = (TrickyKernels.JumpsOutOfThree, TrickyKernels.JumpsOutOfThreeLocal),
        [nameof(TrickyKernels.LazyCalls)] = (TrickyKernels.LazyCalls, TrickyKernels.LazyCallsLocal),
        [nameof(TrickyKernels.DeepStructs)] = (TrickyKernels.DeepStructs, TrickyKernels.DeepStructsLocal),
    };

    private static readonly Dictionary<string, RealKernel> RealKernels = new RealKernel[]
    {
        new(nameof(TrickyKernels.Nan), TrickyKernels.Nan, TrickyKernels.NanLocal, TrickyKernels.Nan, TrickyKernels.NanLocal),
        new(nameof(TrickyKernels.NanStatement), TrickyKernels.NanStatement, TrickyKernels.NanStatementLocal, TrickyKernels.NanStatement, TrickyKernels.NanStatementLocal),
        new(nameof(TrickyKernels.FloatConsts), TrickyKernels.FloatConsts, TrickyKernels.FloatConstsLocal, TrickyKernels.FloatConsts, TrickyKernels.FloatConstsLocal),
        new(nameof(TrickyKernels.Defaults), TrickyKernels.Defaults, TrickyKernels.DefaultsLocal, TrickyKernels.Defaults, TrickyKernels.DefaultsLocal),
        new(nameof(TrickyKernels.FloatSides), TrickyKernels.FloatSides, TrickyKernels.FloatSidesLocal, TrickyKernels.FloatSides, TrickyKernels.FloatSidesLocal),
        new(nameof(TrickyKernels.Rounds), TrickyKernels.Rounds, TrickyKernels.RoundsLocal, TrickyKernels.Rounds, TrickyKernels.RoundsLocal),
        new(nameof(TrickyKernels.EarlyReturns), TrickyKernels.EarlyReturns, TrickyKernels.EarlyReturnsLocal, TrickyKernels.EarlyReturns, TrickyKernels.EarlyReturnsLocal),
        new(nameof(TrickyKernels.IntsInFloats), TrickyKernels.IntsInFloats, TrickyKernels.IntsInFloatsLocal, TrickyKernels.IntsInFloats, TrickyKernels.IntsInFloatsLocal),
        new(nameof(TrickyKernels.FloatForms), TrickyKernels.FloatForms, TrickyKernels.FloatFormsLocal, TrickyKernels.FloatForms, TrickyKernels.FloatFormsLocal),
        new(nameof(TrickyKernels.FloatMix), TrickyKernels.FloatMix, TrickyKernels.FloatMixLocal, TrickyKernels.FloatMix, TrickyKernels.FloatMixLocal),
        new(nameof(TrickyKernels.FloatRemainder), TrickyKernels.FloatRemainder, TrickyKernels.FloatRemainderLocal, TrickyKernels.FloatRemainder, TrickyKernels.FloatRemainderLocal),
        new(nameof(TrickyKernels.FloatTuples), TrickyKernels.FloatTuples, TrickyKernels.FloatTuplesLocal, TrickyKernels.FloatTuples, TrickyKernels.FloatTuplesLocal),
        new(nameof(TrickyKernels.OtherFloats), TrickyKernels.OtherFloats, TrickyKernels.OtherFloatsLocal, TrickyKernels.OtherFloats, TrickyKernels.OtherFloatsLocal),
        new(nameof(TrickyKernels.FloatRefs), TrickyKernels.FloatRefs, TrickyKernels.FloatRefsLocal, TrickyKernels.FloatRefs, TrickyKernels.FloatRefsLocal),
    }.ToDictionary(k => k.Name);

    private static readonly Dictionary<string, Grouped> GroupKernels = new()
    {
        [nameof(TrickyShapes.VoteWhile)] = TrickyShapes.VoteWhile,
        [nameof(TrickyShapes.VoteDo)] = TrickyShapes.VoteDo,
        [nameof(TrickyShapes.VoteFor)] = TrickyShapes.VoteFor,
        [nameof(TrickyShapes.Uniform)] = TrickyShapes.Uniform,
        [nameof(TrickyShapes.InlinedStructs)] = TrickyShapes.InlinedStructs,
        [nameof(TrickyShapes.Carried)] = TrickyShapes.Carried,
        [nameof(TrickyShapes.InParentheses)] = TrickyShapes.InParentheses,
    };

    private static readonly Dictionary<string, Func<Device, DeviceViews, Array>> Others = new()
    {
        ["names in float"] = (d, v) =>
        {
            TrickyShapes.ShadowConst(d, Numbers.Length, v.Put(Numbers), v.Put(new float[Numbers.Length]), 3f);
            return v.Get<float>(1, Numbers.Length);
        },
        ["names in double"] = (d, v) =>
        {
            TrickyShapes.ShadowConst(d, Doubles.Length, v.Put(Doubles), v.Put(new double[Doubles.Length]), 3);
            return v.Get<double>(1, Doubles.Length);
        },
        ["names in double, strided"] = (d, v) =>
        {
            TrickyShapes.ShadowConst(d, StridedLayout.Create([Doubles.Length], [0], [1]), v.Put(Doubles), v.Put(new double[Doubles.Length]), 3);
            return v.Get<double>(1, Doubles.Length);
        },
        ["names in double, no map"] = (d, v) =>
        {
            TrickyShapes.ShadowConstN(d, Doubles.Length, v.Put(Doubles), v.Put(new double[Doubles.Length]), 3);
            return v.Get<double>(1, Doubles.Length);
        },
        ["other names of MathF"] = (d, v) =>
        {
            TrickyShapes.Names(d, Doubles.Length, v.Put(Doubles), v.Put(new double[Doubles.Length]));
            return v.Get<double>(1, Doubles.Length);
        },
        ["other names of MathF, strided"] = (d, v) =>
        {
            TrickyShapes.Names(d, StridedLayout.Create([Doubles.Length], [0], [1]), v.Put(Doubles), v.Put(new double[Doubles.Length]));
            return v.Get<double>(1, Doubles.Length);
        },
        ["parts"] = (d, v) =>
        {
            TrickyShapes.Parts(d, 40, v.Put(Whole), v.Put(Whole));
            return v.Get<int>(1, 40);
        },
        ["plane"] = (d, v) =>
        {
            var (x, y) = (v.Put(Numbers[..15]), v.Put(new float[15]));
            TrickyShapes.Plane(
                d, new Index2D(5, 3), new ArrayView2D<float, Stride2D.DenseX>(x, new Index2D(5, 3), new Stride2D.DenseX(5)),
                new ArrayView2D<float, Stride2D.DenseX>(y, new Index2D(3, 5), new Stride2D.DenseX(3)));
            return (float[])[.. v.Get<float>(0, 15), .. v.Get<float>(1, 15)];
        },
        ["box"] = (d, v) =>
        {
            TrickyShapes.Box(d, new Index3D(3, 4, 5), v.Put(new int[60]), new Index3D(3, 4, 5));
            return v.Get<int>(0, 60);
        },
        ["ulong to float"] = (d, v) =>
        {
            TrickyShapes.UlongFloat(d, Large.Length, v.Put(Large), v.Put(new float[Large.Length]), v.Put(new double[Large.Length]));
            return (double[])[.. v.Get<float>(1, Large.Length), .. v.Get<double>(2, Large.Length)];
        },
        ["long to float"] = (d, v) =>
        {
            TrickyShapes.LongFloat(
                d, Large.Length, v.Put(Large.Select(u => (long)u).ToArray()), v.Put(new float[Large.Length]), v.Put(new double[Large.Length]));
            return (double[])[.. v.Get<float>(1, Large.Length), .. v.Get<double>(2, Large.Length)];
        },
        ["uint to float"] = (d, v) =>
        {
            TrickyShapes.UintFloat(d, Large.Length, v.Put(Large.Select(u => (uint)(u >> 20) + (uint)u).ToArray()), v.Put(new float[Large.Length]));
            return v.Get<float>(1, Large.Length);
        },
        ["struct of mixed alignment"] = (d, v) =>
        {
            TrickyShapes.MixedMap(d, 32, v.Put(Whole), v.Put(new double[32]), 250, Mixed, -100);
            return v.Get<double>(1, 32);
        },
        ["struct of mixed alignment in groups"] = (d, v) =>
        {
            TrickyShapes.MixedGroup(d, (4, 8), v.Put(Whole), v.Put(new double[32]), 250, Mixed, -100);
            return v.Get<double>(1, 32);
        },
        ["narrow elements"] = (d, v) =>
        {
            TrickyShapes.NarrowElements(
                d, (7, 8), v.Put(Whole.Select(q => (byte)q).ToArray()), v.Put(Whole.Select(q => (sbyte)q).ToArray()),
                v.Put(Whole.Select(q => (short)q).ToArray()), v.Put(Whole.Select(q => (ushort)q).ToArray()), v.Put(Whole.Select(q => (q & 1) == 1).ToArray()));
            return (int[])
            [
                .. v.Get<byte>(0, 56), .. v.Get<sbyte>(1, 56), .. v.Get<short>(2, 56), .. v.Get<ushort>(3, 56), .. v.Get<byte>(4, 56),
            ];
        },
        ["lazy atomics"] = (d, v) =>
        {
            TrickyShapes.LazyAtomics(d, 3, v.Put(9), v.Put(new int[12]));
            return v.Get<int>(1, 12);
        },
        ["memory spaces"] = (d, v) =>
        {
            TrickyShapes.Spaces(d, (3, 8), v.Put(Numbers[..26]), v.Put(new float[24]));
            return v.Get<float>(1, 24);
        },
        ["memory spaces in double"] = (d, v) =>
        {
            TrickyShapes.Spaces(d, (3, 8), v.Put(Doubles[..26]), v.Put(new double[24]));
            return v.Get<double>(1, 24);
        },
        ["double to ulong"] = (d, v) =>
        {
            TrickyShapes.DoubleUlong(d, Doubles.Length, v.Put(Doubles), v.Put(new ulong[Doubles.Length]));
            return v.Get<ulong>(1, Doubles.Length);
        },
    };

    private static IEnumerable<Device> Devices => Device.All;

    [Test]
    public void Whole_numbers_are_those_of_CSharp(
        [ValueSource(nameof(Devices))] Device device, [ValueSource(nameof(WholeNames))] string kernel) =>
        Compare(device, WholeKernels[kernel], Whole);

    [Test]
    public void Floats_are_those_of_CSharp([ValueSource(nameof(Devices))] Device device, [ValueSource(nameof(FloatNames))] string kernel)
    {
        var real = RealKernels[kernel];
        Compare(device, (real.Map, real.Local), Numbers);
        Compare(device, (real.DoubleMap, real.DoubleLocal), Doubles);
    }

    [Test]
    public void Groups_vote_and_turn_as_in_CSharp(
        [ValueSource(nameof(Devices))] Device device, [ValueSource(nameof(GroupNames))] string kernel, [Values(0, 1, 3, 6)] int n)
    {
        int[] expected = Run(Device.Emulator);
        Assert.That(Run(device), Is.EqualTo(expected));
        Assert.That(expected, Has.Some.Not.Zero, "the kernel writes");

        int[] Run(Device on)
        {
            using var views = new DeviceViews(on);
            GroupKernels[kernel](on, (4, 8), views.Put(Whole[..32]), views.Put(new int[32]), n);
            return views.Get<int>(1, 32);
        }
    }

    [Test]
    public void Other_shapes_give_what_CSharp_gives([ValueSource(nameof(Devices))] Device device, [ValueSource(nameof(OtherNames))] string kernel)
    {
        using var views = new DeviceViews(device);
        using var reference = new DeviceViews(Device.Emulator);
        Assert.That(Others[kernel](device, views), Is.EqualTo(Others[kernel](Device.Emulator, reference)));
    }

    [Test]
    public void Constants_of_the_double_form_are_worked_out_by_hand([ValueSource(nameof(Devices))] Device device)
    {
        using var views = new DeviceViews(device);
        TrickyKernels.Defaults(device, 1, views.Put(2.0), views.Put(new double[1]), 0);
        Assert.That(views.Get<double>(1, 1)[0], Is.EqualTo((2 * 0.1) + (1.0 / 3.0) + ((2.0 * 3) + (1.0 / 3.0)) + ((2 * 0.1) + 0.7) + (2 * 0.3)));
        TrickyShapes.ShadowConst(device, 1, views.Put(2.0), views.Put(new double[1]), 5);
        Assert.That(views.Get<double>(3, 1)[0], Is.EqualTo(10 + 0.5 + 1.1 + 2), "the parameter, not the constant of its name");
    }

    private static IEnumerable<string> WholeNames => WholeKernels.Keys;

    private static IEnumerable<string> FloatNames => RealKernels.Keys;

    private static IEnumerable<string> GroupNames => GroupKernels.Keys;

    private static IEnumerable<string> OtherNames => Others.Keys;

    private static void Compare<T>(Device device, (Map<T> Map, Map<T> Local) kernel, T[] x)
        where T : unmanaged
    {
        foreach (int n in new[] { 3, 0 })
        {
            T[] expected = Run(Device.Emulator, kernel.Map, n);
            Assert.That(Run(device, kernel.Map, n), Is.EqualTo(expected), $"map, n = {n}");
            if (device == Device.Cpu)
                Assert.That(Run(device, kernel.Local, n), Is.EqualTo(expected), $"from the tree, n = {n}");
        }

        T[] Run(Device on, Map<T> map, int n)
        {
            using var views = new DeviceViews(on);
            map(on, x.Length, views.Put(x), views.Put(new T[x.Length]), n);
            return views.Get<T>(1, x.Length);
        }
    }

    /// <summary>A kernel of floats as a map and with a local array, and the forms that compute in double.</summary>
    private sealed record RealKernel(
        string Name, Map<float> Map, Map<float> Local, Map<double> DoubleMap, Map<double> DoubleLocal);
}
