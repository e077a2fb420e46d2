using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine.Ops.References;

/// <summary>Random operations, with the generator written down a second time.</summary>
internal static class RandomReferences
{
    [Reference("Dropout")]
    public static NdArray Dropout(OpExample example, NdArray[] x)
    {
        double p = (double)example.Options["p"];
        ulong seed = (ulong)example.Options["seed"];
        var y = NdArray.Zeros(x[0].Shape);
        for (int i = 0; i < y.Count; i++)
        {
            double uniform = Philox4x32(seed, (ulong)(i / 4))[i % 4] / 4294967296.0;
            y.Data[i] = uniform < p ? 0 : x[0].Data[i] / (1 - p);
        }

        return y;
    }

    // Straight from the paper's description: counter words (c0, c1, 0, 0), key words (k0, k1).
    private static uint[] Philox4x32(ulong seed, ulong counter)
    {
        uint[] c = [(uint)counter, (uint)(counter >> 32), 0, 0];
        uint[] k = [(uint)seed, (uint)(seed >> 32)];
        for (int round = 0; round < 10; round++)
        {
            UInt128 p0 = (UInt128)0xD2511F53u * c[0], p1 = (UInt128)0xCD9E8D57u * c[2];
            c = [(uint)(p1 >> 32) ^ c[1] ^ k[0], (uint)p1, (uint)(p0 >> 32) ^ c[3] ^ k[1], (uint)p0];
            k = [unchecked(k[0] + 0x9E3779B9u), unchecked(k[1] + 0xBB67AE85u)];
        }

        return c;
    }
}
