using System.Text;

namespace MomentumCore.Tests.Samples;

/// <summary>Small sets of images in the formats of real ones, for tests.</summary>
internal static class MadeImages
{
    /// <summary>CIFAR-100's two files with names: coarse class, fine class, picture.</summary>
    public static void Cifar100(string folder)
    {
        Directory.CreateDirectory(Path.Combine(folder, "cifar-100-binary"));
        var random = new Random(1);
        foreach (var (name, count) in new[] { ("train", 16), ("test", 8) })
        {
            var file = new MemoryStream();
            for (int record = 0; record < count; record++)
            {
                file.WriteByte((byte)(record % 20));
                file.WriteByte((byte)(99 - record));
                byte[] pixels = new byte[3072];
                random.NextBytes(pixels);
                file.Write(pixels);
            }

            File.WriteAllBytes(Path.Combine(folder, "cifar-100-binary", name + ".bin"), file.ToArray());
        }
    }

    /// <summary>
    /// CIFAR-10 as it is unpacked, byte for byte but for the number of records: eight in each file; a class is a colour.
    /// </summary>
    public static void Cifar10(string folder)
    {
        string inside = Path.Combine(folder, "cifar-10-batches-bin");
        Directory.CreateDirectory(inside);
        File.WriteAllText(Path.Combine(inside, "batches.meta.txt"), "airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n");
        File.WriteAllText(Path.Combine(inside, "readme.html"), "<meta HTTP-EQUIV=\"REFRESH\" content=\"0; url=https://www.cs.toronto.edu/~kriz/cifar.html\">\n");
        var random = new Random(1);
        foreach (string name in Enumerable.Range(1, 5).Select(i => $"data_batch_{i}").Append("test_batch"))
        {
            var file = new MemoryStream();
            for (int record = 0; record < 8; record++)
            {
                byte label = (byte)(record % 4);
                file.WriteByte(label);
                for (int i = 0; i < 3072; i++)
                    file.WriteByte((byte)((i / 1024 == label ? 200 : 40) + random.Next(40)));
            }

            File.WriteAllBytes(Path.Combine(inside, name + ".bin"), file.ToArray());
        }
    }

    /// <summary>PNG and JPEG pictures that Pillow and others wrote, in two classes.</summary>
    public static void PicturesOfManyKinds(string folder)
    {
        string images = Path.Combine(TestContext.CurrentContext.TestDirectory, "Fixtures", "images");
        string[][] classes =
        [
            ["full.jpg", "half.jpg", "progressive.jpg", "grey.jpg", "colour0_depth16.png", "colour3_depth4.png"],
            ["wide.jpg", "restarts.jpg", "progressive_grey.jpg", "colour2_depth8_interlaced.png", "colour6_depth16.png", "pillow.png"],
        ];
        foreach (string part in new[] { "train", "val" })
        {
            for (int c = 0; c < classes.Length; c++)
            {
                string path = Directory.CreateDirectory(Path.Combine(folder, part, $"class{c}")).FullName;
                foreach (string name in classes[c])
                    File.Copy(Path.Combine(images, name), Path.Combine(path, name));
            }
        }
    }

    /// <summary>Pictures of three classes in folders, for training and test.</summary>
    public static void Pictures(string folder, int[]? sizes = null)
    {
        foreach (string part in new[] { "train", "test" })
        {
            for (int c = 0; c < 3; c++)
            {
                string path = Path.Combine(folder, part, $"class{c}");
                Directory.CreateDirectory(path);
                for (int i = 0; i < 4; i++)
                {
                    int size = sizes?[i % sizes.Length] ?? 16;
                    byte[] pixels = [.. Enumerable.Range(0, size * size * 3).Select(p => (byte)(p % 3 == c ? 220 - i : 30 + i))];
                    File.WriteAllBytes(Path.Combine(path, $"{i}.ppm"), [.. Encoding.ASCII.GetBytes($"P6\n{size} {size}\n255\n"), .. pixels]);
                }
            }
        }
    }
}
