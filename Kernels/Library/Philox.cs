namespace MomentumCore.Kernels.Library;

/// <summary>
/// The counter-based random generator Philox 4x32-10: a keyed scrambling of a 128-bit counter. Any block can be had
/// without those before it, so the numbers do not depend on which thread draws them.
/// </summary>
/// <remarks>
/// J. Salmon, M. Moraes, R. Dror, D. Shaw: Parallel Random Numbers: As Easy as 1, 2, 3. SC 2011.
/// </remarks>
public static class Philox
{
    /// <summary>The four random words of one block.</summary>
    /// <param name="seed">The key.</param>
    /// <param name="stream">The upper half of the counter: tells independent sequences of one seed apart.</param>
    /// <param name="block">The lower half of the counter.</param>
    public static PhiloxBlock Block(ulong seed, ulong stream, ulong block)
    {
        uint x = (uint)block, y = (uint)(block >> 32), z = (uint)stream, w = (uint)(stream >> 32);
        uint key0 = (uint)seed, key1 = (uint)(seed >> 32);
        for (int round = 0; round < 10; round++)
        {
            ulong left = 0xD2511F53UL * x;
            ulong right = 0xCD9E8D57UL * z;
            x = (uint)(right >> 32) ^ y ^ key0;
            y = (uint)right;
            z = (uint)(left >> 32) ^ w ^ key1;
            w = (uint)left;
            // The golden ratio and √3 − 1, as in the paper.
            key0 += 0x9E3779B9;
            key1 += 0xBB67AE85;
        }

        return new PhiloxBlock(x, y, z, w);
    }
}
