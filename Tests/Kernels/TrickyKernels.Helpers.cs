namespace MomentumCore.Tests.Kernels;

/// <summary>Helpers and structs of the kernels for <see cref="TrickyTests"/> that change what they are given.</summary>
internal static partial class TrickyKernels
{
    private static int Chain(ref int k, int by)
    {
        k += by;
        int a = Step(ref k);
        return a + Step(ref k);
    }

    private static int Step(ref int k)
    {
        k *= 3;
        Over(out int q, ref k);
        return q + k;
    }

    private static void Over(out int q, ref int k)
    {
        q = 7;
        q += k;
        k -= q / 2;
    }

    private static bool Try(int k, out int got)
    {
        got = k / 3;
        if (got > 5)
            return false;
        got++;
        return (got & 1) == 0;
    }

    private static int Plus(this int v, int by) => v + by;

    private static float Half(this float v) => v * 0.1f;

    private static int Sum(this Q q) => q.A + q.B;

    private static int Count(ref int m)
    {
        m++;
        return m;
    }

    private static int Touch(ref int a, ref int b)
    {
        a += b;
        b = a * 2;
        return a - b;
    }

    private static float Accumulate(ref float k, int j, out float last)
    {
        last = k;
        k = (k * 0.5f) + j;
        return k + last;
    }

    /// <summary>Its methods change it, call each other and replace it.</summary>
    private struct Counter
    {
        public int Total;
        public int Steps;
        public Q In;

        public static Counter Of(int v)
        {
            var c = new Counter();
            c.Add(v);
            c.Steps = 9;
            c.Add(v);
            return c;
        }

        public Q Add(int v)
        {
            Total += v * Steps;
            Steps++;
            return new Q { A = Total, B = Steps };
        }

        public void Twice()
        {
            Add(1);
            Add(2);
            In.Move(Total);
        }

        public void Reset(int to)
        {
            this = default;
            Total = to;
        }

        public readonly int Peek() => Total - Steps;
    }

    private struct Q
    {
        public int A;
        public int B;

        public void Move(int by)
        {
            A += by;
            B -= by;
        }

        public readonly Q Moved(int by)
        {
            var q = this;
            q.Move(by);
            return q;
        }
    }

    private struct Deep
    {
        public Q In;
        public int N;
    }

    private struct Deeper
    {
        public Deep D;
        public int M;
    }
}
