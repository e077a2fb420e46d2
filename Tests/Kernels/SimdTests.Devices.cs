using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Kernels;

/// <summary>Every map of the library on every device.</summary>
internal sealed partial class SimdTests
{
    [TestCaseSource(nameof(Maps))]
    public void A_map_gives_the_bits_of_the_CPU_on_every_device(string name)
    {
        foreach (var launcher in Launchers().Where(m => Title(m) == name))
        {
            // A prime count, gapless; then rows with gaps, one input repeated along the rows and one down the columns.
            long[] ones = [1];
            var gapless = StridedLayout.Create([37], [.. Views(launcher).Select(_ => ones)]);
            CompareDevices(launcher, gapless, [.. Views(launcher).Select(_ => 37L)]);
            (long Row, long Step)[] layouts = [(0, 1), (1, 0), (14, 2)];
            var chosen = Written(launcher).Select((w, i) => w ? (Row: 9L, Step: 1L) : layouts[i % 3]).ToArray();
            var strided = StridedLayout.Create([3, 7], [.. chosen.Select(c => new[] { c.Row, c.Step })]);
            CompareDevices(launcher, strided, [.. chosen.Select(c => (2 * c.Row) + (6 * c.Step) + 1)]);
        }
    }

    private static void CompareDevices(System.Reflection.MethodInfo launcher, StridedLayout layout, long[] lengths)
    {
        var expected = Run(launcher, layout, lengths, areOn: false);
        foreach (var device in DeviceViews.AllDevices.Where(d => d is not CpuDevice))
        {
            using var views = new DeviceViews(device);
            var cells = Views(launcher).Select((type, i) => Cells(type, lengths[i], i)).ToArray();
            launcher.Invoke(null, Arguments(launcher, device, layout, [.. cells.Select(c => c.On(views))]));
            for (int i = 0; i < cells.Length; i++)
                Assert.That(cells[i].BitsOn(views, i), Is.EqualTo(expected[i].Bits), $"{launcher}, view {i}, {device}");
        }
    }
}
