namespace MomentumCore.Tests.Kernels;

/// <summary>What the kernels for <see cref="TrickyTests"/> are made of: types, constants, helpers.</summary>
internal static partial class TrickyKernels
{
    private const float Share = 1f / 3f;
    private const int Fold = (int)(0.7f * 10f);

    private enum Small : byte
    {
        A = 1,
        B = 2,
        C = 128,
    }

    private enum Signed : short
    {
        Low = -30000,
        High = 30000,
    }

    private static int Next(ref int k)
    {
        k++;
        return k;
    }

    private static (int A, int B) Pair(ref int k)
    {
        k = (k * 3) + 1;
        return (k, k + 7);
    }

    private static (int A, int B) Two(int k) => (k * 2, k + 7);

    private static (float A, float B) TwoF(float k) => (k * 2f, k + 0.1f);

    private static float Bump(ref float k)
    {
        k += 0.1f;
        return k;
    }

    private static int Opt(int a, int b = 10, int c = 100) => a + (b * 3) + (c * 7);

    private static float Scaled(float v, float by = 0.1f, float offset = 1f / 3f) => (v * by) + offset;

    private static int Twin(int v) => v * 2;

    private static void Flip(ref bool b, bool when)
    {
        if (when)
            b = !b;
    }

    private static bool Both(bool a, bool b) => a && b;

    private static void Grow(ref P p, int by)
    {
        p.A += by;
        p.B *= by;
        p = p with { A = p.A + 1 };
    }

    private static void Split(in P p, out P q, out int left)
    {
        q = new P(p.B, p.A);
        left = p.A - p.B;
        q.A++;
    }

    private static void Swap(ref P a, ref P b) => (a, b) = (b, a);

    private static void Fill(out Outer o, int v)
    {
        o = default;
        o.In.A = v;
        o.K = v * 2;
    }

    private record struct P(int A, int B);

    private struct Outer
    {
        public P In;

        public int K { get; set; }
    }

    private struct Plain
    {
        public int X;

        public int Y { get; set; }
    }

    /// <summary>Fields that are called like places of a tuple, in another order.</summary>
    private struct Reversed
    {
        public int Item2;
        public int Item1;
    }
}

/// <summary>A helper of another class, for float and for double.</summary>
internal static class TrickyElsewhere
{
    public static float Twice(float x, float k = 0.3f) => x * k;

    public static double Twice(double x, double k = 0.3) => x * k;
}
