using FsCheck;
using FsCheck.Fluent;

namespace MomentumCore.Tests.Engine.Files;

/// <summary>What holds for every set of tensors and every file.</summary>
[TestFixture]
internal sealed class SafetensorsLawTests
{
    private static readonly DType[] Types = Enum.GetValues<DType>();

    private static readonly Gen<Entry> Entries =
        from type in Gen.Elements(Types)
        from rank in Gen.Choose(0, 4)
        from sizes in Gen.ArrayOf(Gen.Choose(0, 4), rank)
        from name in Gen.ArrayOf(Gen.Elements("weight", ".", "0", "\"", "\\", "é", "\u0000", "雪", "{", " "), 5)
        select new Entry(string.Concat(name), type, sizes);

    private string _path = "";

    [SetUp]
    public void MakeFile() => _path = Path.GetTempFileName();

    [TearDown]
    public void RemoveFile() => File.Delete(_path);

    [Test]
    public void What_was_saved_is_loaded() =>
        Prop.ForAll(Gen.ListOf(Entries).ToArbitrary(), entries =>
        {
            using var scope = TensorScope.Begin();
            var tensors = entries.DistinctBy(e => e.Name).ToDictionary(e => e.Name, e => e.Make());
            Safetensors.Save(_path, tensors);
            using var loaded = Safetensors.Load(_path);
            Assert.That(loaded.Keys, Is.EqualTo(tensors.Keys));
            Assert.That(loaded.Values.Select(Describe), Is.EqualTo(tensors.Values.Select(Describe)));
            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(60));

    [Test]
    public void Any_bytes_load_or_are_refused_as_a_damaged_file() =>
        Prop.ForAll<byte[]>(bytes =>
        {
            // A plausible length, so that the header is read.
            File.WriteAllBytes(_path, [(byte)bytes.Length, 0, 0, 0, 0, 0, 0, 0, (byte)'{', .. bytes]);
            try
            {
                Safetensors.Load(_path).Dispose();
            }
            catch (WeightFileException error)
            {
                Assert.That(error.Path, Is.EqualTo(_path));
            }

            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    private static string Describe(Tensor tensor) =>
        $"{tensor.DType} {tensor.Shape} {string.Join(' ', Support.TestTensors.Values(tensor))}";

    private sealed record Entry(string Name, DType Type, int[] Sizes)
    {
        public Tensor Make() => Tensor.Arange(0, Sizes.Aggregate(1, (a, b) => a * b)).Reshape(Sizes).To(Type);
    }
}
