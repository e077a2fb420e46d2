using MomentumCore.Kernels.Dialect;
using MomentumCore.Kernels.Library;

namespace MomentumCore.Tests.Kernels;

/// <summary>
/// The momentum kernels are the formulas, rounding by rounding, in place as well as apart, in both precisions.
/// </summary>
[TestFixture]
internal sealed unsafe class MomentumKernelTests
{
    private const int Count = 1031;
    private const double Gamma = 0.9;
    private const double Rate = 1 - Gamma;

    private static readonly CpuDevice Device = new(2);

    [Test]
    public void Step_and_Undo_are_the_formulas_in_place([Values] bool towards)
    {
        float[] x = Values(1), v = Values(2), f = Values(3), nextX = [.. x], nextV = [.. v];
        float gamma = (float)Gamma, rate = (float)Rate;
        fixed (float* px = nextX, pv = nextV, pf = f)
        {
            ArrayView<float> vx = new(px, Count), vv = new(pv, Count), vf = new(pf, Count);
            if (towards)
                Momentum.StepTowards(Device, Count, vx, vv, vf, vx, vv, gamma, rate);
            else
                Momentum.Step(Device, Count, vx, vv, vf, vx, vv, gamma, rate);
        }

        for (int i = 0; i < Count; i++)
        {
            float step = towards ? f[i] - x[i] : f[i];
            float velocity = (gamma * v[i]) + (rate * step);
            Assert.That(nextV[i], Is.EqualTo(velocity));
            Assert.That(nextX[i], Is.EqualTo(x[i] + velocity));
        }

        // At the position x the velocity comes back, and the position of the layer before is one velocity further back.
        float[] undoneX = [.. x], undoneV = [.. nextV];
        fixed (float* px = undoneX, pv = undoneV, pf = f)
        {
            ArrayView<float> vx = new(px, Count), vv = new(pv, Count), vf = new(pf, Count);
            if (towards)
                Momentum.UndoTowards(Device, Count, vx, vv, vf, gamma, rate);
            else
                Momentum.Undo(Device, Count, vx, vv, vf, gamma, rate);
        }

        for (int i = 0; i < Count; i++)
        {
            float velocity = (nextV[i] - (rate * (towards ? f[i] - x[i] : f[i]))) / gamma;
            Assert.That(undoneV[i], Is.EqualTo(velocity));
            Assert.That(undoneX[i], Is.EqualTo(x[i] - velocity));
            Assert.That(velocity, Is.EqualTo(v[i]).Within(1e-6));
        }
    }

    [Test]
    public void The_backward_step_is_the_undo_and_the_adjoint_of_the_two_layers_it_lies_between([Values] bool towards)
    {
        double[] x = Doubles(1), v = Doubles(2), f = Doubles(3), gx = Doubles(4), g = Doubles(5), j = Doubles(6);
        double[] x1 = [.. x], v1 = [.. v], gx1 = [.. gx], g1 = [.. g], j1 = [.. j];
        fixed (double* px = x1, pv = v1, pf = f, pgx = gx1, pg = g1, pj = j1)
        {
            ArrayView<double> vx = new(px, Count), vv = new(pv, Count), vf = new(pf, Count);
            ArrayView<double> vgx = new(pgx, Count), vg = new(pg, Count), vj = new(pj, Count);
            if (towards)
                Momentum.UndoWithAdjointTowards(Device, Count, vx, vv, vf, vgx, vg, vj, Gamma, Rate, Rate);
            else
                Momentum.UndoWithAdjoint(Device, Count, vx, vv, vf, vgx, vg, vj, Gamma, Rate, Rate);
        }

        for (int i = 0; i < Count; i++)
        {
            double velocity = (v[i] - (Rate * (towards ? f[i] - x[i] : f[i]))) / Gamma;
            double gradientX = towards ? gx[i] - (Rate * g[i]) + j[i] : gx[i] + j[i];
            double sum = gradientX + (Gamma * g[i]);
            double[] expected = [velocity, x[i] - velocity, gradientX, sum, Rate * sum];
            Assert.That(new[] { v1[i], x1[i], gx1[i], g1[i], j1[i] }, Is.EqualTo(expected));
        }
    }

    private static float[] Values(int seed) => [.. Doubles(seed).Select(d => (float)d)];

    private static double[] Doubles(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Count).Select(_ => (2 * random.NextDouble()) - 1)];
    }
}
