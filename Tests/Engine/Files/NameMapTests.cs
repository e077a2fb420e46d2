namespace MomentumCore.Tests.Engine.Files;

/// <summary>Rules turn the names of a file into those of a model, and say so when they do not fit.</summary>
[TestFixture]
internal sealed class NameMapTests
{
    [TestCase("encoder.*=backbone.*", "encoder.0.weight", "backbone.0.weight")]
    [TestCase("encoder.*=backbone.*", "decoder.0.weight", null)]
    [TestCase("*.gamma=*.weight", "a.b.gamma", "a.b.weight")]
    [TestCase("layer*.*.conv*=stage*.block*.convolution*", "layer1.0.conv2", "stage1.block0.convolution2")]
    [TestCase("a=b", "a", "b")]
    [TestCase("a=b", "aa", null)]
    [TestCase("*=net.*", "fc", "net.fc")]
    [TestCase("*a*=*b*", "banana", "bbnana")]
    [TestCase("aa*aa=x", "aaa", null)]
    [TestCase("a*=b", "anything", "b")]
    public void A_star_stands_for_as_few_letters_as_fit(string rule, string name, string? renamed)
    {
        using var scope = TensorScope.Begin();
        var tensors = new Dictionary<string, Tensor> { [name] = Tensor.From(1f) };
        var map = new NameMap().Add(rule);
        if (renamed == null)
            Assert.That(() => map.Apply(tensors), Throws.ArgumentException.With.Message.Contains("fits none of 1 names").And.Message.Contains(name));
        else
            Assert.That(map.Apply(tensors).Keys, Is.EqualTo(new[] { renamed }));
    }

    [Test]
    public void Rules_apply_one_after_the_other_and_tensors_stay_the_same()
    {
        using var scope = TensorScope.Begin();
        var tensors = Named("net.module.a.weight", "net.module.fc.weight", "optimizer.state");
        var mapped = new NameMap().Drop("optimizer.*").StripPrefix("net.").StripPrefix("module.").Rename("a.*", "b.*").Apply(tensors);
        Assert.That(mapped.Keys, Is.EqualTo(new[] { "b.weight", "fc.weight" }));
        Assert.That(mapped["b.weight"], Is.SameAs(tensors["net.module.a.weight"]));
    }

    [Test]
    public void Two_tensors_cannot_get_one_name()
    {
        using var scope = TensorScope.Begin();
        Assert.That(
            () => new NameMap().Add("*=x").Apply(Named("a", "b")),
            Throws.ArgumentException.With.Message.Contains("'a' and 'b' both become 'x'"));
    }

    [Test]
    public void A_prefix_without_its_dot_is_a_slip()
    {
        using var scope = TensorScope.Begin();
        Assert.That(
            () => new NameMap().StripPrefix("module").Apply(Named("module.fc.weight")),
            Throws.ArgumentException.With.Message.Contains("'module.fc.weight' without the prefix 'module' is '.fc.weight'"));
    }

    [TestCase("")]
    [TestCase("a")]
    [TestCase("=b")]
    [TestCase("a=b=c")]
    [TestCase("a=*")]
    public void Text_that_is_no_rule_is_refused(string rule) =>
        Assert.That(() => new NameMap().Add(rule), Throws.TypeOf<FormatException>().With.Message.Contains("is no rule"));

    private static Dictionary<string, Tensor> Named(params string[] names) => names.ToDictionary(n => n, _ => Tensor.From(1f));
}
