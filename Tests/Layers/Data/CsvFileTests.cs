using MomentumCore.Layers;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Layers.Data;

/// <summary>The CSV reader: layouts, and errors that name line and column.</summary>
[TestFixture]
internal sealed class CsvFileTests
{
    private TemporaryFiles _files = null!;

    [SetUp]
    public void MakeFolder() => _files = new TemporaryFiles();

    [TearDown]
    public void RemoveFolder() => _files.Dispose();

    [TestCase("1,2,3\n4,5,6\n")]
    [TestCase("1,2,3\n4,5,6")]
    [TestCase("1,2,3\r\n4,5,6\r\n")]
    [TestCase("1,2,3\r4,5,6\r")]
    [TestCase("\n1,2,3\n\n\n4,5,6\n\n")]
    [TestCase("\"1\",\"2\",3\n4,\"5\",\"6\"\n")]
    [TestCase(" 1 , 2.0 , 30e-1\n+4,5.,6\n")]
    [TestCase("\uFEFF1,2,3\n4,5,6\n")]
    public void Layouts_that_mean_the_same_read_the_same(string text)
    {
        using var scope = TensorScope.Begin();
        foreach (byte[] content in new[] { System.Text.Encoding.UTF8.GetBytes(text), TemporaryFiles.Pack(System.Text.Encoding.UTF8.GetBytes(text)) })
        {
            var table = CsvFile.Read(_files.Write("a.csv", content));
            Assert.That(table.Features.Shape, Is.EqualTo(Shape.Create([2, 3])));
            Assert.That(table.Features.Values(), Is.EqualTo(new double[] { 1, 2, 3, 4, 5, 6 }));
            Assert.That(table.Labels, Is.Null);
            Assert.That(table.Columns, Is.Empty);
        }
    }

    [TestCase(0, new[] { "b", "c, \"d\"" }, new double[] { 2, 3, 5, 6 }, new double[] { 1, 4 })]
    [TestCase(-1, new[] { "a", "b" }, new double[] { 1, 2, 4, 5 }, new double[] { 3, 6 })]
    [TestCase(1, new[] { "a", "c, \"d\"" }, new double[] { 1, 3, 4, 6 }, new double[] { 2, 5 })]
    public void A_header_names_the_columns_and_any_column_can_be_the_label(
        int label, string[] names, double[] features, double[] labels)
    {
        using var scope = TensorScope.Begin();
        string path = _files.Write("a.csv", "a,b,\"c, \"\"d\"\"\"\n1,2,3\n4,5,6\n");
        var table = CsvFile.Read(
            path, new CsvOptions { HasHeader = true, LabelColumn = label, FeatureType = DType.Float64 });
        Assert.That(table.Columns, Is.EqualTo(names));
        Assert.That(table.Features.Values(), Is.EqualTo(features));
        Assert.That(table.Features.DType, Is.EqualTo(DType.Float64));
        Assert.That(table.Labels!.Values(), Is.EqualTo(labels));
        Assert.That(table.Labels!.DType, Is.EqualTo(DType.Int64));
    }

    [Test]
    public void Another_separator_and_labels_that_are_values()
    {
        using var scope = TensorScope.Begin();
        var table = CsvFile.Read(
            _files.Write("a.csv", "1;0.5\n2;-1e-3\n"),
            new CsvOptions { Separator = ';', LabelColumn = 1, LabelType = DType.Float64 });
        Assert.That(table.Labels!.Values(), Is.EqualTo(new[] { 0.5, -1e-3 }));
    }

    [TestCase("1,2\n3,x4\n", "'x4' in line 2, column 2", "a finite number")]
    [TestCase("1,2\n3,\n", "'' in line 2, column 2", "a finite number")]
    [TestCase("1,2\n\n\nNaN,4\n", "'NaN' in line 4, column 1", "a finite number")]
    [TestCase("1,2\n1e999,4\n", "'1e999' in line 2, column 1", "a finite number")]
    [TestCase("1,2\n3\n", "1 fields in line 2", "2, as in the first row")]
    [TestCase("1,2\n3,4,5\n", "3 fields in line 2", "2, as in the first row")]
    [TestCase("1,2\n3,\"4\n", "a quote opened in line 2 and never closed", "a closing quote")]
    [TestCase("1,2\n3,\"4\"5\n", "text after the closing quote of field 2, line 2", "a separator")]
    [TestCase("1,2\n3,4\"5\n", "a quote in the middle of field 2, line 2", "quotes around a whole field")]
    [TestCase("a,b\n1,2\n", "'a' in line 1, column 1", "HasHeader = true")]
    [TestCase("", "no rows", "at least one row")]
    [TestCase("\n\n", "no rows", "at least one row")]
    public void Bad_content_is_named_with_its_place(string text, string found, string wanted)
    {
        string path = _files.Write("bad.csv", text);
        var error = Assert.Throws<DataFileException>(() => CsvFile.Read(path))!;
        Assert.That(error.Message, Does.Contain(path).And.Contain(found).And.Contain(wanted));
        Assert.That((error.File, error.Found.Length > 0, error.Wanted.Length > 0), Is.EqualTo((path, true, true)));
    }

    [Test]
    public void A_line_break_inside_quotes_counts_as_a_line_but_not_as_a_row()
    {
        string path = _files.Write("a.csv", "\"a\nb\",c\n1,2\n3,oops\n");
        Assert.That(
            () => CsvFile.Read(path, new CsvOptions { HasHeader = true }),
            Throws.TypeOf<DataFileException>().With.Message.Contains("line 4, column 2 (c)"));
    }

    [Test]
    public void A_label_that_is_no_class_or_no_column_is_an_error()
    {
        string path = _files.Write("a.csv", "1,2\n3,4.5\n");
        Assert.That(
            () => CsvFile.Read(path, new CsvOptions { LabelColumn = 1 }),
            Throws.TypeOf<DataFileException>().With.Message.Contains("'4.5' in line 2, column 2")
                .And.Message.Contains("whole number"));
        Assert.That(
            () => CsvFile.Read(path, new CsvOptions { LabelColumn = 2 }),
            Throws.TypeOf<DataFileException>().With.Message.Contains("2 columns").And.Message.Contains("column 2"));
    }

    [Test]
    public void Bytes_that_are_no_text_are_an_error()
    {
        string path = _files.Write("a.csv", [(byte)'1', (byte)'\n', 0xFF, 0xFE, 0xC0]);
        Assert.That(() => CsvFile.Read(path), Throws.TypeOf<DataFileException>().With.Message.Contains("UTF-8"));
    }

    [Test]
    public void A_field_that_never_ends_is_refused_within_bounded_memory()
    {
        string path = _files.Write("a.csv.gz", TemporaryFiles.Pack([.. Enumerable.Repeat((byte)'7', 20_000_000)]));
        Assert.That(
            () => CsvFile.Read(path), Throws.TypeOf<DataFileException>().With.Message.Contains("a row of more than"));
    }

    [Test]
    public void A_packed_table_cut_at_any_byte_is_an_error()
    {
        byte[] whole = TemporaryFiles.Pack(System.Text.Encoding.UTF8.GetBytes("1,2,3\n4,5,6\n7,8,9\n"));
        for (int length = 0; length < whole.Length; length++)
        {
            string path = _files.Write("cut.csv.gz", whole[..length]);
            Assert.That(() => CsvFile.Read(path), Throws.TypeOf<DataFileException>(), $"cut at {length}");
        }
    }

    [Test]
    public void Damaged_bytes_give_an_error_or_a_table_never_anything_else([Values] bool packed)
    {
        byte[] plain = System.Text.Encoding.UTF8.GetBytes("a,\"b\"\n1.5,2\n-3,4e1\n");
        byte[] whole = packed ? TemporaryFiles.Pack(plain) : plain;
        var random = new Random(7);
        int refused = 0;
        for (int round = 0; round < 600; round++)
        {
            byte[] damaged = [.. whole];
            for (int flips = random.Next(1, 4); flips > 0; flips--)
                damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            string path = _files.Write("damaged.csv", damaged);
            using var scope = TensorScope.Begin();
            try
            {
                CsvFile.Read(path, new CsvOptions { HasHeader = true });
            }
            catch (DataFileException)
            {
                refused++;
            }
        }

        Assert.That(refused, Is.InRange(1, 599));
    }

    [Test]
    public void The_bundled_digits_read_as_1797_rows_of_64_pixels_and_a_class()
    {
        using var scope = TensorScope.Begin();
        string path = Path.Combine(House.Repository.Root, "Samples", "Data", "digits.csv.gz");
        var table = CsvFile.Read(path, new CsvOptions { LabelColumn = -1 });
        Assert.That(table.Features.Shape, Is.EqualTo(Shape.Create([1797, 64])));
        Assert.That(table.Features.Values(), Is.All.InRange(0, 16));
        Assert.That(table.Labels!.Values(), Is.All.InRange(0, 9));
        Assert.That(table.Labels!.Values().Distinct().Count(), Is.EqualTo(10));
    }
}
