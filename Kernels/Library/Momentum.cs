using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library;

/// <summary>The momentum step, its inverse and its adjoint, each in one read and write of every element.</summary>
/// <remarks>
/// x position, v velocity, f the layer's output, γ = gamma, 1 − γ = rate (given apart, because 1 − γ worked out in
/// float is not the float nearest to it). Forms with "Towards" have f − x in place of f: the non-residual network.
/// Views that are named in and out may be the same memory.
/// Sander, Ablin, Blondel, Peyré, Momentum Residual Neural Networks, ICML 2021.
/// </remarks>
public static partial class Momentum
{
    /// <summary>v' = γ v + (1 − γ) f;  x' = x + v'.</summary>
    [Kernel]
    public static void Step(
        Index1D i,
        ArrayView<float> x,
        ArrayView<float> v,
        ArrayView<float> f,
        ArrayView<float> nextX,
        ArrayView<float> nextV,
        float gamma,
        float rate)
    {
        float velocity = (gamma * v[i]) + (rate * f[i]);
        nextV[i] = velocity;
        nextX[i] = x[i] + velocity;
    }

    /// <summary>v' = γ v + (1 − γ) (f − x);  x' = x + v'.</summary>
    [Kernel]
    public static void StepTowards(
        Index1D i,
        ArrayView<float> x,
        ArrayView<float> v,
        ArrayView<float> f,
        ArrayView<float> nextX,
        ArrayView<float> nextV,
        float gamma,
        float rate)
    {
        float position = x[i];
        float velocity = (gamma * v[i]) + (rate * (f[i] - position));
        nextV[i] = velocity;
        nextX[i] = position + velocity;
    }

    /// <summary>x = x' − v': the first half of the inverse, before f(x) can be evaluated.</summary>
    [Kernel]
    public static void UndoPosition(Index1D i, ArrayView<float> nextX, ArrayView<float> nextV, ArrayView<float> x) =>
        x[i] = nextX[i] - nextV[i];

    /// <summary>v = (v' − (1 − γ) f) / γ: the second half of the inverse.</summary>
    [Kernel]
    public static void UndoVelocity(
        Index1D i, ArrayView<float> nextV, ArrayView<float> f, ArrayView<float> v, float gamma, float rate) =>
        v[i] = (nextV[i] - (rate * f[i])) / gamma;

    /// <summary>v = (v' − (1 − γ) (f − x)) / γ: the second half of the inverse.</summary>
    [Kernel]
    public static void UndoVelocityTowards(
        Index1D i,
        ArrayView<float> x,
        ArrayView<float> nextV,
        ArrayView<float> f,
        ArrayView<float> v,
        float gamma,
        float rate) =>
        v[i] = (nextV[i] - (rate * (f[i] - x[i]))) / gamma;

    /// <summary>
    /// The inverse between two evaluations of f, in place: v ← (v − (1 − γ) f) / γ of this layer, then x ← x − v of the
    /// layer before.
    /// </summary>
    [Kernel]
    public static void Undo(
        Index1D i, ArrayView<float> x, ArrayView<float> v, ArrayView<float> f, float gamma, float rate)
    {
        float velocity = (v[i] - (rate * f[i])) / gamma;
        v[i] = velocity;
        x[i] = x[i] - velocity;
    }

    /// <summary>The inverse between two evaluations of f, in place, as above with f − x.</summary>
    [Kernel]
    public static void UndoTowards(
        Index1D i, ArrayView<float> x, ArrayView<float> v, ArrayView<float> f, float gamma, float rate)
    {
        float position = x[i];
        float velocity = (v[i] - (rate * (f[i] - position))) / gamma;
        v[i] = velocity;
        x[i] = position - velocity;
    }

    /// <summary>
    /// The backward step between two evaluations of f, in place: undoes v of this layer and x of the layer before, and
    /// takes the adjoints back. In: gx = dL/dx', g = dL/dx' + dL/dv', j = Jᵀ (1 − γ) g. Out: gx and g of the layer
    /// before,
    /// and in j what its f is to be differentiated with, (1 − γ) g with the γ of that layer.
    /// </summary>
    [Kernel]
    public static void UndoWithAdjoint(
        Index1D i,
        ArrayView<float> x,
        ArrayView<float> v,
        ArrayView<float> f,
        ArrayView<float> gx,
        ArrayView<float> g,
        ArrayView<float> j,
        float gamma,
        float rate,
        float previousRate)
    {
        float velocity = (v[i] - (rate * f[i])) / gamma;
        v[i] = velocity;
        x[i] = x[i] - velocity;
        float gradientX = gx[i] + j[i];
        float sum = gradientX + (gamma * g[i]);
        gx[i] = gradientX;
        g[i] = sum;
        j[i] = previousRate * sum;
    }

    /// <summary>The backward step as above with f − x: gx loses (1 − γ) g besides.</summary>
    [Kernel]
    public static void UndoWithAdjointTowards(
        Index1D i,
        ArrayView<float> x,
        ArrayView<float> v,
        ArrayView<float> f,
        ArrayView<float> gx,
        ArrayView<float> g,
        ArrayView<float> j,
        float gamma,
        float rate,
        float previousRate)
    {
        float position = x[i];
        float velocity = (v[i] - (rate * (f[i] - position))) / gamma;
        v[i] = velocity;
        x[i] = position - velocity;
        float gradientX = (gx[i] - (rate * g[i])) + j[i];
        float sum = gradientX + (gamma * g[i]);
        gx[i] = gradientX;
        g[i] = sum;
        j[i] = previousRate * sum;
    }

    /// <summary>
    /// The adjoint of the first layer, where nothing is left to undo, in place: gx ← gx + j, g ← γ g = dL/dv₀.
    /// </summary>
    [Kernel]
    public static void FirstAdjoint(
        Index1D i, ArrayView<float> gx, ArrayView<float> g, ArrayView<float> j, float gamma)
    {
        gx[i] = gx[i] + j[i];
        g[i] = gamma * g[i];
    }

    /// <summary>The adjoint of the first layer with f − x, in place: gx ← gx − (1 − γ) g + j, g ← γ g.</summary>
    [Kernel]
    public static void FirstAdjointTowards(
        Index1D i, ArrayView<float> gx, ArrayView<float> g, ArrayView<float> j, float gamma, float rate)
    {
        float sum = g[i];
        gx[i] = (gx[i] - (rate * sum)) + j[i];
        g[i] = gamma * sum;
    }

    /// <summary>
    /// How backward begins: g = dL/dx' + dL/dv' and what f is to be differentiated with, gf = (1 − γ) g.
    /// </summary>
    [Kernel]
    public static void JoinAdjoints(
        Index1D i, ArrayView<float> gx, ArrayView<float> gv, ArrayView<float> g, ArrayView<float> gf, float rate)
    {
        float sum = gx[i] + gv[i];
        g[i] = sum;
        gf[i] = rate * sum;
    }

    /// <summary>
    /// The adjoint of one recorded step: gf = (1 − γ) (gx + gv), previousGv = γ (gx + gv); gx passes through.
    /// </summary>
    [Kernel]
    public static void StepAdjoint(
        Index1D i,
        ArrayView<float> gx,
        ArrayView<float> gv,
        ArrayView<float> gf,
        ArrayView<float> previousGv,
        float gamma,
        float rate)
    {
        float sum = gx[i] + gv[i];
        gf[i] = rate * sum;
        previousGv[i] = gamma * sum;
    }

    /// <summary>As the adjoint of one recorded step, with f − x: previousGx = gx − gf.</summary>
    [Kernel]
    public static void StepAdjointTowards(
        Index1D i,
        ArrayView<float> gx,
        ArrayView<float> gv,
        ArrayView<float> gf,
        ArrayView<float> previousGv,
        ArrayView<float> previousGx,
        float gamma,
        float rate)
    {
        float gradientX = gx[i];
        float sum = gradientX + gv[i];
        float scaled = rate * sum;
        gf[i] = scaled;
        previousGv[i] = gamma * sum;
        previousGx[i] = gradientX - scaled;
    }

    /// <summary>
    /// largest[i] = the larger of itself and the largest |a − b| in piece i of rows of <paramref name="row"/> elements,
    /// each cut into pieces of <paramref name="block"/>; NaN when there is one.
    /// </summary>
    [Kernel]
    public static void LargestDifference(
        Index1D i, ArrayView<float> a, ArrayView<float> b, ArrayView<float> largest, int block, int row)
    {
        float found = largest[i];
        int pieces = ((row - 1) / block) + 1;
        int inRow = i.X % pieces * block;
        int start = (i.X / pieces * row) + inRow;
        int end = row - inRow > block ? start + block : start + (row - inRow);
        for (int k = start; k < end; k++)
        {
            float distance = MathF.Abs(a[k] - b[k]);
            if (distance > found || float.IsNaN(distance))
                found = distance;
        }

        largest[i] = found;
    }

    /// <summary>
    /// largest[i] = the larger of itself and the largest |a| in piece i of rows of <paramref name="row"/> elements, each
    /// cut into pieces of <paramref name="block"/>; NaN when there is one.
    /// </summary>
    [Kernel]
    public static void LargestMagnitude(Index1D i, ArrayView<float> a, ArrayView<float> largest, int block, int row)
    {
        float found = largest[i];
        int pieces = ((row - 1) / block) + 1;
        int inRow = i.X % pieces * block;
        int start = (i.X / pieces * row) + inRow;
        int end = row - inRow > block ? start + block : start + (row - inRow);
        for (int k = start; k < end; k++)
        {
            float magnitude = MathF.Abs(a[k]);
            if (magnitude > found || float.IsNaN(magnitude))
                found = magnitude;
        }

        largest[i] = found;
    }

    /// <summary>
    /// shares[i] = the largest max(position, γ velocity) / size among rows i, i + items, …, and where[i] the row. Each row has
    /// <paramref name="pieces"/> numbers in every view, the largest of which counts; 0 / 0 is 0, and NaN is never lost.
    /// </summary>
    [Kernel]
    public static void LargestShare(
        Index1D i,
        ArrayView<float> position,
        ArrayView<float> velocity,
        ArrayView<float> size,
        ArrayView<float> shares,
        ArrayView<int> where,
        float gamma,
        int pieces,
        int rows,
        int items)
    {
        float found = 0f;
        int at = i.X;
        for (int row = i.X; row < rows; row = rows - row > items ? row + items : rows)
        {
            float distance = 0f;
            float scale = 0f;
            for (int k = row * pieces; k < (row + 1) * pieces; k++)
            {
                float moved = gamma * velocity[k];
                if (moved > distance || float.IsNaN(moved))
                    distance = moved;
                if (position[k] > distance || float.IsNaN(position[k]))
                    distance = position[k];
                if (size[k] > scale || float.IsNaN(size[k]))
                    scale = size[k];
            }

            float share = distance == 0f ? 0f : distance / scale;
            if (share > found || float.IsNaN(share))
            {
                found = share;
                at = row;
            }
        }

        shares[i] = found;
        where[i] = at;
    }
}
