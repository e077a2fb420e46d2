namespace MomentumCore.Engine;

/// <summary>Opens weight files, and turns whatever goes wrong while they are read into one kind of error.</summary>
internal static class WeightStream
{
    // Readers and writers of every format run on the thread of the call that was given the token, and open their files here.
    [ThreadStatic]
    private static CancellationToken _cancellation;

    /// <summary>Does work whose files can be stopped between two pieces.</summary>
    public static T Until<T>(CancellationToken cancellation, Func<T> work)
    {
        cancellation.ThrowIfCancellationRequested();
        var before = _cancellation;
        _cancellation = cancellation;
        try
        {
            return work();
        }
        finally
        {
            _cancellation = before;
        }
    }

    public static T Open<T>(string path, Func<Stream, T> read)
    {
        RequirePath(path);
        RequireLittleEndian();
        if (Directory.Exists(path))
            throw new WeightFileException(path, "it is a folder.", "Name a weight file inside it.");
        // Opening a pipe would wait for someone to write into it.
        if (SpecialFile.CannotBeReadTwice(path))
        {
            throw new WeightFileException(
                path,
                "it is a pipe, socket or device, and weight files are read from several places.",
                "Write what comes out of it to a file first.");
        }

        try
        {
            using var stream = new CancellableFileStream(
                path, FileMode.Open, FileAccess.Read, FileShare.Read, _cancellation);
            return read(stream);
        }
        catch (EndOfStreamException error)
        {
            throw new WeightFileException(
                path, "it ends in the middle of something.", "It is cut off; download or save it again.", error);
        }
        catch (InvalidDataException error)
        {
            throw new WeightFileException(
                path,
                $"compressed data in it is damaged ({error.Message.TrimEnd('.')}).",
                "Download or save it again.",
                error);
        }
        catch (WeightFileException)
        {
            throw;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new WeightFileException(
                path,
                $"it cannot be read ({error.Message.TrimEnd('.')}).",
                "Check the path and that you may read it.",
                error);
        }
    }

    /// <summary>Writes a file whole or not at all, with the error of this room.</summary>
    public static void Write(string path, Action<Stream> write)
    {
        RequirePath(path);
        Write(path, () => AtomicFile.Write(path, write, _cancellation));
    }

    /// <summary>Writes a file that is named after its content; errors speak of the set that it belongs to.</summary>
    public static void WriteNamed(string setPath, string folder, Func<Stream, string> write) =>
        Write(setPath, () => AtomicFile.WriteNamed(folder, write, _cancellation));

    private static void Write(string path, Action write)
    {
        RequireLittleEndian();
        try
        {
            write();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new WeightFileException(
                path,
                $"it cannot be written ({error.Message.TrimEnd('.')}).",
                "What was there before is unchanged. Check that the folder exists, is writable and has room.",
                error);
        }
    }

    /// <summary>Refuses a null tensor by its name, before anything is written.</summary>
    public static void RequireTensors(IReadOnlyDictionary<string, Tensor> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        foreach (var (name, tensor) in tensors)
        {
            if (tensor == null)
                throw new ArgumentException($"Save: the tensor named '{name}' is null; leave it out.", nameof(tensors));
        }
    }

    private static void RequirePath(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (path.Length == 0)
            throw new ArgumentException("The path is empty; name a weight file.", nameof(path));
    }

    private static void RequireLittleEndian()
    {
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("Weight files are little-endian; this machine is not.");
    }
}
