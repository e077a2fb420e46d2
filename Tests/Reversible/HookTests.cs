using MomentumCore.Layers;
using MomentumCore.Reversible;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Reversible;

/// <summary>Hooks that a layer puts on what it is given see what flows through that layer, in every mode.</summary>
[TestFixture]
internal sealed class HookTests
{
    [Test]
    public void Hooks_on_the_input_and_on_extra_inputs_act_alike_in_every_mode([Values] bool onInput)
    {
        var layer = new Hooked(onInput ? 0 : 1);
        var net = new MomentumNet([new LambdaOfAll((z, _) => z.Tanh()), layer, layer], 0.9);
        var x = Nets.Random([2, 3], 5, requiresGradient: true);
        var memory = Nets.Random([2, 3], 6, requiresGradient: true);
        var plain = Nets.Run(Plain(net), x, memory);
        var expected = Run(MemoryMode.Store, null);
        Assert.That(expected.Gradients[onInput ? 0 : 1], Is.Not.EqualTo(plain.Gradients[onInput ? 0 : 1]));
        Nets.AssertSame(Run(MemoryMode.Recompute, null), expected, 1e-12);
        var onGrid = Run(MemoryMode.Store, ExactGrid.Default);
        Nets.AssertSame(onGrid, expected, 1e-8);
        Nets.AssertSame(Run(MemoryMode.Exact, ExactGrid.Default), onGrid, 0);

        (double[] Output, double[]?[] Gradients) Run(MemoryMode mode, ExactGrid? grid)
        {
            layer.IsOn = true;
            net.Grid = grid;
            net.Memory = mode;
            return Nets.Run(net, x, memory);
        }

        MomentumNet Plain(MomentumNet same)
        {
            layer.IsOn = false;
            return same;
        }
    }

    [Test]
    public void A_hook_sees_the_gradient_of_its_layer_once([Values] MemoryMode mode)
    {
        using var scope = TensorScope.Begin();
        var seen = new List<double[]>();
        var layer = new LambdaOfAll((x, others) =>
        {
            others[0].RegisterHook(g =>
            {
                seen.Add(g.Values());
                return null;
            });
            return x + (others[0] * 2) + (others[0] * 3);
        });
        var net = new MomentumNet([layer, layer], 0.5, mode);
        var memory = Tensor.Ones([2], DType.Float64);
        memory.RequiresGradient = true;
        net.Call(Tensor.Ones([2], DType.Float64), memory).Sum().Backward();
        // dL/df of the last layer is 0.5, that of the first 0.5 (1 + 0.5 + 0.5).
        Assert.That(seen, Is.EqualTo((double[][])[[2.5, 2.5], [5, 5]]));
        Assert.That(memory.Gradient!.Values(), Is.EqualTo((double[])[7.5, 7.5]));
    }

    [Test]
    public void A_hook_on_a_parameter_runs_as_often_as_in_Store([Values] MemoryMode mode)
    {
        using var scope = TensorScope.Begin();
        int runs = 0;
        var linear = Nets.Mlp(3, 4, 1);
        var layer = new Sequential(linear, new Lambda(x =>
        {
            linear.Parameters().First().RegisterHook(_ =>
            {
                runs++;
                return null;
            });
            return x;
        }));
        var net = new MomentumNet([layer, Nets.Mlp(3, 4, 2)], 0.5, mode);
        net.Call(Nets.Random([2, 3], 5)).Sum().Backward();
        Assert.That(runs, Is.EqualTo(1));
    }

    /// <summary>Halves what flows to one of its inputs.</summary>
    private sealed class Hooked : Module
    {
        private readonly int _input;
        private readonly Module _inner;

        public Hooked(int input)
        {
            _input = input;
            _inner = RegisterModule("inner", Nets.Mlp(3, 4, 2));
        }

        public bool IsOn { get; set; }

        protected override Tensor Forward(Tensor x, Tensor[] others)
        {
            if (IsOn)
                (_input == 0 ? x : others[0]).RegisterHook(g => g * 0.5);
            return _inner.Call(x * others[0]).Tanh();
        }
    }
}
