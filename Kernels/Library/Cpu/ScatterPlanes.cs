using System.Numerics;
using System.Runtime.CompilerServices;
using MomentumCore.Kernels.Devices.Cpu;

namespace MomentumCore.Kernels.Library.Cpu;

/// <summary><see cref="Pooling"/>'s Scatter, plane after plane.</summary>
internal unsafe struct ScatterPlanes<T> : IRangeBody
    where T : unmanaged, INumber<T>
{
    public T* G;
    public int* Map;
    public T* Dx;
    public int InputSize;
    public int OutputSize;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int start, int end)
    {
        for (int plane = start; plane < end; plane++)
        {
            T* dx = Dx + ((long)plane * InputSize);
            new Span<T>(dx, InputSize).Clear();
            for (long k = (long)plane * OutputSize, last = k + OutputSize; k < last; k++)
            {
                if (Map[k] >= 0)
                    dx[Map[k]] += G[k];
            }
        }
    }
}
