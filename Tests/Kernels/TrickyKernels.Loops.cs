using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Tests.Kernels;

/// <summary>Awkward C# whose result on every device is that of C#: loops, returns and names.</summary>
/// <remarks>Each is there as a map, where whole vectors are computed, and with an array of its own, which makes it run from the tree on the CPU.</remarks>
internal static partial class TrickyKernels
{
    [Kernel]
    public static void Breaks(Index1D i, ArrayView<int> x, ArrayView<int> y, int n) => y[i] = BreaksOf(x[i], n);

    [Kernel]
    public static void BreaksLocal(Index1D i, ArrayView<int> x, ArrayView<int> y, int n)
    {
        var own = LocalMemory.Allocate<int>(1);
        own[0] = BreaksOf(x[i], n);
        y[i] = own[0];
    }

    private static int BreaksOf(int v, int n)
    {
        int r = 0;
        for (int a = 0; a < n + 3; a++)
        {
            if (a == 2)
                continue;
            for (int b = a; ; b += 2)
            {
                if (b > 9)
                    break;
                if ((b & 3) == 1)
                    continue;
                r += a * b;
                if (r > 40)
                    break;
            }

            if (r > n * 20)
                break;
            r++;
        }

        return r + v;
    }

    [Kernel]
    public static void Returns(Index1D i, ArrayView<int> x, ArrayView<int> y, int n) => y[i] = ReturnsOf(x[i], n);

    [Kernel]
    public static void ReturnsLocal(Index1D i, ArrayView<int> x, ArrayView<int> y, int n)
    {
        var own = LocalMemory.Allocate<int>(1);
        own[0] = ReturnsOf(x[i], n);
        y[i] = own[0];
    }

    private static int ReturnsOf(int v, int n)
    {
        if (v < -50)
            return n;
        int r = v * 2;
        if (v < 0)
        {
            r++;
            if (n > 2)
                return r;
            r -= 5;
            if (v < -3)
                return -r;
        }
        else if (v == 7)
        {
            return 77;
        }
        else
        {
            r += 100;
        }

        return r + n;
    }

    [Kernel]
    public static void LoopSteps(Index1D i, ArrayView<int> x, ArrayView<int> y, int n) => y[i] = LoopStepsOf(x[i], n);

    [Kernel]
    public static void LoopStepsLocal(Index1D i, ArrayView<int> x, ArrayView<int> y, int n)
    {
        var own = LocalMemory.Allocate<int>(1);
        own[0] = LoopStepsOf(x[i], n);
        y[i] = own[0];
    }

    private static int LoopStepsOf(int v, int n)
    {
        int k = v & 7, r = 0;
        while (Two(k).B < 20 && Next(ref k) < 9)
        {
            r += k;
            if (k == 4)
                continue;
            r++;
            if (r > 500)
                break;
        }

        do
        {
            r += 10;
            if ((r & 1) == 1)
                continue;
            r += 3;
        }
        while (Two(Next(ref k)).A < 40 && r < 3000);

        for (int j = 0; Two(j).A < 12 + n; j += Two(j).B > 5 ? 2 : Next(ref k) > 3 ? 1 : 3)
        {
            if (j == 3)
                continue;
            r += j;
        }

        return r + (k * 10000);
    }

    [Kernel]
    public static void ForParts(Index1D i, ArrayView<int> x, ArrayView<int> y, int n) => y[i] = ForPartsOf(x[i], n);

    [Kernel]
    public static void ForPartsLocal(Index1D i, ArrayView<int> x, ArrayView<int> y, int n)
    {
        var own = LocalMemory.Allocate<int>(1);
        own[0] = ForPartsOf(x[i], n);
        y[i] = own[0];
    }

    private static int ForPartsOf(int v, int n)
    {
        int r = 0, k = 0;
        for (int a = 0, b = 10; a < b; a++, b -= k > 2 && Next(ref k) > 4 ? 2 : 1, k = Two(k).A > 50 ? 0 : k + 1)
        {
            if ((a ^ v) % 3 == 0)
                continue;
            r += (a * 100) + b + k;
        }

        return r;
    }

    [Kernel]
    public static void SwitchLoop(Index1D i, ArrayView<int> x, ArrayView<int> y, int n) => y[i] = SwitchLoopOf(x[i], n);

    [Kernel]
    public static void SwitchLoopLocal(Index1D i, ArrayView<int> x, ArrayView<int> y, int n)
    {
        var own = LocalMemory.Allocate<int>(1);
        own[0] = SwitchLoopOf(x[i], n);
        y[i] = own[0];
    }

    private static int SwitchLoopOf(int v, int n)
    {
        int r = 0;
        for (int j = 0; j < 8; j++)
        {
            switch ((v + j) & 7)
            {
                case 0:
                    r += 1;
                    break;
                case 1:
                    continue;
                case 2:
                    if (r > 40)
                        return -r;
                    r += 2;
                    break;
                case 3:
                    {
                        int t = j * 2;
                        r += t;
                        break;
                    }

                case 4 or 5 when j > n:
                    r += 50;
                    continue;
                default:
                    r += 7;
                    break;
            }

            r ^= j;
        }

        return r;
    }

    [Kernel]
    public static void UnsignedLoops(Index1D i, ArrayView<int> x, ArrayView<int> y, int n) => y[i] = UnsignedLoopsOf(x[i], n);

    [Kernel]
    public static void UnsignedLoopsLocal(Index1D i, ArrayView<int> x, ArrayView<int> y, int n)
    {
        var own = LocalMemory.Allocate<int>(1);
        own[0] = UnsignedLoopsOf(x[i], n);
        y[i] = own[0];
    }

    private static int UnsignedLoopsOf(int v, int n)
    {
        uint r = 0;
        for (uint a = (uint)n; a > 0; a--)
        {
            r += a * 3;
        }

        for (uint b = 2; b <= 2; b--)
            r += b;
        return (int)r + v;
    }

    [Kernel]
    public static void Scopes(Index1D i, ArrayView<int> x, ArrayView<int> y, int n) => y[i] = ScopesOf(x[i], n);

    [Kernel]
    public static void ScopesLocal(Index1D i, ArrayView<int> x, ArrayView<int> y, int n)
    {
        var own = LocalMemory.Allocate<int>(1);
        own[0] = ScopesOf(x[i], n);
        y[i] = own[0];
    }

    private static int ScopesOf(int v, int n)
    {
        int r = 0;
        {
            int t = v & 3;
            r += t;
        }

        {
            long t = 5;
            r += (int)t;
        }

        for (int t = 0; t < 3; t++)
        {
            int u = t * n;
            r += u;
        }

        for (uint t = 3; t <= 3; t--)
        {
            int u = (int)t;
            r += u * 2;
        }

        int Twin = TrickyKernels.Twin(r);
        return Twin + TrickyKernels.Twin(Twin);
    }
}
