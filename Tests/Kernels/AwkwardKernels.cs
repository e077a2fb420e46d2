using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Tests.Kernels;

/// <summary>Kernels as users write them too: odd names, constants from elsewhere, parts, assigned parameters.</summary>
internal static partial class AwkwardKernels
{
    private const float Third = 1f / 3f;

    /// <summary>Assigns to numbers and to a field of a struct that all work items are handed.</summary>
    [Kernel]
    public static void Assigned(ArrayView<int> y, int n, int half, Pair pair)
    {
        n += Group.IdxX;
        pair.A += n;
        Group.Barrier();
        half /= 2;
        pair.A *= half;
        y[Grid.GlobalIndex.X] = n + (100 * half) + (10000 * pair.A) + pair.B;
    }

    /// <summary>A parameter that counts the turns of a loop with barriers.</summary>
    [Kernel]
    public static void Counted(ArrayView<int> x, ArrayView<int> y, int turns)
    {
        var shared = SharedMemory.Allocate<int>(4);
        int sum = 0;
        while (turns > 0)
        {
            shared[Group.IdxX] = x[Group.IdxX] * turns;
            Group.Barrier();
            sum += shared[(Group.IdxX + 1) % 4];
            Group.Barrier();
            turns--;
        }

        y[Grid.GlobalIndex.X] = sum;
    }

    /// <summary>Views of truth values.</summary>
    [Kernel]
    public static void Truths(Index1D i, ArrayView<bool> x, ArrayView<bool> y, ArrayView<int> z)
    {
        bool was = y[i];
        y[i] = x[i] ^ (z[i] > 1);
        z[i] = (was ? 1 : 0) + (x[i] ? 10 : 0);
    }

    /// <summary>Truth values in shared memory.</summary>
    [Kernel]
    public static void SharedTruths(ArrayView<bool> x, ArrayView<bool> y)
    {
        var shared = SharedMemory.Allocate<bool>(4);
        shared[Group.IdxX] = !x[Grid.GlobalIndex.X];
        Group.Barrier();
        y[Grid.GlobalIndex.X] = shared[3 - Group.IdxX];
    }

    /// <summary>Constants of .NET, of this class and of another: a map.</summary>
    [Kernel]
    public static void Constants(Index1D i, ArrayView<float> x, ArrayView<float> y) =>
        y[i] = (x[i] * MathF.PI) + (MathF.E * Third) + Elsewhere.Tenth + (float.Epsilon * x[i]);

    /// <summary>The same, no map.</summary>
    [Kernel]
    public static void ConstantsAt(Index1D i, ArrayView<float> x, ArrayView<float> y)
    {
        int n = i;
        y[n] = (x[n] * MathF.PI) + (MathF.E * Third) + Elsewhere.Tenth + (float.Epsilon * x[n]);
    }

    /// <summary>Words of C# as names.</summary>
    [Kernel]
    public static void @class(Index1D @in, ArrayView<float> @out, float @int, Words @struct) =>
        @out[@in] += @int * @struct.@else;

    /// <summary>The same in groups.</summary>
    [Kernel]
    public static void @void(ArrayView<int> @out, int @int, Words @struct) => @out[Grid.GlobalIndex.X] = @int + @struct.@else;

    /// <summary>A word of OpenCL C.</summary>
    [Kernel]
    public static void kernel(Index1D i, ArrayView<float> half) => half[i] += 1f;

    /// <summary>A function of OpenCL C, and a helper beside it.</summary>
    [Kernel]
    public static void min(Index1D i, ArrayView<float> global) => global[i] = Least(global[i]);

    /// <summary>A number of OpenCL C.</summary>
    [Kernel]
    public static void INFINITY(Index1D i, ArrayView<float> x) => x[i] = -x[i];

    /// <summary>Names that generated code puts beside those of parameters.</summary>
    [Kernel]
    public static void Beside(Index1D i, ArrayView<float> x, ArrayView<float> y, float w, int w_in, int x_step, int x_at, float x_same, float x_rest, float x_part)
    {
        w *= x[i];
        y[i] = w + w_in + x_step + x_at + x_same + x_rest + x_part;
    }

    /// <summary>Numbers that change.</summary>
    internal struct Pair
    {
        public int A;
        public int B;
    }

    /// <summary>A field with a word as name.</summary>
    internal struct Words
    {
        public int @else;
    }

    private static class Elsewhere
    {
        public const float Tenth = 0.1f;
    }
}

/// <summary>The other part, with a helper.</summary>
internal static partial class AwkwardKernels
{
    private static float Least(float x) => MathF.Min(x, 0.1f);
}
