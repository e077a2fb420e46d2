using System.Text;
using MomentumCore.Kernels.Devices;

namespace MomentumCore.Engine;

/// <summary>Finds out what a file is by its first bytes, whatever its name says.</summary>
internal static class WeightFileFormats
{
    private const int HeadBytes = 512;

    private const string Readable =
        "Safetensors, its index, PyTorch's .pt and .pth, and NumPy's .npy and .npz are read.";

    public static WeightFile Load(string path, Device? device) => KindOf(path) switch
    {
        Kind.Index => ShardedSafetensors.Load(path, device),
        Kind.Safetensors => Safetensors.Load(path, device),
        Kind.PyTorch => PyTorchFile.Load(path, device),
        _ => NumPyFile.Load(path, device),
    };

    public static WeightFileSummary Inspect(string path) => KindOf(path) switch
    {
        Kind.Index => ShardedSafetensors.Inspect(path),
        Kind.Safetensors => Summary(Safetensors.Inspect(path)),
        Kind.PyTorch => PyTorchFile.Inspect(path),
        _ => NumPyFile.Inspect(path),
    };

    /// <summary>The format that a file's name asks for.</summary>
    public static WeightFormat ByName(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".safetensors" => WeightFormat.Safetensors,
        ".pt" or ".pth" or ".bin" or ".ckpt" => WeightFormat.PyTorch,
        ".npz" => WeightFormat.NumPyArchive,
        ".npy" => WeightFormat.NumPyArray,
        var other => throw new ArgumentException(
            $"'{path}' ends with '{other}', which names no format; use .safetensors, .pt, .pth, .npz or .npy.",
            nameof(path)),
    };

    private static WeightFileSummary Summary(SafetensorsHeader header) => new(
        Safetensors.FormatName,
        [.. header.Tensors.Select(Safetensors.Entry)],
        header.Metadata,
        header.HeaderBytes + header.DataBytes);

    private static Kind KindOf(string path) => WeightStream.Open(path, stream =>
    {
        byte[] head = new byte[HeadBytes];
        head = head[..stream.ReadAtLeast(head, HeadBytes, throwOnEndOfStream: false)];
        if (Starts(head, "PK"))
            return ZipKind(path, stream);
        if (Starts(head, "\u0093NUMPY"))
            return Kind.NumPy;
        if (head.Length > 8 && head[8] == '{' && !Starts(head, "{"))
            return Kind.Safetensors;
        if (head.Length > 1 && head[0] == 0x80 && head[1] is >= 2 and <= 5)
            return Kind.PyTorch;
        if (head.Length > 0 && Encoding.Latin1.GetString(head).TrimStart().StartsWith('{'))
            return Kind.Index;
        throw new WeightFileException(path, Problem(head), Readable);
    });

    private static Kind ZipKind(string path, Stream stream)
    {
        var zip = new ZipArchiveReader(path, stream);
        if (TorchZip.FolderOf(zip) != null)
            return Kind.PyTorch;
        return NumPyFile.IsArchive(zip)
            ? Kind.NumPy
            : throw new WeightFileException(
                path, "it is a zip file with neither a data.pkl nor arrays in it.", Readable);
    }

    /// <summary>What people hand in by mistake, told from each other.</summary>
    private static string Problem(byte[] head) =>
        head.Length == 0 ? "it is empty."
        : Starts(head, "version https://git-lfs")
            ? "it is a pointer of Git LFS, not the file itself (git lfs pull brings it)."
        : Starts(head, "<") ? "it is a web page, not the file that was to be downloaded."
        : Starts(head, "\u001f\u008b") ? "it is compressed by gzip; unpack it first."
        : Starts(head, "\u0089HDF") ? "it is an HDF5 file."
        : head.Length > 262 && head.AsSpan(257, 5).SequenceEqual("ustar"u8)
            ? "it is a tar file: of PyTorch before 0.1.10 (load it there and torch.save it again) or a packed folder " +
              "(unpack it)."
        : "it is in no format that is known here.";

    private static bool Starts(byte[] head, string start) =>
        head.AsSpan().StartsWith(Encoding.Latin1.GetBytes(start));

    private enum Kind
    {
        Index,
        Safetensors,
        PyTorch,
        NumPy,
    }
}
