namespace MomentumCore.Engine;

/// <summary>Writes files whole or not at all: a reader sees the old content or the new, never a half.</summary>
public static class AtomicFile
{
    /// <summary>
    /// Writes to a temporary file in the same folder, flushes it to the disk and renames it over
    /// <paramref name="path"/>. When anything fails, the old file stays as it was and the temporary one is removed.
    /// </summary>
    /// <remarks>
    /// A link stays a link: the file that it points to is replaced, or made. A replaced file keeps its permissions.
    /// A device, pipe or socket, such as <c>/dev/stdout</c>, is not replaced: the content is written to it as it comes.
    /// </remarks>
    /// <param name="path">The file to replace or to make; its folder has to exist.</param>
    /// <param name="write">Writes the content, from the first byte to the last; it cannot seek.</param>
    /// <param name="cancellation">Stops it before each piece that is written; the old file then stays as it was.</param>
    /// <exception cref="IOException">The disk is full, the folder is missing, the path is that of a folder, and so on.
    /// </exception>
    /// <exception cref="UnauthorizedAccessException">The folder or device may not be written to.</exception>
    /// <exception cref="OperationCanceledException">Stopped.</exception>
    public static void Write(string path, Action<Stream> write, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        if (SpecialFile.Is(path))
        {
            Append(path, write, cancellation);
            return;
        }

        string target = Target(path);
        if (Directory.Exists(target))
            throw new IOException($"'{path}' is a folder; name a file inside it");
        Replace($"{target}.{Guid.NewGuid():N}.tmp", path, stream =>
        {
            write(stream);
            return target;
        }, cancellation);
    }

    /// <summary>
    /// As <see cref="Write"/>, for a file that is named after its content, which is known when it is written.
    /// </summary>
    /// <param name="folder">Where the file goes; it has to exist.</param>
    /// <param name="write">Writes the content and says the file's name.</param>
    /// <param name="cancellation">Stops it before each piece that is written.</param>
    internal static void WriteNamed(
        string folder, Func<Stream, string> write, CancellationToken cancellation = default) =>
        Replace(
            Path.Combine(folder, $"{Guid.NewGuid():N}.tmp"), folder, stream => Path.Combine(folder, write(stream)),
            cancellation);

    /// <summary>Writes to a temporary file, which then takes the name that <paramref name="write"/> gives.</summary>
    /// <param name="temporary">The temporary file.</param>
    /// <param name="wanted">What errors name in its place: what the caller asked for.</param>
    /// <param name="write">Writes the content and says the file's name.</param>
    /// <param name="cancellation">Stops it.</param>
    private static void Replace(
        string temporary, string wanted, Func<Stream, string> write, CancellationToken cancellation)
    {
        try
        {
            string target;
            using (var stream = new CancellableFileStream(
                temporary, FileMode.CreateNew, FileAccess.Write, FileShare.Read, cancellation))
            {
                target = write(stream);
                stream.Flush(flushToDisk: true);
            }

            cancellation.ThrowIfCancellationRequested();

            if (!OperatingSystem.IsWindows() && File.Exists(target))
                File.SetUnixFileMode(temporary, File.GetUnixFileMode(target));
            File.Move(temporary, target, overwrite: true);
        }
        catch (ArgumentOutOfRangeException error) when (error.ParamName == "value")
        {
            // What .NET makes of EFBIG: no argument was wrong, the system takes no more bytes.
            Remove(temporary);
            throw new IOException(
                "The file would be larger than the file system, or the limit of this process (ulimit -f), allows",
                error);
        }
        catch (IOException error) when (error.Message.Contains(temporary, StringComparison.Ordinal))
        {
            Remove(temporary);
            string message = error.Message.Replace(temporary, wanted, StringComparison.Ordinal);
            throw error is DirectoryNotFoundException
                ? new DirectoryNotFoundException(message, error)
                : new IOException(message, error);
        }
        catch (UnauthorizedAccessException error) when (error.Message.Contains(temporary, StringComparison.Ordinal))
        {
            Remove(temporary);
            throw new UnauthorizedAccessException(
                error.Message.Replace(temporary, wanted, StringComparison.Ordinal), error);
        }
        catch
        {
            Remove(temporary);
            throw;
        }
    }

    private static void Remove(string temporary)
    {
        if (File.Exists(temporary))
            File.Delete(temporary);
    }

    private static void Append(string path, Action<Stream> write, CancellationToken cancellation)
    {
        using var stream = new CancellableFileStream(
            path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, cancellation);
        // Standard output may be a file that holds something already.
        if (stream.CanSeek)
            stream.Seek(0, SeekOrigin.End);
        write(stream);
        stream.Flush();
    }

    /// <summary>Where a link leads in the end, whether that exists or not; the path itself when it is none.</summary>
    private static string Target(string path) =>
        new FileInfo(path) is { LinkTarget: not null } link
            && link.ResolveLinkTarget(returnFinalTarget: true) is { } end
            ? end.FullName
            : Path.GetFullPath(path);
}
