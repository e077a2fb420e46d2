namespace MomentumCore.Samples;

/// <summary>Guesses what a mistyped word was meant to be.</summary>
internal static class Spelling
{
    /// <summary>Letters by which a mistyped word may differ: one typed too much, or two that changed places.</summary>
    private const int MostEdits = 2;

    /// <summary>The words that are as near as it gets, and near at all; none otherwise.</summary>
    public static IReadOnlyList<string> Near(string word, IEnumerable<string> words)
    {
        var near = words.Select(w => (Word: w, Edits: EditDistance(word.ToUpperInvariant(), w.ToUpperInvariant())))
            .Where(w => w.Edits <= MostEdits && w.Edits < word.Length).OrderBy(w => w.Edits).ToList();
        return [.. near.TakeWhile(w => w.Edits == near[0].Edits).Select(w => w.Word)];
    }

    /// <summary>How many letters have to be inserted, deleted or replaced to turn one word into another.</summary>
    private static int EditDistance(string from, string to)
    {
        int[] row = [.. Enumerable.Range(0, to.Length + 1)];
        for (int i = 1; i <= from.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.Length; j++)
            {
                int replaced = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, 1 + Math.Min(row[j - 1], diagonal));
            }
        }

        return row[^1];
    }
}
