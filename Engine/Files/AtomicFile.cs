namespace MomentumCore.Engine;

/// <summary>Writes files whole or not at all: a reader sees the old content or the new, never a half.</summary>
public static class AtomicFile
{
    /// <summary>
    /// Writes to a temporary file in the same folder, flushes it to the disk and renames it over
    /// <paramref name="path"/>. When anything fails, the old file stays as it was and the temporary one is removed.
    /// </summary>
    /// <param name="path">The file to replace or to make; its folder has to exist.</param>
    /// <param name="write">Writes the content.</param>
    /// <exception cref="IOException">The disk is full, the folder is missing, and so on.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        // A link stays a link: what it points to is replaced.
        string target = Path.GetFullPath(path);
        if (File.Exists(path) && File.ResolveLinkTarget(path, returnFinalTarget: true) is { } link)
            target = link.FullName;
        string temporary = $"{target}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, target, overwrite: true);
        }
        catch
        {
            if (File.Exists(temporary))
                File.Delete(temporary);
            throw;
        }
    }
}
