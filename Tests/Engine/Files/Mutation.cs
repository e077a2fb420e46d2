using System.IO.Compression;

namespace MomentumCore.Tests.Engine.Files;

/// <summary>Damages files at random: bytes, numbers that lie, pieces cut out, doubled or taken from elsewhere.</summary>
internal sealed class Mutation(Random random)
{
    private static readonly long[] Liars =
    [
        0, 1, -1, 2, 0x7F, 0x80, 0xFF, 0xFFFF, 0x10000, int.MaxValue, 1L << 31, uint.MaxValue, 1L << 32, long.MaxValue, long.MinValue,
        1L << 62, (1L << 61) + 1,
    ];

    /// <summary>A damaged copy of some bytes.</summary>
    public byte[] Bytes(byte[] source)
    {
        var bytes = source.ToList();
        for (int changes = random.Next(1, 5); changes > 0 && bytes.Count > 0; changes--)
            Change(bytes);
        return [.. bytes];
    }

    /// <summary>
    /// A copy of a zip file with one entry damaged and all sizes and checksums right, so that the damage is met inside.
    /// </summary>
    public byte[] Entry(byte[] zipFile)
    {
        var written = new MemoryStream();
        using (var zip = new ZipArchive(new MemoryStream(zipFile)))
        {
            // Mostly the first entry, which is the pickle or an array's header.
            int damaged = random.Next(3) > 0 ? 0 : random.Next(zip.Entries.Count);
            var writer = new ZipArchiveWriter(written);
            for (int i = 0; i < zip.Entries.Count; i++)
            {
                var content = new MemoryStream();
                using (var source = zip.Entries[i].Open())
                    source.CopyTo(content);
                writer.Add(zip.Entries[i].FullName, i == damaged ? Bytes(content.ToArray()) : content.ToArray());
            }

            writer.Finish();
        }

        return written.ToArray();
    }

    private void Change(List<byte> bytes)
    {
        int at = random.Next(bytes.Count), length = Math.Min(random.Next(1, 20), bytes.Count - at);
        switch (random.Next(8))
        {
            case 0: bytes[at] = (byte)random.Next(256); break;
            case 1: bytes[at] ^= (byte)(1 << random.Next(8)); break;
            case 2: Overwrite(bytes, at, Liars[random.Next(Liars.Length)], 1 << random.Next(4)); break;
            case 3: bytes.RemoveRange(at, length); break;
            case 4: bytes.InsertRange(at, bytes.GetRange(at, length)); break;
            case 5: bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length)); break;
            case 6: bytes[at] = "(.)]}aebRQtu0123456789\"[{,:qhjr\u0080\u0081\u0085\u0086\u0087\u008a"u8[random.Next(32)]; break;
            default:
                if (random.Next(4) == 0)
                    bytes.RemoveRange(at, bytes.Count - at);
                break;
        }
    }

    private static void Overwrite(List<byte> bytes, int at, long value, int size)
    {
        for (int i = 0; i < size && at + i < bytes.Count; i++)
            bytes[at + i] = (byte)(value >> (8 * i));
    }
}
