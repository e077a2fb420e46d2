namespace MomentumCore.Tests.Engine.Files;

/// <summary>Files of NumPy are read bit for bit, whatever their order, byte order and version.</summary>
[TestFixture]
internal sealed class NumPyFileTests
{
    private static IEnumerable<string> Files() => WeightFixtures.Names(".npy").Concat(WeightFixtures.Names(".npz"));

    [TestCaseSource(nameof(Files))]
    public void What_NumPy_saved_is_read_bit_for_bit(string name)
    {
        long before = Device.Cpu.Memory.LiveBytes;
        using (var file = NumPyFile.Load(WeightFixtures.PathOf(name)))
            WeightFixtures.AssertHolds(name, file);
        Assert.That(Device.Cpu.Memory.LiveBytes, Is.EqualTo(before), "bytes left over");
    }

    [Test]
    public void Inspect_tells_types_in_the_words_of_NumPy()
    {
        var summary = NumPyFile.Inspect(WeightFixtures.PathOf("plain.npz"));
        var entry = summary.Tensors.Single(t => t.Name == "swapped");
        Assert.That(summary.Format, Is.EqualTo("NumPy archive"));
        Assert.That(entry.ElementType, Is.EqualTo(">f8"));
        Assert.That(entry.Shape, Is.EqualTo(new long[] { 2 }));
        Assert.That(entry.Bytes, Is.EqualTo(16));
        Assert.That(entry.DType, Is.EqualTo(DType.Float64));
    }

    [TestCase("refused_object.npy", "'|O'")]
    [TestCase("refused_text.npy", "'<U1'")]
    [TestCase("refused_complex.npy", "'<c16'")]
    public void Objects_text_and_complex_numbers_are_refused(string name, string type) =>
        Assert.That(
            () => NumPyFile.Load(WeightFixtures.PathOf(name)),
            Throws.TypeOf<WeightFileException>().With.Message.Contains($"holds {type}"));

    [TestCase("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", null)]
    [TestCase("{\"shape\": ( 1 , ),'fortran_order':False, 'descr':'<f4'}", null)]
    [TestCase("{'descr': '<f4', 'fortran_order': False, 'shape': (1L,), }", null)]
    [TestCase("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", "does not fill its 4 bytes")]
    [TestCase("{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 9223372036854775807), }", "does not fill")]
    [TestCase("{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775808,), }", "is no dictionary of")]
    [TestCase("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", "is no dictionary of")]
    [TestCase("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), } + open('x')", "is no dictionary of")]
    [TestCase("{'descr': '<f4', 'fortran_order': 0, 'shape': (1,), }", "is no dictionary of")]
    [TestCase("{'descr': '<f4', 'shape': (1,), }", "is no dictionary of")]
    [TestCase("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", "is no dictionary of")]
    [TestCase("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", "('a', '<f4')")]
    [TestCase("{'descr': '<M8[s]', 'fortran_order': False, 'shape': (1,), }", "'<M8[s]'")]
    [TestCase("{{{{{{{{{{{{{{{{{{{{{{{{{", "is no dictionary of")]
    [TestCase("[[[[[[[[[[[[[[[[[[[[[[[[[[", "is no dictionary of")]
    public void A_header_is_read_as_what_it_is_and_nothing_in_it_is_evaluated(string header, string? problem)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(
                path, [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. System.Text.Encoding.ASCII.GetBytes(header), 0, 0, 0x80, 0x3F]);
            if (problem == null)
            {
                using var file = NumPyFile.Load(path);
                Assert.That(file.Values.Single().ToArray<float>(), Is.EqualTo(new[] { 1f }));
            }
            else
            {
                Assert.That(() => NumPyFile.Load(path), Throws.TypeOf<WeightFileException>().With.Message.Contains(problem));
            }
        }
        finally
        {
            File.Delete(path);
        }
    }
}
