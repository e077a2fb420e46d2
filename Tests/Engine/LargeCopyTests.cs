using MomentumCore.Tests.Kernels;

namespace MomentumCore.Tests.Engine;

/// <summary>Copies beyond 2 GiB go by address and in pieces; what no array can hold is refused.</summary>
[TestFixture]
internal sealed class LargeCopyTests
{
    [TestCase(1)]
    [TestCase(7)]
    [TestCase(64)]
    [TestCase(1000)]
    public void A_copy_between_devices_goes_in_pieces_of_any_size(int pieceBytes)
    {
        var device = SomeOpenCl.Required;
        byte[] values = [.. Enumerable.Range(0, 150).Select(i => (byte)i)];
        var (from, to) = (device.Allocate(150), Device.Emulator.Allocate(150));
        device.Upload(values, from, 0);
        Device.Emulator.Upload(new byte[150], to, 0);
        ToDeviceOp.CopyInPieces(from, 11, to, 129, pieceBytes);
        var there = new byte[150];
        Device.Emulator.Download(to, 0, there);
        Assert.That(there, Is.EqualTo([.. values[11..140], .. new byte[21]]));
        from.Free();
        to.Free();
    }

    [Test]
    public void More_elements_than_an_array_holds_are_refused_with_both_numbers()
    {
        using var x = Tensor.Zeros([1]).Expand([int.MaxValue]);
        Assert.That(
            () => x.ToArray<float>(),
            Throws.TypeOf<ShapeException>().With.Message.Contains("ToArray: this tensor has 2,147,483,647 elements")
                .And.Message.Contains("2,147,483,591").And.Message.Contains("Slice"));
        Assert.That(
            async () => await x.ToArrayAsync<float>(), Throws.TypeOf<ShapeException>().With.Message.Contains("ToArrayAsync"));
    }

    [Test]
    public unsafe void Lengths_and_offsets_of_a_copy_are_long()
    {
        // Promised by the system and never touched but at the end.
        const long Bytes = (3L << 30) + 64;
        foreach (var device in new Device[] { new CpuDevice(1), new MomentumCore.Kernels.Devices.Emulator.EmulatorDevice() })
        {
            var buffer = device.Allocate(Bytes);
            try
            {
                device.Upload([1, 2, 3], buffer, Bytes - 3);
                var end = new byte[2];
                device.Download(buffer, Bytes - 2, end);
                Assert.That(end, Is.EqualTo(new byte[] { 2, 3 }));
                Assert.That(() => device.Download(buffer, 1, null, Bytes), Throws.TypeOf<ArgumentOutOfRangeException>());
            }
            finally
            {
                buffer.Free();
            }
        }
    }
}
