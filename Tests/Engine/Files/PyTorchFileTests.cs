using System.Numerics;

namespace MomentumCore.Tests.Engine.Files;

/// <summary>Files of torch.save are read bit for bit, and nothing in them is run.</summary>
[TestFixture]
internal sealed class PyTorchFileTests
{
    private static IEnumerable<string> Files() => WeightFixtures.Names(".pt");

    [TestCaseSource(nameof(Files))]
    public void What_PyTorch_saved_is_read_bit_for_bit(string name)
    {
        long before = Device.Cpu.Memory.LiveBytes;
        using (var file = PyTorchFile.Load(WeightFixtures.PathOf(name)))
            WeightFixtures.AssertHolds(name, file);
        Assert.That(Device.Cpu.Memory.LiveBytes, Is.EqualTo(before), "bytes left over");
    }

    [TestCaseSource(nameof(Files))]
    public void Inspect_tells_the_names_shapes_and_types_that_loading_gives(string name)
    {
        var summary = PyTorchFile.Inspect(WeightFixtures.PathOf(name));
        using var file = PyTorchFile.Load(WeightFixtures.PathOf(name));
        Assert.That(summary.Tensors.Select(t => t.Name), Is.EqualTo(file.Keys));
        Assert.That(summary.Tensors.Select(t => t.DType), Is.EqualTo(file.Values.Select(t => (DType?)t.DType)));
        Assert.That(summary.Tensors.Select(t => t.Shape), Is.EqualTo(file.Values.Select(t => t.Shape.Select(s => (long)s))));
        Assert.That(summary.Metadata, Is.EqualTo(file.Metadata));
    }

    [TestCase("nested.pt")]
    [TestCase("nested_legacy.pt")]
    [TestCase("nested_protocol4.pt")]
    public void A_checkpoint_is_a_tree_of_plain_values(string name)
    {
        using var file = PyTorchFile.Load(WeightFixtures.PathOf(name));
        var content = file.Content!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(content["epoch"].Integer, Is.EqualTo(new BigInteger(7)));
            Assert.That(content["accuracy"].Real, Is.EqualTo(0.5));
            Assert.That(content["best"].Kind, Is.EqualTo(WeightValueKind.None));
            Assert.That(content["resumed"].Boolean, Is.True);
            Assert.That(content["name"].Text, Is.EqualTo("résumé"));
            Assert.That(content["history"].Items.Select(i => i.Real), Is.EqualTo(new[] { 1.5, 2.5, -3.0 }));
            Assert.That(content["big"].Integer, Is.EqualTo(BigInteger.Pow(2, 70)));
            Assert.That(content["negative"].Integer, Is.EqualTo(new BigInteger(-5)));
            Assert.That(content["bytes"].Bytes.ToArray(), Is.EqualTo(new byte[] { 0, 255 }));
            Assert.That(content["labels"][0].Integer, Is.EqualTo(new BigInteger(3)));
            Assert.That(content["size"].Items.Select(i => i.Real), Is.EqualTo(new[] { 2.0, 3.0 }));
            Assert.That(content["kind"].Text, Is.EqualTo("torch.float16"));
            Assert.That(content["device"].Text, Is.EqualTo("cpu"));
            Assert.That(content["milestones"]["60"].Integer, Is.EqualTo(BigInteger.One));
            Assert.That(content["mixed"][1]["deep"].Tensor, Is.SameAs(file["mixed.1.deep"]));
            Assert.That(content["optimizer"]["param_groups"][0]["lr"].Real, Is.EqualTo(0.25));
            Assert.That(file.Metadata["optimizer.param_groups.0.params"], Is.EqualTo("[0, 1, 2, 3]"));
            Assert.That(file.Metadata["long"], Is.EqualTo("[0, 1, 2, 3, 4, 5, 6, 7, … 300 in all]"));
            Assert.That(() => content["nope"], Throws.TypeOf<KeyNotFoundException>().With.Message.Contains("epoch"));
            Assert.That(() => content["epoch"].Text, Throws.InvalidOperationException.With.Message.Contains("Integer"));
        }
    }

    [TestCase("views.pt")]
    [TestCase("views_legacy.pt")]
    public void Tensors_that_share_memory_in_the_file_share_it_here(string name)
    {
        using var file = PyTorchFile.Load(WeightFixtures.PathOf(name));
        Assert.That(file["transposed"].Storage, Is.SameAs(file["base"].Storage));
        Assert.That(file["tied.1"], Is.SameAs(file["base"]));
        Assert.That(file["transposed"].Strides.ToArray(), Is.EqualTo(new long[] { 1, 6 }));
        file["base"].Fill(5);
        Assert.That(file["part"].ToArray<float>(), Is.All.EqualTo(5f));
    }

    [TestCase("refused_evil.pt", "'posix.system'", "no code")]
    [TestCase("refused_evil_legacy.pt", "'posix.system'", "no code")]
    [TestCase("refused_module.pt", "'torch.nn.modules.linear.Linear'", "torch.save(model.state_dict(), path)")]
    [TestCase("refused_array.pt", "'numpy.core.multiarray._reconstruct'", "torch.from_numpy(array)")]
    [TestCase("refused_sparse.pt", "_rebuild_sparse_tensor", "to_dense()")]
    [TestCase("refused_complex.pt", "'x' holds complex64", "Convert")]
    [TestCase("plain.npz", "without a data.pkl", "torch.save")]
    [TestCase("version2.npy", "neither like a zip file nor like a pickle", "torch.save")]
    public void Whatever_is_no_tensor_and_no_plain_container_is_refused_by_name(string name, string problem, string remedy)
    {
        Assert.That(() => PyTorchFile.Load(WeightFixtures.PathOf(name)), Throws.TypeOf<WeightFileException>()
            .With.Message.Contains(problem).And.Message.Contains(remedy).And.Message.Contains(name));
    }
}
