using System.Text;

namespace MomentumCore.Kernels.Devices.OpenCl;

/// <summary>
/// The source of a program with several kernels: a driver spends most of its time on what comes with every program, the
/// built-in functions, and little on one more kernel.
/// </summary>
internal sealed class OpenClSource
{
    private static readonly string[] Starts = ["#", "__kernel ", "static ", "typedef "];

    private readonly StringBuilder _text = new();

    // What each function is, by its name; other pieces by themselves.
    private readonly Dictionary<string, string> _pieces = new(StringComparer.Ordinal);
    private readonly List<KernelInfo> _kernels = [];

    private OpenClSource()
    {
    }

    /// <summary>The kernels that are in it.</summary>
    public IReadOnlyList<KernelInfo> Kernels => _kernels;

    /// <summary>OpenCL C.</summary>
    public string Text => _text.ToString();

    /// <summary>
    /// The program that a kernel is built in, with those of its class that share its element type. The same whichever of
    /// them is asked for first, so that it is found in a cache.
    /// </summary>
    public static OpenClSource Of(KernelInfo kernel)
    {
        var rest = KernelFamily.Of(kernel);
        while (true)
        {
            var source = new OpenClSource();
            var others = rest.Where(k => !source.Add(k)).ToList();
            if (source._kernels.Contains(kernel))
                return source;
            rest = others;
        }
    }

    /// <summary>The program of one kernel.</summary>
    public static OpenClSource Alone(KernelInfo kernel)
    {
        var source = new OpenClSource();
        source.Add(kernel);
        return source;
    }

    /// <summary>Adds a kernel with the functions it calls, unless another has a function of that name that is not the same.</summary>
    private bool Add(KernelInfo kernel)
    {
        var pieces = Pieces(kernel.OpenClSource!);
        if (pieces.Exists(p => _pieces.TryGetValue(p.Name, out string? there) && (there != p.Text || p.IsKernel)))
            return false;
        foreach (var piece in pieces)
        {
            if (_pieces.TryAdd(piece.Name, piece.Text))
                _text.Append(piece.Text).Append('\n');
        }

        _kernels.Add(kernel);
        return true;
    }

    /// <summary>The printer begins what stands at the top of a program in the first column, and nothing else.</summary>
    private static List<(string Name, string Text, bool IsKernel)> Pieces(string source)
    {
        var pieces = new List<(string, string, bool)>();
        var piece = new StringBuilder();
        void End()
        {
            string text = piece.ToString().TrimEnd();
            piece.Clear();
            if (text.Length > 0)
                pieces.Add((NameOf(text), text, text.StartsWith("__kernel", StringComparison.Ordinal)));
        }

        foreach (string line in source.ReplaceLineEndings("\n").Split('\n'))
        {
            if (Starts.Any(word => line.StartsWith(word, StringComparison.Ordinal)))
                End();
            piece.Append(line).Append('\n');
        }

        End();
        return pieces;
    }

    /// <summary>Of a function its name, of anything else all of it.</summary>
    private static string NameOf(string piece)
    {
        if (piece[0] is not ('_' or 's'))
            return piece;
        int end = piece.IndexOf('(', StringComparison.Ordinal);
        return piece[(piece.LastIndexOf(' ', end) + 1)..end];
    }
}
