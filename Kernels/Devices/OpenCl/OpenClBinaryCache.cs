using System.Security.Cryptography;
using System.Text;

namespace MomentumCore.Kernels.Devices.OpenCl;

/// <summary>Keeps what drivers have compiled on disk, so that only a program's very first run waits for compilers.</summary>
/// <remarks>
/// One file for each program, named by a hash of everything that the binary depends on. A file that is cut, damaged or
/// belongs to something else counts as missing; a folder that cannot be written is no error.
/// </remarks>
internal sealed class OpenClBinaryCache(string? folder)
{
    /// <summary>Names another folder for the cache, or switches it off: <c>off</c>, <c>0</c>, <c>false</c>, <c>no</c>, <c>none</c>.</summary>
    public const string EnvironmentVariable = "MOMENTUM_OPENCL_CACHE";

    private const int HashBytes = SHA256.HashSizeInBytes;

    /// <summary>Magic, key, hash of the binary.</summary>
    private const int HeaderBytes = 8 + (2 * HashBytes);

    private static readonly TimeSpan Unused = TimeSpan.FromDays(60);

    private static readonly string[] Off = ["off", "0", "false", "no", "none"];

    private bool _pruned;

    /// <summary>The cache of the user who runs this program, for a device.</summary>
    /// <remarks>
    /// PoCL keeps what it compiles itself; asked for a binary, it compiles every kernel of a program a second time, for
    /// any group size. So its binaries are kept only where the user names a folder.
    /// </remarks>
    public static OpenClBinaryCache OfUser(OpenClFacts facts)
    {
        string? setting = Environment.GetEnvironmentVariable(EnvironmentVariable);
        return new(string.IsNullOrWhiteSpace(setting) && facts.KeepsPrograms ? null : Folder(setting));
    }

    /// <summary>Whether it keeps anything.</summary>
    public bool IsOn => folder != null;

    private static ReadOnlySpan<byte> Magic => "MCclbin1"u8;

    /// <summary>The hash of all that a binary depends on.</summary>
    public static byte[] Key(string source, string options, OpenClFacts facts) => SHA256.HashData(
        Encoding.UTF8.GetBytes(string.Join('\0', facts.Name, facts.Version, facts.Driver, options, source)));

    /// <summary>Where the cache lives for a value of <see cref="EnvironmentVariable"/>; null when it is off.</summary>
    public static string? Folder(string? setting)
    {
        if (setting != null && Off.Contains(setting.Trim(), StringComparer.OrdinalIgnoreCase))
            return null;
        if (!string.IsNullOrWhiteSpace(setting))
            return setting;
        string? root = OperatingSystem.IsWindows()
            ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
            : Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        if (string.IsNullOrEmpty(root) || !Path.IsPathRooted(root))
        {
            string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            if (home.Length == 0)
                return null;
            root = OperatingSystem.IsMacOS() ? Path.Combine(home, "Library", "Caches") : Path.Combine(home, ".cache");
        }

        return Path.Combine(root, "momentum-core", "opencl");
    }

    /// <summary>The binary of that key, or null.</summary>
    public byte[]? Load(byte[] key)
    {
        if (folder == null)
            return null;
        try
        {
            string path = PathOf(key);
            // Whoever opens a pipe waits for its writer; it has no length, and a link may lead to one.
            var entry = new FileInfo(path);
            if (!entry.Exists || entry.Length <= HeaderBytes || entry.Attributes.HasFlag(FileAttributes.ReparsePoint))
                return null;
            byte[] file = File.ReadAllBytes(path);
            if (file.Length <= HeaderBytes || !file.AsSpan().StartsWith(Magic)
                || !file.AsSpan(Magic.Length, HashBytes).SequenceEqual(key)
                || !SHA256.HashData(file.AsSpan(HeaderBytes)).AsSpan().SequenceEqual(file.AsSpan(Magic.Length + HashBytes, HashBytes)))
            {
                return null;
            }

            // What is used stays; see Prune.
            if (DateTime.UtcNow - File.GetLastWriteTimeUtc(path) > Unused / 2)
                File.SetLastWriteTimeUtc(path, DateTime.UtcNow);
            return file[HeaderBytes..];
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Keeps a binary, whole or not at all.</summary>
    public void Store(byte[] key, ReadOnlySpan<byte> binary)
    {
        if (folder == null || binary.IsEmpty)
            return;
        string path = PathOf(key);
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            Directory.CreateDirectory(folder);
            Prune();
            byte[] file = [.. Magic, .. key, .. SHA256.HashData(binary), .. binary];
            File.WriteAllBytes(temporary, file);
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            Remove(temporary);
        }
    }

    private static void Remove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // Nothing was there, or it goes with the next Prune.
        }
    }

    private string PathOf(byte[] key) => Path.Combine(folder!, Convert.ToHexStringLower(key) + ".bin");

    /// <summary>Removes what no program has used for long: drivers and kernels change.</summary>
    private void Prune()
    {
        if (_pruned)
            return;
        _pruned = true;
        foreach (string file in Directory.EnumerateFiles(folder!))
        {
            if (Path.GetExtension(file) is ".bin" or ".tmp" && DateTime.UtcNow - File.GetLastWriteTimeUtc(file) > Unused)
                Remove(file);
        }
    }
}
