using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>How good predictions are, as plain numbers for people.</summary>
public static class Metrics
{
    /// <summary>How many rows have their largest score at the right class; rows that hold NaN have not.</summary>
    /// <param name="scores">[rows, classes], Float32 or Float64: logits or probabilities.</param>
    /// <param name="classes">[rows], Int64 or Int32.</param>
    /// <exception cref="ShapeException">The shapes do not fit.</exception>
    public static int CorrectCount(Tensor scores, Tensor classes)
    {
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(classes);
        if (scores.Rank != 2 || classes.Rank != 1 || scores.Shape[0] != classes.Shape[0])
        {
            throw new ShapeException(
                $"CorrectCount: wants scores [rows, classes], classes [rows]; got {scores.Shape} and {classes.Shape}.");
        }

        if (!classes.DType.IsInteger())
            throw new DTypeException($"CorrectCount: classes are Int64 or Int32; got {classes.DType}.");
        using var scope = TensorScope.BeginLocal();
        long[] wanted = classes.To(DType.Int64).ToArray<long>();
        double[] values = scores.To(DType.Float64).ToArray<double>();
        int width = scores.Shape[1];
        int correct = 0;
        for (int row = 0; row < wanted.Length; row++)
            correct += Largest(values.AsSpan(row * width, width)) == wanted[row] ? 1 : 0;
        return correct;
    }

    /// <summary>The part of the rows that <see cref="CorrectCount"/> counts, from 0 to 1; 0 without rows.</summary>
    /// <inheritdoc cref="CorrectCount"/>
    public static double Accuracy(Tensor scores, Tensor classes)
    {
        int correct = CorrectCount(scores, classes);
        return correct / (double)Math.Max(1, scores.Shape[0]);
    }

    /// <summary>The first place of the largest score; −1 when there is a NaN or nothing.</summary>
    private static int Largest(ReadOnlySpan<double> scores)
    {
        int best = -1;
        for (int i = 0; i < scores.Length; i++)
        {
            if (double.IsNaN(scores[i]))
                return -1;
            if (best < 0 || scores[i] > scores[best])
                best = i;
        }

        return best;
    }
}
