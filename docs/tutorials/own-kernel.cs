#!/usr/bin/env dotnet
#:project ../../Layers
#:property PublishAot=false
// A kernel, its derivative, an operation, its check, a module. Run it: dotnet run docs/tutorials/own-kernel.cs
using MomentumCore.Engine;
using MomentumCore.Kernels.Dialect;
using MomentumCore.Layers;

using var scope = TensorScope.Begin();
Console.WriteLine(Kernel.Check(t => new SwishOp().Apply(t[0])));

using var net = new Sequential(new Linear(2, 8), new Swish(), new Linear(8, 1));
net.Call(Tensor.Ones([4, 2])).Square().Mean().Backward();
Console.WriteLine($"gradient of the first weight: {net.Parameters().First().Gradient!.Shape}");

static partial class Mine
{
    [Kernel] // y = x sigmoid(x)
    public static void Swish(Index1D i, ArrayView<float> x, ArrayView<float> y) => y[i] = x[i] / (1f + XMath.Exp(-x[i]));

    [Kernel] // dx = g s (1 + x (1 − s)), s = sigmoid(x)
    public static void SwishBackward(Index1D i, ArrayView<float> x, ArrayView<float> g, ArrayView<float> dx)
    {
        float s = 1f / (1f + XMath.Exp(-x[i]));
        dx[i] = g[i] * s * (1f + x[i] * (1f - s));
    }
}

sealed class SwishOp : Op
{
    protected override Tensor Forward(Tensor[] t) { Keep(t[0]); return Kernel.Map(t[0], Mine.Swish, Mine.Swish); }
    protected override Tensor?[] Backward(Tensor g) => [Kernel.Map(Kept(0), g, Mine.SwishBackward, Mine.SwishBackward)];
}

sealed class Swish : Module { protected override Tensor Forward(Tensor x) => new SwishOp().Apply(x); }
