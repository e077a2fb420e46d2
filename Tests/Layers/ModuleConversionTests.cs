using MomentumCore.Layers;

namespace MomentumCore.Tests.Layers;

/// <summary>Element types and devices of modules: parameters stay the same objects.</summary>
[TestFixture]
internal sealed class ModuleConversionTests
{
    [Test]
    public void Double_and_Float_convert_floats_and_leave_integers()
    {
        using var scope = TensorScope.Begin();
        using var module = new Scale(0.1);
        var weight = module.Weight;

        Assert.That(module.Double(), Is.SameAs(module));

        Assert.That(module.GetParameter("weight"), Is.SameAs(weight));
        Assert.That(weight.DType, Is.EqualTo(DType.Float64));
        Assert.That(weight.Item(), Is.EqualTo((double)0.1f));
        Assert.That(weight.RequiresGradient, Is.True);
        Assert.That(module.GetBuffer("scratch").DType, Is.EqualTo(DType.Float64));
        Assert.That(module.GetBuffer("calls").DType, Is.EqualTo(DType.Int64));
        module.Call(Tensor.Scalar(3, DType.Float64)).Backward();
        Assert.That(weight.Gradient!.Item(), Is.EqualTo(3));

        module.Float();
        Assert.That(weight.Gradient!.DType, Is.EqualTo(DType.Float32), "gradients go along");
        Assert.That(weight.Gradient.Item(), Is.EqualTo(3));
    }

    [Test]
    public void Sixteen_bit_modules_hold_their_weights_and_say_that_they_do_not_compute()
    {
        using var scope = TensorScope.Begin();
        using var module = new Linear(3, 2);
        float[] before = module.Weight.ToArray<float>();

        module.Half();
        Assert.That(module.Weight.DType, Is.EqualTo(DType.Float16));
        Assert.That(module.Weight.RequiresGradient, Is.True);
        Assert.That(
            () => module.Call(Tensor.Ones([1, 3]).To(DType.Float16)),
            Throws.TypeOf<DTypeException>().With.Message.Contains("Float16").And.Message.Contains("To(DType.Float32)"));
        module.Float();
        Assert.That(module.Weight.ToArray<float>(), Is.EqualTo(before.Select(v => (float)(Half)v)));

        module.BFloat16();
        Assert.That(module.Bias!.DType, Is.EqualTo(DType.BFloat16));
        Assert.That(
            () => module.Call(Tensor.Ones([1, 3]).To(DType.BFloat16)),
            Throws.TypeOf<DTypeException>().With.Message.Contains("BFloat16")
                .And.Message.Contains("To(DType.Float32)"));
        module.To(DType.Float32);
        Assert.That(module.Call(Tensor.Ones([1, 3])).Shape, Is.EqualTo(Shape.Create([1, 2])));
    }

    [Test]
    public void To_an_integer_type_is_refused_and_Type_converts_everything()
    {
        using var scope = TensorScope.Begin();
        using var module = new Scale(2.75);
        Assert.That(
            () => module.To(DType.Int32), Throws.TypeOf<DTypeException>().With.Message.Contains("Use Type(Int32)"));
        module.Type(DType.Int32);
        Assert.That(module.Weight.Item(), Is.EqualTo(2));
        Assert.That(module.Weight.RequiresGradient, Is.False);
        Assert.That(module.GetBuffer("calls").DType, Is.EqualTo(DType.Int32));
        module.Type(DType.Float64);
        Assert.That(module.GetBuffer("calls").DType, Is.EqualTo(DType.Float64));
    }

    [Test]
    public void To_another_device_moves_everything_and_Cpu_brings_it_back()
    {
        using var scope = TensorScope.Begin();
        using var noGrad = NoGrad.Begin();
        var device = new CpuDevice(1);
        using var module = new Scale(2.5);
        var weight = module.Weight;
        weight.Detach().Fill(4);

        module.To(device);
        Assert.That(weight.Device, Is.SameAs(device));
        Assert.That(module.Buffers().All(b => b.Device == device), Is.True);
        Assert.That(weight.Item(), Is.EqualTo(4));
        Assert.That(module.Call(Tensor.Scalar(2, device: device)).Item(), Is.EqualTo(8));

        module.Cpu();
        Assert.That(weight.Device, Is.SameAs(Device.Cpu));
        Assert.That(device.Memory.LiveBytes, Is.EqualTo(8), "only the input and the result are left there");
    }

    [Test]
    public void ToEmpty_keeps_shapes_and_types_on_the_new_device()
    {
        var device = new CpuDevice(1);
        using var module = new Linear(3, 2, dtype: DType.Float64);
        module.ToEmpty(device);
        Assert.That(module.Weight.Device, Is.SameAs(device));
        Assert.That(module.Weight.DType, Is.EqualTo(DType.Float64));
        Assert.That(module.Weight.Shape, Is.EqualTo(Shape.Create([2, 3])));
    }

    [Test]
    public void A_parameter_takes_over_its_value_and_drops_the_history()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.From(1f, 2f);
        x.RequiresGradient = true;
        var value = x * 2;
        using var parameter = new Parameter(value);
        Assert.That(value.IsDisposed, Is.True);
        Assert.That(parameter.IsLeaf, Is.True);
        Assert.That(parameter.ToArray<float>(), Is.EqualTo(new[] { 2f, 4f }));
        Assert.That(
            () => new Parameter(Tensor.From(1, 2)), Throws.TypeOf<GradientException>().With.Message.Contains("Int32"));
    }
}
