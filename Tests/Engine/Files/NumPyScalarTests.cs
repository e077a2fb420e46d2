using System.Text;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine.Files;

/// <summary>Numbers that NumPy computed, in a file of PyTorch: plain ones are read, and nothing else of NumPy is.</summary>
[TestFixture]
internal sealed class NumPyScalarTests : FolderTests
{
    private string FilePath => Path.Combine(Folder, "file");

    [Test]
    public void Numbers_that_PyTorch_saved_are_what_NumPy_says()
    {
        using var file = PyTorchFile.Load(WeightFixtures.PathOf("numpy_scalars.pt"));
        var content = file.Content!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(content["f64"].Real, Is.EqualTo(0.1));
            Assert.That(content["f32"].Real, Is.EqualTo((double)0.1f));
            Assert.That(content["f16"].Real, Is.EqualTo((double)(Half)0.1f));
            Assert.That((long)content["i64"].Integer, Is.EqualTo(-1234567890123L));
            Assert.That((int)content["i8"].Integer, Is.EqualTo(-5));
            Assert.That((int)content["u8"].Integer, Is.EqualTo(250));
            Assert.That(content["bool"].Boolean, Is.True);
            Assert.That(content["big"].Real, Is.EqualTo(1.5), "the other byte order");
            Assert.That(file.Metadata["f64"], Is.EqualTo("0.1"));
            Assert.That(file["w"].ToArray<float>(), Is.EqualTo(new[] { 1f, 1f }));
        }
    }

    // dtype's name, its state, the bytes
    [TestCase("O8", Plain, 8, "numpy.dtype")]
    [TestCase("V8", Plain, 8, "numpy.dtype")]
    [TestCase("M8", Plain, 8, "numpy.dtype")]
    [TestCase("S8", Plain, 8, "numpy.dtype")]
    [TestCase("f8888888888", Plain, 8, "numpy.dtype")]
    [TestCase("c16", Plain, 16, "numpy.dtype")]
    [TestCase("f8", Plain, 7, "numpy.core.multiarray.scalar")]
    [TestCase("f8", Plain, 16, "numpy.core.multiarray.scalar")]
    [TestCase("f8", Plain, 0, "numpy.core.multiarray.scalar")]
    [TestCase("f8", "(K\u0003X\u0001\0\0\0<]NNt", 8, "sets attributes")]
    [TestCase("f8", "(K\u0003X\u0001\0\0\0<N]Nt", 8, "sets attributes")]
    [TestCase("f8", "(K\u0003K\u0001NNNt", 8, "sets attributes")]
    [TestCase("f8", "N", 8, "sets attributes")]
    [TestCase("f8", "()t", 8, "sets attributes")]
    public void Whatever_is_no_plain_number_is_refused(string code, string state, int bytes, string problem)
    {
        Write(Scalar(code, state, bytes));
        Assert.That(Hostile.Open(FilePath, code)?.Message, Does.Contain(problem));
    }

    [Test]
    public void A_number_is_not_called_and_a_type_is_no_container()
    {
        Write(Scalar("f8", Plain, 8));
        Assert.That(Hostile.Open(FilePath, "as it should be"), Is.Null);
        Write("cnumpy.core.multiarray\nscalar\n(K\u0001U\b12345678tR");
        Assert.That(Hostile.Open(FilePath, "a number for a type"), Is.Not.Null);
        Write("cnumpy\ndtype\n)R");
        Assert.That(Hostile.Open(FilePath, "no name"), Is.Not.Null);
        Write($"{Type("f8", Plain)}(K\u0001tR");
        Assert.That(Hostile.Open(FilePath, "a type that is called"), Is.Not.Null);
        Write($"{Type("f8", Plain)}(X\u0001\0\0\0aK\u0001u");
        Assert.That(Hostile.Open(FilePath, "a type with items"), Is.Not.Null);
        Write(Type("f8", Plain));
        Assert.That(Hostile.Open(FilePath, "a type alone"), Is.Null, "it becomes text");
    }

    private const string Plain = "(K\u0003X\u0001\0\0\0<NNNJ\u00ff\u00ff\u00ff\u00ffJ\u00ff\u00ff\u00ff\u00ffK\0t";

    private static string Type(string code, string state) =>
        $"cnumpy\ndtype\n(X{(char)code.Length}\0\0\0{code}\u0089\u0088tR{state}b";

    private static string Scalar(string code, string state, int bytes) =>
        $"cnumpy.core.multiarray\nscalar\n({Type(code, state)}c_codecs\nencode\n" +
        $"(X{(char)bytes}\0\0\0{new string('a', bytes)}X\u0006\0\0\0latin1tRtR";

    /// <summary>A file of the old format: {"x": value} and no storages.</summary>
    private void Write(string value)
    {
        using var stream = File.Create(FilePath);
        stream.Write(Latin1("\u0080\u0002\u008a\n\u006c\u00fc\u009c\u0046\u00f9\u0020\u006a\u00a8\u0050\u0019."));
        stream.Write(Latin1("\u0080\u0002M\u00e9\u0003.\u0080\u0002}."));
        stream.Write(Latin1($"\u0080\u0002}}(X\u0001\0\0\0x{value}u."));
        stream.Write(Latin1("\u0080\u0002]."));
    }

    private static byte[] Latin1(string text) => Encoding.Latin1.GetBytes(text);
}
