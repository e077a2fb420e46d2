using System.Runtime.Intrinsics;

namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>
/// What is done with the finished sums of a matrix product on their way to memory: a bias, an activation, a step of a
/// momentum network. A struct type parameter, so that each combination gets its own compiled loop without a switch.
/// </summary>
/// <typeparam name="T">float or double.</typeparam>
internal interface IEpilogue<T>
    where T : unmanaged
{
    /// <summary>The values to store for a run of neighbours in one row of the result.</summary>
    /// <param name="sums">Their sums; the lanes from <paramref name="count"/> on are padding.</param>
    /// <param name="row">Their row in the matrix.</param>
    /// <param name="column">The column of the first lane.</param>
    /// <param name="offset">The first lane's place in the whole result, for operands that are shaped like it.</param>
    /// <param name="count">How many lanes there are; read and write no memory beyond them.</param>
    Vector512<T> Apply(Vector512<T> sums, int row, int column, long offset, int count);

    /// <summary>
    /// The value to store for one number of the result: the same as one lane of the other form, bit for bit.
    /// </summary>
    /// <param name="sum">Its sum.</param>
    /// <param name="row">Its row in the matrix.</param>
    /// <param name="column">Its column.</param>
    /// <param name="offset">Its place in the whole result.</param>
    T Apply(T sum, int row, int column, long offset);
}
