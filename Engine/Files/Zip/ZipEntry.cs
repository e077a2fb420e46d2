namespace MomentumCore.Engine;

/// <summary>What a zip file says about one of its entries, checked against the file.</summary>
/// <param name="Name">The name; it is only ever a name, never a path to write to.</param>
/// <param name="IsDeflated">Compressed, or stored as it is.</param>
/// <param name="Crc">The checksum of the content.</param>
/// <param name="StoredBytes">The bytes it takes in the file.</param>
/// <param name="Bytes">The bytes of the content.</param>
/// <param name="Header">Where its local header begins in the file.</param>
internal sealed record ZipEntry(string Name, bool IsDeflated, uint Crc, long StoredBytes, long Bytes, long Header)
{
    /// <summary>Where its bytes begin in the file.</summary>
    public long Start { get; set; }
}
