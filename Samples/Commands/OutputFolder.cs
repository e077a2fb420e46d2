using System.Text;
using MomentumCore.Engine;

namespace MomentumCore.Samples;

/// <summary>
/// The folder that --out names: checked before the work starts, and each file in it written whole or not at all.
/// </summary>
internal sealed class OutputFolder
{
    /// <summary>The name of a training's checkpoint.</summary>
    public const string CheckpointName = "checkpoint.safetensors";

    private OutputFolder(string path) => FullPath = path;

    /// <summary>Where it is.</summary>
    public string FullPath { get; }

    /// <summary>
    /// Makes the folder and checks that files can be made in it, so that hours of work are not lost at their end.
    /// </summary>
    /// <exception cref="UserErrorException">They cannot.</exception>
    public static OutputFolder Open(string path)
    {
        try
        {
            string full = Path.GetFullPath(path);
            Directory.CreateDirectory(full);
            string probe = Path.Combine(full, $".probe-{Guid.NewGuid():N}");
            try
            {
                File.WriteAllText(probe, "can be written");
            }
            finally
            {
                // On a full disk it is there, and empty.
                File.Delete(probe);
            }

            return new OutputFolder(full);
        }
        catch (Exception problem) when (
            problem is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new UserErrorException(
                $"--out: cannot write in '{path}' ({problem.Message.TrimEnd('.')}); name a folder that is writable " +
                "and has room.",
                inner: problem);
        }
    }

    /// <summary>Where a training's checkpoint is.</summary>
    public string CheckpointPath => PathOf(CheckpointName);

    /// <summary>Where a file of that name is.</summary>
    public string PathOf(string name) => Path.Combine(FullPath, name);

    /// <summary>Replaces a text file.</summary>
    /// <exception cref="UserErrorException">It cannot be written; what was there before is unchanged.</exception>
    public void Write(string name, string text)
    {
        try
        {
            AtomicFile.Write(PathOf(name), stream => stream.Write(Encoding.UTF8.GetBytes(text)));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException(
                $"--out: cannot write '{PathOf(name)}' ({problem.Message.TrimEnd('.')}); what was there before is " +
                "unchanged. " +
                "Make room, or name another folder.",
                inner: problem);
        }
    }
}
