using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine.Parity;

/// <summary>Values and gradients equal PyTorch's.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
internal sealed class ParityTests
{
    private static IEnumerable<TestCaseData> Cases() =>
        from parity in ParityCase.All
        from dtype in (DType[])[DType.Float32, DType.Float64]
        select new TestCaseData(parity, dtype).SetArgDisplayNames(parity.ToString(), dtype.ToString());

    [Test]
    public void Every_call_has_cases_and_every_case_has_a_call() =>
        Assert.That(ParityCase.All.Select(c => c.Op).Distinct(), Is.EquivalentTo(ParityCalls.ByOp.Keys));

    [TestCaseSource(nameof(Cases))]
    public void Value_and_gradients_equal_those_of_PyTorch(ParityCase parity, DType dtype)
    {
        using var scope = TensorScope.Begin();
        double tolerance = dtype == DType.Float32 ? 1e-5 : 1e-9;
        var inputs = parity.MakeInputs(dtype);
        foreach (string name in parity.Differentiated)
            inputs[name].RequiresGradient = true;

        var output = ParityCalls.ByOp[parity.Op](parity, new ParityCalls.Inputs(inputs));

        Assert.That(output.Shape.ToArray(), Is.EqualTo(parity.OutputShape));
        TestTensors.AssertClose(output.Values(), parity.Output, tolerance, tolerance, "value");
        foreach (string name in parity.Overwritten)
            TestTensors.AssertClose(
                inputs[name].Values(), parity.After(name), tolerance, tolerance, $"{name} afterwards");
        if (parity.Differentiated.Count == 0)
            return;
        output.Backward(parity.MakeOutputGradient(dtype));
        foreach (string name in parity.Differentiated)
        {
            var gradient = inputs[name].Gradient;
            Assert.That(gradient, Is.Not.Null, $"{name} has no gradient");
            Assert.That(gradient!.Shape, Is.EqualTo(inputs[name].Shape));
            TestTensors.AssertClose(
                gradient.Values(), parity.Gradient(name), tolerance, tolerance, $"gradient of {name}");
        }
    }
}
